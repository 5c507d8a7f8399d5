//! The state of a review, folded from its history. It lives until it is published and all its action items have ended;
//! nothing here decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::{InstanceId, PersonId, ServiceId, TeamId};
use crate::incident::clock::Clock;
use crate::incident::kinds::{Level3, Priority};
use crate::incident::paging::Pending;
use crate::time::Timestamp;

use super::section::{Section, SectionText};

/// A review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    pub id: InstanceId,
    /// The number in `REV-1042`: that of its incident.
    pub number: u64,
    /// Number of the last event: versions are 1..n without a gap.
    pub version: u64,
    /// The pinned policy version.
    pub policy: u64,
    /// The incident that it is about.
    pub review_of: InstanceId,
    pub title: String,
    /// Why it was opened: `PRIORITY`, `SLA_BREACHED`, `CHRONIC`, or a person's words.
    pub reason: String,
    pub priority: Priority,
    pub service: ServiceId,
    pub team: TeamId,
    pub subject: Subject,
    /// Who is in charge, if anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<PersonId>,
    pub phase: Phase,
    pub opened_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// When somebody is reminded that it is not published; absent once it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sections: BTreeMap<Section, SectionText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<Meeting>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub items: BTreeMap<u32, ActionItem>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Amendment>,
    /// Its own clocks; those of action items stand with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// Effects committed and not yet settled, by `{event number}.{ordinal}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<String, Pending>,
}

/// What conditions of SLA definitions see of the incident besides priority, service and team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub impact: Level3,
    pub urgency: Level3,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// `report` or `alert`.
    pub origin: String,
}

/// Where a review stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Phase {
    /// Its incident was reopened; it goes on at the next resolve.
    Waiting,
    /// Being written.
    Draft,
    /// The meeting was held or waived.
    MeetingHeld,
    /// Frozen; only amendments are added.
    Published,
}

impl Phase {
    /// The word as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Phase::Waiting => "WAITING",
            Phase::Draft => "DRAFT",
            Phase::MeetingHeld => "MEETING_HELD",
            Phase::Published => "PUBLISHED",
        }
    }
}

/// The meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Meeting {
    Held {
        at: Timestamp,
        attendees: Vec<PersonId>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        notes: String,
    },
    Waived {
        reason: String,
        by: Actor,
    },
}

/// Something added after publication.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    pub text: String,
    pub by: Actor,
    pub at: Timestamp,
}

/// Something to be done so that it does not happen again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItem {
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    pub state: ItemState,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Its clock, if a definition asks for one; its target is the time to the due instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// Who hears of it next, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder: Option<Reminder>,
}

/// Where an action item stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ItemState {
    Open,
    InProgress,
    Done {
        evidence: String,
    },
    /// By the team lead only.
    Declined {
        reason: String,
    },
}

impl ItemState {
    /// Done or declined.
    pub fn is_ended(&self) -> bool {
        matches!(self, ItemState::Done { .. } | ItemState::Declined { .. })
    }

    /// The word as shown.
    pub const fn as_str(&self) -> &'static str {
        match self {
            ItemState::Open => "OPEN",
            ItemState::InProgress => "IN_PROGRESS",
            ItemState::Done { .. } => "DONE",
            ItemState::Declined { .. } => "DECLINED",
        }
    }
}

/// The next notice about an action item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    pub at: Timestamp,
    pub stage: Stage,
}

/// How far an action item's time has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// Three quarters are gone: to the owner.
    Warning,
    /// Due: to the owner.
    Due,
    /// Three days overdue: to the team lead.
    Overdue,
    /// A week overdue and every week after: to the team lead and the author.
    Weekly,
}

impl Review {
    /// The human reference.
    pub fn reference(&self) -> String {
        format!("REV-{}", self.number)
    }

    /// The human reference of its incident.
    pub fn incident_reference(&self) -> String {
        format!("INC-{}", self.number)
    }

    /// All its clocks: its own, then those of its action items.
    pub fn all_clocks(&self) -> impl Iterator<Item = &Clock> {
        self.clocks.iter().chain(self.items.values().filter_map(|i| i.clock.as_ref()))
    }

    /// The earliest deadline. There is none once it is published and all its action items have ended.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let clocks = self.all_clocks().filter(|c| c.is_live());
        let marks = clocks.flat_map(|c| c.due.into_iter().chain(c.next.map(|m| m.at)));
        let items = self.items.values().filter_map(|i| i.reminder.map(|r| r.at));
        marks.chain(items).chain(self.remind_at).min()
    }
}
