//! Who may call which RPC: every method of the API by name, nothing by default.
//! A method that is not listed is for administrators only, and a test refuses to let that happen.

use std::collections::HashMap;

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without credentials.
    Open,
    /// Everybody with credentials.
    Anyone,
    /// Who sends signals: integrations, responders, administrators.
    Signals,
    /// Responders and administrators.
    People,
    /// Administrators.
    Admin,
}

/// Methods of a service with equal access.
type Group = (Access, &'static [&'static str]);

const TABLE: &[(&str, &[Group])] = &[
    ("grpc.health.v1.Health", &[(Access::Open, &["Check", "Watch", "List"])]),
    ("grpc.reflection.v1.ServerReflection", &[(Access::Anyone, &["ServerReflectionInfo"])]),
    ("grpc.reflection.v1alpha.ServerReflection", &[(Access::Anyone, &["ServerReflectionInfo"])]),
    (
        "stentor.v1.IntakeService",
        &[
            (Access::Signals, &["SendAlert", "BatchSendAlerts", "StreamAlerts", "AcknowledgeAlert"]),
            (Access::Signals, &["ReportIncident"]),
        ],
    ),
    (
        "stentor.v1.TriageService",
        &[
            (Access::People, &["DeclareIncident", "TriageIncident", "SetIncidentPriority", "AssignIncident"]),
            (Access::People, &["MergeIncident", "SplitIncident", "RelateIncident", "CancelIncident"]),
            (Access::People, &["ListTriageQueue"]),
        ],
    ),
    (
        "stentor.v1.ResolutionService",
        &[
            (Access::People, &["AcknowledgeIncident", "UnacknowledgeIncident", "ReleaseIncident"]),
            (Access::People, &["SnoozeIncident", "WakeIncident", "HoldIncident", "ResumeIncident"]),
            (Access::People, &["EscalateIncident", "SummonResponders", "AnswerSummons"]),
            (Access::People, &["MitigateIncident", "RelapseIncident"]),
            (Access::People, &["PlanFix", "ApplyFix", "VerifyFix", "RollBackFix"]),
            (Access::People, &["AddRecoveryStep", "CompleteRecoveryStep"]),
            (Access::People, &["ResolveIncident", "ReopenIncident", "CloseIncident"]),
            (
                Access::People,
                &["DocumentIncident", "WaiveChecklistItem", "CorrectIncidentTimes", "ExcuseBreach"],
            ),
            (Access::People, &["AddNote", "AddEvidence", "RetractEvidence", "AddTask", "UpdateTask"]),
            (Access::People, &["ProposeHypothesis", "UpdateHypothesis"]),
            (Access::People, &["AssignRole", "RequestHandover", "ConfirmHandover", "CancelHandover"]),
            (Access::People, &["ForceHandover", "PostUpdate", "SubscribeIncident", "MoveIncidentPolicy"]),
        ],
    ),
    (
        "stentor.v1.ReviewService",
        &[
            (Access::People, &["GetReview", "ListReviews", "RequestReview", "RedraftReview"]),
            (Access::People, &["EditReviewSection", "WaiveReviewSection", "RecordReviewMeeting"]),
            (Access::People, &["PublishReview", "AmendReview", "AddActionItem", "UpdateActionItem"]),
            (Access::People, &["ExcuseReviewBreach"]),
        ],
    ),
    (
        "stentor.v1.SuppressionService",
        &[
            (Access::People, &["CreateSilence", "GetSilence", "ListSilences", "CancelSilence"]),
            (Access::People, &["CreateMaintenanceWindow", "GetMaintenanceWindow"]),
            (Access::People, &["ListMaintenanceWindows", "CancelMaintenanceWindow"]),
            (Access::People, &["ListSuppressions"]),
        ],
    ),
    (
        "stentor.v1.OnCallService",
        &[
            (Access::People, &["GetOnCall", "ListOnCall", "ListShifts", "ListScheduleHandovers"]),
            (Access::People, &["ListCoverageGaps", "ListOnCallShares", "GetCalendarFeed"]),
            (Access::People, &["CreateOverride", "GetOverride", "ListOverrides", "CancelOverride"]),
            (Access::People, &["RequestSwap", "GetSwap", "ListSwaps"]),
            (Access::People, &["AcceptSwap", "DeclineSwap", "WithdrawSwap"]),
        ],
    ),
    (
        "stentor.v1.PolicyService",
        &[
            (Access::Admin, &["ApplyPolicy"]),
            (Access::People, &["SimulatePolicy"]),
            // Their keys are shown to administrators only, by the service itself.
            (Access::People, &["GetIntegration", "ListIntegrations"]),
            (
                Access::People,
                &["GetPolicy", "ListPolicies", "GetService", "ListServices", "GetTeam", "ListTeams"],
            ),
            (Access::People, &["GetPerson", "ListPeople", "GetSchedule", "ListSchedules"]),
            (
                Access::People,
                &["GetEscalationPolicy", "ListEscalationPolicies", "GetCalendar", "ListCalendars"],
            ),
            (Access::People, &["GetSlaDefinition", "ListSlaDefinitions"]),
        ],
    ),
    (
        "stentor.v1.SubscriptionService",
        &[(
            Access::People,
            &["CreateSubscription", "GetSubscription", "ListSubscriptions", "CancelSubscription"],
        )],
    ),
    (
        "stentor.v1.HeartbeatService",
        &[
            (Access::Signals, &["SendHeartbeat"]),
            (Access::People, &["GetHeartbeat", "ListHeartbeats", "PauseHeartbeat", "ResumeHeartbeat"]),
        ],
    ),
    // By a provider's own name administrators only, as the service itself sees to.
    ("stentor.v1.NotificationService", &[(Access::People, &["TestNotification"])]),
    (
        "stentor.v1.SinkService",
        &[(Access::People, &["ListSinks"]), (Access::Admin, &["ResumeSink", "DeleteSink"])],
    ),
    (
        "stentor.v1.WorkflowService",
        &[
            (Access::Anyone, &["Ping"]),
            (Access::People, &["GetIncident", "BatchGetIncidents", "ListIncidents", "ListTimelineEntries"]),
            (Access::People, &["GetClock", "ComputeSlaCompliance"]),
            (Access::People, &["WatchIncidents", "WatchEvents", "ListRecords"]),
            (Access::Admin, &["SubmitCommand", "ImportIncidents"]),
        ],
    ),
];

/// The table by path, for the door.
pub(super) struct Table(HashMap<String, Access>);

impl Table {
    pub(super) fn new() -> Table {
        Table(rows().map(|(name, access)| (format!("/{name}"), access)).collect())
    }

    pub(super) fn access(&self, path: &str) -> Access {
        self.0.get(path).copied().unwrap_or(Access::Admin)
    }
}

/// Who may call a method, by its full name; none if the table does not know it.
pub fn access(method: &str) -> Option<Access> {
    rows().find(|(name, _)| name == method).map(|(_, access)| access)
}

fn rows() -> impl Iterator<Item = (String, Access)> {
    TABLE.iter().flat_map(|(service, groups)| {
        groups.iter().flat_map(move |(access, methods)| {
            methods.iter().map(move |method| (format!("{service}/{method}"), *access))
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn every_rpc_is_in_the_table_once_and_nothing_else_is() {
        let set = FileDescriptorSet::decode(stentor_proto::FILE_DESCRIPTOR_SET).unwrap();
        let mut defined = BTreeSet::new();
        for file in &set.file {
            for service in &file.service {
                for method in &service.method {
                    defined.insert(format!("{}.{}/{}", file.package(), service.name(), method.name()));
                }
            }
        }
        let ours: Vec<String> =
            rows().map(|(name, _)| name).filter(|name| name.starts_with("stentor.")).collect();
        let listed: BTreeSet<String> = ours.iter().cloned().collect();
        assert_eq!(listed.len(), ours.len(), "a method is listed twice");
        assert_eq!(listed, defined);
    }

    #[test]
    fn only_health_is_open() {
        for (name, access) in rows() {
            assert_eq!(access == Access::Open, name.starts_with("grpc.health."), "{name}");
        }
    }
}
