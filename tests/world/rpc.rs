//! How a scenario calls the services: a request knows its method, so that `world.ask("ana", request)` is all it takes.
//! The call goes through the generated client, the wire format and the service, but over no network.

use std::sync::Arc;

use futures::future::BoxFuture;
use stentor::auth::{Principal, Role};
use stentor_core::actor::Actor;
use stentor_proto::v1;
use tokio::task::JoinHandle;
use tonic::service::Routes;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use super::process::Process;

/// A "no" with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub code: Code,
    pub reason: String,
    pub message: String,
    /// The preconditions and fields that it names, in order: `ALERTS_FIRING`, `CHECKLIST_INCOMPLETE SUMMARY`, `reason`.
    pub violations: Vec<String>,
}

impl From<Status> for Refused {
    fn from(status: Status) -> Refused {
        let details = status.get_error_details();
        let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
        let conditions = details.precondition_failure().map(|p| p.violations.as_slice()).unwrap_or_default();
        let fields = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        let conditions =
            conditions.iter().map(|v| format!("{} {}", v.r#type, v.subject).trim_end().to_owned());
        let violations = conditions.chain(fields.iter().map(|v| v.field.clone())).collect();
        Refused { code: status.code(), reason, message: status.message().to_owned(), violations }
    }
}

/// A request and where it goes.
pub trait Rpc: Sized + Send + 'static {
    type Answer: Send + 'static;

    fn send(request: Request<Self>, routes: Routes) -> BoxFuture<'static, Result<Self::Answer, Status>>;
}

macro_rules! rpcs {
    ($($module:ident::$client:ident::$method:ident($request:ident) -> $answer:ident;)+) => {$(
        impl Rpc for v1::$request {
            type Answer = v1::$answer;

            fn send(request: Request<Self>, routes: Routes) -> BoxFuture<'static, Result<Self::Answer, Status>> {
                Box::pin(async move {
                    let mut client = v1::$module::$client::new(routes);
                    client.$method(request).await.map(tonic::Response::into_inner)
                })
            }
        }
    )+};
}

rpcs! {
    intake_service_client::IntakeServiceClient::report_incident(ReportIncidentRequest) -> ReportIncidentResponse;
    intake_service_client::IntakeServiceClient::send_alert(SendAlertRequest) -> SendAlertResponse;
    intake_service_client::IntakeServiceClient::batch_send_alerts(BatchSendAlertsRequest) -> BatchSendAlertsResponse;
    intake_service_client::IntakeServiceClient::acknowledge_alert(AcknowledgeAlertRequest) -> AcknowledgeAlertResponse;
    heartbeat_service_client::HeartbeatServiceClient::send_heartbeat(SendHeartbeatRequest) -> SendHeartbeatResponse;
    heartbeat_service_client::HeartbeatServiceClient::get_heartbeat(GetHeartbeatRequest) -> GetHeartbeatResponse;
    heartbeat_service_client::HeartbeatServiceClient::list_heartbeats(ListHeartbeatsRequest) -> ListHeartbeatsResponse;
    heartbeat_service_client::HeartbeatServiceClient::pause_heartbeat(PauseHeartbeatRequest) -> PauseHeartbeatResponse;
    heartbeat_service_client::HeartbeatServiceClient::resume_heartbeat(ResumeHeartbeatRequest) -> ResumeHeartbeatResponse;
    subscription_service_client::SubscriptionServiceClient::create_subscription(CreateSubscriptionRequest) -> CreateSubscriptionResponse;
    subscription_service_client::SubscriptionServiceClient::get_subscription(GetSubscriptionRequest) -> GetSubscriptionResponse;
    subscription_service_client::SubscriptionServiceClient::list_subscriptions(ListSubscriptionsRequest) -> ListSubscriptionsResponse;
    subscription_service_client::SubscriptionServiceClient::cancel_subscription(CancelSubscriptionRequest) -> CancelSubscriptionResponse;
    sink_service_client::SinkServiceClient::list_sinks(ListSinksRequest) -> ListSinksResponse;
    sink_service_client::SinkServiceClient::delete_sink(DeleteSinkRequest) -> DeleteSinkResponse;
    sink_service_client::SinkServiceClient::resume_sink(ResumeSinkRequest) -> ResumeSinkResponse;
    notification_service_client::NotificationServiceClient::test_notification(TestNotificationRequest) -> TestNotificationResponse;
    policy_service_client::PolicyServiceClient::apply_policy(ApplyPolicyRequest) -> ApplyPolicyResponse;
    policy_service_client::PolicyServiceClient::get_policy(GetPolicyRequest) -> GetPolicyResponse;
    policy_service_client::PolicyServiceClient::simulate_policy(SimulatePolicyRequest) -> SimulatePolicyResponse;
    suppression_service_client::SuppressionServiceClient::create_silence(CreateSilenceRequest) -> CreateSilenceResponse;
    suppression_service_client::SuppressionServiceClient::get_silence(GetSilenceRequest) -> GetSilenceResponse;
    suppression_service_client::SuppressionServiceClient::list_silences(ListSilencesRequest) -> ListSilencesResponse;
    suppression_service_client::SuppressionServiceClient::cancel_silence(CancelSilenceRequest) -> CancelSilenceResponse;
    suppression_service_client::SuppressionServiceClient::create_maintenance_window(CreateMaintenanceWindowRequest) -> CreateMaintenanceWindowResponse;
    suppression_service_client::SuppressionServiceClient::get_maintenance_window(GetMaintenanceWindowRequest) -> GetMaintenanceWindowResponse;
    suppression_service_client::SuppressionServiceClient::list_maintenance_windows(ListMaintenanceWindowsRequest) -> ListMaintenanceWindowsResponse;
    suppression_service_client::SuppressionServiceClient::cancel_maintenance_window(CancelMaintenanceWindowRequest) -> CancelMaintenanceWindowResponse;
    suppression_service_client::SuppressionServiceClient::list_suppressions(ListSuppressionsRequest) -> ListSuppressionsResponse;
    on_call_service_client::OnCallServiceClient::get_on_call(GetOnCallRequest) -> GetOnCallResponse;
    on_call_service_client::OnCallServiceClient::list_on_call(ListOnCallRequest) -> ListOnCallResponse;
    on_call_service_client::OnCallServiceClient::list_shifts(ListShiftsRequest) -> ListShiftsResponse;
    on_call_service_client::OnCallServiceClient::list_schedule_handovers(ListScheduleHandoversRequest) -> ListScheduleHandoversResponse;
    on_call_service_client::OnCallServiceClient::list_coverage_gaps(ListCoverageGapsRequest) -> ListCoverageGapsResponse;
    on_call_service_client::OnCallServiceClient::list_on_call_shares(ListOnCallSharesRequest) -> ListOnCallSharesResponse;
    on_call_service_client::OnCallServiceClient::create_override(CreateOverrideRequest) -> CreateOverrideResponse;
    on_call_service_client::OnCallServiceClient::get_override(GetOverrideRequest) -> GetOverrideResponse;
    on_call_service_client::OnCallServiceClient::list_overrides(ListOverridesRequest) -> ListOverridesResponse;
    on_call_service_client::OnCallServiceClient::cancel_override(CancelOverrideRequest) -> CancelOverrideResponse;
    on_call_service_client::OnCallServiceClient::request_swap(RequestSwapRequest) -> RequestSwapResponse;
    on_call_service_client::OnCallServiceClient::get_swap(GetSwapRequest) -> GetSwapResponse;
    on_call_service_client::OnCallServiceClient::list_swaps(ListSwapsRequest) -> ListSwapsResponse;
    on_call_service_client::OnCallServiceClient::accept_swap(AcceptSwapRequest) -> AcceptSwapResponse;
    on_call_service_client::OnCallServiceClient::decline_swap(DeclineSwapRequest) -> DeclineSwapResponse;
    on_call_service_client::OnCallServiceClient::withdraw_swap(WithdrawSwapRequest) -> WithdrawSwapResponse;
    on_call_service_client::OnCallServiceClient::get_calendar_feed(GetCalendarFeedRequest) -> GetCalendarFeedResponse;
    policy_service_client::PolicyServiceClient::get_schedule(GetScheduleRequest) -> GetScheduleResponse;
    resolution_service_client::ResolutionServiceClient::acknowledge_incident(AcknowledgeIncidentRequest) -> AcknowledgeIncidentResponse;
    resolution_service_client::ResolutionServiceClient::unacknowledge_incident(UnacknowledgeIncidentRequest) -> UnacknowledgeIncidentResponse;
    resolution_service_client::ResolutionServiceClient::release_incident(ReleaseIncidentRequest) -> ReleaseIncidentResponse;
    resolution_service_client::ResolutionServiceClient::snooze_incident(SnoozeIncidentRequest) -> SnoozeIncidentResponse;
    resolution_service_client::ResolutionServiceClient::wake_incident(WakeIncidentRequest) -> WakeIncidentResponse;
    resolution_service_client::ResolutionServiceClient::hold_incident(HoldIncidentRequest) -> HoldIncidentResponse;
    resolution_service_client::ResolutionServiceClient::resume_incident(ResumeIncidentRequest) -> ResumeIncidentResponse;
    resolution_service_client::ResolutionServiceClient::escalate_incident(EscalateIncidentRequest) -> EscalateIncidentResponse;
    resolution_service_client::ResolutionServiceClient::summon_responders(SummonRespondersRequest) -> SummonRespondersResponse;
    resolution_service_client::ResolutionServiceClient::answer_summons(AnswerSummonsRequest) -> AnswerSummonsResponse;
    resolution_service_client::ResolutionServiceClient::mitigate_incident(MitigateIncidentRequest) -> MitigateIncidentResponse;
    resolution_service_client::ResolutionServiceClient::relapse_incident(RelapseIncidentRequest) -> RelapseIncidentResponse;
    resolution_service_client::ResolutionServiceClient::plan_fix(PlanFixRequest) -> PlanFixResponse;
    resolution_service_client::ResolutionServiceClient::apply_fix(ApplyFixRequest) -> ApplyFixResponse;
    resolution_service_client::ResolutionServiceClient::verify_fix(VerifyFixRequest) -> VerifyFixResponse;
    resolution_service_client::ResolutionServiceClient::roll_back_fix(RollBackFixRequest) -> RollBackFixResponse;
    resolution_service_client::ResolutionServiceClient::add_recovery_step(AddRecoveryStepRequest) -> AddRecoveryStepResponse;
    resolution_service_client::ResolutionServiceClient::complete_recovery_step(CompleteRecoveryStepRequest) -> CompleteRecoveryStepResponse;
    resolution_service_client::ResolutionServiceClient::resolve_incident(ResolveIncidentRequest) -> ResolveIncidentResponse;
    resolution_service_client::ResolutionServiceClient::reopen_incident(ReopenIncidentRequest) -> ReopenIncidentResponse;
    resolution_service_client::ResolutionServiceClient::close_incident(CloseIncidentRequest) -> CloseIncidentResponse;
    resolution_service_client::ResolutionServiceClient::document_incident(DocumentIncidentRequest) -> DocumentIncidentResponse;
    resolution_service_client::ResolutionServiceClient::waive_checklist_item(WaiveChecklistItemRequest) -> WaiveChecklistItemResponse;
    resolution_service_client::ResolutionServiceClient::add_note(AddNoteRequest) -> AddNoteResponse;
    resolution_service_client::ResolutionServiceClient::add_evidence(AddEvidenceRequest) -> AddEvidenceResponse;
    resolution_service_client::ResolutionServiceClient::retract_evidence(RetractEvidenceRequest) -> RetractEvidenceResponse;
    resolution_service_client::ResolutionServiceClient::add_task(AddTaskRequest) -> AddTaskResponse;
    resolution_service_client::ResolutionServiceClient::update_task(UpdateTaskRequest) -> UpdateTaskResponse;
    resolution_service_client::ResolutionServiceClient::propose_hypothesis(ProposeHypothesisRequest) -> ProposeHypothesisResponse;
    resolution_service_client::ResolutionServiceClient::update_hypothesis(UpdateHypothesisRequest) -> UpdateHypothesisResponse;
    resolution_service_client::ResolutionServiceClient::assign_role(AssignRoleRequest) -> AssignRoleResponse;
    resolution_service_client::ResolutionServiceClient::request_handover(RequestHandoverRequest) -> RequestHandoverResponse;
    resolution_service_client::ResolutionServiceClient::confirm_handover(ConfirmHandoverRequest) -> ConfirmHandoverResponse;
    resolution_service_client::ResolutionServiceClient::cancel_handover(CancelHandoverRequest) -> CancelHandoverResponse;
    resolution_service_client::ResolutionServiceClient::force_handover(ForceHandoverRequest) -> ForceHandoverResponse;
    resolution_service_client::ResolutionServiceClient::post_update(PostUpdateRequest) -> PostUpdateResponse;
    resolution_service_client::ResolutionServiceClient::subscribe_incident(SubscribeIncidentRequest) -> SubscribeIncidentResponse;
    resolution_service_client::ResolutionServiceClient::correct_incident_times(CorrectIncidentTimesRequest) -> CorrectIncidentTimesResponse;
    resolution_service_client::ResolutionServiceClient::excuse_breach(ExcuseBreachRequest) -> ExcuseBreachResponse;
    resolution_service_client::ResolutionServiceClient::move_incident_policy(MoveIncidentPolicyRequest) -> MoveIncidentPolicyResponse;
    review_service_client::ReviewServiceClient::get_review(GetReviewRequest) -> GetReviewResponse;
    review_service_client::ReviewServiceClient::list_reviews(ListReviewsRequest) -> ListReviewsResponse;
    review_service_client::ReviewServiceClient::request_review(RequestReviewRequest) -> RequestReviewResponse;
    review_service_client::ReviewServiceClient::redraft_review(RedraftReviewRequest) -> RedraftReviewResponse;
    review_service_client::ReviewServiceClient::edit_review_section(EditReviewSectionRequest) -> EditReviewSectionResponse;
    review_service_client::ReviewServiceClient::waive_review_section(WaiveReviewSectionRequest) -> WaiveReviewSectionResponse;
    review_service_client::ReviewServiceClient::record_review_meeting(RecordReviewMeetingRequest) -> RecordReviewMeetingResponse;
    review_service_client::ReviewServiceClient::publish_review(PublishReviewRequest) -> PublishReviewResponse;
    review_service_client::ReviewServiceClient::excuse_review_breach(ExcuseReviewBreachRequest) -> ExcuseReviewBreachResponse;
    review_service_client::ReviewServiceClient::amend_review(AmendReviewRequest) -> AmendReviewResponse;
    review_service_client::ReviewServiceClient::add_action_item(AddActionItemRequest) -> AddActionItemResponse;
    review_service_client::ReviewServiceClient::update_action_item(UpdateActionItemRequest) -> UpdateActionItemResponse;
    triage_service_client::TriageServiceClient::declare_incident(DeclareIncidentRequest) -> DeclareIncidentResponse;
    triage_service_client::TriageServiceClient::triage_incident(TriageIncidentRequest) -> TriageIncidentResponse;
    triage_service_client::TriageServiceClient::set_incident_priority(SetIncidentPriorityRequest) -> SetIncidentPriorityResponse;
    triage_service_client::TriageServiceClient::assign_incident(AssignIncidentRequest) -> AssignIncidentResponse;
    triage_service_client::TriageServiceClient::merge_incident(MergeIncidentRequest) -> MergeIncidentResponse;
    triage_service_client::TriageServiceClient::split_incident(SplitIncidentRequest) -> SplitIncidentResponse;
    triage_service_client::TriageServiceClient::relate_incident(RelateIncidentRequest) -> RelateIncidentResponse;
    triage_service_client::TriageServiceClient::cancel_incident(CancelIncidentRequest) -> CancelIncidentResponse;
    triage_service_client::TriageServiceClient::list_triage_queue(ListTriageQueueRequest) -> ListTriageQueueResponse;
    workflow_service_client::WorkflowServiceClient::get_incident(GetIncidentRequest) -> GetIncidentResponse;
    workflow_service_client::WorkflowServiceClient::get_clock(GetClockRequest) -> GetClockResponse;
    workflow_service_client::WorkflowServiceClient::compute_sla_compliance(ComputeSlaComplianceRequest) -> ComputeSlaComplianceResponse;
    workflow_service_client::WorkflowServiceClient::batch_get_incidents(BatchGetIncidentsRequest) -> BatchGetIncidentsResponse;
    workflow_service_client::WorkflowServiceClient::list_incidents(ListIncidentsRequest) -> ListIncidentsResponse;
    workflow_service_client::WorkflowServiceClient::import_incidents(ImportIncidentsRequest) -> ImportIncidentsResponse;
    workflow_service_client::WorkflowServiceClient::list_records(ListRecordsRequest) -> ListRecordsResponse;
    workflow_service_client::WorkflowServiceClient::list_timeline_entries(ListTimelineEntriesRequest) -> ListTimelineEntriesResponse;
}

impl Process {
    /// Asks as a person (`ana`), an integration (`integrations/prom`) or a bot (`bots/overdue`).
    pub async fn ask<Q: Rpc>(&self, actor: &str, message: Q) -> Result<Q::Answer, Refused> {
        let request = as_actor(actor, message);
        self.inside(Q::send(request, self.routes())).await.map_err(Refused::from)
    }

    /// Begins to ask, without waiting for the answer.
    pub fn begin_ask<Q: Rpc>(&self, actor: &str, message: Q) -> JoinHandle<Result<Q::Answer, Refused>> {
        let (request, routes) = (as_actor(actor, message), self.routes());
        self.begin(async move { Q::send(request, routes).await.map_err(Refused::from) })
    }
}

/// A request with the identity that the door would have found.
pub fn as_actor<Q>(actor: &str, message: Q) -> Request<Q> {
    let named = if actor.contains('/') { actor.to_owned() } else { format!("people/{actor}") };
    let actor: Actor = named.parse().expect("an actor");
    let role = match &actor {
        Actor::Integration(id) => Role::Integration(id.clone()),
        _ => Role::Admin,
    };
    let mut request = Request::new(message);
    request.extensions_mut().insert(Arc::new(Principal { actor, role, credential: named }));
    request
}
