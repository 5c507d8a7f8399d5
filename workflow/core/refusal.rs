//! Typed refusals: a "no" that changes nothing, named so that programs can react to it. How a refusal travels over
//! the wire is not known here.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What kind of "no" it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The incident is not in a state for it.
    Precondition,
    /// Somebody else was first; look again.
    Aborted,
    /// The request itself is wrong.
    Invalid,
    /// What it names does not exist.
    NotFound,
    /// A limit on counts is reached.
    Exhausted,
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    #[error("the incident is resolved")]
    IncidentResolved,
    #[error("the incident is closed")]
    IncidentClosed,
    #[error("the incident is cancelled")]
    IncidentCancelled,
    /// A record of another tool: nothing more happens to it.
    #[error("the incident was imported and is only kept")]
    IncidentImported,
    #[error("the incident was merged into {into}")]
    IncidentMerged { into: String },
    #[error("the incident is already declared")]
    AlreadyDeclared,
    #[error("the incident is open")]
    AlreadyOpen,
    #[error("the incident is already mitigated")]
    AlreadyMitigated,
    #[error("the incident is not mitigated")]
    NotMitigated,
    #[error("the incident is not acknowledged")]
    NotAcknowledged,
    #[error("the incident is not suppressed")]
    NotSuppressed,
    #[error("the incident is not snoozed")]
    NotSnoozed,
    #[error("the incident is already on hold")]
    AlreadyOnHold,
    #[error("the incident is not on hold")]
    NotOnHold,
    #[error("the incident is on hold")]
    IncidentOnHold,
    #[error("the incident is suppressed")]
    IncidentSuppressed,
    #[error("the incident is not resolved")]
    NotResolved,
    #[error("a snooze of this priority lasts at most {max_seconds} s")]
    SnoozeTooLong { max_seconds: i64 },
    #[error("a hold of this priority lasts at most {max_seconds} s")]
    HoldTooLong { max_seconds: i64 },
    #[error("a reason is required: {field}")]
    ReasonRequired { field: String },
    #[error("escalation has reached level {level} of round {round}, not level {expected}")]
    LevelMoved { expected: u32, level: u32, round: u32 },
    #[error("there is no further level")]
    NoFurtherLevel,
    #[error("{person} was not summoned")]
    NotSummoned { person: String },
    #[error("fix {fix} soaks until {ready_at}")]
    FixSoaking { fix: u32, ready_at: Timestamp },
    #[error("the person who applied a fix cannot verify it")]
    SamePerson,
    #[error("fix {fix} is {state}")]
    FixState { fix: u32, state: String },
    #[error("the fix is not verified")]
    FixNotVerified,
    #[error("{count} recovery steps are open")]
    RecoveryOpen { count: u32 },
    #[error("{count} alerts are firing")]
    AlertsFiring { count: u32 },
    #[error("a fix is recorded; resolve it instead")]
    FixRecorded,
    #[error("{count} tasks are open")]
    TasksOpen { count: u32 },
    #[error("the closure checklist lacks {}", missing.join(", "))]
    ChecklistIncomplete { missing: Vec<String> },
    #[error("it is too late to reopen; the last instant was {until}")]
    ReopenTooLate { until: Timestamp },
    #[error("the review is published")]
    ReviewPublished,
    #[error("clock {clock} has not breached")]
    ClockNotBreached { clock: String },
    #[error("an incident cannot be merged into itself")]
    MergeSelf,
    #[error("an exercise and a real incident cannot be merged")]
    MergeExercise,
    #[error("a merge is running")]
    MergeRunning,
    #[error("a split needs at least one alert")]
    SplitEmpty,
    #[error("a split must leave something behind")]
    SplitAll,
    #[error("the policy moved to version {current}")]
    PolicyMoved { current: u64 },
    #[error("the incident is at version {current}")]
    StaleEtag { current: u64 },
    #[error("the instants are out of order: {field}")]
    TimesDisordered { field: String },
    #[error("the request id was used for another request")]
    RequestIdReused,
    #[error("the alert {key:?} is unknown")]
    AlertUnknown { key: String },
    #[error("{what} {name:?} does not exist")]
    Unknown { what: String, name: String },
    #[error("{field}: {problem}")]
    BadField { field: String, problem: String },
    #[error("the role is held by {holder:?}")]
    HolderMoved { holder: String },
    #[error("no hand-over of {role} is pending")]
    NoHandover { role: String },
    #[error("only {allowed} may do this")]
    NotYours { allowed: String },
    #[error("{what} {name} is {state}")]
    WrongState { what: String, name: String, state: String },
    #[error("the effect was claimed again: attempt {current}")]
    StaleAttempt { current: i32 },
    #[error("{field} is limited to {limit}")]
    LimitReached { field: String, limit: u64 },
    #[error("no policy is applied yet")]
    NoPolicy,
    #[error("the review is {state}")]
    ReviewState { state: String },
    #[error("the review lacks {}", missing.join(", "))]
    ReviewIncomplete { missing: Vec<String> },
}

impl Refusal {
    /// The reason, as programs see it: stable, SCREAMING_SNAKE_CASE.
    pub fn reason(&self) -> &'static str {
        use Refusal::*;
        match self {
            IncidentResolved => "INCIDENT_RESOLVED",
            IncidentClosed => "INCIDENT_CLOSED",
            IncidentCancelled => "INCIDENT_CANCELLED",
            IncidentImported => "INCIDENT_IMPORTED",
            IncidentMerged { .. } => "INCIDENT_MERGED",
            AlreadyDeclared => "ALREADY_DECLARED",
            AlreadyOpen => "ALREADY_OPEN",
            AlreadyMitigated => "ALREADY_MITIGATED",
            NotMitigated => "NOT_MITIGATED",
            NotAcknowledged => "NOT_ACKNOWLEDGED",
            NotSuppressed => "NOT_SUPPRESSED",
            NotSnoozed => "NOT_SNOOZED",
            AlreadyOnHold => "ALREADY_ON_HOLD",
            NotOnHold => "NOT_ON_HOLD",
            IncidentOnHold => "INCIDENT_ON_HOLD",
            IncidentSuppressed => "INCIDENT_SUPPRESSED",
            NotResolved => "NOT_RESOLVED",
            SnoozeTooLong { .. } => "SNOOZE_TOO_LONG",
            HoldTooLong { .. } => "HOLD_TOO_LONG",
            ReasonRequired { .. } => "REASON_REQUIRED",
            LevelMoved { .. } => "LEVEL_MOVED",
            NoFurtherLevel => "NO_FURTHER_LEVEL",
            NotSummoned { .. } => "NOT_SUMMONED",
            _ => self.reason_of_the_rest(),
        }
    }

    fn reason_of_the_rest(&self) -> &'static str {
        use Refusal::*;
        match self {
            FixSoaking { .. } => "FIX_SOAKING",
            SamePerson => "SAME_PERSON",
            FixState { .. } => "FIX_STATE",
            FixNotVerified => "FIX_NOT_VERIFIED",
            RecoveryOpen { .. } => "RECOVERY_OPEN",
            AlertsFiring { .. } => "ALERTS_FIRING",
            FixRecorded => "FIX_RECORDED",
            TasksOpen { .. } => "TASKS_OPEN",
            ChecklistIncomplete { .. } => "CHECKLIST_INCOMPLETE",
            ReopenTooLate { .. } => "REOPEN_TOO_LATE",
            ReviewPublished => "REVIEW_PUBLISHED",
            ClockNotBreached { .. } => "CLOCK_NOT_BREACHED",
            MergeSelf => "MERGE_SELF",
            MergeExercise => "MERGE_EXERCISE",
            MergeRunning => "MERGE_RUNNING",
            SplitEmpty => "SPLIT_EMPTY",
            SplitAll => "SPLIT_ALL",
            PolicyMoved { .. } => "POLICY_MOVED",
            StaleEtag { .. } => "STALE_ETAG",
            TimesDisordered { .. } => "TIMES_DISORDERED",
            RequestIdReused => "REQUEST_ID_REUSED",
            AlertUnknown { .. } => "ALERT_UNKNOWN",
            Unknown { .. } => "UNKNOWN_RESOURCE",
            BadField { .. } => "INVALID_FIELD",
            HolderMoved { .. } => "HOLDER_MOVED",
            NoHandover { .. } => "NO_HANDOVER",
            NotYours { .. } => "NOT_YOURS",
            WrongState { .. } => "WRONG_STATE",
            StaleAttempt { .. } => "STALE_ATTEMPT",
            LimitReached { .. } => "LIMIT_REACHED",
            NoPolicy => "NO_POLICY",
            ReviewState { .. } => "REVIEW_STATE",
            ReviewIncomplete { .. } => "REVIEW_INCOMPLETE",
            _ => "REFUSED",
        }
    }

    /// The class of the refusal.
    pub fn kind(&self) -> Kind {
        use Refusal::*;
        match self {
            LevelMoved { .. }
            | StaleEtag { .. }
            | PolicyMoved { .. }
            | HolderMoved { .. }
            | StaleAttempt { .. } => Kind::Aborted,
            ReasonRequired { .. }
            | SnoozeTooLong { .. }
            | HoldTooLong { .. }
            | SplitEmpty
            | MergeSelf
            | TimesDisordered { .. }
            | RequestIdReused
            | BadField { .. } => Kind::Invalid,
            AlertUnknown { .. } | NotSummoned { .. } | Unknown { .. } => Kind::NotFound,
            LimitReached { .. } => Kind::Exhausted,
            _ => Kind::Precondition,
        }
    }
}
