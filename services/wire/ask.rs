//! What a request about one incident asks for: which incident, which version the caller has seen, which commands. The
//! requests are read in `triage`, `paging`, `repair` and `work`; nothing is submitted here.

use stentor_core::actor::Actor;
use stentor_core::incident::Command;
use stentor_core::incident::command::WorkCommand;
use stentor_core::time::Timestamp;
use stentor_proto::v1;

use super::fields::{Fields, Name, Understood};
use super::limits;

/// Who asks, when, and which policy is the newest: what the absence of a field may stand for.
#[derive(Debug, Clone)]
pub struct Asker {
    pub actor: Actor,
    pub now: Timestamp,
    pub newest_policy: u64,
}

/// A request about one incident, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    pub name: Name,
    /// The version that the caller has seen.
    pub expected: Option<u64>,
    /// The caller's request id.
    pub request: Option<String>,
    /// Goes first, because the command makes no sense if it is refused.
    pub before: Option<Command>,
    pub command: Command,
    /// Goes after it: a remark, mostly.
    pub after: Option<Command>,
    pub validate_only: bool,
    /// In whose name, if not the caller's own.
    pub actor: Option<Actor>,
}

impl Ask {
    /// The part that most requests have in common.
    pub fn new(f: &mut Fields, name: &str, etag: &str, request_id: &str, command: Command) -> Ask {
        Ask {
            name: f.incident("name", name),
            expected: f.etag(etag),
            request: f.request_id(request_id),
            before: None,
            command,
            after: None,
            validate_only: false,
            actor: None,
        }
    }

    /// Puts a reason on the timeline for commands that keep none themselves.
    pub fn because(mut self, f: &mut Fields, field: &str, text: &str) -> Ask {
        self.after = remark(f.text(field, text, limits::REASON));
        self
    }

    /// Puts a note on the timeline.
    pub fn noting(mut self, f: &mut Fields, field: &str, text: &str) -> Ask {
        self.after = remark(f.text(field, text, limits::NOTE));
        self
    }

    /// Asks for the verdict alone.
    pub fn dry(mut self, validate_only: bool) -> Ask {
        self.validate_only = validate_only;
        self
    }

    /// The commands in the order in which they go, and which of them answers the request.
    pub fn commands(self) -> (Vec<Command>, usize) {
        if self.validate_only {
            return (vec![self.command], 0);
        }
        let main = usize::from(self.before.is_some());
        (self.before.into_iter().chain([self.command]).chain(self.after).collect(), main)
    }
}

fn remark(text: String) -> Option<Command> {
    let note = WorkCommand::AddNote { text, by_reporter: false };
    match &note {
        WorkCommand::AddNote { text, .. } if text.trim().is_empty() => None,
        _ => Some(Command::Work(note)),
    }
}

/// A request about one incident.
pub trait IncidentRequest: prost::Message + Sized {
    /// Reads it, or says everything that is wrong with it.
    fn understand(self, asker: &Asker) -> Understood<Ask>;
}

/// Its answer.
pub trait IncidentResponse {
    /// From the incident after the command, whether this was a repeat, and the number of what was added (0: nothing).
    fn render(incident: v1::Incident, replayed: bool, added: u32) -> Self;
}

macro_rules! answers {
    ($($name:ident $(: $number:ident)?),+ $(,)?) => {$(
        impl IncidentResponse for v1::$name {
            fn render(incident: v1::Incident, replayed: bool, added: u32) -> v1::$name {
                $(let $number = i32::try_from(added).unwrap_or(i32::MAX);)?
                let _ = added;
                v1::$name { incident: Some(incident), replayed, $($number)? }
            }
        }
    )+};
}

answers! {
    DeclareIncidentResponse, TriageIncidentResponse, SetIncidentPriorityResponse, AssignIncidentResponse,
    RelateIncidentResponse, CancelIncidentResponse,
    AcknowledgeIncidentResponse, UnacknowledgeIncidentResponse, ReleaseIncidentResponse, SnoozeIncidentResponse,
    WakeIncidentResponse, HoldIncidentResponse, ResumeIncidentResponse, EscalateIncidentResponse,
    SummonRespondersResponse, AnswerSummonsResponse,
    MitigateIncidentResponse, RelapseIncidentResponse, PlanFixResponse: fix_number, ApplyFixResponse: fix_number,
    VerifyFixResponse, RollBackFixResponse, AddRecoveryStepResponse: recovery_step_number,
    CompleteRecoveryStepResponse, ResolveIncidentResponse, ReopenIncidentResponse, CloseIncidentResponse,
    DocumentIncidentResponse, WaiveChecklistItemResponse,
    AddNoteResponse, AddEvidenceResponse: evidence_number, RetractEvidenceResponse, AddTaskResponse: task_number,
    UpdateTaskResponse, ProposeHypothesisResponse: hypothesis_number, UpdateHypothesisResponse, AssignRoleResponse,
    RequestHandoverResponse, ConfirmHandoverResponse, CancelHandoverResponse, ForceHandoverResponse,
    PostUpdateResponse: update_number, SubscribeIncidentResponse, CorrectIncidentTimesResponse,
    ExcuseBreachResponse,     MoveIncidentPolicyResponse,
}

#[cfg(test)]
#[path = "ask_tests.rs"]
mod tests;
