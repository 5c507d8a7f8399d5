//! How an incident begins, moves, ends and relates to others, as its history tells it. What follows from it is not known
//! here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::{InstanceId, RuleId, ServiceId, TeamId};
use crate::incident::alerts::AlertState;
use crate::incident::kinds::{Audience, CancelReason, Level3, Phase, Priority, RelationKind, ResolutionCode};
use crate::incident::state::{Assignee, Grouping, Origin};
use crate::incident::work::Task;
use crate::signal::Signal;
use crate::time::Timestamp;

/// Opening, phases, triage, ends, links.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum LifeEvent {
    /// First event of an incident that a signal opened (`Reported` or `Alerted`) or a split made (`SplitOff`).
    Reported(Box<Opened>),
    Alerted(Box<Opened>),
    SplitOff(Box<Opened>),
    /// Route, rules and values, so that the history never needs the rules again.
    Triaged(Box<Triaged>),
    PriorityChanged {
        from: Priority,
        to: Priority,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    Declared,
    Assigned {
        to: Assignee,
        paging: bool,
    },
    Mitigated {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        how: String,
        all_clear: bool,
    },
    Relapsed {
        reason: String,
    },
    Resolved {
        code: ResolutionCode,
        note: String,
        /// How it was checked.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        how_verified: String,
        /// It recovered without a fix.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_itself: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forced: Option<String>,
    },
    AutoResolved {
        code: ResolutionCode,
    },
    Reopened {
        reason: ReopenReason,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    Closed {
        automatic: bool,
    },
    Documented,
    Cancelled {
        reason: CancelReason,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    MergeStarted {
        into: InstanceId,
        raise_priority: bool,
    },
    /// The target: what it took over.
    Absorbed {
        from: InstanceId,
        reference: String,
        alerts: Vec<AlertState>,
        reports: u32,
        priority: Priority,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        subscribers: BTreeMap<String, Audience>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tasks: Vec<Task>,
    },
    Merged {
        into: InstanceId,
    },
    MergeRefused {
        into: InstanceId,
        reason: String,
    },
    /// These alerts and reports go to a new incident; acknowledged there already if somebody is named.
    SplitOut {
        to: InstanceId,
        alerts: Vec<u32>,
        reports: u32,
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acknowledged_by: Option<Actor>,
    },
    Related {
        to: InstanceId,
        kind: RelationKind,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// A link was taken away.
    Unrelated {
        to: InstanceId,
        kind: RelationKind,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// The incident needs a review; it is asked to open, or to go on.
    ReviewRequested {
        review: InstanceId,
        reason: String,
    },
    ReviewLinked {
        review: InstanceId,
        published: bool,
    },
    PolicyMoved {
        from: u64,
        to: u64,
    },
    TimesCorrected {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impact_start: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impact_end: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detected: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mitigated: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resolved: Option<Timestamp>,
    },
    /// Nothing has happened for 7 days; the next reminder's instant.
    StaleReminded {
        next: Timestamp,
    },
    /// The automatic close, or the reminder to document, moved.
    ClosingArmed {
        at: Option<Timestamp>,
    },
    /// A condition of the policy failed to evaluate; it counted as no match.
    RuleFailed {
        rule: RuleId,
        text: String,
    },
    /// No route matched; the default service has it.
    Unrouted,
    /// A severity that the integration's map does not know.
    SeverityUnmapped {
        value: String,
    },
}

/// How an incident began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    pub number: u64,
    pub policy: u64,
    pub origin: Origin,
    pub phase: Phase,
    pub service: ServiceId,
    pub team: TeamId,
    pub signal: Signal,
    pub grouping: Grouping,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exercise: bool,
    /// Alerts that came along (a split).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<AlertState>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reports: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<InstanceId>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// The result of triage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Triaged {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<RuleId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleId>,
    pub service: ServiceId,
    pub team: TeamId,
    pub category: String,
    pub impact: Level3,
    pub urgency: Level3,
    pub priority: Priority,
    /// The priority that a person stated; absent: by the matrix. What changes by it is told by an event of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<Priority>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Names of labels that were taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unlabelled: Vec<String>,
    /// What a person called it instead; absent: unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runbooks: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Why an incident is open again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReopenReason {
    /// A person asked.
    Requested,
    /// The alert fired again within the reopen window.
    Retriggered,
    /// An alert that was firing at a forced resolve fires still.
    StillFiring,
}
