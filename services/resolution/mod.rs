//! ResolutionService: working an incident until it is documented. Every handler understands, submits and renders; what
//! is allowed is decided by the rules.

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::resolution_service_server::{ResolutionService, ResolutionServiceServer};
use tonic::{Request, Response, Status};

use crate::call;

/// The service over an engine.
pub fn service(engine: Engine) -> ResolutionServiceServer<impl ResolutionService> {
    ResolutionServiceServer::new(Resolution { engine })
}

struct Resolution {
    engine: Engine,
}

#[tonic::async_trait]
impl ResolutionService for Resolution {
    async fn acknowledge_incident(
        &self,
        request: Request<v1::AcknowledgeIncidentRequest>,
    ) -> Result<Response<v1::AcknowledgeIncidentResponse>, Status> {
        call::incident(&self.engine, "AcknowledgeIncident", request).await
    }

    async fn unacknowledge_incident(
        &self,
        request: Request<v1::UnacknowledgeIncidentRequest>,
    ) -> Result<Response<v1::UnacknowledgeIncidentResponse>, Status> {
        call::incident(&self.engine, "UnacknowledgeIncident", request).await
    }

    async fn release_incident(
        &self,
        request: Request<v1::ReleaseIncidentRequest>,
    ) -> Result<Response<v1::ReleaseIncidentResponse>, Status> {
        call::incident(&self.engine, "ReleaseIncident", request).await
    }

    async fn snooze_incident(
        &self,
        request: Request<v1::SnoozeIncidentRequest>,
    ) -> Result<Response<v1::SnoozeIncidentResponse>, Status> {
        call::incident(&self.engine, "SnoozeIncident", request).await
    }

    async fn wake_incident(
        &self,
        request: Request<v1::WakeIncidentRequest>,
    ) -> Result<Response<v1::WakeIncidentResponse>, Status> {
        call::incident(&self.engine, "WakeIncident", request).await
    }

    async fn hold_incident(
        &self,
        request: Request<v1::HoldIncidentRequest>,
    ) -> Result<Response<v1::HoldIncidentResponse>, Status> {
        call::incident(&self.engine, "HoldIncident", request).await
    }

    async fn resume_incident(
        &self,
        request: Request<v1::ResumeIncidentRequest>,
    ) -> Result<Response<v1::ResumeIncidentResponse>, Status> {
        call::incident(&self.engine, "ResumeIncident", request).await
    }

    async fn escalate_incident(
        &self,
        request: Request<v1::EscalateIncidentRequest>,
    ) -> Result<Response<v1::EscalateIncidentResponse>, Status> {
        call::incident(&self.engine, "EscalateIncident", request).await
    }

    async fn summon_responders(
        &self,
        request: Request<v1::SummonRespondersRequest>,
    ) -> Result<Response<v1::SummonRespondersResponse>, Status> {
        call::incident(&self.engine, "SummonResponders", request).await
    }

    async fn answer_summons(
        &self,
        request: Request<v1::AnswerSummonsRequest>,
    ) -> Result<Response<v1::AnswerSummonsResponse>, Status> {
        call::incident(&self.engine, "AnswerSummons", request).await
    }

    async fn mitigate_incident(
        &self,
        request: Request<v1::MitigateIncidentRequest>,
    ) -> Result<Response<v1::MitigateIncidentResponse>, Status> {
        call::incident(&self.engine, "MitigateIncident", request).await
    }

    async fn relapse_incident(
        &self,
        request: Request<v1::RelapseIncidentRequest>,
    ) -> Result<Response<v1::RelapseIncidentResponse>, Status> {
        call::incident(&self.engine, "RelapseIncident", request).await
    }

    async fn plan_fix(
        &self,
        request: Request<v1::PlanFixRequest>,
    ) -> Result<Response<v1::PlanFixResponse>, Status> {
        call::incident(&self.engine, "PlanFix", request).await
    }

    async fn apply_fix(
        &self,
        request: Request<v1::ApplyFixRequest>,
    ) -> Result<Response<v1::ApplyFixResponse>, Status> {
        call::incident(&self.engine, "ApplyFix", request).await
    }

    async fn verify_fix(
        &self,
        request: Request<v1::VerifyFixRequest>,
    ) -> Result<Response<v1::VerifyFixResponse>, Status> {
        call::incident(&self.engine, "VerifyFix", request).await
    }

    async fn roll_back_fix(
        &self,
        request: Request<v1::RollBackFixRequest>,
    ) -> Result<Response<v1::RollBackFixResponse>, Status> {
        call::incident(&self.engine, "RollBackFix", request).await
    }

    async fn add_recovery_step(
        &self,
        request: Request<v1::AddRecoveryStepRequest>,
    ) -> Result<Response<v1::AddRecoveryStepResponse>, Status> {
        call::incident(&self.engine, "AddRecoveryStep", request).await
    }

    async fn complete_recovery_step(
        &self,
        request: Request<v1::CompleteRecoveryStepRequest>,
    ) -> Result<Response<v1::CompleteRecoveryStepResponse>, Status> {
        call::incident(&self.engine, "CompleteRecoveryStep", request).await
    }

    async fn resolve_incident(
        &self,
        request: Request<v1::ResolveIncidentRequest>,
    ) -> Result<Response<v1::ResolveIncidentResponse>, Status> {
        call::incident(&self.engine, "ResolveIncident", request).await
    }

    async fn reopen_incident(
        &self,
        request: Request<v1::ReopenIncidentRequest>,
    ) -> Result<Response<v1::ReopenIncidentResponse>, Status> {
        call::incident(&self.engine, "ReopenIncident", request).await
    }

    async fn close_incident(
        &self,
        request: Request<v1::CloseIncidentRequest>,
    ) -> Result<Response<v1::CloseIncidentResponse>, Status> {
        call::incident(&self.engine, "CloseIncident", request).await
    }

    async fn document_incident(
        &self,
        request: Request<v1::DocumentIncidentRequest>,
    ) -> Result<Response<v1::DocumentIncidentResponse>, Status> {
        call::incident(&self.engine, "DocumentIncident", request).await
    }

    async fn waive_checklist_item(
        &self,
        request: Request<v1::WaiveChecklistItemRequest>,
    ) -> Result<Response<v1::WaiveChecklistItemResponse>, Status> {
        call::incident(&self.engine, "WaiveChecklistItem", request).await
    }

    async fn add_note(
        &self,
        request: Request<v1::AddNoteRequest>,
    ) -> Result<Response<v1::AddNoteResponse>, Status> {
        call::incident(&self.engine, "AddNote", request).await
    }

    async fn add_evidence(
        &self,
        request: Request<v1::AddEvidenceRequest>,
    ) -> Result<Response<v1::AddEvidenceResponse>, Status> {
        call::incident(&self.engine, "AddEvidence", request).await
    }

    async fn retract_evidence(
        &self,
        request: Request<v1::RetractEvidenceRequest>,
    ) -> Result<Response<v1::RetractEvidenceResponse>, Status> {
        call::incident(&self.engine, "RetractEvidence", request).await
    }

    async fn add_task(
        &self,
        request: Request<v1::AddTaskRequest>,
    ) -> Result<Response<v1::AddTaskResponse>, Status> {
        call::incident(&self.engine, "AddTask", request).await
    }

    async fn update_task(
        &self,
        request: Request<v1::UpdateTaskRequest>,
    ) -> Result<Response<v1::UpdateTaskResponse>, Status> {
        call::incident(&self.engine, "UpdateTask", request).await
    }

    async fn propose_hypothesis(
        &self,
        request: Request<v1::ProposeHypothesisRequest>,
    ) -> Result<Response<v1::ProposeHypothesisResponse>, Status> {
        call::incident(&self.engine, "ProposeHypothesis", request).await
    }

    async fn update_hypothesis(
        &self,
        request: Request<v1::UpdateHypothesisRequest>,
    ) -> Result<Response<v1::UpdateHypothesisResponse>, Status> {
        call::incident(&self.engine, "UpdateHypothesis", request).await
    }

    async fn assign_role(
        &self,
        request: Request<v1::AssignRoleRequest>,
    ) -> Result<Response<v1::AssignRoleResponse>, Status> {
        call::incident(&self.engine, "AssignRole", request).await
    }

    async fn request_handover(
        &self,
        request: Request<v1::RequestHandoverRequest>,
    ) -> Result<Response<v1::RequestHandoverResponse>, Status> {
        call::incident(&self.engine, "RequestHandover", request).await
    }

    async fn confirm_handover(
        &self,
        request: Request<v1::ConfirmHandoverRequest>,
    ) -> Result<Response<v1::ConfirmHandoverResponse>, Status> {
        call::incident(&self.engine, "ConfirmHandover", request).await
    }

    async fn cancel_handover(
        &self,
        request: Request<v1::CancelHandoverRequest>,
    ) -> Result<Response<v1::CancelHandoverResponse>, Status> {
        call::incident(&self.engine, "CancelHandover", request).await
    }

    async fn force_handover(
        &self,
        request: Request<v1::ForceHandoverRequest>,
    ) -> Result<Response<v1::ForceHandoverResponse>, Status> {
        call::incident(&self.engine, "ForceHandover", request).await
    }

    async fn post_update(
        &self,
        request: Request<v1::PostUpdateRequest>,
    ) -> Result<Response<v1::PostUpdateResponse>, Status> {
        call::incident(&self.engine, "PostUpdate", request).await
    }

    async fn subscribe_incident(
        &self,
        request: Request<v1::SubscribeIncidentRequest>,
    ) -> Result<Response<v1::SubscribeIncidentResponse>, Status> {
        call::incident(&self.engine, "SubscribeIncident", request).await
    }

    async fn correct_incident_times(
        &self,
        request: Request<v1::CorrectIncidentTimesRequest>,
    ) -> Result<Response<v1::CorrectIncidentTimesResponse>, Status> {
        call::incident(&self.engine, "CorrectIncidentTimes", request).await
    }

    async fn excuse_breach(
        &self,
        request: Request<v1::ExcuseBreachRequest>,
    ) -> Result<Response<v1::ExcuseBreachResponse>, Status> {
        call::incident(&self.engine, "ExcuseBreach", request).await
    }

    async fn move_incident_policy(
        &self,
        request: Request<v1::MoveIncidentPolicyRequest>,
    ) -> Result<Response<v1::MoveIncidentPolicyResponse>, Status> {
        call::incident(&self.engine, "MoveIncidentPolicy", request).await
    }
}
