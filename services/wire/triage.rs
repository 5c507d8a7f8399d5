//! Requests of TriageService as commands. Whether they are allowed now is decided by the rules.

use stentor_core::incident::Command;
use stentor_core::incident::command::Triage;
use stentor_core::incident::kinds::{CancelReason, Priority, RelationKind};
use stentor_core::incident::state::Assignee;
use stentor_proto::v1;

use super::ask::{Ask, Asker, IncidentRequest};
use super::enums::{Impact, Urgency};
use super::fields::{Fields, Name, Understood};
use super::limits;

impl IncidentRequest for v1::DeclareIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, Command::Declare);
        let ask = ask.because(&mut f, "note", &self.note);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::TriageIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let impact: Option<Impact> = f.word("impact", self.impact);
        let urgency: Option<Urgency> = f.word("urgency", self.urgency);
        let mut stated = |field: &str, value: &str, max| match value.is_empty() {
            true => None,
            false => Some(f.text(field, value, max)),
        };
        let category = stated("category", &self.category, limits::WORD);
        let title = stated("title", &self.title, limits::TITLE);
        let description = stated("description", &self.description, limits::DESCRIPTION);
        let command = Command::Triage(Box::new(Triage {
            category,
            impact: impact.map(|i| i.0),
            urgency: urgency.map(|u| u.0),
            priority: f.word("priority", self.priority),
            service: f.id("service", &self.service, "services"),
            title,
            description,
            labels: f.labels("labels", &self.labels),
            reason: f.text("reason", &self.reason, limits::REASON),
        }));
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::SetIncidentPriorityRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::SetPriority {
            priority: f.required_word("priority", self.priority, Priority::P5),
            reason: f.text("reason", &self.reason, limits::REASON),
        };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::AssignIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let to = if self.assignee.starts_with("teams/") {
            Assignee::Team(f.required_id("assignee", &self.assignee, "teams"))
        } else {
            Assignee::Person(f.required_id("assignee", &self.assignee, "people"))
        };
        let command = Command::Assign { to, page: !self.skip_page };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        let ask = ask.because(&mut f, "note", &self.note);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::CancelIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Cancel {
            reason: f.required_word("reason", self.reason, CancelReason::Test),
            note: f.text("note", &self.note, limits::REASON),
        };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command).dry(self.validate_only);
        f.finish(ask)
    }
}

/// A request that names a second incident, which has to be looked up before there is a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Complete but for the second incident, which `command` lacks.
    pub ask: Ask,
    pub other: Name,
    /// What is asked of the two.
    pub wish: PairWish,
}

/// What is asked of two incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairWish {
    Merge { raise_priority: bool },
    Relate { kind: RelationKind, note: String, remove: bool },
}

/// Reads a merge.
pub fn merge(request: &v1::MergeIncidentRequest) -> Understood<Pair> {
    let mut f = Fields::default();
    let other = f.incident("target", &request.target);
    // The command stands in until the target is known.
    let ask = Ask::new(&mut f, &request.name, &request.etag, &request.request_id, Command::Declare)
        .dry(request.validate_only);
    let ask = ask.because(&mut f, "reason", &request.reason);
    f.finish(Pair { ask, other, wish: PairWish::Merge { raise_priority: !request.keep_priority } })
}

/// Reads a link.
pub fn relate(request: &v1::RelateIncidentRequest) -> Understood<Pair> {
    let mut f = Fields::default();
    let other = f.incident("other", &request.other);
    let kind = f.required_word("kind", request.kind, RelationKind::Related);
    let note = f.text("note", &request.note, limits::REASON);
    let ask = Ask::new(&mut f, &request.name, &request.etag, &request.request_id, Command::Declare);
    f.finish(Pair { ask, other, wish: PairWish::Relate { kind, note, remove: request.remove } })
}

/// A split, understood: everything but the id of the new incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    pub ask: Ask,
    pub alerts: Vec<u32>,
    pub reports: u32,
    pub title: String,
    pub acknowledge: bool,
}

/// Reads a split.
pub fn split(request: &v1::SplitIncidentRequest) -> Understood<Split> {
    let mut f = Fields::default();
    let alerts = f.numbers("alert_numbers", &request.alert_numbers);
    let reports = &request.report_numbers;
    if reports.len() > limits::LIST || reports.iter().any(|n| *n < 1) {
        f.refuse("report_numbers", "are numbers of timeline entries, which count from 1");
    }
    let title = f.text("title", &request.title, limits::TITLE);
    let ask = Ask::new(&mut f, &request.name, &request.etag, &request.request_id, Command::Declare);
    f.finish(Split {
        ask,
        alerts,
        reports: u32::try_from(reports.len()).unwrap_or(u32::MAX),
        title,
        acknowledge: request.acknowledge,
    })
}
