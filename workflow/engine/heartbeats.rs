//! Heartbeat monitors: their silence fires an alert, their next beat clears it. Each is one row that is read, decided by the
//! rules and written over the version that was read; the alert goes first, so that a stop in between repeats it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stentor_core::actor::Actor;
use stentor_core::heartbeat::{Monitor, Step, alert};
use stentor_core::id::HeartbeatId;
use stentor_core::policy::Policy;
use stentor_core::policy::document::HeartbeatSpec;
use stentor_core::time::{Duration, Timestamp};
use tokio::sync::Notify;

use crate::engine::{Engine, Shared};
use crate::error::Error;
use crate::limits;
use crate::request::SignalOutcome;
use crate::store::rows::HeartbeatRow;

/// Monitors that are read at once.
const PAGE: u32 = 500;

/// When monitors are to be looked at.
#[derive(Debug, Default)]
pub(crate) struct Heartbeats {
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    /// The earliest of what was read last.
    next: Option<Timestamp>,
    asked: u64,
    looked: u64,
    /// The policy by which the rows stand.
    policy: u64,
}

impl Heartbeats {
    /// Has monitors looked at: the policy, one of them or the leader has changed.
    pub(crate) fn look(&self) {
        self.lock().asked += 1;
        self.changed.notify_one();
    }

    /// When they are looked at next.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let inner = self.lock();
        if inner.asked > inner.looked { Some(Timestamp(0)) } else { inner.next }
    }

    fn asked(&self) -> u64 {
        self.lock().asked
    }

    fn looked(&self, asked: u64, next: Option<Timestamp>) {
        let mut inner = self.lock();
        (inner.looked, inner.next) = (asked, next);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at monitors whenever one is due, for as long as the engine runs. Who leads the first partition does it.
pub(crate) async fn run(shared: Arc<Shared>) {
    let heartbeats = &shared.heartbeats;
    heartbeats.look();
    loop {
        let now = shared.clock.now();
        if shared.leads(0) && heartbeats.next().is_some_and(|at| at <= now) {
            let asked = heartbeats.asked();
            let next = turn(&shared, now).await.unwrap_or_else(|e| {
                tracing::warn!(error = %e, "heartbeats cannot be looked at; trying again");
                Some(now + Duration::seconds(1))
            });
            heartbeats.looked(asked, next);
            if next.is_none_or(|at| at > now) {
                continue;
            }
        }
        shared.beat("heartbeats");
        let next = heartbeats.next().filter(|_| shared.leads(0)).unwrap_or(now + Duration::hours(1));
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = heartbeats.changed.notified() => {}
            () = shared.clock.sleep_until(next.max(now + Duration(1))) => {}
            // Another replica may have changed what is due.
            () = tokio::time::sleep(limits::HEARTBEATS_LOOK), if !shared.single_writer => heartbeats.look(),
        }
    }
}

/// Everything that is due; when the next one is.
async fn turn(shared: &Arc<Shared>, now: Timestamp) -> Result<Option<Timestamp>, Error> {
    let Some(policy) = shared.policies.newest_policy() else { return Ok(None) };
    if shared.heartbeats.lock().policy != policy.number() {
        fit(shared, &policy, now).await?;
        shared.heartbeats.lock().policy = policy.number();
    }
    loop {
        let due = shared.store.due_heartbeats(now.0, PAGE).await?;
        if due.is_empty() {
            break;
        }
        for row in due {
            let (id, monitor) = read(&row)?;
            attend(shared, &policy, &id, monitor, now).await?;
        }
    }
    let next = shared.store.due_heartbeats(i64::MAX, 1).await?;
    Ok(next.first().and_then(|row| row.due_at).map(Timestamp))
}

/// Brings the rows in line with a policy: new monitors begin, others wait for what is theirs now, and those that are no
/// more have their alerts cleared.
async fn fit(shared: &Arc<Shared>, policy: &Policy, now: Timestamp) -> Result<(), Error> {
    let defined = &policy.document().heartbeats;
    let mut known = std::collections::BTreeSet::new();
    for (id, version, monitor) in all(shared).await? {
        match defined.get(&id) {
            Some(spec) if monitor.fitted(spec) != monitor => {
                update(shared, &id, |m| m.map(|m| m.fitted(spec))).await?;
            }
            Some(_) => {}
            None => {
                if monitor.missing.is_some() {
                    tell(shared, &id, &monitor, None, true, now).await?;
                }
                shared.store.remove_heartbeat(id.to_string(), version).await?;
            }
        }
        known.insert(id);
    }
    for (id, spec) in defined.iter().filter(|(id, _)| !known.contains(*id)) {
        update(shared, id, |m| Some(m.unwrap_or_else(|| Monitor::begin(spec, now)))).await?;
    }
    Ok(())
}

/// Does what is to be done about one monitor.
pub(crate) async fn attend(
    shared: &Arc<Shared>,
    policy: &Policy,
    id: &HeartbeatId,
    monitor: Monitor,
    now: Timestamp,
) -> Result<Monitor, Error> {
    let Some(spec) = policy.document().heartbeats.get(id) else {
        // An older policy than the rows': what is to become of it is decided where the newer one is known.
        return Err(Error::Unavailable(format!("the policy of heartbeat {id} is not known yet")));
    };
    let step = monitor.step(spec, now, shared.listening_since);
    let after = match step {
        Step::Rest => return Ok(monitor),
        Step::Keep(_) => {
            let again = |m: Monitor| match m.step(spec, now, shared.listening_since) {
                Step::Keep(kept) => kept,
                _ => m,
            };
            update(shared, id, |m| m.map(again)).await?
        }
        Step::Fire => {
            let taken = tell(shared, id, &monitor, Some(spec), false, now).await?;
            update(shared, id, |m| m.map(|m| m.fired(now, taken))).await?
        }
        Step::Clear => {
            tell(shared, id, &monitor, Some(spec), true, now).await?;
            update(shared, id, |m| m.map(|m| m.cleared(spec))).await?
        }
    };
    Ok(after.unwrap_or(monitor))
}

/// Sends the alert through intake; whether it was taken in.
async fn tell(
    shared: &Arc<Shared>,
    id: &HeartbeatId,
    monitor: &Monitor,
    spec: Option<&HeartbeatSpec>,
    clear: bool,
    now: Timestamp,
) -> Result<bool, Error> {
    let engine = Engine { shared: Arc::clone(shared) };
    let reply = engine.hear(&Actor::System, alert(id, monitor, spec, clear, now), None, None).await?;
    Ok(!matches!(reply.outcome, SignalOutcome::Discarded(_)))
}

/// Changes a monitor, over whatever version it has; `None` leaves it as it is.
pub(crate) async fn update(
    shared: &Shared,
    id: &HeartbeatId,
    change: impl Fn(Option<Monitor>) -> Option<Monitor>,
) -> Result<Option<Monitor>, Error> {
    for _ in 0..limits::STANDING_TRIES {
        let row = shared.store.heartbeat(id.to_string()).await?;
        let before = row.as_ref().map(read).transpose()?.map(|(_, monitor)| monitor);
        let Some(after) = change(before.clone()) else { return Ok(None) };
        if before.as_ref() == Some(&after) {
            return Ok(before);
        }
        let row = HeartbeatRow {
            id: id.to_string(),
            version: row.map_or(0, |row| row.version),
            due_at: after.wake().map(|at| at.0),
            data: serde_json::to_string(&after).unwrap_or_default(),
        };
        if shared.store.save_heartbeat(row).await? {
            return Ok(Some(after));
        }
    }
    Err(Error::Unavailable("others kept being faster; try again".to_owned()))
}

/// Every row, with its version.
pub(crate) async fn all(shared: &Shared) -> Result<Vec<(HeartbeatId, i64, Monitor)>, Error> {
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let page = shared.store.heartbeats(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.id.clone();
        for row in &page {
            let (id, monitor) = read(row)?;
            found.push((id, row.version, monitor));
        }
    }
}

fn read(row: &HeartbeatRow) -> Result<(HeartbeatId, Monitor), Error> {
    let monitor = serde_json::from_str(&row.data)
        .map_err(|e| Error::Internal(format!("heartbeat {} cannot be read: {e}", row.id)))?;
    Ok((row.id.as_str().into(), monitor))
}
