//! Deadlines in memory: one entry per instance, its next wake-up. It says when to tick; whether something is due then is
//! decided by the rules, so a tick too many changes nothing.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident;
use stentor_core::instance::{Command, Instance};
use stentor_core::review;
use stentor_core::time::{Duration, Timestamp};
use tokio::sync::Notify;

use crate::committer::{Answers, Item, Payload, Work};
use crate::engine::Shared;
use crate::error::Error;
use crate::limits;
use crate::observe::Timer;

/// One partition's deadlines.
#[derive(Debug, Default)]
pub(crate) struct Wheel {
    inner: Mutex<Entries>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Entries {
    by_time: BTreeSet<(Timestamp, InstanceId)>,
    by_id: HashMap<InstanceId, Timestamp>,
}

impl Wheel {
    /// Sets or removes wake-ups.
    pub(crate) fn arm(&self, wakes: Vec<(InstanceId, Option<Timestamp>)>) {
        if wakes.is_empty() {
            return;
        }
        let mut earlier = false;
        let mut e = self.lock();
        let first = e.by_time.first().map(|(at, _)| *at);
        for (id, at) in wakes {
            if let Some(old) = e.by_id.remove(&id) {
                e.by_time.remove(&(old, id.clone()));
            }
            if let Some(at) = at {
                earlier |= first.is_none_or(|f| at < f);
                e.by_id.insert(id.clone(), at);
                e.by_time.insert((at, id));
            }
        }
        drop(e);
        if earlier {
            self.changed.notify_one();
        }
    }

    /// Sets a wake-up unless a newer commit has set one.
    fn arm_if_absent(&self, id: &InstanceId, at: Option<Timestamp>) {
        let absent = !self.lock().by_id.contains_key(id);
        if absent && at.is_some() {
            self.arm(vec![(id.clone(), at)]);
        }
    }

    /// Has the deadlines looked at again: who fires them, and when, has changed.
    pub(crate) fn look(&self) {
        self.changed.notify_one();
    }

    /// The earliest wake-up.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.lock().by_time.first().map(|(at, _)| *at)
    }

    /// Number of armed deadlines, how many of them are due, and since when the oldest is.
    pub(crate) fn len(&self, now: Timestamp) -> (usize, usize, Duration) {
        let e = self.lock();
        let due = e.by_time.iter().take_while(|(at, _)| *at <= now).count();
        let oldest = e.by_time.first().map_or(Duration::ZERO, |(at, _)| now.since(*at));
        (e.by_time.len(), due, oldest)
    }

    /// Takes out what is due, at most `limit`.
    fn pop_due(&self, now: Timestamp, limit: usize) -> Vec<(Timestamp, InstanceId)> {
        let mut e = self.lock();
        let mut due = Vec::new();
        while due.len() < limit {
            match e.by_time.first() {
                Some((at, _)) if *at <= now => {}
                _ => break,
            }
            if let Some((at, id)) = e.by_time.pop_first() {
                e.by_id.remove(&id);
                due.push((at, id));
            }
        }
        due
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fires deadlines of a partition for as long as the engine runs.
pub(crate) async fn run(shared: Arc<Shared>, partition: u16) {
    let wheel = shared.wheel(partition);
    loop {
        let now = shared.clock.now();
        let late_by = if shared.leads(partition) { Duration::ZERO } else { shared.follower_delay };
        let due = wheel.pop_due(now - late_by, limits::BATCH);
        for (at, id) in due {
            let busy = shared.busy();
            if tick(&shared, partition, &id, at).await.is_err() {
                return;
            }
            drop(busy);
        }
        shared.beat("wheel");
        let next = wheel.next().map(|at| at + late_by);
        if next.is_some_and(|at| at <= shared.clock.now()) {
            continue;
        }
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = wheel.changed.notified() => {}
            () = shared.clock.sleep_until(next.unwrap_or(now + Duration::hours(1))) => {}
        }
    }
}

/// Queues a tick; when it is answered the wheel learns what comes next.
async fn tick(shared: &Arc<Shared>, partition: u16, id: &InstanceId, due: Timestamp) -> Result<(), Error> {
    let began = shared.clock.now();
    let kind = shared.cache(partition).get(id).map_or("unread", |entry| entry.state.due_kind(due));
    let origin = shared.observer.firing(&Timer { id, kind, due, began });
    let command = command(shared, partition, id, due).await;
    let (reply, answer) = tokio::sync::oneshot::channel();
    let payload = Payload::To { id: id.clone(), command, may_open: false };
    let work = crate::engine::command(payload, Actor::System, Answers::One(reply), origin);
    let work = Work { due: Some(due), ..work };
    shared.senders(partition).push(Item::Command(Box::new(work))).await?;
    let (shared, id) = (Arc::clone(shared), id.clone());
    let busy = shared.busy();
    tokio::spawn(async move {
        let result = answer.await.unwrap_or_else(|_| Err(Error::Unavailable("shutting down".to_owned())));
        let timer = Timer { id: &id, kind, due, began };
        after_tick(&shared, partition, &timer, result.map(|d| d.state));
        drop(busy);
    });
    Ok(())
}

/// A tick that wrote nothing has armed nothing: the wheel keeps what the state says, and never spins.
fn after_tick(
    shared: &Shared,
    partition: u16,
    timer: &Timer<'_>,
    result: Result<Option<Arc<Instance>>, Error>,
) {
    let (now, Timer { id, due, .. }) = (shared.clock.now(), *timer);
    match result {
        Ok(state) => {
            shared.observer.fired(timer, now, state.as_deref());
            let next = state.as_deref().and_then(Instance::next_wake);
            let next = next.map(|at| if at <= due { due.max(now) + Duration::seconds(1) } else { at });
            if next.is_some_and(|at| Some(at) != state.as_deref().and_then(Instance::next_wake)) {
                tracing::error!(%id, "a deadline did not move when it fired; trying again in a second");
            }
            shared.wheel(partition).arm_if_absent(id, next);
        }
        Err(Error::NotFound(_)) => {}
        Err(e) => {
            tracing::warn!(%id, error = %e, "a deadline could not be fired; trying again in a second");
            shared.wheel(partition).arm_if_absent(id, Some(now + Duration::seconds(1)));
        }
    }
}

/// A tick tells an incident when its alerts with an expiry were last heard.
async fn command(shared: &Shared, partition: u16, id: &InstanceId, due: Timestamp) -> Command {
    let state = shared.cache(partition).get(id).map(|e| e.state);
    if state.as_deref().is_some_and(|s| s.review().is_some())
        || (state.is_none() && id.as_str().starts_with("rev-"))
    {
        return Command::Review(review::Command::TickReview);
    }
    let expiring = |i: &incident::Incident| {
        i.alerts.values().any(|a| a.ends_at.is_some_and(|at| at <= due.max(shared.clock.now())))
    };
    let asks = state.as_deref().and_then(Instance::incident).is_none_or(expiring);
    let heard = if asks { last_heard(shared, id).await } else { Vec::new() };
    Command::Incident(incident::Command::Tick { heard })
}

async fn last_heard(shared: &Shared, id: &InstanceId) -> Vec<incident::command::LastHeard> {
    let rows = shared.store.alerts_of(id.0.clone()).await.unwrap_or_default();
    rows.into_iter()
        .map(|r| incident::command::LastHeard {
            identity: r.key,
            last_at: Timestamp(r.last_at),
            ends_at: r.ends_at.map(Timestamp),
        })
        .collect()
}

/// Loads every deadline of a partition.
///
/// # Errors
/// The store's.
pub(crate) async fn load(shared: &Shared, partition: u16) -> Result<usize, Error> {
    let mut after = (i64::MIN, String::new());
    let mut count = 0;
    loop {
        let page = shared.store.wakes(partition, after.clone(), i64::MAX, limits::WAKES_PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = (last.wake_at.unwrap_or_default(), last.id.clone());
        count += page.len();
        let wakes = page.into_iter().map(|w| (w.id.into(), w.wake_at.map(Timestamp))).collect();
        shared.wheel(partition).arm(wakes);
    }
}
