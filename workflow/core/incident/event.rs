//! What happened to an incident: the history, one family of events each. A name or a meaning never changes once it has
//! been written; fields are only added, optional.

mod alert;
mod life;
mod paging;
mod sla;

use serde::{Deserialize, Serialize};

use super::work_event::WorkEvent;

pub use alert::{AlertEvent, ClearCause};
pub use life::{LifeEvent, Opened, ReopenReason, Triaged};
pub use paging::{DeliveryOutcome, EndWhy, EscalateReason, Notice, NoticeTo, PagingEvent, UnackWhy};
pub use sla::{SlaCancelWhy, SlaEvent};

/// An event of an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// Opening, phases, triage, ends, links.
    Life(LifeEvent),
    /// Alerts and what follows from their being clear, silenced or firing.
    Alert(AlertEvent),
    /// Acknowledgement, waiting, escalation, contact.
    Paging(PagingEvent),
    /// Clocks.
    Sla(SlaEvent),
    /// Investigation, fixes, documentation.
    Work(WorkEvent),
}

impl Event {
    /// The event's name as the history, the feed and telemetry show it.
    pub fn name(&self) -> String {
        // Externally tagged: the only key of the inner object, or the inner text.
        let value = serde_json::to_value(self).unwrap_or_default();
        let inner = value.as_object().and_then(|o| o.values().next()).cloned().unwrap_or_default();
        match inner {
            serde_json::Value::Object(o) => o.keys().next().cloned().unwrap_or_default(),
            serde_json::Value::String(s) => s,
            _ => String::new(),
        }
    }
}

impl From<LifeEvent> for Event {
    fn from(e: LifeEvent) -> Event {
        Event::Life(e)
    }
}
impl From<AlertEvent> for Event {
    fn from(e: AlertEvent) -> Event {
        Event::Alert(e)
    }
}
impl From<PagingEvent> for Event {
    fn from(e: PagingEvent) -> Event {
        Event::Paging(e)
    }
}
impl From<SlaEvent> for Event {
    fn from(e: SlaEvent) -> Event {
        Event::Sla(e)
    }
}
impl From<WorkEvent> for Event {
    fn from(e: WorkEvent) -> Event {
        Event::Work(e)
    }
}
