//! A batch in memory: the states as they become, the rows that make it so, and the answers that wait for the commit.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::instance::{Answer, Decision, Event, Instance, LOGIC};
use stentor_core::time::Timestamp;
use tokio::sync::oneshot;

use crate::cache::Entry;
use crate::error::Error;
use crate::observe::Origin;
use crate::store::rows::{AlertRow, Batch, Bump, Committed, EventRow, OutboxRow, RequestRow};

use super::rows;
use super::work::{Claiming, Done, Item, What, Work};

/// A batch being decided.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(super) touched: HashMap<InstanceId, Touched>,
    /// Instances in the order in which they were first touched.
    pub(super) order: Vec<InstanceId>,
    pub(super) events: Vec<EventRow>,
    /// Each row of the history, for those who follow the feed.
    pub(super) told: Vec<Told>,
    pub(super) outbox: Vec<(InstanceId, String, OutboxRow)>,
    pub(super) alerts: BTreeMap<(String, InstanceId), AlertRow>,
    pub(super) bumps: Vec<Bump>,
    /// Where the newest bump of an identity stands.
    pub(super) bump_of: HashMap<String, usize>,
    pub(super) requests: Vec<RequestRow>,
    pub(super) request_keys: HashSet<String>,
    pub(super) released: Vec<(String, String)>,
    /// Instances whose stored version an answer rests on that changes nothing.
    pub(super) checks: Vec<(InstanceId, i64)>,
    pub(super) keys: Vec<String>,
    pub(super) claims: Vec<Claiming>,
    pub(super) unwanted: Vec<Claiming>,
    pub(super) canaries: Vec<oneshot::Sender<()>>,
    pub(super) verdicts: Vec<(Box<Work>, Verdict)>,
}

/// An instance in the batch.
#[derive(Debug)]
pub(super) struct Touched {
    pub(super) base: Option<Entry>,
    pub(super) state: Option<Arc<Instance>>,
    pub(super) chain: String,
    pub(super) owns_group: bool,
    /// The earliest deadline of the state.
    pub(super) wake: Option<Timestamp>,
}

/// A row of the history as it is told once it is committed.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) id: InstanceId,
    pub(super) first: u64,
    pub(super) version: u64,
    pub(super) at: Timestamp,
    pub(super) actor: Actor,
    pub(super) cause: String,
    pub(super) events: Arc<[Event]>,
}

/// What a command will be told once the batch has committed.
#[derive(Debug)]
pub(super) enum Verdict {
    Answer(Result<Done, Error>),
    /// It was answered before.
    Replay(RequestRow),
    /// It has to be decided again in the next batch.
    Again,
}

impl Plan {
    pub(super) fn new(capacity: usize) -> Plan {
        Plan { verdicts: Vec::with_capacity(capacity), ..Plan::default() }
    }

    /// The spans that its commands come from, each once.
    pub(super) fn origins(&self) -> Vec<Origin> {
        let mut origins: Vec<Origin> = self.verdicts.iter().filter_map(|(work, _)| work.origin).collect();
        origins.dedup();
        origins
    }

    /// Number of items.
    pub(super) fn len(&self) -> usize {
        self.verdicts.len() + self.claims.len() + self.unwanted.len() + self.canaries.len()
    }

    /// The state that this batch made of an instance.
    pub(super) fn state(&self, id: &InstanceId) -> Option<Arc<Instance>> {
        self.touched.get(id).and_then(|t| t.state.clone())
    }

    /// An instance as this batch leaves it, for what is decided on top.
    pub(super) fn entry(&self, id: &InstanceId) -> Option<Entry> {
        let touched = self.touched.get(id)?;
        let state = Arc::clone(touched.state.as_ref()?);
        Some(Entry { state, chain: touched.chain.as_str().into(), logic: LOGIC, wake: touched.wake })
    }

    /// Takes an instance in as it is stored.
    pub(super) fn begin(&mut self, id: &InstanceId, base: Option<Entry>) {
        if !self.touched.contains_key(id) {
            let chain = base.as_ref().map(|b| b.chain.to_string()).unwrap_or_default();
            let state = base.as_ref().map(|b| Arc::clone(&b.state));
            let (owns_group, wake) = (false, base.as_ref().and_then(|b| b.wake));
            self.touched.insert(id.clone(), Touched { base, state, chain, owns_group, wake });
            self.order.push(id.clone());
        }
    }

    /// When the state that this batch made of an instance wakes.
    pub(super) fn wake(&self, id: &InstanceId) -> Option<Timestamp> {
        self.touched.get(id).and_then(|t| t.wake)
    }

    /// The version that the instance had in the store when it was taken in.
    pub(super) fn stored_version(&self, id: &InstanceId) -> Option<i64> {
        self.touched.get(id)?.base.as_ref().map(|b| b.version() as i64)
    }

    /// Whether the instance existed before this batch.
    pub(super) fn began_before(&self, id: &InstanceId) -> bool {
        self.touched.get(id).is_some_and(|t| t.base.is_some())
    }

    /// Whether signals of the instance's group find it.
    pub(super) fn owns_group(&mut self, id: &InstanceId, owns: bool) {
        if let Some(t) = self.touched.get_mut(id) {
            t.owns_group = owns;
        }
    }

    /// A key whose owner this batch changed.
    pub(super) fn note_key(&mut self, key: &str) {
        self.keys.push(key.to_owned());
    }

    pub(super) fn has_request(&self, key: &str) -> bool {
        self.request_keys.contains(key)
    }

    /// Records a transition; returns the state after it.
    pub(super) fn record(
        &mut self,
        work: &Work,
        id: &InstanceId,
        now: Timestamp,
        decision: Decision,
        heard: Option<u32>,
    ) -> Arc<Instance> {
        let Decision { events, state, effects, .. } = decision;
        let state = Arc::new(state);
        let touched = self.touched.get_mut(id);
        let (before, chain) = touched.map_or((None, String::new()), |t| {
            let before = t.state.replace(Arc::clone(&state));
            (before, std::mem::take(&mut t.chain))
        });
        let wake = state.next_wake();
        let row = rows::event(work, id, now, &events, (&state, wake), &chain);
        if let Some(t) = self.touched.get_mut(id) {
            t.chain.clone_from(&row.chain);
            t.wake = wake;
        }
        self.told.push(Told {
            id: id.clone(),
            first: row.first as u64,
            version: row.version as u64,
            at: now,
            actor: work.actor.clone(),
            cause: row.cause.clone(),
            events: events.into(),
        });
        self.events.push(row);
        for effect in effects {
            self.outbox.push((id.clone(), effect.key.clone(), rows::outbox(id, &effect, now)));
        }
        rows::alerts(self, id, before.as_deref(), &state, heard, now);
        state
    }

    /// Remembers a request with its answer.
    pub(super) fn remember(
        &mut self,
        work: &Work,
        id: &InstanceId,
        version: i64,
        answer: &Answer,
        now: Timestamp,
    ) {
        let Some(request) = work.request.as_ref().filter(|_| !work.validate_only) else { return };
        self.request_keys.insert(request.key.clone());
        self.requests.push(RequestRow {
            key: request.key.clone(),
            id: id.0.clone(),
            version,
            outcome: serde_json::to_string(&What::Answer(answer.clone())).unwrap_or_default(),
            body_hash: request.body_hash.clone(),
            at: now.0,
        });
    }

    /// Takes the rows of the batch out; what is needed to publish or to decide again stays.
    pub(super) fn take_batch(&mut self) -> Batch {
        rows::batch(self)
    }

    /// Instance, version and cause of each transition.
    pub(super) fn causes(&self) -> Vec<(String, i64, String)> {
        self.told.iter().map(|t| (t.id.0.clone(), t.version as i64, t.cause.clone())).collect()
    }

    /// What a commit did of which only the history is known.
    pub(super) fn assume_applied(&self, applied: &[bool]) -> Committed {
        let ids: HashSet<&InstanceId> =
            self.told.iter().zip(applied).filter(|(_, a)| **a).map(|(t, _)| &t.id).collect();
        let changed = self.order.iter().filter(|id| rows::changed(self, id).is_some());
        Committed {
            base: -1,
            won: changed.map(|id| ids.contains(id)).collect(),
            bumped: vec![true; self.bumps.len()],
            claimed: vec![false; self.claims.len()],
            at: Vec::new(),
        }
    }

    /// Keys whose owners this batch wanted to change.
    pub(super) fn keys(&self) -> Vec<String> {
        let of_alerts = self.alerts.keys().map(|(key, _)| key.clone());
        self.keys.iter().cloned().chain(of_alerts).collect()
    }

    /// Instances of the batch.
    pub(super) fn ids(&self) -> Vec<InstanceId> {
        self.order.clone()
    }

    /// The items, to be decided again.
    pub(super) fn into_items(self) -> Vec<Item> {
        let commands = self.verdicts.into_iter().map(|(work, _)| Item::Command(work));
        let claims = self.claims.into_iter().chain(self.unwanted).map(Item::Claim);
        commands.chain(claims).chain(self.canaries.into_iter().map(Item::Canary)).collect()
    }
}
