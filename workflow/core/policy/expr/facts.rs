//! What conditions see: borrowed views of a signal with its service, or of an incident. Nothing is copied, and nothing
//! but these fields can be seen.

use std::collections::BTreeMap;

use crate::id::{ServiceId, TeamId};
use crate::incident::kinds::{HoldReason, Level3, Phase, Priority, Severity};
use crate::signal::{Signal, SignalKind};
use crate::time::Timestamp;

use super::field::Field;

/// Answers `open["calendar"]`.
pub trait Calendars: std::fmt::Debug + Sync {
    /// Whether the calendar is open at an instant; `None` if it does not exist.
    fn is_open(&self, calendar: &str, at: Timestamp) -> Option<bool>;
}

/// The service of a signal, for triage rules.
#[derive(Debug, Clone, Copy)]
pub struct ServiceFacts<'a> {
    pub id: &'a ServiceId,
    pub tier: u8,
    pub team: &'a TeamId,
    pub labels: &'a BTreeMap<String, String>,
}

/// What routes and triage rules see; routes see the signal only.
#[derive(Debug, Clone, Copy)]
pub struct SignalFacts<'a> {
    pub signal: &'a Signal,
    pub service: Option<ServiceFacts<'a>>,
    /// For `open["calendar"]`, read at `received_at`.
    pub calendars: Option<&'a dyn Calendars>,
}

/// What SLA conditions see of an incident.
#[derive(Debug, Clone, Copy)]
pub struct SlaSubject<'a> {
    pub priority: Priority,
    pub impact: Level3,
    pub urgency: Level3,
    pub service: &'a ServiceId,
    pub tier: u8,
    pub team: &'a TeamId,
    pub category: &'a str,
    pub labels: &'a BTreeMap<String, String>,
    pub phase: Phase,
    pub acknowledged: bool,
    pub hold_reason: Option<HoldReason>,
    /// `report` or `alert`: what opened the incident.
    pub origin: &'a str,
}

/// One of both.
#[derive(Debug, Clone, Copy)]
pub enum Facts<'a> {
    Signal(SignalFacts<'a>),
    Incident(SlaSubject<'a>),
}

/// A field's value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fact<'a> {
    Text(&'a str),
    Int(i64),
    Bool(bool),
    Texts(&'a BTreeMap<String, String>),
    /// Numbers as texts; only conditions compare them.
    Doubles(&'a BTreeMap<String, String>),
    Instant(Timestamp),
}

impl<'a> Facts<'a> {
    /// A field's value; `None` if the signal or the scope lacks it.
    pub(super) fn get(&self, field: Field) -> Option<Fact<'a>> {
        match self {
            Facts::Signal(facts) => facts.get(field),
            Facts::Incident(subject) => subject.get(field),
        }
    }

    /// The labels that `label("x")` reads.
    pub(super) fn labels(&self) -> &'a BTreeMap<String, String> {
        match self {
            Facts::Signal(facts) => &facts.signal.labels,
            Facts::Incident(subject) => subject.labels,
        }
    }

    /// Whether a calendar is open when the signal is received; `None` if there is no such calendar here.
    pub(super) fn open(&self, calendar: &str) -> Option<bool> {
        match self {
            Facts::Signal(facts) => facts.calendars?.is_open(calendar, facts.signal.received_at),
            Facts::Incident(_) => None,
        }
    }
}

impl<'a> SignalFacts<'a> {
    fn get(&self, field: Field) -> Option<Fact<'a>> {
        let signal = self.signal;
        let level = |level: Option<Level3>| Fact::Text(level.map_or("", Level3::as_str));
        Some(match field {
            Field::SignalKind => Fact::Text(match signal.kind {
                SignalKind::Report => "report",
                SignalKind::Alert => "alert",
            }),
            Field::SignalTitle => Fact::Text(&signal.title),
            Field::SignalDescription => Fact::Text(&signal.description),
            Field::SignalIntegration => Fact::Text(signal.integration.as_str()),
            Field::SignalSource => Fact::Text(&signal.source),
            Field::SignalSeverity => Fact::Text(signal.severity.map_or("", Severity::as_str)),
            Field::SignalReporter => Fact::Text(&signal.reporter),
            Field::SignalUrl => Fact::Text(&signal.url),
            Field::SignalLabels => Fact::Texts(&signal.labels),
            Field::SignalAnnotations => Fact::Texts(&signal.annotations),
            Field::SignalValues => Fact::Doubles(&signal.values),
            Field::SignalReceivedAt => Fact::Instant(signal.received_at),
            Field::SignalStartsAt => Fact::Instant(signal.starts_at?),
            Field::SignalImpact => level(signal.impact),
            Field::SignalUrgency => level(signal.urgency),
            Field::SignalService => Fact::Text(signal.service.as_ref().map_or("", ServiceId::as_str)),
            Field::ServiceId => Fact::Text(self.service?.id.as_str()),
            Field::ServiceTier => Fact::Int(i64::from(self.service?.tier)),
            Field::ServiceTeam => Fact::Text(self.service?.team.as_str()),
            Field::ServiceLabels => Fact::Texts(self.service?.labels),
            _ => return None,
        })
    }
}

impl<'a> SlaSubject<'a> {
    fn get(&self, field: Field) -> Option<Fact<'a>> {
        Some(match field {
            Field::IncidentPriority => Fact::Text(self.priority.as_str()),
            Field::IncidentImpact => Fact::Text(self.impact.as_str()),
            Field::IncidentUrgency => Fact::Text(self.urgency.as_str()),
            Field::IncidentService => Fact::Text(self.service.as_str()),
            Field::IncidentTier => Fact::Int(i64::from(self.tier)),
            Field::IncidentTeam => Fact::Text(self.team.as_str()),
            Field::IncidentCategory => Fact::Text(self.category),
            Field::IncidentLabels => Fact::Texts(self.labels),
            Field::IncidentPhase => Fact::Text(self.phase.as_str()),
            Field::IncidentAcknowledged => Fact::Bool(self.acknowledged),
            Field::IncidentHoldReason => Fact::Text(self.hold_reason.map_or("", HoldReason::as_str)),
            Field::IncidentOrigin => Fact::Text(self.origin),
            _ => return None,
        })
    }
}
