//! What may be asked of a review. Input is already parsed; whether it is allowed now is decided in `decide`.

use serde::{Deserialize, Serialize};

use crate::id::{InstanceId, PersonId, ServiceId, TeamId};
use crate::incident::Incident;
use crate::incident::event::DeliveryOutcome;
use crate::incident::kinds::Priority;
use crate::incident::state::Origin;
use crate::time::Timestamp;

use super::section::Section;
use super::state::{ItemState, Subject};

/// A command to one review. No name here is that of a command to an incident: stored commands carry the name alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The incident was resolved and needs a review, or a person wants one. To a review that waits: go on.
    Open(Box<Opening>),
    /// The incident was reopened.
    Wait,
    /// The history was read again.
    Redraft {
        sections: Vec<(Section, String)>,
    },
    /// An empty text brings the draft back.
    EditSection {
        section: Section,
        text: String,
    },
    WaiveSection {
        section: Section,
        reason: String,
    },
    RecordMeeting {
        held_at: Timestamp,
        attendees: Vec<PersonId>,
        notes: String,
    },
    WaiveMeeting {
        reason: String,
    },
    Publish,
    Amend {
        text: String,
    },
    AddActionItem {
        title: String,
        description: String,
        owner: Option<PersonId>,
        due: Option<Timestamp>,
    },
    /// What is absent stays.
    UpdateActionItem {
        n: u32,
        state: Option<ItemState>,
        title: Option<String>,
        owner: Option<PersonId>,
        due: Option<Timestamp>,
    },
    /// Why the breach of a clock, the review's or an action item's, is nobody's failure.
    ExcuseReviewBreach {
        clock: String,
        reason: String,
    },
    /// Whatever is due happens. Nothing due: nothing happens.
    TickReview,
    /// The outcome of sending an effect.
    RecordReviewDelivery {
        effect: String,
        attempt: i32,
        outcome: DeliveryOutcome,
        detail: String,
    },
}

/// What a review begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    pub incident: InstanceId,
    /// The number in the incident's reference, and in the review's.
    pub number: u64,
    pub title: String,
    pub priority: Priority,
    pub service: ServiceId,
    pub team: TeamId,
    pub subject: Subject,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<PersonId>,
    /// What the history says so far; may be empty and drafted later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<(Section, String)>,
}

impl Opening {
    /// The opening of an incident's review, without sections. Its commander is in charge, else who is responsible.
    pub fn of(incident: &Incident, reason: &str) -> Opening {
        let commander = incident.work.roles.get("commander").map(|r| &r.holder);
        let origin = match incident.origin {
            Origin::Alert => "alert",
            Origin::Report => "report",
            Origin::Split => "split",
            Origin::Import => "import",
        };
        Opening {
            incident: incident.id.clone(),
            number: incident.number,
            title: incident.title.clone(),
            priority: incident.priority,
            service: incident.service.clone(),
            team: incident.team.clone(),
            subject: Subject {
                impact: incident.impact,
                urgency: incident.urgency,
                category: incident.category.clone(),
                labels: incident.labels.clone(),
                origin: origin.to_owned(),
            },
            reason: reason.to_owned(),
            author: commander.or_else(|| incident.responsible()).cloned(),
            sections: Vec::new(),
        }
    }
}
