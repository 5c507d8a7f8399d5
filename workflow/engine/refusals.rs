//! Signals that were not taken in, for the suppression log: counted in memory by identity, cause and day, and written beside
//! the commits. It promises less than a commit does: a kill may lose what was counted in the last moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use stentor_core::id::{RuleId, ServiceId};
use stentor_core::incident::Prepared;
use stentor_core::time::{Duration, Timestamp};
use tokio::sync::Notify;

use crate::engine::Shared;
use crate::limits;
use crate::store::rows::RefusalRow;

const DAY: i64 = 86_400_000;

/// Why a signal was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// This route discards it.
    Route(RuleId),
    /// The maintenance window of this number drops it.
    Window(u64),
}

/// What was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub cause: Cause,
    /// Integration and key; empty for the many that one day has beyond those that are told one by one.
    pub identity: String,
    /// Of the newest signal.
    pub title: String,
    pub service: ServiceId,
}

/// What was counted and is not written yet.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    pending: Mutex<Pending>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Pending {
    rows: BTreeMap<String, RefusalRow>,
    /// The identities that are told one by one today.
    told: (i64, BTreeSet<String>),
    writing: bool,
    /// It failed, and tries again then.
    rest: Option<Timestamp>,
}

impl Refusals {
    /// A signal is not taken in.
    pub(crate) fn note(&self, p: &Prepared, cause: Cause, now: Timestamp) {
        let mut pending = self.lock();
        let day = now.0.div_euclid(DAY);
        if pending.told.0 != day {
            pending.told = (day, BTreeSet::new());
        }
        let mut identity = p.signal.identity();
        if !pending.told.1.contains(&identity) {
            if pending.told.1.len() < limits::REFUSALS_TOLD {
                pending.told.1.insert(identity.clone());
            } else {
                identity.clear();
            }
        }
        let by = match &cause {
            Cause::Route(route) => format!("route/{route}"),
            Cause::Window(number) => format!("window/{number}"),
        };
        let key = format!("{day}|{by}|{identity}");
        let (title, service) = (p.signal.title.clone(), p.routed.service.clone());
        let refused = Refused { cause, identity, title, service };
        let first = || RefusalRow { key: key.clone(), first_at: now.0, ..RefusalRow::default() };
        let row = pending.rows.entry(key.clone()).or_insert_with(first);
        row.last_at = now.0;
        row.heard += 1;
        row.data = serde_json::to_string(&refused).unwrap_or_default();
        drop(pending);
        self.changed.notify_one();
    }

    /// When something is to be written.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let pending = self.lock();
        let some = pending.writing || !pending.rows.is_empty();
        some.then(|| pending.rest.unwrap_or_default())
    }

    fn take(&self) -> Vec<RefusalRow> {
        let mut pending = self.lock();
        pending.writing = true;
        std::mem::take(&mut pending.rows).into_values().collect()
    }

    /// They are written, or are to be written later.
    fn done(&self, failed: Option<(Vec<RefusalRow>, Timestamp)>) {
        let mut pending = self.lock();
        pending.writing = false;
        pending.rest = failed.as_ref().map(|(_, at)| *at);
        for row in failed.into_iter().flat_map(|(rows, _)| rows) {
            let newer =
                pending.rows.entry(row.key.clone()).or_insert_with(|| RefusalRow { heard: 0, ..row.clone() });
            newer.heard += row.heard;
            newer.first_at = row.first_at;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what was counted, a few times a second at most, and the rest when the engine stops.
pub(crate) async fn run(shared: Arc<Shared>) {
    let refusals = &shared.refusals;
    loop {
        let stopping = shared.stopping.is_cancelled();
        let now = shared.clock.now();
        if refusals.next().is_some_and(|at| at <= now || stopping) {
            let rows = refusals.take();
            let written = shared.store.add_refusals(rows.clone()).await;
            let failed = written.err().map(|e| {
                tracing::warn!(error = %e, "signals that were not taken in cannot be counted; trying again");
                (rows, now + Duration::seconds(1))
            });
            refusals.done(failed);
        }
        if stopping {
            return;
        }
        let wait = refusals.next().unwrap_or(now + Duration::hours(1));
        tokio::select! {
            () = shared.stopping.cancelled() => {}
            () = tokio::time::sleep(limits::REFUSALS_SAVE), if wait <= now => {}
            () = refusals.changed.notified(), if wait > now => {}
            () = shared.clock.sleep_until(wait), if wait > now => {}
        }
        shared.beat("refusals");
    }
}
