//! What a clock of an incident or of its review had come to at an instant: read from the history up to then, explained
//! stretch by stretch. Nothing is decided or recorded here; the arithmetic is that of [`crate::sla`].

use crate::id::InstanceId;
use crate::instance::{self, Event, Instance, Meta};
use crate::policy::Policy;
use crate::review::event::{Event as ReviewFamily, ReviewEvent};
use crate::sla::meter::Interval;
use crate::time::{Duration, Timestamp};

use super::clock::{Clock, PauseWhy};
use super::event::{Event as IncidentEvent, SlaEvent};
use super::kinds::ClockState;

/// Follows a history and keeps what concerns one clock.
#[derive(Debug)]
pub struct Follower {
    id: InstanceId,
    clock: String,
    state: Option<Instance>,
    acts: Vec<Act>,
}

/// An event since which a clock counted, stood still, or counted otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Number of the event in the history of the clock's owner.
    pub n: u64,
    pub at: Timestamp,
    /// The event's name, `SlaPaused`.
    pub event: &'static str,
    /// For a pause.
    pub why: Option<PauseWhy>,
}

/// A clock as it stood, and what had happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    pub clock: Clock,
    /// Number of the policy version that its owner was pinned to.
    pub policy: u64,
    /// Oldest first; never empty.
    pub acts: Vec<Act>,
}

/// A stretch of a clock's life, with what had counted by its end and the event that it goes back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub interval: Interval,
    pub total: Duration,
    pub since: Act,
}

impl Follower {
    /// Follows the clock `{definition}.{cycle}` of an incident or a review. The cycle of an action item's clock is the
    /// item's number.
    pub fn new(id: InstanceId, clock: &str) -> Follower {
        Follower { id, clock: clock.to_owned(), state: None, acts: Vec::new() }
    }

    /// Takes the next event of the history.
    pub fn take(&mut self, event: &Event, meta: &Meta<'_>) {
        instance::apply(&mut self.state, event, &self.id, meta);
        let act = match event {
            Event::Incident(IncidentEvent::Sla(event)) => act(event, &self.clock),
            Event::Incident(_) => None,
            Event::Review(ReviewFamily::Review(event)) => act_of_review(event, &self.clock),
        };
        if let Some((event, why)) = act {
            self.acts.push(Act { n: meta.n, at: meta.at, event, why });
        }
    }

    /// The clock after the events taken, as it stands at `at` if nothing else happens until then. `None`: there was no
    /// such clock.
    pub fn read(self, at: Timestamp) -> Option<Reading> {
        let named = |clock: &&Clock| clock.is_named(&self.clock);
        let (clock, policy) = match self.state.as_ref()? {
            Instance::Incident(incident) => (incident.clocks.iter().find(named), incident.policy),
            Instance::Review(review) => (review.all_clocks().find(named), review.policy),
        };
        let mut clock = clock?.clone();
        if clock.state == ClockState::Running
            && let Some(due) = clock.due.filter(|due| *due <= at)
        {
            (clock.due, clock.breached) = (None, Some(due));
        }
        Some(Reading { clock, policy, acts: self.acts })
    }
}

/// The name of an event of an incident that changed how this clock counts.
fn act(event: &SlaEvent, name: &str) -> Option<(&'static str, Option<PauseWhy>)> {
    match event {
        SlaEvent::SlaStarted { clock } => clock.is_named(name).then_some(("SlaStarted", None)),
        SlaEvent::SlaMoved { clock } => clock.is_named(name).then_some(("SlaMoved", None)),
        SlaEvent::SlaPaused { clock, why, .. } => (clock == name).then_some(("SlaPaused", Some(*why))),
        SlaEvent::SlaResumed { clock, .. } => (clock == name).then_some(("SlaResumed", None)),
        SlaEvent::SlaWarned { .. }
        | SlaEvent::SlaBreached { .. }
        | SlaEvent::SlaStopped { .. }
        | SlaEvent::SlaExcused { .. }
        | SlaEvent::SlaCancelled { .. } => None,
    }
}

/// The same for a review: its clocks know no pause, and one that is measured anew starts again under its name.
fn act_of_review(event: &ReviewEvent, name: &str) -> Option<(&'static str, Option<PauseWhy>)> {
    match event {
        ReviewEvent::SlaStarted { clock, .. } if clock.is_named(name) => Some(("SlaStarted", None)),
        _ => None,
    }
}

impl Reading {
    /// Its life until `at` or its end: disjoint stretches without holes, each from the last event before it. Empty if the
    /// policy does not know the calendar, or the clock starts later.
    pub fn explain(&self, policy: &Policy, at: Timestamp) -> Vec<Stretch> {
        let until = self.clock.stopped_at.map_or(at, |stop| stop.min(at));
        let life = self.clock.measure(policy, |meter| meter.explain(until)).unwrap_or_default();
        let mut total = Duration::ZERO;
        let stretch = |interval: Interval| {
            total = Duration(total.0 + interval.counted.0);
            let before = self.acts.iter().rev().find(|act| act.at.whole_second() <= interval.from);
            // A clock may start, and take over pauses, from before it attached.
            let since = before.or(self.acts.first())?.clone();
            Some(Stretch { interval, total, since })
        };
        life.into_iter().filter_map(stretch).collect()
    }
}
