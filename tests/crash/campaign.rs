//! A campaign: clients at work while the server is killed again and again, at random moments, also while it starts; then
//! a last server that ends in peace. It judges nothing.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand::Rng;
use stentor_tests::support::receiver::Receiver;
use stentor_tests::support::server::{Setup, binary};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::transport::Channel;

use crate::client::{Client, Seen};
use crate::ledger::Ledger;

const CLIENTS: usize = 24;

/// After the last kill the server has this long without news from the receiver until it counts as quiet.
const QUIET: Duration = Duration::from_secs(5);

/// Longest wait for that quiet; claims that a kill cut off are sent anew after 30 s.
const QUIET_PATIENCE: Duration = Duration::from_secs(60);

/// Effects that reached the receiver: when, in milliseconds since 1970, each time.
pub(crate) type Heard = HashMap<String, Vec<i64>>;

/// What a campaign leaves behind besides the database.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// Kills of servers at work, and of servers that had not answered yet.
    pub(crate) kills: u32,
    pub(crate) kills_while_starting: u32,
    pub(crate) slowest_start: Duration,
    pub(crate) ledger: Ledger,
    pub(crate) seen: Vec<Seen>,
    pub(crate) heard: Heard,
    /// When the last server was told to end.
    pub(crate) ended_at: i64,
}

/// How many kills a campaign injects.
pub(crate) fn wanted_kills() -> u32 {
    let text = std::env::var("STENTOR_KILLS").unwrap_or_else(|_| "100".to_owned());
    text.parse().expect("STENTOR_KILLS is a number")
}

/// Runs a campaign on an empty database.
pub(crate) async fn run(folder: &Path, database: Option<String>) -> Evidence {
    let heard: Arc<Mutex<Heard>> = Arc::default();
    let receiver = Receiver::start(listener(&heard)).await.expect("a receiver");
    let policy = folder.join("policy.yaml");
    std::fs::write(&policy, include_str!("policy.yaml")).expect("a policy");
    let providers = receiver.providers(folder, "webhook/crash").expect("a file of providers");
    let setup = Setup {
        binary: binary().expect("the binary"),
        data: folder.join("data"),
        database,
        policy,
        providers: Some(providers),
    };
    let (publish, line) = watch::channel(None);
    let (end, ended) = watch::channel(false);
    let ledger = Ledger::create(folder);
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(Client::new(line.clone(), ledger.clone()).run(ended.clone()));
    }
    let mut evidence = Evidence {
        kills: 0,
        kills_while_starting: 0,
        slowest_start: Duration::ZERO,
        ledger,
        seen: Vec::new(),
        heard: Heard::new(),
        ended_at: 0,
    };
    kill_again_and_again(&setup, &publish, &mut evidence).await;
    let server = setup.start().await.expect("a server after the last kill");
    publish.send_replace(Some(server.connect().await.expect("a connection")));
    end.send_replace(true);
    evidence.seen = clients.join_all().await;
    wait_for_quiet(&heard).await;
    evidence.ended_at = now();
    server.stop().await.expect("the last server ends in peace");
    evidence.heard = std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
    evidence
}

async fn kill_again_and_again(
    setup: &Setup,
    publish: &watch::Sender<Option<Channel>>,
    evidence: &mut Evidence,
) {
    for n in 0..wanted_kills() {
        if rand::rng().random_bool(0.1) {
            let soon = Duration::from_millis(rand::rng().random_range(0..120));
            // Dropping the start kills the process.
            if tokio::time::timeout(soon, setup.start()).await.is_err() {
                evidence.kills_while_starting += 1;
            }
        }
        let server = setup.start().await.expect("a server after a kill");
        evidence.slowest_start = evidence.slowest_start.max(server.ready_after);
        publish.send_replace(Some(server.connect().await.expect("a connection")));
        // Now and then long enough for leases of the server killed before to expire.
        let millis = if n % 20 == 19 { 6000 } else { rand::rng().random_range(300..1000) };
        tokio::time::sleep(Duration::from_millis(millis)).await;
        server.kill();
        publish.send_replace(None);
        evidence.kills += 1;
    }
}

fn listener(heard: &Arc<Mutex<Heard>>) -> stentor_tests::support::receiver::Heard {
    let heard = Arc::clone(heard);
    Arc::new(move |id, _| {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.entry(id.to_owned()).or_default().push(now());
    })
}

async fn wait_for_quiet(heard: &Arc<Mutex<Heard>>) {
    let count = || heard.lock().unwrap_or_else(PoisonError::into_inner).values().map(Vec::len).sum::<usize>();
    let begun = Instant::now();
    let (mut last, mut since) = (count(), Instant::now());
    while since.elapsed() < QUIET && begun.elapsed() < QUIET_PATIENCE {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if count() != last {
            (last, since) = (count(), Instant::now());
        }
    }
}

/// Milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the server under test is a process of its own, on the real clock"
)]
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64
}
