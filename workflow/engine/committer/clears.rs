//! Clears that found nothing to clear, kept for as long as a late firing may be older than they are. They lie beside the
//! alerts' rows, under a key of their own and without an incident; what follows from one is decided by the rules.

use std::collections::HashMap;

use stentor_core::id::InstanceId;
use stentor_core::incident::place::{CLEAR_KEPT, Cleared};
use stentor_core::signal::Signal;
use stentor_core::time::Timestamp;

use crate::store::rows::{AlertRecord, AlertRow};

use super::plan::Plan;

/// No integration's id has a slash, so no identity begins like this.
const PREFIX: &str = "clear/";

/// So many are kept in memory; the store has them all.
const IN_MEMORY: usize = 10_000;

/// One partition's memory of them.
#[derive(Debug, Default)]
pub(crate) struct Clears {
    known: HashMap<String, Cleared>,
}

impl Clears {
    pub(super) fn get(&self, identity: &str) -> Option<Cleared> {
        self.known.get(identity).copied()
    }

    /// Takes over what the store has, if it is a remembered clear. Whether it was.
    pub(super) fn read(&mut self, row: &AlertRecord) -> bool {
        let Some(identity) = row.key.strip_prefix(PREFIX) else { return false };
        let cleared =
            Cleared { observed_at: Timestamp(row.ends_at.unwrap_or_default()), at: Timestamp(row.last_at) };
        self.known.insert(identity.to_owned(), cleared);
        true
    }

    /// Remembers a clear, in the batch and in memory. A batch that fails leaves it in memory alone: it came, after all.
    pub(super) fn note(&mut self, plan: &mut Plan, signal: &Signal, now: Timestamp) {
        let identity = signal.identity();
        let before = self.get(&identity).map_or(signal.observed_at, |c| c.observed_at);
        let cleared = Cleared { observed_at: signal.observed_at.max(before), at: now };
        let row = AlertRow {
            key: key(&identity),
            first_at: now.0,
            last_at: now.0,
            ends_at: Some(cleared.observed_at.0),
            ..AlertRow::default()
        };
        plan.alerts.insert((row.key.clone(), InstanceId::default()), row);
        self.known.insert(identity, cleared);
    }

    /// Whether there are too many.
    pub(super) fn is_full(&self) -> bool {
        self.known.len() > IN_MEMORY
    }

    /// Forgets what is too old to matter once there are too many, and all if they still are. Called between batches.
    pub(super) fn trim(&mut self, now: Timestamp) {
        if self.is_full() {
            self.known.retain(|_, cleared| now <= cleared.at + CLEAR_KEPT);
        }
        if self.is_full() {
            self.known.clear();
        }
    }
}

/// Where a remembered clear of an identity lies.
pub(super) fn key(identity: &str) -> String {
    format!("{PREFIX}{identity}")
}
