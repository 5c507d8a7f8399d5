//! Requests of ResolutionService that mitigate, fix, resolve or close, as commands. Whether they are allowed now is
//! decided by the rules.

use stentor_core::incident::Command;
use stentor_core::incident::command::{Correction, Resolve, WorkCommand};
use stentor_core::incident::kinds::ResolutionCode;
use stentor_core::incident::work::ChecklistField;
use stentor_proto::v1;

use super::ask::{Ask, Asker, IncidentRequest};
use super::fields::{Fields, Understood};
use super::limits;

impl IncidentRequest for v1::MitigateIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Mitigate { how: f.text("note", &self.note, limits::NOTE) };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::RelapseIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Relapse { reason: f.text("reason", &self.reason, limits::REASON) };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::PlanFixRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let summary = f.required("description", &self.description, limits::DESCRIPTION);
        let command = Command::Work(WorkCommand::PlanFix { summary });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::ApplyFixRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let n = (self.fix_number != 0).then(|| f.number("fix_number", self.fix_number));
        let summary = match n {
            Some(_) => f.text("description", &self.description, limits::DESCRIPTION),
            None => f.required("description", &self.description, limits::DESCRIPTION),
        };
        let command = Command::Work(WorkCommand::ApplyFix { n, summary });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::VerifyFixRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::VerifyFix {
            n: f.number("fix_number", self.fix_number),
            passed: self.passed,
            how: f.required("verification", &self.verification, limits::DESCRIPTION),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::RollBackFixRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::RollBackFix {
            n: f.number("fix_number", self.fix_number),
            reason: f.text("reason", &self.reason, limits::REASON),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::AddRecoveryStepRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::AddRecoveryStep {
            summary: f.required("description", &self.description, limits::DESCRIPTION),
            after_resolution: self.after_resolution,
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::CompleteRecoveryStepRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::CompleteRecoveryStep {
            n: f.number("recovery_step_number", self.recovery_step_number),
            checked: self.checked,
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        let ask = ask.noting(&mut f, "note", &self.note);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::ResolveIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        // Who asks before they try is told of a missing code beside everything else.
        let code: Option<ResolutionCode> = match self.validate_only {
            true => f.word("code", self.code),
            false => Some(f.required_word("code", self.code, ResolutionCode::Fixed)),
        };
        if self.self_recovered && self.note.trim().is_empty() && !self.validate_only {
            f.refuse("note", "is required when it recovered by itself");
        }
        let command = Command::Resolve(Box::new(Resolve {
            code,
            note: f.text("note", &self.note, limits::NOTE),
            how_verified: f.text("verification", &self.verification, limits::DESCRIPTION),
            recovered_by_itself: self.self_recovered,
            force_reason: f.text("force_reason", &self.force_reason, limits::REASON),
        }));
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command).dry(self.validate_only);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::ReopenIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Reopen { reason: f.text("reason", &self.reason, limits::REASON) };
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command).dry(self.validate_only);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::CloseIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, Command::Close)
            .dry(self.validate_only);
        let ask = ask.noting(&mut f, "note", &self.note);
        f.finish(ask)
    }
}

impl IncidentRequest for v1::DocumentIncidentRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let field = checklist_field(&mut f, self.field);
        let cause = field == ChecklistField::RootCause;
        let text = f.required("text", &self.text, limits::NOTE);
        let category = f.text("category", &self.category, limits::WORD);
        if !cause && (self.unknown || !category.is_empty()) {
            f.refuse("category", "belongs to the root cause alone");
        }
        if cause && self.unknown != category.is_empty() {
            f.refuse("category", "is required, or else unknown");
        }
        let text = match (cause, self.unknown) {
            (true, true) => format!("unknown: {text}"),
            (true, false) => format!("{category}: {text}"),
            (false, _) => text,
        };
        let command = Command::Work(WorkCommand::Document { field, text });
        let before = impact_times(&mut f, &self, field);
        let mut ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        ask.before = before;
        f.finish(ask)
    }
}

/// Who documents the impact states when it began and ended; both are corrections of the incident's times.
fn impact_times(
    f: &mut Fields,
    request: &v1::DocumentIncidentRequest,
    field: ChecklistField,
) -> Option<Command> {
    let impact_start = f.instant("impact_start_time", request.impact_start_time.as_ref());
    let impact_end = f.instant("impact_end_time", request.impact_end_time.as_ref());
    if impact_start.is_none() && impact_end.is_none() {
        return None;
    }
    if field != ChecklistField::Impact {
        f.refuse("impact_start_time", "belongs to the impact alone");
    }
    Some(Command::CorrectTimes(Correction { impact_start, impact_end, ..Correction::default() }))
}

impl IncidentRequest for v1::WaiveChecklistItemRequest {
    fn understand(self, _: &Asker) -> Understood<Ask> {
        let mut f = Fields::default();
        let command = Command::Work(WorkCommand::Waive {
            field: checklist_field(&mut f, self.field),
            reason: f.text("reason", &self.reason, limits::REASON),
        });
        let ask = Ask::new(&mut f, &self.name, &self.etag, &self.request_id, command);
        f.finish(ask)
    }
}

fn checklist_field(f: &mut Fields, value: i32) -> ChecklistField {
    if value == i32::from(v1::ChecklistField::ResolutionCode) {
        f.refuse("field", "is filled by ResolveIncident");
        return ChecklistField::Summary;
    }
    f.required_word("field", value, ChecklistField::Summary)
}
