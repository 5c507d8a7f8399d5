//! What can be asked without changing anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::instance::Instance;
use stentor_core::policy::Policy;
use stentor_core::policy::document::Document;
use stentor_core::review::Section;
use stentor_core::time::{Duration, Timestamp};
use tokio::sync::broadcast;

use crate::error::Error;
use crate::feed::{self, FeedItem, Transition};
use crate::limits;
use crate::policies::PolicyVersion;
use crate::records;
use crate::slot::partition_of;
use crate::store::rows::{Column, Filter, Head, ListQuery, ListingRow, Op, OpenCount, Value};
use crate::{ids, inhibit};

use super::{Engine, state_of};

/// What `health` and metrics show of the engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pulse {
    /// Deadlines armed, and how many of them are due and unserved.
    pub armed: usize,
    pub overdue: usize,
    /// For how long the oldest of them has been due.
    pub oldest_overdue: Duration,
    /// Effects waiting or on their way.
    pub effects: usize,
    /// For how long the oldest waiting one has been due.
    pub oldest_effect: Duration,
    /// Commands under way.
    pub in_flight: usize,
    /// Partitions whose deadlines and effects this replica serves.
    pub leads: usize,
}

impl Engine {
    /// The newest committed state.
    ///
    /// # Errors
    /// [`Error::NotFound`], or what the store says.
    pub async fn read(&self, id: &InstanceId) -> Result<Arc<Instance>, Error> {
        let partition = partition_of(id.as_str(), self.shared.store.partitions());
        if !self.shared.single_writer {
            // Another replica may have moved it a moment ago.
            let found = feed::load_state(&self.shared, id).await?;
            let (id, entry) = found.ok_or_else(|| Error::NotFound(id.to_string()))?;
            let state = Arc::clone(&entry.state);
            let cache = self.shared.cache(partition);
            if cache.get(&id).is_none_or(|known| known.version() < entry.version()) {
                // Another replica moved it, and its effects are ours to send if we lead.
                self.shared.dispatch(partition).look();
            }
            cache.put(&id, entry);
            return Ok(state);
        }
        state_of(&self.shared, partition, id).await
    }

    /// The instance with a reference number: `INC-42` is `find("incident", 42)`.
    ///
    /// # Errors
    /// [`Error::NotFound`], or what the store says.
    pub async fn find(&self, kind: &'static str, number: u64) -> Result<InstanceId, Error> {
        let number = number as i64;
        let kinds: &[&str] = if kind == "incident" { &["incident", "imported"] } else { &[kind] };
        for kind in kinds {
            let query = ListQuery {
                kind: (*kind).to_owned(),
                filter: Some(Filter::Compare(Column::Number, Op::Eq, Value::Int(number))),
                order: vec![(Column::Number, false)],
                after: None,
                limit: 1,
            };
            if let Some(row) = self.shared.store.list(query).await?.into_iter().next() {
                return Ok(row.id.into());
            }
        }
        Err(Error::NotFound(match kind {
            "incident" => format!("INC-{number}"),
            "review" => format!("REV-{number}"),
            _ => number.to_string(),
        }))
    }

    /// Transitions after an event number, oldest first.
    ///
    /// # Errors
    /// What the store says.
    pub async fn history(&self, id: &InstanceId, after: u64, limit: u32) -> Result<Vec<Transition>, Error> {
        let rows = self.shared.store.history(id.0.clone(), after as i64, limit).await?;
        rows.iter().map(feed::transition).collect()
    }

    /// A page of past incidents as records of a history log, in the order of their references.
    ///
    /// # Errors
    /// What the store says.
    pub async fn records(
        &self,
        span: records::Span,
        after: records::Cursor,
        limit: u32,
    ) -> Result<records::Page, Error> {
        records::page(self.shared.store.as_ref(), span, after, limit, self.now()).await
    }

    /// A page of listing rows.
    ///
    /// # Errors
    /// What the store says.
    pub async fn list(&self, query: ListQuery) -> Result<Vec<ListingRow>, Error> {
        Ok(self.shared.store.list(query).await?)
    }

    /// The newest states of a page of listing rows, in their order, without keeping them in memory.
    ///
    /// # Errors
    /// What the store says, or [`Error::Internal`] if a state cannot be read.
    pub async fn survey(&self, query: ListQuery) -> Result<Vec<Arc<Instance>>, Error> {
        let rows = self.shared.store.list(query).await?;
        let ids: Vec<String> = rows.into_iter().map(|row| row.id).collect();
        let mut states = BTreeMap::new();
        for row in self.shared.store.load(ids.clone()).await? {
            let (id, entry) = crate::committer::entry(row)?;
            states.insert(id.0, entry.state);
        }
        // A listing row without a state does not exist: both are written by one commit.
        Ok(ids.iter().filter_map(|id| states.remove(id)).collect())
    }

    /// The newest policy.
    pub fn policy(&self) -> Option<Arc<Policy>> {
        self.shared.policies.newest_policy()
    }

    /// A policy version.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn policy_version(&self, number: u64) -> Result<Arc<PolicyVersion>, Error> {
        if self.shared.policies.get(number).is_none() {
            self.shared.policies.load(self.shared.store.as_ref()).await?;
        }
        let version = self.shared.policies.get(number);
        version.map(Arc::new).ok_or_else(|| Error::NotFound(format!("policies/{number}")))
    }

    /// All policy versions, oldest first.
    ///
    /// # Errors
    /// What the store says.
    pub async fn policy_versions(&self) -> Result<Vec<PolicyVersion>, Error> {
        self.shared.policies.load(self.shared.store.as_ref()).await?;
        Ok(self.shared.policies.all())
    }

    /// Applies a document as the next version; the number it has now. Identical content stays the version it is.
    ///
    /// # Errors
    /// [`stentor_core::refusal::Refusal::PolicyMoved`]; what the store says.
    pub async fn apply_policy(
        &self,
        actor: Actor,
        document: Document,
        source: String,
        expected: Option<u64>,
    ) -> Result<u64, Error> {
        let shared = &self.shared;
        let now = shared.clock.now();
        let (store, policies) = (shared.store.as_ref(), &shared.policies);
        let number = policies.apply(store, &actor, document, source, expected, now).await?;
        inhibit::heed(shared);
        shared.heartbeats.look();
        Ok(number)
    }

    /// Heads of the partitions' feeds.
    ///
    /// # Errors
    /// What the store says.
    pub async fn heads(&self) -> Result<Vec<Head>, Error> {
        Ok(self.shared.store.heads().await?)
    }

    /// Follows the live end of the feed. Who falls behind is told so and reads the table.
    pub fn tail(&self) -> broadcast::Receiver<Arc<FeedItem>> {
        self.shared.feed.follow()
    }

    /// Transitions of a partition after a position.
    ///
    /// # Errors
    /// What the store says.
    pub async fn feed(&self, partition: u16, after: i64, limit: u32) -> Result<Vec<FeedItem>, Error> {
        let heads = self.shared.store.heads().await?;
        let upto = heads.iter().find(|h| h.partition == partition).map_or(after, |h| h.head);
        let rows = self.shared.store.feed(partition, after, upto, limit).await?;
        rows.iter()
            .map(|row| {
                let transition = feed::transition(row)?;
                Ok(FeedItem { partition, pos: row.pos, id: row.id.clone().into(), transition })
            })
            .collect()
    }

    /// The sections of a review as an incident's history tells them now.
    ///
    /// # Errors
    /// [`Error::NotFound`], or what the store says.
    pub async fn draft_review(&self, incident: &InstanceId) -> Result<Vec<(Section, String)>, Error> {
        crate::dispatch::sections(&self.shared, incident).await
    }

    /// The engine's instant.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// The deployment's secret, the same on every replica: for sealing tokens and deriving keys.
    pub fn secret(&self) -> &[u8] {
        &self.shared.secret
    }

    /// A new incident's id, in the place of a service.
    pub fn new_id(&self, place: &str) -> InstanceId {
        ids::incident(place)
    }

    /// Whether commits succeed and deadlines move; else why not.
    ///
    /// # Errors
    /// What stands still.
    pub fn health(&self) -> Result<(), String> {
        if let Some(why) = self.shared.failed() {
            return Err(why);
        }
        if self.shared.stopping.is_cancelled() {
            return Err("shutting down".to_owned());
        }
        match self.shared.oldest_canary() {
            Some(at) if at.elapsed() < limits::CANARY_LIMIT => Ok(()),
            Some(at) => Err(format!("no commit for {} s", at.elapsed().as_secs())),
            None => Err("no commit yet".to_owned()),
        }
    }

    /// Numbers for metrics.
    pub fn pulse(&self) -> Pulse {
        let mut pulse = Pulse { in_flight: self.shared.in_flight(), ..Pulse::default() };
        let now = self.shared.clock.now();
        for partition in 0..self.shared.store.partitions() {
            let (armed, overdue, late) = self.shared.wheel(partition).len(now);
            pulse.oldest_overdue = pulse.oldest_overdue.max(late);
            pulse.oldest_effect = pulse.oldest_effect.max(self.shared.dispatch(partition).oldest_age(now));
            pulse.armed += armed;
            pulse.overdue += overdue;
            pulse.effects += self.shared.dispatch(partition).len();
            pulse.leads += usize::from(self.shared.leads(partition));
        }
        pulse
    }

    /// How many incidents are open, by phase, priority and service; none on a replica that another one counts for.
    ///
    /// # Errors
    /// What the store says.
    pub async fn open_counts(&self) -> Result<Vec<OpenCount>, Error> {
        if !self.shared.leads(0) {
            return Ok(Vec::new());
        }
        Ok(self.shared.store.open_counts().await?)
    }

    /// The earliest instant at which something happens by itself: a deadline, or an effect that waits.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let partitions = 0..self.shared.store.partitions();
        partitions
            .flat_map(|p| [self.shared.wheel(p).next(), self.shared.dispatch(p).next_due()])
            .flatten()
            .chain(self.shared.sweep.next())
            .chain(self.shared.inhibitions.next())
            .chain(self.shared.refusals.next())
            .chain(self.shared.heartbeats.next().filter(|_| self.shared.leads(0)))
            .min()
    }

    /// Waits until nothing is under way and nothing that is due is waiting. For tests with a clock of their own.
    pub async fn settle(&self) {
        let mut quiet = 0;
        while quiet < 3 {
            tokio::task::yield_now().await;
            let due =
                self.next_deadline().is_some_and(|at| at <= self.shared.clock.now()) || !self.has_looked();
            quiet = if self.shared.in_flight() == 0 && !due { quiet + 1 } else { 0 };
            if quiet == 0 {
                tokio::time::sleep(std::time::Duration::from_micros(200)).await;
            }
        }
    }

    /// Every outbox that this replica serves has been read.
    fn has_looked(&self) -> bool {
        let mut led = (0..self.shared.store.partitions()).filter(|p| self.shared.leads(*p));
        led.all(|p| self.shared.dispatch(p).has_looked())
    }

    /// Looks once for wake-ups that were lost, on every partition; how many were put back.
    pub async fn audit(&self) -> usize {
        let mut repaired = 0;
        for partition in 0..self.shared.store.partitions() {
            repaired += crate::audit::audit(&self.shared, partition).await;
        }
        repaired
    }
}
