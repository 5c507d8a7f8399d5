//! The real binary is killed with SIGKILL again and again while clients write, on both stores; afterwards what clients
//! were promised and what the receiver got is compared with the history. STENTOR_KILLS says how often (100).

mod campaign;
mod client;
mod ledger;
mod story;
mod verdict;

use campaign::Evidence;
use stentor_engine::store::{self, OpenOptions};
use stentor_tests::support::postgres;
use verdict::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_servers_on_sqlite_keep_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = campaign::run(folder.path(), None).await;
    let database = format!("sqlite:{}", folder.path().join("data/stentor.db").display());
    judge("sqlite", &evidence, &database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_servers_on_postgres_keep_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let database = postgres::Server::shared().await.database().await;
    store::migrate(&database.url().parse().unwrap()).await.unwrap();
    let evidence = campaign::run(folder.path(), Some(database.url())).await;
    judge("postgres", &evidence, &database.url()).await;
    database.end().await;
}

async fn judge(kind: &str, evidence: &Evidence, database: &str) {
    let store = store::open(database, OpenOptions::default()).await.unwrap();
    let promises = evidence.ledger.read();
    let world = World::read(&store, &promises).await;
    let findings = world.findings(evidence);
    store.close().await;
    let told = summary(kind, evidence, &world, promises.len(), findings.len());
    // Shown by --nocapture, and by the soak script.
    eprintln!("{told}");
    assert!(evidence.kills > 0, "no server was killed: nothing was tested");
    assert!(promises.len() > evidence.kills as usize, "too little was written to be lost: {told}");
    assert!(evidence.seen.iter().any(|s| s.lost_answers > 0), "no kill cut off an answer: {told}");
    let first: Vec<&String> = findings.iter().take(20).collect();
    assert!(findings.is_empty(), "{told}: {first:#?}");
}

fn summary(
    kind: &str,
    evidence: &Evidence,
    world: &World,
    promises: usize,
    findings: usize,
) -> serde_json::Value {
    let pages = || world.stories.values().flat_map(|story| story.pages.values());
    serde_json::json!({
        "store": kind,
        "kills": evidence.kills,
        "kills_while_starting": evidence.kills_while_starting,
        "promises": promises,
        "asked": evidence.seen.iter().map(|s| s.asked.len()).sum::<usize>(),
        "lost_answers": evidence.seen.iter().map(|s| s.lost_answers).sum::<u64>(),
        "replayed": evidence.seen.iter().map(|s| s.replayed).sum::<u64>(),
        "instances": world.stories.len(),
        "events": world.stories.values().map(|s| s.version).sum::<i64>(),
        "pages": pages().count(),
        "pages_withdrawn": pages().filter(|p| p.withdrawn_at.is_some()).count(),
        "pages_arrived": evidence.heard.len(),
        "arrivals": evidence.heard.values().map(Vec::len).sum::<usize>(),
        "held": world.stories.values().map(|s| s.held).sum::<u32>(),
        "resumed": world.stories.values().map(|s| s.resumed).sum::<u32>(),
        "slowest_start_ms": evidence.slowest_start.as_millis() as u64,
        "findings": findings,
    })
}
