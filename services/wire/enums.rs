//! The closed sets of words, in the rules and on the wire. Numbers that this version does not know are no words.

use stentor_core::compliance::{Group, Period};
use stentor_core::heartbeat::HeartbeatState;
use stentor_core::incident::alerts::AlertState as AttachedAlert;
use stentor_core::incident::clock::Clock;
use stentor_core::incident::event::ClearCause;
use stentor_core::incident::kinds::{
    Audience, CancelReason, ClockState, FixState, HoldReason, HypothesisState, Level3, Phase, Priority,
    RelationKind, ResolutionCode, Severity, SlaState, SuppressReason, TaskState,
};
use stentor_core::incident::state::Origin;
use stentor_core::incident::work::ChecklistField;
use stentor_core::policy::document::SlaKind;
use stentor_core::policy::document::ThresholdAction;
use stentor_core::review::Section;
use stentor_core::review::state::{ItemState, Phase as ReviewPhase};
use stentor_core::silence::{Mode, Operator};
use stentor_core::standing::{OverrideState, SilenceState, SwapState, WindowState};
use stentor_proto::v1;

/// A word that callers may send.
pub trait Word: Sized {
    /// The word for a number on the wire.
    fn from_wire(value: i32) -> Option<Self>;
}

macro_rules! words {
    ($($domain:ident, $wire:ident, $to:ident { $($a:ident = $b:ident),+ $(,)? })+) => {$(
        impl Word for $domain {
            fn from_wire(value: i32) -> Option<$domain> {
                match v1::$wire::try_from(value) {
                    $(Ok(v1::$wire::$b) => Some($domain::$a),)+
                    _ => None,
                }
            }
        }

        /// The word on the wire.
        pub fn $to(word: $domain) -> i32 {
            let wire = match word { $($domain::$a => v1::$wire::$b),+ };
            wire.into()
        }
    )+};
}

words! {
    Phase, IncidentPhase, phase {
        Triage = Triage, Active = Active, Mitigated = Mitigated, Resolved = Resolved, Closed = Closed,
        Cancelled = Cancelled,
    }
    Priority, Priority, priority { P1 = P1, P2 = P2, P3 = P3, P4 = P4, P5 = P5 }
    Severity, Severity, severity { Critical = Critical, Error = Error, Warning = Warning, Info = Info }
    HoldReason, HoldReason, hold_reason {
        AwaitingReporter = AwaitingReporter, AwaitingVendor = AwaitingVendor, AwaitingChange = AwaitingChange,
        AwaitingProblem = AwaitingProblem, AwaitingEvidence = AwaitingEvidence, Scheduled = Scheduled,
    }
    ResolutionCode, ResolutionCode, resolution_code {
        Fixed = Fixed, Workaround = Workaround, RolledBack = RolledBack, Recovered = Recovered, External = External,
        DuplicateCause = DuplicateCause, NoFaultFound = NoFaultFound, ClearedUnconfirmed = ClearedUnconfirmed,
        Transient = Transient, Maintenance = Maintenance,
    }
    Period, CompliancePeriod, compliance_period {
        Whole = Unspecified, Day = Day, Week = Week, Month = Month, Quarter = Quarter, Year = Year,
    }
    Group, ComplianceGroup, compliance_group {
        Nothing = Unspecified, Service = Service, Team = Team, Priority = Priority,
    }
    OverrideState, OverrideState, override_state {
        Pending = Pending, Active = Active, Ended = Ended, Cancelled = Cancelled,
    }
    SilenceState, SilenceState, silence_state {
        Pending = Pending, Active = Active, Ended = Ended, Cancelled = Cancelled,
    }
    Mode, MaintenanceMode, maintenance_mode { Hold = Hold, Mute = Mute, Collect = Collect, Drop = Drop }
    WindowState, MaintenanceWindowState, window_state {
        Pending = Pending, Active = Active, Ended = Ended, Cancelled = Cancelled,
    }
    Operator, MatchOperator, match_operator {
        Equal = Equal, NotEqual = NotEqual, Matches = Matches, NotMatches = NotMatches,
    }
    HeartbeatState, HeartbeatState, heartbeat_state {
        Waiting = Waiting, Healthy = Healthy, Missing = Missing, Paused = Paused,
    }
    SwapState, SwapState, swap_state {
        Open = Open, Accepted = Accepted, Declined = Declined, Withdrawn = Withdrawn, Lapsed = Lapsed,
    }
    RelationKind, RelationKind, relation {
        Related = Related, CausedBy = CausedBy, Recurs = Recurs, DuplicateOf = DuplicateOf,
    }
    Audience, UpdateAudience, audience { Internal = Internal, Stakeholders = Stakeholders, Public = Public }
    FixState, FixState, fix_state {
        Planned = Planned, Applied = Applied, Verified = Verified, Failed = Failed, RolledBack = RolledBack,
    }
    HypothesisState, HypothesisState, hypothesis_state {
        Proposed = Proposed, Testing = Testing, Confirmed = Confirmed, Rejected = Rejected,
    }
    SlaState, SlaState, sla_state { Overdue = Overdue, AtRisk = AtRisk, Ok = Ok, Paused = Paused, None = None }
    SlaKind, ClockKind, clock_kind {
        Acknowledge = Acknowledge, FirstUpdate = FirstUpdate, NextUpdate = NextUpdate, Mitigate = Mitigate,
        Resolve = Resolve, Close = Close, Review = Review, ActionItem = ActionItem,
    }
    ChecklistField, ChecklistField, checklist_field {
        Summary = Summary, WhatWasDone = WhatWasDone, RootCause = RootCause, CauseSupport = CauseEvidence,
        Impact = Impact, DetectionSource = DetectionSource, ChangeCaused = Change, Lessons = Lessons,
        FollowUps = FollowUps, FinalUpdate = FinalUpdate,
    }
    ThresholdAction, SlaThresholdAction, threshold_action { Notify = Notify, Escalate = Escalate }
    ClearCause, ClearCause, clear_cause { Source = Source, Expired = Expired, Person = Person }
    Section, ReviewSectionKind, section {
        Summary = Summary, Impact = Impact, Timeline = Timeline, Detection = Detection, Response = Response,
        RootCause = RootCause, WentWell = WentWell, WentBadly = WentBadly, Lucky = Lucky, Lessons = Lessons,
        Actions = Actions,
    }
    ReviewPhase, ReviewState, review_state {
        Draft = Draft, Waiting = Waiting, MeetingHeld = MeetingHeld, Published = Published,
    }
    TaskState, TaskState, task_state { Open = Open, InProgress = InProgress, Done = Done, Dropped = Dropped }
}

/// An impact as callers send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Impact(pub Level3);

impl Word for Impact {
    fn from_wire(value: i32) -> Option<Impact> {
        match v1::Impact::try_from(value) {
            Ok(v1::Impact::High) => Some(Impact(Level3::High)),
            Ok(v1::Impact::Medium) => Some(Impact(Level3::Medium)),
            Ok(v1::Impact::Low) => Some(Impact(Level3::Low)),
            Ok(v1::Impact::Unspecified) | Err(_) => None,
        }
    }
}

/// An urgency as callers send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Urgency(pub Level3);

impl Word for Urgency {
    fn from_wire(value: i32) -> Option<Urgency> {
        match v1::Urgency::try_from(value) {
            Ok(v1::Urgency::High) => Some(Urgency(Level3::High)),
            Ok(v1::Urgency::Medium) => Some(Urgency(Level3::Medium)),
            Ok(v1::Urgency::Low) => Some(Urgency(Level3::Low)),
            Ok(v1::Urgency::Unspecified) | Err(_) => None,
        }
    }
}

/// Callers cancel for three reasons; the others are the server's own.
impl Word for CancelReason {
    fn from_wire(value: i32) -> Option<CancelReason> {
        match v1::CancelReason::try_from(value) {
            Ok(v1::CancelReason::FalseAlarm) => Some(CancelReason::FalseAlarm),
            Ok(v1::CancelReason::NotAnIncident) => Some(CancelReason::NotAnIncident),
            Ok(v1::CancelReason::Test) => Some(CancelReason::Test),
            Ok(v1::CancelReason::Merged | v1::CancelReason::Unspecified) | Err(_) => None,
        }
    }
}

/// What evidence holds. It is not kept: the body tells it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceKind {
    /// An address.
    Link,
    /// Words.
    Text,
    /// A captured document.
    Snapshot,
}

impl Word for EvidenceKind {
    fn from_wire(value: i32) -> Option<EvidenceKind> {
        match v1::EvidenceKind::try_from(value) {
            Ok(v1::EvidenceKind::Link) => Some(EvidenceKind::Link),
            Ok(v1::EvidenceKind::Text) => Some(EvidenceKind::Text),
            Ok(v1::EvidenceKind::Snapshot) => Some(EvidenceKind::Snapshot),
            Ok(v1::EvidenceKind::Unspecified) | Err(_) => None,
        }
    }
}

impl EvidenceKind {
    /// What a body looks like.
    pub fn of(body: &str) -> EvidenceKind {
        if is_address(body) {
            EvidenceKind::Link
        } else if body.trim_start().starts_with(['{', '[', '<']) {
            EvidenceKind::Snapshot
        } else {
            EvidenceKind::Text
        }
    }

    /// The word on the wire.
    pub fn wire(self) -> i32 {
        let wire = match self {
            EvidenceKind::Link => v1::EvidenceKind::Link,
            EvidenceKind::Text => v1::EvidenceKind::Text,
            EvidenceKind::Snapshot => v1::EvidenceKind::Snapshot,
        };
        wire.into()
    }
}

/// Whether a text is one web address and nothing else.
pub fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// An impact on the wire.
pub fn impact(level: Level3) -> i32 {
    let wire = match level {
        Level3::High => v1::Impact::High,
        Level3::Medium => v1::Impact::Medium,
        Level3::Low => v1::Impact::Low,
    };
    wire.into()
}

/// An urgency on the wire.
pub fn urgency(level: Level3) -> i32 {
    let wire = match level {
        Level3::High => v1::Urgency::High,
        Level3::Medium => v1::Urgency::Medium,
        Level3::Low => v1::Urgency::Low,
    };
    wire.into()
}

/// An action item's state on the wire.
pub fn item_state(state: &ItemState) -> i32 {
    let wire = match state {
        ItemState::Open => v1::ActionItemState::Open,
        ItemState::InProgress => v1::ActionItemState::InProgress,
        ItemState::Done { .. } => v1::ActionItemState::Done,
        ItemState::Declined { .. } => v1::ActionItemState::Declined,
    };
    wire.into()
}

/// A cancel reason on the wire. The end of a drill has no word there: exercises are told by their drill.
pub fn cancel_reason(reason: CancelReason) -> i32 {
    let wire = match reason {
        CancelReason::FalseAlarm => v1::CancelReason::FalseAlarm,
        CancelReason::NotAnIncident => v1::CancelReason::NotAnIncident,
        CancelReason::Test | CancelReason::DrillEnded => v1::CancelReason::Test,
        CancelReason::Merged => v1::CancelReason::Merged,
    };
    wire.into()
}

/// A suppression on the wire.
pub fn suppression(reason: SuppressReason) -> i32 {
    let wire = match reason {
        SuppressReason::Silenced => v1::SuppressionReason::Silenced,
        SuppressReason::Inhibited => v1::SuppressionReason::Inhibited,
        SuppressReason::Transient => v1::SuppressionReason::Transient,
        SuppressReason::NotPaged => v1::SuppressionReason::NotPaged,
        SuppressReason::MaintenanceHold => v1::SuppressionReason::MaintenanceHold,
        SuppressReason::MaintenanceMute => v1::SuppressionReason::MaintenanceMute,
        SuppressReason::MaintenanceCollect => v1::SuppressionReason::MaintenanceCollect,
        SuppressReason::Cleared => v1::SuppressionReason::Cleared,
        SuppressReason::Merging => v1::SuppressionReason::Merging,
    };
    wire.into()
}

/// What opened an incident, on the wire.
pub fn origin(origin: Origin) -> i32 {
    let wire = match origin {
        Origin::Report => v1::IncidentOrigin::Report,
        Origin::Import => v1::IncidentOrigin::Import,
        Origin::Alert => v1::IncidentOrigin::Alert,
        Origin::Split => v1::IncidentOrigin::Split,
    };
    wire.into()
}

/// A clock's state on the wire: met and breached clocks have both stopped.
pub fn clock_state(clock: &Clock) -> i32 {
    let wire = match clock.state {
        ClockState::Running => v1::ClockState::Running,
        ClockState::Paused => v1::ClockState::Paused,
        ClockState::Met | ClockState::Breached => v1::ClockState::Stopped,
        ClockState::Cancelled => v1::ClockState::Cancelled,
    };
    wire.into()
}

/// An alert's state on the wire.
pub fn alert_state(alert: &AttachedAlert) -> i32 {
    let firing = if alert.firing { v1::AlertState::Firing } else { v1::AlertState::Cleared };
    firing.into()
}
