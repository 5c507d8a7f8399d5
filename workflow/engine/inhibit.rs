//! Which alerts hold others back while they fire, kept in memory: told by every decision of this process, by the feed of
//! what others commit, and rebuilt from the store at the start and when the policy changes. What is here is a memory, not
//! the truth; what it gets wrong for a moment is put right by the loop.
//!
//! While no policy has inhibitions, nothing is kept and nothing asked.

mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use stentor_core::id::InstanceId;
use stentor_core::incident::event::{AlertEvent, LifeEvent};
use stentor_core::incident::{self, Incident};
use stentor_core::inhibition::{Firing, Inhibited, Rules};
use stentor_core::instance::{Command, Event, Instance};
use stentor_core::signal::{Signal, SignalKind};
use stentor_core::time::Timestamp;
use tokio::sync::Notify;

pub(crate) use run::{heed, load, run};

type Labels = BTreeMap<String, String>;

/// What fires, and what is to be looked at because of it.
#[derive(Debug, Default)]
pub(crate) struct Inhibitions {
    /// There is something to keep; read without the lock.
    active: AtomicBool,
    /// The newest version of the policy that was looked at.
    policy: AtomicU64,
    inner: Mutex<Inner>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    firing: Firing,
    /// What will take its place, once the open incidents are read by the rules of a newer policy.
    next: Option<Firing>,
    /// Incidents that are to be read from the store.
    unread: BTreeSet<InstanceId>,
    /// All open incidents are to be read: now, or at an instant.
    walk: Option<Timestamp>,
    /// The loop has something in hand.
    working: bool,
    /// It failed, and tries again then.
    rest: Option<Timestamp>,
}

impl Inhibitions {
    /// Whether there are inhibitions, or marks of earlier ones to be taken back.
    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::SeqCst)
    }

    /// What holds back the alert that a command brings.
    pub(crate) fn holding(&self, command: &Command) -> Vec<Inhibited> {
        match command {
            Command::Incident(incident::Command::Hear(p)) => self.holding_signal(&p.signal),
            _ => Vec::new(),
        }
    }

    /// What holds back an alert that comes in.
    pub(crate) fn holding_signal(&self, signal: &Signal) -> Vec<Inhibited> {
        if !self.is_active() || signal.clear || signal.kind != SignalKind::Alert {
            return Vec::new();
        }
        self.lock().firing.holding(&signal.labels, &signal.identity())
    }

    /// An incident was decided on by this process. What a command brings, its labels tell.
    pub(crate) fn decided(&self, state: &Instance, brought: Option<(u32, &Signal)>) {
        let Some(incident) = state.incident().filter(|_| self.is_active()) else { return };
        let labels = brought.filter(|(n, _)| *n > 0).map(|(n, signal)| (n, signal.labels.clone()));
        let mut inner = self.lock();
        if inner.put(incident, &labels.into_iter().collect()) {
            inner.unread.insert(incident.id.clone());
        }
        let wanted = !inner.unread.is_empty() || inner.firing.is_touched();
        drop(inner);
        if wanted {
            self.changed.notify_one();
        }
    }

    /// What was decided of these may not have been committed.
    pub(crate) fn doubt<'a>(&self, ids: impl Iterator<Item = &'a InstanceId>) {
        if !self.is_active() {
            return;
        }
        let mut inner = self.lock();
        for id in ids {
            inner.each(|firing| firing.doubt(id));
            inner.unread.insert(id.clone());
        }
        drop(inner);
        self.changed.notify_one();
    }

    /// Another process moved an incident.
    pub(crate) fn heard(&self, id: &InstanceId, version: u64, events: &[Event]) {
        if !self.is_active() || !events.iter().any(concerns) {
            return;
        }
        let mut inner = self.lock();
        if inner.firing.version(id) < version {
            inner.unread.insert(id.clone());
            drop(inner);
            self.changed.notify_one();
        }
    }

    /// The inhibitions of the newest policy, as far as they are not known: then all open incidents are read by them.
    pub(crate) fn heed(&self, rules: Rules, now: Timestamp) {
        let mut inner = self.lock();
        if *inner.next.as_ref().unwrap_or(&inner.firing).rules() == rules {
            return;
        }
        self.active.store(true, Ordering::SeqCst);
        let mut next = Firing::new(rules);
        next.reading(true);
        inner.next = Some(next);
        inner.walk = Some(now);
        drop(inner);
        self.changed.notify_one();
    }

    /// All open incidents are to be looked at, from now on by this process.
    pub(crate) fn look(&self, now: Timestamp) {
        if self.is_active() {
            self.lock().walk = Some(now);
            self.changed.notify_one();
        }
    }

    /// When there is something to do.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        if !self.is_active() {
            return None;
        }
        let inner = self.lock();
        let urgent = inner.working || !inner.unread.is_empty() || inner.firing.is_touched();
        let at = if urgent { Some(Timestamp::default()) } else { inner.walk };
        at.map(|at| inner.rest.map_or(at, |rest| rest.max(at)))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn each(&mut self, mut what: impl FnMut(&mut Firing)) {
        what(&mut self.firing);
        self.next.iter_mut().for_each(what);
    }

    /// Says whether labels are missing.
    fn put(&mut self, incident: &Incident, labels: &BTreeMap<u32, Labels>) -> bool {
        let mut missing = false;
        self.each(|firing| missing |= firing.put(incident, labels));
        missing
    }
}

/// Whether an event may change which alerts of its incident fire, or what they are marked with.
fn concerns(event: &Event) -> bool {
    match event {
        Event::Incident(incident::Event::Alert(event)) => !matches!(
            event,
            AlertEvent::AlertChanged { .. }
                | AlertEvent::DeadlinePostponed { .. }
                | AlertEvent::Suppressed { .. }
                | AlertEvent::Released { .. }
                | AlertEvent::ClearStepArmed { .. }
        ),
        Event::Incident(incident::Event::Life(event)) => !matches!(
            event,
            LifeEvent::Triaged(_) | LifeEvent::PriorityChanged { .. } | LifeEvent::Assigned { .. }
        ),
        _ => false,
    }
}
