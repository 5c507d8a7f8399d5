//! What happened to a review: its history. A name or a meaning never changes once it has been written; fields are only
//! added, optional.

use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::incident::clock::{Clock, Mark};
use crate::incident::event::{DeliveryOutcome, Notice, NoticeTo, SlaCancelWhy};
use crate::incident::kinds::Priority;
use crate::time::Timestamp;

use super::command::Opening;
use super::section::Section;
use super::state::{ItemState, Reminder, Stage};

/// An event of a review, in a family of its own: no event of an incident looks like it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    Review(ReviewEvent),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ReviewEvent {
    ReviewOpened {
        policy: u64,
        opening: Box<Opening>,
    },
    ReviewRedrafted {
        sections: Vec<(Section, String)>,
    },
    /// The incident was reopened.
    ReviewPutToWait,
    /// The incident is resolved again.
    ReviewResumed {
        priority: Priority,
    },
    /// `None`: back to the draft.
    SectionEdited {
        section: Section,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    SectionWaived {
        section: Section,
        reason: String,
    },
    MeetingRecorded {
        held_at: Timestamp,
        attendees: Vec<PersonId>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        notes: String,
    },
    MeetingWaived {
        reason: String,
    },
    ReviewPublished,
    ReviewAmended {
        text: String,
    },
    ActionItemAdded {
        n: u32,
        title: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        description: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reminder: Option<Reminder>,
    },
    /// The item as it is from now on.
    ActionItemChanged {
        n: u32,
        state: ItemState,
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reminder: Option<Reminder>,
    },
    ActionItemReminded {
        n: u32,
        stage: Stage,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Reminder>,
    },
    /// It is still not published; the next reminder's instant.
    ReviewReminded {
        next: Timestamp,
    },
    /// A clock attached, of the review or of an action item; one of the same name is replaced.
    SlaStarted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<u32>,
        clock: Box<Clock>,
    },
    SlaWarned {
        clock: String,
        percent: u32,
        at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Mark>,
    },
    SlaBreached {
        clock: String,
        due: Timestamp,
    },
    SlaStopped {
        clock: String,
        at: Timestamp,
        met: bool,
    },
    SlaCancelled {
        clock: String,
        why: SlaCancelWhy,
    },
    /// The breach is nobody's failure; it stays a breach.
    SlaExcused {
        clock: String,
        reason: String,
    },
    Notified {
        about: Notice,
        people: Vec<NoticeTo>,
    },
    DeliveryRecorded {
        effect: String,
        outcome: DeliveryOutcome,
        attempt: i32,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
    },
}

impl Event {
    /// The event's name as the history, the feed and telemetry show it.
    pub fn name(&self) -> String {
        let Event::Review(event) = self;
        event.name().to_owned()
    }
}

impl ReviewEvent {
    /// The event's name.
    pub const fn name(&self) -> &'static str {
        match self {
            ReviewEvent::ReviewOpened { .. } => "ReviewOpened",
            ReviewEvent::ReviewRedrafted { .. } => "ReviewRedrafted",
            ReviewEvent::ReviewPutToWait => "ReviewPutToWait",
            ReviewEvent::ReviewResumed { .. } => "ReviewResumed",
            ReviewEvent::SectionEdited { .. } => "SectionEdited",
            ReviewEvent::SectionWaived { .. } => "SectionWaived",
            ReviewEvent::MeetingRecorded { .. } => "MeetingRecorded",
            ReviewEvent::MeetingWaived { .. } => "MeetingWaived",
            ReviewEvent::ReviewPublished => "ReviewPublished",
            ReviewEvent::ReviewAmended { .. } => "ReviewAmended",
            ReviewEvent::ActionItemAdded { .. } => "ActionItemAdded",
            ReviewEvent::ActionItemChanged { .. } => "ActionItemChanged",
            ReviewEvent::ActionItemReminded { .. } => "ActionItemReminded",
            ReviewEvent::ReviewReminded { .. } => "ReviewReminded",
            ReviewEvent::SlaStarted { .. } => "SlaStarted",
            ReviewEvent::SlaWarned { .. } => "SlaWarned",
            ReviewEvent::SlaBreached { .. } => "SlaBreached",
            ReviewEvent::SlaStopped { .. } => "SlaStopped",
            ReviewEvent::SlaCancelled { .. } => "SlaCancelled",
            ReviewEvent::SlaExcused { .. } => "SlaExcused",
            ReviewEvent::Notified { .. } => "Notified",
            ReviewEvent::DeliveryRecorded { .. } => "DeliveryRecorded",
        }
    }
}
