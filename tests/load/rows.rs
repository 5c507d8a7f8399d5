//! The rows of a report, taken from a real one: an engine commits reports into a store that also remembers the batch.
//! Copies under fresh ids are what the scenario `store` commits.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::{BoxFuture, ready};
use serde::Serialize;
use stentor::wire::intake::{self, Arrival};
use stentor_core::actor::Actor;
use stentor_core::policy;
use stentor_engine::clock::{Clock, SystemClock};
use stentor_engine::observe::Blind;
use stentor_engine::slot::partition_of;
use stentor_engine::store::rows::Batch;
use stentor_engine::store::sqlite::SqliteStore;
use stentor_engine::{Delivery, Engine, Options, RequestId, Sender, ids};

use stentor_tests::support::around::Around;

use crate::recorder::Recorder;
use crate::{Failure, policy as load_policy, requests};

/// Reports that are taken as patterns.
const PATTERNS: u64 = 64;

/// The rows of single reports, ready to be copied.
#[derive(Debug)]
pub(crate) struct Rows {
    patterns: Vec<Batch>,
    made: u64,
}

impl Rows {
    /// Sends reports through an engine over a store of its own and keeps what they commit.
    pub(crate) async fn capture(services: u64, request_ids: bool) -> Result<Rows, Failure> {
        let folder = tempfile::tempdir()?;
        let recorder = Arc::new(Recorder::default());
        let store = Arc::new(SqliteStore::open(&folder.path().join("rows.db"))?);
        let engine = Engine::start(Options {
            store: Arc::new(Around { store, hands: Arc::clone(&recorder) }),
            clock: Arc::new(SystemClock::default()),
            sender: Arc::new(Nobody),
            observer: Arc::new(Blind),
            replica: "load".to_owned(),
            address: String::new(),
        })
        .await?;
        let text = load_policy::text(1);
        let document = policy::parse(&text).map_err(|found| format!("{found:?}"))?;
        let actor = Actor::Person("admin".into());
        engine.apply_policy(actor.clone(), document, text, None).await?;
        for n in 0..PATTERNS {
            report(&engine, &actor, n, services, request_ids).await?;
        }
        engine.stop().await;
        let patterns = recorder.batches().into_iter().filter(opens_one).collect();
        Ok(Rows { patterns, made: 0 })
    }

    /// Copies of reports under fresh ids, as one batch.
    pub(crate) fn batch(&mut self, reports: usize) -> Batch {
        let mut all = Batch::default();
        for _ in 0..reports {
            self.made += 1;
            let pattern = &self.patterns[self.made as usize % self.patterns.len()];
            append(&mut all, copy(pattern, self.made as i64));
        }
        all
    }

    /// Rows that one report commits, and the bytes of their texts, by table.
    pub(crate) fn tables(&self) -> BTreeMap<&'static str, Table> {
        let b = &self.patterns[0];
        let len = |texts: &[&str]| texts.iter().map(|text| text.len() as u64).sum::<u64>();
        let labels = |pairs: &[(String, String)]| pairs.iter().map(|(n, v)| len(&[n, v]) + 6).sum::<u64>();
        let tables = [
            ("instance", b.instances.iter().map(|r| len(&[&r.id, &r.chain, &r.state])).collect()),
            (
                "event",
                b.events.iter().map(|r| len(&[&r.id, &r.actor, &r.cause, &r.chain, &r.data])).collect(),
            ),
            ("listing", b.listings.iter().map(|r| len(&[&r.id, &r.title]) + labels(&r.labels)).collect()),
            ("alert", b.alerts.iter().map(|r| len(&[&r.key, &r.id])).collect()),
            ("outbox", b.outbox.iter().map(|r| len(&[&r.effect_id, &r.id, &r.dest, &r.payload])).collect()),
            ("request", b.requests.iter().map(|r| len(&[&r.key, &r.id, &r.outcome])).collect::<Vec<u64>>()),
        ];
        let sized = tables
            .into_iter()
            .map(|(name, sizes)| (name, Table { rows: sizes.len() as u64, text_bytes: sizes.iter().sum() }));
        sized.filter(|(_, table)| table.rows > 0).collect()
    }

    /// Partition of the copies.
    pub(crate) fn partition(&self, partitions: u16) -> u16 {
        partition_of(&self.patterns[0].instances[0].id, partitions)
    }
}

/// What a report writes to one table.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Table {
    pub(crate) rows: u64,
    /// Bytes of the texts; numbers come on top.
    pub(crate) text_bytes: u64,
}

/// Sends nothing, and asks to be tried much later: no delivery mixes with the reports.
#[derive(Debug)]
struct Nobody;

impl Sender for Nobody {
    fn send(&self, _: Delivery) -> BoxFuture<'_, stentor_engine::Sent> {
        let retry_after = Some(stentor_core::time::Duration::seconds(15));
        Box::pin(ready(stentor_engine::Sent::Failed { why: "not now".to_owned(), retry_after }))
    }
}

/// A report as the service submits it.
async fn report(
    engine: &Engine,
    actor: &Actor,
    n: u64,
    services: u64,
    request_ids: bool,
) -> Result<(), Failure> {
    let request = requests::report(n, services, requests::request_id(request_ids));
    let entry = intake::nobodys_entry();
    let arrival = Arrival { integration: &"api".into(), entry: &entry, at: SystemClock::default().now() };
    let report =
        intake::report(request, &actor.to_string(), arrival).map_err(|wrong| format!("{wrong:?}"))?;
    let request = report
        .request
        .map(|id| RequestId { key: format!("dev/{actor}/ReportIncident/{id}"), body_hash: "0".repeat(32) });
    engine.hear(actor, report.signal, None, request).await?;
    Ok(())
}

fn opens_one(batch: &Batch) -> bool {
    batch.instances.len() == 1 && batch.instances[0].prev_version == 0
}

/// The same rows for another incident. Ids have the same length, so nothing else moves.
fn copy(pattern: &Batch, n: i64) -> Batch {
    let mut batch = pattern.clone();
    let old = batch.instances[0].id.clone();
    let new = ids::incident(&n.to_string()).0;
    // The slot at the end decides the partition and has to stay.
    let new = format!("{}{}", &new[..new.len() - 3], &old[old.len() - 3..]);
    let anew = |text: &mut String| *text = text.replace(&old, &new);
    for row in &mut batch.instances {
        row.id.clone_from(&new);
        anew(&mut row.state);
    }
    for row in &mut batch.events {
        row.id.clone_from(&new);
        row.cause = ids::command();
        anew(&mut row.data);
    }
    for row in &mut batch.listings {
        row.id.clone_from(&new);
        row.number = n + PATTERNS as i64;
    }
    for row in &mut batch.outbox {
        row.id.clone_from(&new);
        anew(&mut row.effect_id);
        anew(&mut row.payload);
    }
    for row in &mut batch.requests {
        row.id.clone_from(&new);
        row.key = format!("{}{}", &row.key[..row.key.len() - 36], requests::request_id(true));
    }
    batch
}

fn append(all: &mut Batch, one: Batch) {
    all.instances.extend(one.instances);
    all.events.extend(one.events);
    all.listings.extend(one.listings);
    all.alerts.extend(one.alerts);
    all.outbox.extend(one.outbox);
    all.requests.extend(one.requests);
}
