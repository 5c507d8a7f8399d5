//! Requests of ResolutionService that investigate, inform or correct, as commands. Whether they are allowed now is
//! decided by the rules.

use stentor_core::id::PersonId;
use stentor_core::incident::Command;
use stentor_core::incident::command::{Correction, WorkCommand};
use stentor_core::incident::kinds::{Audience, HypothesisState, TaskState};
use stentor_core::incident::work::ChecklistField;
use stentor_core::time::Duration;
use stentor_proto::v1;

use super::ask::{Ask, Asker, IncidentRequest};
use super::enums::{EvidenceKind, is_address};
use super::fields::{Fields, Understood};
use super::limits;

impl IncidentRequest for v1::AddNoteRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let text = f.required("text", &self.text, limits::NOTE);
        let command = Command::Work(WorkCommand::AddNote { text, by_reporter: false });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::AddEvidenceRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let kind = f.required_word("kind", self.kind, EvidenceKind::Text);
        if self.body.len() > limits::EVIDENCE_BYTES {
            f.refuse(
                "body",
                format!("has {} bytes, at most {} are taken", self.body.len(), limits::EVIDENCE_BYTES),
            );
        }
        if kind == EvidenceKind::Link && !is_address(&self.body) {
            f.refuse("body", "is not an http or https address");
        }
        let hex = self.trace_id.bytes().all(|b| b.is_ascii_hexdigit());
        if !self.trace_id.is_empty() && (self.trace_id.len() != 32 || !hex) {
            f.refuse("trace_id", "is not 32 hexadecimal digits");
        }
        let command = Command::Work(WorkCommand::AddEvidence {
            title: f.required("title", &self.title, limits::TITLE),
            body: f.required("body", &self.body, limits::EVIDENCE_BYTES),
            trace_id: self.trace_id.to_ascii_lowercase(),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::RetractEvidenceRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::RetractEvidence {
            n: f.number("evidence_number", self.evidence_number),
            reason: f.text("reason", &self.reason, limits::REASON),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::AddTaskRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::AddTask {
            summary: f.required("title", &self.title, limits::TITLE),
            owner: f.id("owner", &self.owner, "people"),
            due: f.instant("due_time", self.due_time.as_ref()),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::UpdateTaskRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let summary = (!self.title.is_empty()).then(|| f.required("title", &self.title, limits::TITLE));
        let command = Command::Work(WorkCommand::UpdateTask {
            n: f.number("task_number", self.task_number),
            summary,
            state: f.word::<TaskState>("state", self.state),
            owner: f.id("owner", &self.owner, "people"),
            due: f.instant("due_time", self.due_time.as_ref()),
            reason: f.text("reason", &self.reason, limits::REASON),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::ProposeHypothesisRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let statement = f.required("statement", &self.statement, limits::DESCRIPTION);
        let evidence = f.numbers("evidence_numbers", &self.evidence_numbers);
        let command = Command::Work(WorkCommand::ProposeHypothesis { statement, evidence });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::UpdateHypothesisRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::UpdateHypothesis {
            n: f.number("hypothesis_number", self.hypothesis_number),
            state: f.word::<HypothesisState>("state", self.state),
            evidence: f.numbers("evidence_numbers", &self.evidence_numbers),
            note: f.text("note", &self.note, limits::NOTE),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::AssignRoleRequest {
    fn understand(self, asker: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let person = f.id("person", &self.person, "people").or_else(|| asker.actor.person().cloned());
        if self.person.is_empty() && person.is_none() {
            f.refuse("person", "is required of callers who are no person");
        }
        let command = Command::Work(WorkCommand::AssignRole {
            role: f.required("role", &self.role, limits::WORD),
            to: person.unwrap_or_default(),
            expected_holder: None,
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::RequestHandoverRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::RequestHandover {
            role: f.required("role", &self.role, limits::WORD),
            to: f.required_id::<PersonId>("recipient", &self.recipient, "people"),
            expected_holder: f.id("expected_holder", &self.expected_holder, "people"),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::ConfirmHandoverRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let role = f.required("role", &self.role, limits::WORD);
        let command = Command::Work(WorkCommand::ConfirmHandover { role });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::CancelHandoverRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let role = f.required("role", &self.role, limits::WORD);
        let command = Command::Work(WorkCommand::CancelHandover { role });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::ForceHandoverRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::ForceHandover {
            role: f.required("role", &self.role, limits::WORD),
            to: f.required_id::<PersonId>("recipient", &self.recipient, "people"),
            expected_holder: f.id("expected_holder", &self.expected_holder, "people"),
            reason: f.text("reason", &self.reason, limits::REASON),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::PostUpdateRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let text = f.required("text", &self.text, limits::NOTE);
        let next_in = f.duration("next_update_duration", self.next_update_duration.as_ref());
        if next_in.is_some_and(|next| next < Duration::minutes(5) || next > Duration::hours(24)) {
            f.refuse("next_update_duration", "is not between 5m and 24h");
        }
        let last =
            Command::Work(WorkCommand::Document { field: ChecklistField::FinalUpdate, text: text.clone() });
        let command = Command::Work(WorkCommand::PostUpdate {
            text,
            audience: f.required_word("audience", self.audience, Audience::Internal),
            next_in,
        });
        let mut ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        ask.after = self.r#final.then_some(last);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::SubscribeIncidentRequest {
    fn understand(self, asker: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let subscriber = super::subscription::subscriber(&mut f, &self.subscriber);
        let subscriber = subscriber.unwrap_or_else(|| asker.actor.to_string());
        let audience = f.word("audience", self.audience).unwrap_or(Audience::Internal);
        let command = Command::Work(if self.remove {
            WorkCommand::Unsubscribe { subscriber }
        } else {
            WorkCommand::Subscribe { subscriber, audience }
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::CorrectIncidentTimesRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        f.required("reason", &self.reason, limits::REASON);
        let command = Command::CorrectTimes(Correction {
            impact_start: f.instant("impact_start_time", self.impact_start_time.as_ref()),
            impact_end: f.instant("impact_end_time", self.impact_end_time.as_ref()),
            detected: f.instant("detect_time", self.detect_time.as_ref()),
            mitigated: f.instant("mitigate_time", self.mitigate_time.as_ref()),
            resolved: f.instant("resolve_time", self.resolve_time.as_ref()),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        let ask = ask.because(&mut f, "reason", &self.reason);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::ExcuseBreachRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Excuse {
            clock: f.required("clock", &self.clock, limits::WORD),
            reason: f.required("reason", &self.reason, limits::REASON),
        };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::MoveIncidentPolicyRequest {
    fn understand(self, asker: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::MovePolicy {
            to: f.policy("policy", &self.policy).unwrap_or(asker.newest_policy),
            expected: f.policy("expected_policy", &self.expected_policy),
        };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}
