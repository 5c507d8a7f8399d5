//! What a batch needs and memory does not have is read before anything is decided, in few reads for the whole batch.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use stentor_core::id::InstanceId;
use stentor_core::instance::Instance;
use stentor_core::time::Timestamp;

use crate::cache::Entry;
use crate::error::Error;
use crate::limits;
use crate::store::rows::InstanceRow;

use super::work::{Heed, Item, Payload};
use super::{Committer, clears};

/// What a batch asks for.
#[derive(Debug, Default)]
struct Wanted {
    ids: BTreeSet<InstanceId>,
    identities: BTreeSet<String>,
    groups: BTreeSet<String>,
    numbers: i64,
}

impl Wanted {
    fn want(&mut self, id: &InstanceId) {
        if !self.ids.contains(id) {
            self.ids.insert(id.clone());
        }
    }
}

impl Committer {
    /// Brings keys, states and reference numbers into memory.
    pub(super) async fn prepare(&mut self, items: &[Item]) -> Result<(), Error> {
        let mut wanted = self.wanted(items);
        self.find_requests(items).await?;
        self.find_keys(&mut wanted).await?;
        self.follow_merges(items, &mut wanted).await?;
        wanted.ids.retain(|id| self.entry(id).is_none());
        self.load_states(wanted.ids).await?;
        if self.numbers.1 - self.numbers.0 < wanted.numbers {
            self.reserve(wanted.numbers).await?;
        }
        Ok(())
    }

    /// Takes reference numbers: when they are used up fast, more at once, for each time costs a commit.
    async fn reserve(&mut self, wanted: i64) -> Result<(), Error> {
        let fast = self.reserved_at.is_some_and(|at| at.elapsed() < limits::NUMBERS_FAST);
        let n = if fast { self.reserve_next * 2 } else { limits::NUMBERS };
        self.reserve_next = n.clamp(limits::NUMBERS, limits::NUMBERS_MAX);
        let n = self.reserve_next.max(wanted);
        let first = self.shared.store.reserve("incident", n).await?;
        self.numbers = (first, first + n);
        self.reserved_at = Some(Instant::now());
        Ok(())
    }

    fn wanted(&self, items: &[Item]) -> Wanted {
        let mut wanted = Wanted::default();
        for item in items {
            match item {
                Item::Command(work) => match &work.payload {
                    Payload::To { id, may_open, .. } => {
                        wanted.ids.insert(id.clone());
                        wanted.numbers += i64::from(*may_open);
                    }
                    Payload::Signal(heed) => {
                        wanted.numbers += 1;
                        self.want_of_signal(&mut wanted, heed);
                    }
                },
                Item::Claim(c) => drop(wanted.ids.insert(c.instance.clone())),
                Item::Canary(_) => {}
            }
        }
        wanted
    }

    /// Keys that the directory knows ask for their incidents at once, the others are looked up.
    fn want_of_signal(&self, wanted: &mut Wanted, heed: &Heed) {
        if !heed.identity.is_empty() {
            match self.directory.identity(&heed.identity) {
                Some(id) => wanted.want(id),
                None => drop(wanted.identities.insert(heed.identity.clone())),
            }
        }
        if let Some(storm) = self.budget.storm(&heed.prepared) {
            wanted.want(storm);
        }
        if let Some(group) = &heed.prepared.routed.group_key {
            match self.directory.group(group) {
                Some(id) => wanted.want(id),
                None => drop(wanted.groups.insert(group.clone())),
            }
        }
    }

    /// Looks up which requests were answered before.
    async fn find_requests(&mut self, items: &[Item]) -> Result<(), Error> {
        self.requests.clear();
        let keys: Vec<String> = items
            .iter()
            .filter_map(|item| match item {
                Item::Command(work) => work.request.as_ref().map(|r| r.key.clone()),
                _ => None,
            })
            .collect();
        if !keys.is_empty() {
            let rows = self.shared.store.find_requests(keys).await?;
            self.requests.extend(rows.into_iter().map(|row| (row.key.clone(), row)));
        }
        Ok(())
    }

    /// Looks up keys that the directory does not know, and asks for the states of their incidents. What is not known may
    /// have cleared before it fired.
    async fn find_keys(&mut self, wanted: &mut Wanted) -> Result<(), Error> {
        let unknown = std::mem::take(&mut wanted.identities).into_iter();
        let unknown: Vec<String> = unknown.flat_map(|identity| [clears::key(&identity), identity]).collect();
        if !unknown.is_empty() {
            for alert in self.shared.store.find_alerts(unknown).await? {
                if self.clears.read(&alert) {
                    continue;
                }
                wanted.ids.insert(alert.id.clone().into());
                self.directory.set_identity(alert.key, alert.id.into());
            }
        }
        let unknown: Vec<String> = std::mem::take(&mut wanted.groups).into_iter().collect();
        if !unknown.is_empty() {
            for (key, id) in self.shared.store.find_open_keys(unknown).await? {
                wanted.ids.insert(id.clone().into());
                self.directory.set_group(key, id.into());
            }
        }
        Ok(())
    }

    /// A merged incident's signals go to its target: that one is needed too.
    async fn follow_merges(&mut self, items: &[Item], wanted: &mut Wanted) -> Result<(), Error> {
        let has_signals =
            items.iter().any(|i| matches!(i, Item::Command(w) if matches!(w.payload, Payload::Signal(_))));
        if !has_signals {
            return Ok(());
        }
        let missing: BTreeSet<InstanceId> =
            wanted.ids.iter().filter(|id| self.entry(id).is_none()).cloned().collect();
        self.load_states(missing).await?;
        let targets: Vec<InstanceId> = wanted
            .ids
            .iter()
            .filter_map(|id| self.entry(id))
            .filter_map(|e| e.state.incident().and_then(|i| i.merge.as_ref().map(|m| m.into.clone())))
            .collect();
        wanted.ids.extend(targets);
        Ok(())
    }

    async fn load_states(&self, ids: BTreeSet<InstanceId>) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        let rows = self.shared.store.load(ids.into_iter().map(|id| id.0).collect()).await?;
        for row in rows {
            let (id, entry) = entry(row)?;
            self.shared.cache(self.partition).put(&id, entry);
        }
        Ok(())
    }
}

/// A row as memory keeps it.
pub(crate) fn entry(row: InstanceRow) -> Result<(InstanceId, Entry), Error> {
    let state = match row.kind.as_str() {
        "review" => serde_json::from_str(&row.state).map(Instance::Review),
        _ => serde_json::from_str(&row.state).map(Instance::Incident),
    };
    let state =
        state.map_err(|e| Error::Internal(format!("the stored state of {} cannot be read: {e}", row.id)))?;
    let wake = row.wake_at.map(Timestamp);
    let entry = Entry { state: Arc::new(state), chain: row.chain.into(), logic: row.logic, wake };
    Ok((row.id.into(), entry))
}
