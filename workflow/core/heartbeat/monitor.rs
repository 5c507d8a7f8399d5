//! One monitor's memory, and what is to be done about it at an instant.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::policy::document::HeartbeatSpec;
use crate::time::{Duration, Timestamp};

/// Where the alert was not taken in, as in a maintenance window that drops, it fires again after so long.
const AGAIN: Duration = Duration::minutes(5);

/// How a monitor is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeartbeatState {
    /// No beat has come yet, and none is overdue.
    Waiting,
    Healthy,
    /// Its alert fires.
    Missing,
    /// Nobody is told of its silence.
    Paused,
}

/// Why silence does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub by: Actor,
    pub at: Timestamp,
    pub reason: String,
    /// Absent: until somebody resumes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What is known of a monitor. What it watches for stands in the policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monitor {
    pub created_at: Timestamp,
    /// Silence is counted from here, or from the last beat if that is later: its creation, the end of a pause, or when
    /// we began to listen again.
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    #[serde(default)]
    pub beats: u64,
    /// Since when its alert fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
    /// When silence is missed, or when a pause ends. Absent while nothing happens by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// What is to be done about a monitor at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Rest,
    /// It is to be remembered like this.
    Keep(Monitor),
    /// Its alert fires; afterwards it is [`Monitor::fired`].
    Fire,
    /// Its alert clears; afterwards it is [`Monitor::cleared`].
    Clear,
}

impl Monitor {
    /// A monitor that is new in the policy: the sender has one lead time for its first beat.
    pub fn begin(spec: &HeartbeatSpec, now: Timestamp) -> Monitor {
        Monitor {
            created_at: now,
            since: now,
            last_at: None,
            beats: 0,
            missing: None,
            pause: None,
            due: Some(now + spec.lead()),
        }
    }

    /// How it is seen.
    pub fn state(&self) -> HeartbeatState {
        match (&self.pause, self.missing, self.last_at) {
            (Some(_), _, _) => HeartbeatState::Paused,
            (None, Some(_), _) => HeartbeatState::Missing,
            (None, None, None) => HeartbeatState::Waiting,
            (None, None, Some(_)) => HeartbeatState::Healthy,
        }
    }

    /// A beat came. It ends a silence, and no pause.
    pub fn beat(&self, spec: &HeartbeatSpec, now: Timestamp) -> Monitor {
        let last_at = self.last_at.map_or(now, |last| last.max(now));
        let mut next = Monitor { last_at: Some(last_at), beats: self.beats + 1, ..self.clone() };
        if next.pause.is_none() {
            next.due = Some(next.expected(spec));
        }
        next
    }

    /// Silence counts no more, until an instant or until it is resumed.
    pub fn paused(&self, pause: Pause) -> Monitor {
        Monitor { due: pause.until, pause: Some(pause), ..self.clone() }
    }

    /// Silence counts again, from now.
    pub fn resumed(&self, spec: &HeartbeatSpec, now: Timestamp) -> Monitor {
        let mut next = Monitor { pause: None, since: self.since.max(now), ..self.clone() };
        next.due = Some(next.expected(spec));
        next
    }

    /// The same under a changed definition. A silence that is missed already goes on being missed.
    pub fn fitted(&self, spec: &HeartbeatSpec) -> Monitor {
        match self.pause.is_some() || self.missing.is_some() {
            true => self.clone(),
            false => Monitor { due: Some(self.expected(spec)), ..self.clone() },
        }
    }

    /// What is to be done now. What fell due before `listening_since` fell due while nobody could hear a beat: that
    /// silence proves nothing.
    pub fn step(&self, spec: &HeartbeatSpec, now: Timestamp, listening_since: Timestamp) -> Step {
        if self.owes_clear() {
            return Step::Clear;
        }
        let Some(due) = self.due.filter(|due| *due <= now) else { return Step::Rest };
        if self.pause.is_some() {
            return Step::Keep(self.resumed(spec, now));
        }
        if due < listening_since && self.missing.is_none() {
            let later = Monitor { since: listening_since, ..self.clone() };
            return Step::Keep(Monitor { due: Some(later.expected(spec)), ..later });
        }
        Step::Fire
    }

    /// After its alert was offered; `taken`: somebody hears of it. A beat that came meanwhile is not overlooked.
    pub fn fired(&self, now: Timestamp, taken: bool) -> Monitor {
        let came = self.due.filter(|due| *due > now).and(self.last_at);
        let since = self.missing.unwrap_or_else(|| came.map_or(now, |last| last.min(now)));
        Monitor { missing: Some(since), due: (!taken).then(|| now + AGAIN), ..self.clone() }
    }

    /// After its alert cleared.
    pub fn cleared(&self, spec: &HeartbeatSpec) -> Monitor {
        Monitor { missing: None, ..self.clone() }.fitted(spec)
    }

    /// When it is to be looked at next.
    pub fn wake(&self) -> Option<Timestamp> {
        if self.owes_clear() { Some(Timestamp(0)) } else { self.due }
    }

    /// Its alert fires although a beat came since, or although it is paused.
    fn owes_clear(&self) -> bool {
        let heard = |since| self.last_at.is_some_and(|last| last >= since) || self.since > since;
        self.missing.is_some_and(|since| self.pause.is_some() || heard(since))
    }

    fn expected(&self, spec: &HeartbeatSpec) -> Timestamp {
        self.last_at.unwrap_or(self.since).max(self.since) + spec.lead()
    }
}
