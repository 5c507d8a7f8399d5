//! The methods the command line calls: which request goes where, what answers it, what a repeat is known by.
//! It opens no connection, and streams are listed with the unary methods because they differ in the client alone.

use prost::Message;
use stentor_proto::v1;

/// A request that knows its method.
pub(super) trait Call: Message + Clone + 'static {
    /// What answers it, or each message of the stream that does.
    type Answer: Message + Default + 'static;
    /// Path of the method.
    const PATH: &'static str;
    /// Id under which the server knows a repeat; none for reads.
    fn request_id(&self) -> Option<&str>;
}

/// An answer that shows an incident after a command.
pub(super) trait Changed {
    /// The incident; absent only if the server is broken.
    fn incident(self) -> Option<v1::Incident>;
    /// Nothing was done now, because it was done before.
    fn replayed(&self) -> bool;
}

/// An answer that shows a review after a command.
pub(super) trait Revised {
    /// The review; absent only if the server is broken.
    fn review(self) -> Option<v1::Review>;
    /// Nothing was done now, because it was done before.
    fn replayed(&self) -> bool;
}

macro_rules! call {
    ($service:ident, $method:ident, $request:ident, $answer:ident, |$this:ident| $id:expr) => {
        impl Call for v1::$request {
            type Answer = v1::$answer;
            const PATH: &'static str =
                concat!("/stentor.v1.", stringify!($service), "/", stringify!($method));
            fn request_id(&self) -> Option<&str> {
                let $this = self;
                $id
            }
        }
    };
}

macro_rules! reads {
    ($service:ident: $($method:ident $request:ident $answer:ident;)*) => {
        $(call!($service, $method, $request, $answer, |_this| None);)*
    };
}

macro_rules! writes {
    ($service:ident: $($method:ident $request:ident $answer:ident;)*) => {
        $(call!($service, $method, $request, $answer, |this| Some(&this.request_id));)*
    };
}

writes! {
    IntakeService:
    ReportIncident ReportIncidentRequest ReportIncidentResponse;
    SendAlert SendAlertRequest SendAlertResponse;
    BatchSendAlerts BatchSendAlertsRequest BatchSendAlertsResponse;
    StreamAlerts StreamAlertsRequest StreamAlertsResponse;
    AcknowledgeAlert AcknowledgeAlertRequest AcknowledgeAlertResponse;
}

writes! {
    PolicyService:
    ApplyPolicy ApplyPolicyRequest ApplyPolicyResponse;
}

reads! {
    PolicyService:
    GetPolicy GetPolicyRequest GetPolicyResponse;
    ListPolicies ListPoliciesRequest ListPoliciesResponse;
    ListServices ListServicesRequest ListServicesResponse;
    ListTeams ListTeamsRequest ListTeamsResponse;
    ListPeople ListPeopleRequest ListPeopleResponse;
    ListSchedules ListSchedulesRequest ListSchedulesResponse;
    GetIntegration GetIntegrationRequest GetIntegrationResponse;
    ListIntegrations ListIntegrationsRequest ListIntegrationsResponse;
    SimulatePolicy SimulatePolicyRequest SimulatePolicyResponse;
}

reads! {
    WorkflowService:
    ListRecords ListRecordsRequest ListRecordsResponse;
    ComputeSlaCompliance ComputeSlaComplianceRequest ComputeSlaComplianceResponse;
}

writes! {
    ResolutionService:
    AcknowledgeIncident AcknowledgeIncidentRequest AcknowledgeIncidentResponse;
    UnacknowledgeIncident UnacknowledgeIncidentRequest UnacknowledgeIncidentResponse;
    ReleaseIncident ReleaseIncidentRequest ReleaseIncidentResponse;
    SnoozeIncident SnoozeIncidentRequest SnoozeIncidentResponse;
    WakeIncident WakeIncidentRequest WakeIncidentResponse;
    HoldIncident HoldIncidentRequest HoldIncidentResponse;
    ResumeIncident ResumeIncidentRequest ResumeIncidentResponse;
    EscalateIncident EscalateIncidentRequest EscalateIncidentResponse;
    SummonResponders SummonRespondersRequest SummonRespondersResponse;
    AnswerSummons AnswerSummonsRequest AnswerSummonsResponse;
    MitigateIncident MitigateIncidentRequest MitigateIncidentResponse;
    RelapseIncident RelapseIncidentRequest RelapseIncidentResponse;
    PlanFix PlanFixRequest PlanFixResponse;
    ApplyFix ApplyFixRequest ApplyFixResponse;
    VerifyFix VerifyFixRequest VerifyFixResponse;
    RollBackFix RollBackFixRequest RollBackFixResponse;
    AddRecoveryStep AddRecoveryStepRequest AddRecoveryStepResponse;
    CompleteRecoveryStep CompleteRecoveryStepRequest CompleteRecoveryStepResponse;
    ResolveIncident ResolveIncidentRequest ResolveIncidentResponse;
    ReopenIncident ReopenIncidentRequest ReopenIncidentResponse;
    CloseIncident CloseIncidentRequest CloseIncidentResponse;
    DocumentIncident DocumentIncidentRequest DocumentIncidentResponse;
    WaiveChecklistItem WaiveChecklistItemRequest WaiveChecklistItemResponse;
    AddNote AddNoteRequest AddNoteResponse;
    AddEvidence AddEvidenceRequest AddEvidenceResponse;
    RetractEvidence RetractEvidenceRequest RetractEvidenceResponse;
    AddTask AddTaskRequest AddTaskResponse;
    UpdateTask UpdateTaskRequest UpdateTaskResponse;
    ProposeHypothesis ProposeHypothesisRequest ProposeHypothesisResponse;
    UpdateHypothesis UpdateHypothesisRequest UpdateHypothesisResponse;
    AssignRole AssignRoleRequest AssignRoleResponse;
    RequestHandover RequestHandoverRequest RequestHandoverResponse;
    ConfirmHandover ConfirmHandoverRequest ConfirmHandoverResponse;
    CancelHandover CancelHandoverRequest CancelHandoverResponse;
    ForceHandover ForceHandoverRequest ForceHandoverResponse;
    PostUpdate PostUpdateRequest PostUpdateResponse;
    SubscribeIncident SubscribeIncidentRequest SubscribeIncidentResponse;
    CorrectIncidentTimes CorrectIncidentTimesRequest CorrectIncidentTimesResponse;
    ExcuseBreach ExcuseBreachRequest ExcuseBreachResponse;
    MoveIncidentPolicy MoveIncidentPolicyRequest MoveIncidentPolicyResponse;
}

reads! {
    OnCallService:
    GetOnCall GetOnCallRequest GetOnCallResponse;
    ListOnCall ListOnCallRequest ListOnCallResponse;
    ListShifts ListShiftsRequest ListShiftsResponse;
    ListScheduleHandovers ListScheduleHandoversRequest ListScheduleHandoversResponse;
    ListCoverageGaps ListCoverageGapsRequest ListCoverageGapsResponse;
    ListOnCallShares ListOnCallSharesRequest ListOnCallSharesResponse;
    GetOverride GetOverrideRequest GetOverrideResponse;
    ListOverrides ListOverridesRequest ListOverridesResponse;
    GetSwap GetSwapRequest GetSwapResponse;
    ListSwaps ListSwapsRequest ListSwapsResponse;
    GetCalendarFeed GetCalendarFeedRequest GetCalendarFeedResponse;
}

writes! {
    OnCallService:
    CreateOverride CreateOverrideRequest CreateOverrideResponse;
    CancelOverride CancelOverrideRequest CancelOverrideResponse;
    RequestSwap RequestSwapRequest RequestSwapResponse;
    AcceptSwap AcceptSwapRequest AcceptSwapResponse;
    DeclineSwap DeclineSwapRequest DeclineSwapResponse;
    WithdrawSwap WithdrawSwapRequest WithdrawSwapResponse;
}

reads! {
    SuppressionService:
    GetSilence GetSilenceRequest GetSilenceResponse;
    ListSilences ListSilencesRequest ListSilencesResponse;
    GetMaintenanceWindow GetMaintenanceWindowRequest GetMaintenanceWindowResponse;
    ListMaintenanceWindows ListMaintenanceWindowsRequest ListMaintenanceWindowsResponse;
    ListSuppressions ListSuppressionsRequest ListSuppressionsResponse;
}

writes! {
    SuppressionService:
    CreateSilence CreateSilenceRequest CreateSilenceResponse;
    CancelSilence CancelSilenceRequest CancelSilenceResponse;
    CreateMaintenanceWindow CreateMaintenanceWindowRequest CreateMaintenanceWindowResponse;
    CancelMaintenanceWindow CancelMaintenanceWindowRequest CancelMaintenanceWindowResponse;
}

reads! {
    ReviewService:
    GetReview GetReviewRequest GetReviewResponse;
    ListReviews ListReviewsRequest ListReviewsResponse;
}

writes! {
    ReviewService:
    RequestReview RequestReviewRequest RequestReviewResponse;
    RedraftReview RedraftReviewRequest RedraftReviewResponse;
    EditReviewSection EditReviewSectionRequest EditReviewSectionResponse;
    WaiveReviewSection WaiveReviewSectionRequest WaiveReviewSectionResponse;
    RecordReviewMeeting RecordReviewMeetingRequest RecordReviewMeetingResponse;
    PublishReview PublishReviewRequest PublishReviewResponse;
    AmendReview AmendReviewRequest AmendReviewResponse;
    ExcuseReviewBreach ExcuseReviewBreachRequest ExcuseReviewBreachResponse;
    AddActionItem AddActionItemRequest AddActionItemResponse;
    UpdateActionItem UpdateActionItemRequest UpdateActionItemResponse;
}

writes! {
    TriageService:
    DeclareIncident DeclareIncidentRequest DeclareIncidentResponse;
    TriageIncident TriageIncidentRequest TriageIncidentResponse;
    SetIncidentPriority SetIncidentPriorityRequest SetIncidentPriorityResponse;
    AssignIncident AssignIncidentRequest AssignIncidentResponse;
    MergeIncident MergeIncidentRequest MergeIncidentResponse;
    SplitIncident SplitIncidentRequest SplitIncidentResponse;
    RelateIncident RelateIncidentRequest RelateIncidentResponse;
    CancelIncident CancelIncidentRequest CancelIncidentResponse;
}

reads! {
    TriageService:
    ListTriageQueue ListTriageQueueRequest ListTriageQueueResponse;
}

reads! {
    SinkService:
    ListSinks ListSinksRequest ListSinksResponse;
    ResumeSink ResumeSinkRequest ResumeSinkResponse;
    DeleteSink DeleteSinkRequest DeleteSinkResponse;
}

writes! {
    SubscriptionService:
    CreateSubscription CreateSubscriptionRequest CreateSubscriptionResponse;
    CancelSubscription CancelSubscriptionRequest CancelSubscriptionResponse;
}

reads! {
    SubscriptionService:
    GetSubscription GetSubscriptionRequest GetSubscriptionResponse;
    ListSubscriptions ListSubscriptionsRequest ListSubscriptionsResponse;
}

reads! {
    HeartbeatService:
    SendHeartbeat SendHeartbeatRequest SendHeartbeatResponse;
    GetHeartbeat GetHeartbeatRequest GetHeartbeatResponse;
    ListHeartbeats ListHeartbeatsRequest ListHeartbeatsResponse;
    PauseHeartbeat PauseHeartbeatRequest PauseHeartbeatResponse;
    ResumeHeartbeat ResumeHeartbeatRequest ResumeHeartbeatResponse;
}

reads! {
    NotificationService:
    TestNotification TestNotificationRequest TestNotificationResponse;
}

reads! {
    WorkflowService:
    GetIncident GetIncidentRequest GetIncidentResponse;
    GetClock GetClockRequest GetClockResponse;
    ListIncidents ListIncidentsRequest ListIncidentsResponse;
    ListTimelineEntries ListTimelineEntriesRequest ListTimelineEntriesResponse;
    WatchIncidents WatchIncidentsRequest WatchIncidentsResponse;
    WatchEvents WatchEventsRequest WatchEventsResponse;
    ImportIncidents ImportIncidentsRequest ImportIncidentsResponse;
    Ping PingRequest PingResponse;
}

macro_rules! changed {
    ($($answer:ident)*) => {$(
        impl Changed for v1::$answer {
            fn incident(self) -> Option<v1::Incident> {
                self.incident
            }
            fn replayed(&self) -> bool {
                self.replayed
            }
        }
    )*};
}

changed! {
    AcknowledgeIncidentResponse
    UnacknowledgeIncidentResponse
    ReleaseIncidentResponse
    SnoozeIncidentResponse
    WakeIncidentResponse
    HoldIncidentResponse
    ResumeIncidentResponse
    EscalateIncidentResponse
    SummonRespondersResponse
    AnswerSummonsResponse
    MitigateIncidentResponse
    RelapseIncidentResponse
    PlanFixResponse
    ApplyFixResponse
    VerifyFixResponse
    RollBackFixResponse
    AddRecoveryStepResponse
    CompleteRecoveryStepResponse
    ResolveIncidentResponse
    ReopenIncidentResponse
    CloseIncidentResponse
    DocumentIncidentResponse
    WaiveChecklistItemResponse
    AddNoteResponse
    AddEvidenceResponse
    RetractEvidenceResponse
    AddTaskResponse
    UpdateTaskResponse
    ProposeHypothesisResponse
    UpdateHypothesisResponse
    AssignRoleResponse
    RequestHandoverResponse
    ConfirmHandoverResponse
    CancelHandoverResponse
    ForceHandoverResponse
    PostUpdateResponse
    SubscribeIncidentResponse
    CorrectIncidentTimesResponse
    ExcuseBreachResponse
    MoveIncidentPolicyResponse
    DeclareIncidentResponse
    TriageIncidentResponse
    SetIncidentPriorityResponse
    AssignIncidentResponse
    MergeIncidentResponse
    SplitIncidentResponse
    RelateIncidentResponse
    CancelIncidentResponse
}

macro_rules! revised {
    ($($answer:ident)*) => {$(
        impl Revised for v1::$answer {
            fn review(self) -> Option<v1::Review> {
                self.review
            }
            fn replayed(&self) -> bool {
                self.replayed
            }
        }
    )*};
}

revised! {
    RequestReviewResponse
    RedraftReviewResponse
    EditReviewSectionResponse
    WaiveReviewSectionResponse
    RecordReviewMeetingResponse
    PublishReviewResponse
    AmendReviewResponse
    ExcuseReviewBreachResponse
    AddActionItemResponse
    UpdateActionItemResponse
}

#[cfg(test)]
mod tests {
    use prost_reflect::DescriptorPool;

    use super::*;

    fn assert_declared<R: Call>(request: &str, answer: &str) {
        let pool = DescriptorPool::decode(stentor_proto::FILE_DESCRIPTOR_SET).unwrap();
        let (service, method) = R::PATH[1..].split_once('/').unwrap();
        let service = pool.get_service_by_name(service).expect(service);
        let method = service.methods().find(|found| found.name() == method).expect(method);
        assert_eq!(method.input().name(), request);
        assert_eq!(method.output().name(), answer);
    }

    #[test]
    fn paths_and_messages_agree_with_the_protos() {
        assert_declared::<v1::AcknowledgeIncidentRequest>(
            "AcknowledgeIncidentRequest",
            "AcknowledgeIncidentResponse",
        );
        assert_declared::<v1::WatchEventsRequest>("WatchEventsRequest", "WatchEventsResponse");
        assert_declared::<v1::ListScheduleHandoversRequest>(
            "ListScheduleHandoversRequest",
            "ListScheduleHandoversResponse",
        );
        assert_declared::<v1::ApplyPolicyRequest>("ApplyPolicyRequest", "ApplyPolicyResponse");
    }

    #[test]
    fn changes_carry_a_request_id_and_reads_do_not() {
        let change = v1::AddNoteRequest { request_id: "7f".to_owned(), ..Default::default() };

        assert_eq!(change.request_id(), Some("7f"));
        assert_eq!(v1::GetIncidentRequest::default().request_id(), None);
    }
}
