//! What happened to standing records, in the form in which it is kept for good. What an event means is told by the book.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::{PersonId, ScheduleId};
use crate::silence::{Matcher, Plan};
use crate::subscription::Subscription;
use crate::time::Timestamp;

/// A half-open stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
}

/// One change. Each kind of record is numbered apart, from 1 in the order of creation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Somebody takes over.
    OverrideCreated {
        id: u64,
        schedule: ScheduleId,
        at: Stretch,
        /// Absent: everyone, and also nobody, so that it fills gaps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<PersonId>,
        by: PersonId,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
        /// The swap that it is half of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        swap: Option<u64>,
    },
    /// It ends now, or never begins.
    OverrideCancelled {
        id: u64,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// One person asks another to exchange stretches of one schedule.
    SwapRequested {
        id: u64,
        schedule: ScheduleId,
        requester: PersonId,
        with: PersonId,
        /// What the requester would be relieved of.
        gives: Stretch,
        /// What the requester would do instead.
        takes: Stretch,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// The other person agreed; the two overrides stand beside it.
    SwapAccepted { id: u64 },
    /// The other person did not agree.
    SwapDeclined {
        id: u64,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// The requester no longer wants it.
    SwapWithdrawn {
        id: u64,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Alerts that match page nobody.
    SilenceCreated {
        id: u64,
        /// One of these sets must match, and in it every matcher.
        sets: Vec<Vec<Matcher>>,
        at: Stretch,
        comment: String,
    },
    /// Maintenance is planned.
    WindowCreated { id: u64, plan: Box<Plan>, comment: String },
    /// It ends now, or never begins.
    WindowCancelled {
        id: u64,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// It ends now, or never begins.
    SilenceCancelled {
        id: u64,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Somebody wants status updates.
    SubscriptionCreated { id: u64, wants: Box<Subscription> },
    /// It ends now.
    SubscriptionCancelled {
        id: u64,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

impl Event {
    /// Whether it changes what is held back.
    pub fn is_of_silence(&self) -> bool {
        matches!(
            self,
            Event::SilenceCreated { .. }
                | Event::SilenceCancelled { .. }
                | Event::WindowCreated { .. }
                | Event::WindowCancelled { .. }
        )
    }

    /// Whether it changes who gets updates.
    pub fn is_of_subscription(&self) -> bool {
        matches!(self, Event::SubscriptionCreated { .. } | Event::SubscriptionCancelled { .. })
    }

    /// The number of what it is about.
    pub fn id(&self) -> u64 {
        match self {
            Event::OverrideCreated { id, .. }
            | Event::OverrideCancelled { id, .. }
            | Event::SwapRequested { id, .. }
            | Event::SwapAccepted { id }
            | Event::SwapDeclined { id, .. }
            | Event::SwapWithdrawn { id, .. }
            | Event::WindowCreated { id, .. }
            | Event::WindowCancelled { id, .. }
            | Event::SilenceCreated { id, .. }
            | Event::SilenceCancelled { id, .. }
            | Event::SubscriptionCreated { id, .. }
            | Event::SubscriptionCancelled { id, .. } => *id,
        }
    }
}

/// Everything that one command changed, at one instant: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Place in the log: 1, 2, … without gaps.
    pub number: u64,
    /// Never before the entry before it.
    pub at: Timestamp,
    /// Whose deed it was.
    pub actor: Actor,
    /// In order.
    pub events: Vec<Event>,
}
