//! The rows of a report, taken from a real one: an engine commits reports into a store that also remembers the batch.
//! Copies under fresh ids are what the scenario `store` commits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::{BoxFuture, pending};
use stentor::wire::intake::{self, Arrival};
use stentor_core::actor::Actor;
use stentor_core::policy;
use stentor_engine::clock::{Clock, SystemClock};
use stentor_engine::observe::Blind;
use stentor_engine::store::rows::Batch;
use stentor_engine::store::Store;
use stentor_engine::{Delivery, Engine, Options, RequestId, Sender, ids};

use crate::recorder::Recorder;
use crate::{Failure, policy as load_policy, requests};

/// Reports that are taken as patterns.
const PATTERNS: u64 = 64;

/// The rows of single reports, ready to be copied.
#[derive(Debug)]
pub struct Rows {
    patterns: Vec<Batch>,
    made: u64,
}

impl Rows {
    /// Sends reports through an engine over this store and keeps what they commit.
    pub async fn capture(store: Arc<dyn Store>, services: u64, request_ids: bool) -> Result<Rows, Failure> {
        let recorder = Arc::new(Recorder::new(store));
        let engine = Engine::start(Options {
            store: Arc::clone(&recorder) as Arc<dyn Store>,
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
        engine.kill_for_tests();
        let patterns = recorder.batches().into_iter().filter(opens_one).collect();
        Ok(Rows { patterns, made: 0 })
    }

    /// Copies of reports under fresh ids, as one batch.
    pub fn batch(&mut self, reports: usize) -> Batch {
        let mut all = Batch::default();
        for _ in 0..reports {
            self.made += 1;
            let pattern = &self.patterns[self.made as usize % self.patterns.len()];
            append(&mut all, copy(pattern, self.made as i64));
        }
        all
    }

    /// Rows that one report commits, and the bytes of their values, by table.
    pub fn tables(&self) -> BTreeMap<&'static str, (u64, u64)> {
        let pattern = &self.patterns[0];
        let mut tables = BTreeMap::new();
        let mut add = |table, sizes: Vec<usize>| {
            if !sizes.is_empty() {
                tables.insert(table, (sizes.len() as u64, sizes.iter().sum::<usize>() as u64));
            }
        };
        add("instance", pattern.instances.iter().map(|r| r.id.len() + r.chain.len() + r.state.len() + r.open_key.as_ref().map_or(0, String::len)).collect());
        add("event", pattern.events.iter().map(|r| r.id.len() + r.actor.len() + r.cause.len() + r.chain.len() + r.data.len()).collect());
        add("listing", pattern.listings.iter().map(|r| r.id.len() + r.title.len() + r.service.len() + r.team.len() + r.labels.iter().map(|(n, v)| n.len() + v.len() + 6).sum::<usize>()).collect());
        add("alert", pattern.alerts.iter().map(|r| r.key.len() + r.id.len()).collect());
        add("outbox", pattern.outbox.iter().map(|r| r.effect_id.len() + r.id.len() + r.dest.len() + r.payload.len()).collect());
        add("request", pattern.requests.iter().map(|r| r.key.len() + r.id.len() + r.outcome.len() + r.body_hash.len()).collect());
        tables
    }
}

/// Sends nothing: its first message is never answered, so no delivery mixes with the reports.
#[derive(Debug)]
struct Nobody;

impl Sender for Nobody {
    fn send(&self, _: Delivery) -> BoxFuture<'_, stentor_engine::Sent> {
        Box::pin(pending())
    }
}

/// A report as the service submits it.
async fn report(engine: &Engine, actor: &Actor, n: u64, services: u64, request_ids: bool) -> Result<(), Failure> {
    let request = requests::report(n, services, requests::request_id(request_ids));
    let entry = intake::nobodys_entry();
    let arrival = Arrival { integration: &"api".into(), entry: &entry, at: SystemClock::default().now() };
    let report = intake::report(request, &actor.to_string(), arrival).map_err(|wrong| format!("{wrong:?}"))?;
    let request = report.request.map(|id| RequestId {
        key: format!("dev/{actor}/ReportIncident/{id}"),
        body_hash: "0".repeat(32),
    });
    for reply in engine.hear(actor.clone(), vec![report.signal], None, request).await {
        reply?;
    }
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

/// What was committed, oldest first.
pub type Kept = Mutex<Vec<Batch>>;

/// The batches kept so far.
pub fn kept(kept: &Kept) -> Vec<Batch> {
    kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
