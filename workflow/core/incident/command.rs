//! What may be asked of an incident. Input is already parsed; whether it is allowed now is decided in `decide`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::heard::Prepared;
use crate::actor::Actor;
use crate::id::{InstanceId, PersonId, ServiceId};
use crate::inhibition::Inhibited;
use crate::signal::Signal;
use crate::time::{Duration, Timestamp};

use super::alerts::AlertState;
use super::event::DeliveryOutcome;
use super::kinds::{
    Audience, CancelReason, HoldReason, HypothesisState, Level3, Priority, RelationKind, ResolutionCode,
    TaskState,
};
use super::state::Assignee;
use super::work::{ChecklistField, Task};

/// A command to one incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// A signal arrived that belongs here, or that opens this incident.
    Hear(Arc<Prepared>),
    /// Whatever is due happens. Nothing due: nothing happens.
    Tick {
        heard: Vec<LastHeard>,
    },
    /// Silences began or were cancelled, or other alerts that inhibit: by the alerts' numbers, the labels of those that may
    /// have to be marked, and all that inhibits those of which it has changed.
    Recheck {
        labels: Vec<(u32, BTreeMap<String, String>)>,
        inhibited: Vec<(u32, Vec<Inhibited>)>,
    },
    Declare,
    Triage(Box<Triage>),
    SetPriority {
        priority: Priority,
        reason: String,
    },
    Assign {
        to: Assignee,
        page: bool,
    },
    Acknowledge,
    Unacknowledge,
    Release {
        note: String,
    },
    Snooze {
        length: Duration,
    },
    Wake,
    Hold {
        reason: HoldReason,
        note: String,
        length: Option<Duration>,
    },
    Resume,
    Escalate {
        expected_level: Option<u32>,
        to_level: Option<u32>,
        note: String,
    },
    Summon {
        people: Vec<PersonId>,
        note: String,
    },
    AnswerSummons {
        accepted: bool,
    },
    Mitigate {
        how: String,
    },
    Relapse {
        reason: String,
    },
    Resolve(Box<Resolve>),
    Reopen {
        reason: String,
    },
    Close,
    Cancel {
        reason: CancelReason,
        note: String,
    },
    ClearAlert {
        n: u32,
    },
    Merge {
        into: InstanceId,
        into_exercise: bool,
        raise_priority: bool,
    },
    /// To the target of a merge: take this over.
    Absorb {
        from: InstanceId,
        reference: String,
        alerts: Vec<AlertState>,
        reports: u32,
        priority: Priority,
        raise_priority: bool,
        exercise: bool,
        #[serde(default)]
        subscribers: BTreeMap<String, Audience>,
        /// Tasks that are open.
        #[serde(default)]
        tasks: Vec<Task>,
    },
    /// To the source: the target answered.
    FinishMerge {
        into: InstanceId,
        refused: Option<String>,
    },
    Split {
        to: InstanceId,
        alerts: Vec<u32>,
        reports: u32,
        acknowledge: bool,
        title: String,
    },
    /// Opens the other half of a split.
    OpenSplit(Box<SplitOff>),
    Relate {
        to: InstanceId,
        kind: RelationKind,
        note: String,
        /// Takes the link away instead.
        remove: bool,
    },
    LinkReview {
        review: InstanceId,
        published: bool,
    },
    MovePolicy {
        to: u64,
        expected: Option<u64>,
    },
    CorrectTimes(Correction),
    /// Says why the breach of a clock (`{definition}.{cycle}`) is nobody's failure; said again, the newest reason stands.
    Excuse {
        clock: String,
        reason: String,
    },
    /// A page is held back until an instant.
    RecordDelay {
        effect: String,
        until: Timestamp,
    },
    /// The outcome of sending an effect.
    RecordDelivery {
        effect: String,
        attempt: i32,
        outcome: DeliveryOutcome,
        detail: String,
    },
    Work(WorkCommand),
}

/// What a person makes of an incident; absent: unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Triage {
    pub category: Option<String>,
    pub impact: Option<Level3>,
    pub urgency: Option<Level3>,
    /// Absent: the matrix decides if impact or urgency change.
    pub priority: Option<Priority>,
    pub service: Option<ServiceId>,
    pub title: Option<String>,
    pub description: Option<String>,
    /// Labels to set; an empty value takes the label away.
    pub labels: BTreeMap<String, String>,
    pub reason: String,
}

/// When something really was; absent: as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Correction {
    pub impact_start: Option<Timestamp>,
    pub impact_end: Option<Timestamp>,
    pub detected: Option<Timestamp>,
    pub mitigated: Option<Timestamp>,
    pub resolved: Option<Timestamp>,
}

/// When an alert with a near expiry was last heard, and until when it then held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastHeard {
    pub identity: String,
    pub last_at: Timestamp,
    pub ends_at: Option<Timestamp>,
}

/// A resolve and its proofs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Resolve {
    pub code: Option<ResolutionCode>,
    pub note: String,
    /// How it was checked; needed where the priority asks for a confirmation.
    pub how_verified: String,
    pub recovered_by_itself: bool,
    /// Resolves although alerts fire.
    pub force_reason: String,
}

/// The other half of a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitOff {
    pub from: InstanceId,
    pub signal: Signal,
    pub service: ServiceId,
    pub priority: Priority,
    pub impact: Level3,
    pub urgency: Level3,
    pub category: String,
    pub in_triage: bool,
    pub exercise: bool,
    pub alerts: Vec<AlertState>,
    pub reports: u32,
    /// Who acknowledged it in the request, if they did: then it pages nobody.
    pub acknowledged_by: Option<Actor>,
}

/// Investigation, fixing, documentation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum WorkCommand {
    AddNote {
        text: String,
        by_reporter: bool,
    },
    /// Tells of a change elsewhere. It is no work on the incident and nobody's sign of life.
    ReportChange {
        summary: String,
        source: String,
        url: String,
        at: Option<Timestamp>,
    },
    AddEvidence {
        title: String,
        body: String,
        trace_id: String,
    },
    RetractEvidence {
        n: u32,
        reason: String,
    },
    PlanFix {
        summary: String,
    },
    /// `n` absent: a fix that was not planned.
    ApplyFix {
        n: Option<u32>,
        summary: String,
    },
    VerifyFix {
        n: u32,
        passed: bool,
        how: String,
    },
    RollBackFix {
        n: u32,
        reason: String,
    },
    AddRecoveryStep {
        summary: String,
        after_resolution: bool,
    },
    CompleteRecoveryStep {
        n: u32,
        checked: bool,
    },
    AddTask {
        summary: String,
        owner: Option<PersonId>,
        due: Option<Timestamp>,
    },
    UpdateTask {
        n: u32,
        summary: Option<String>,
        state: Option<TaskState>,
        owner: Option<PersonId>,
        due: Option<Timestamp>,
        reason: String,
    },
    ProposeHypothesis {
        statement: String,
        evidence: Vec<u32>,
    },
    UpdateHypothesis {
        n: u32,
        state: Option<HypothesisState>,
        evidence: Vec<u32>,
        note: String,
    },
    AssignRole {
        role: String,
        to: PersonId,
        expected_holder: Option<PersonId>,
    },
    RequestHandover {
        role: String,
        to: PersonId,
        expected_holder: Option<PersonId>,
    },
    ConfirmHandover {
        role: String,
    },
    CancelHandover {
        role: String,
    },
    ForceHandover {
        role: String,
        to: PersonId,
        expected_holder: Option<PersonId>,
        reason: String,
    },
    PostUpdate {
        text: String,
        audience: Audience,
        next_in: Option<Duration>,
    },
    Document {
        field: ChecklistField,
        text: String,
    },
    Waive {
        field: ChecklistField,
        reason: String,
    },
    Subscribe {
        subscriber: String,
        audience: Audience,
    },
    Unsubscribe {
        subscriber: String,
    },
}
