//! The policy document as people write it. Plain data: references are not resolved, expressions not compiled, nothing
//! is checked here beyond its shape. Unknown keys are errors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{
    CalendarId, ChannelId, EscalationPolicyId, HeartbeatId, IntegrationId, PersonId, RuleId, ScheduleId,
    ServiceId, TeamId,
};
use crate::incident::kinds::{Level3, Priority};
use crate::time::Duration;

mod escalation;
mod heartbeat;
mod integration;
mod people;
mod sla;

pub use escalation::{AckMode, Defer, EscalationSpec, LevelSpec, Target, When};
pub use heartbeat::HeartbeatSpec;
pub use integration::{
    Integration, IntegrationKey, IntegrationKind, MapSpec, PageRate, Rate, SeverityMap, Storms,
};
pub use people::{
    CalendarSpec, Channel, ContactStep, LayerMode, LayerSpec, Person, Quiet, ScheduleSpec, Slot, Team,
};
pub use sla::{SlaCondition, SlaDefinition, SlaKind, Threshold, ThresholdAction};

/// One organisation's complete policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Version of the document's format: 1.
    pub stentor: u32,
    /// A demonstration: delays may be seconds. Servers that are none refuse it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// The organisation.
    pub organisation: Organisation,
    /// What sends messages of a kind of contact: `push: webhook/pusher`.
    #[serde(default)]
    pub providers: BTreeMap<ChannelId, String>,
    /// Shared channels such as chat rooms.
    #[serde(default)]
    pub channels: BTreeMap<ChannelId, Channel>,
    #[serde(default)]
    pub people: BTreeMap<PersonId, Person>,
    #[serde(default)]
    pub teams: BTreeMap<TeamId, Team>,
    /// Calendars beside the built-in `always`.
    #[serde(default)]
    pub calendars: BTreeMap<CalendarId, CalendarSpec>,
    #[serde(default)]
    pub schedules: BTreeMap<ScheduleId, ScheduleSpec>,
    #[serde(default)]
    pub escalation_policies: BTreeMap<EscalationPolicyId, EscalationSpec>,
    #[serde(default)]
    pub services: BTreeMap<ServiceId, Service>,
    #[serde(default)]
    pub integrations: BTreeMap<IntegrationId, Integration>,
    /// Jobs that tell that they ran; their silence is an alert.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub heartbeats: BTreeMap<HeartbeatId, HeartbeatSpec>,
    /// How many new incidents alerts may open, until further alerts gather in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storms: Option<Storms>,
    /// How often a person is paged through a kind of contact, where the usual rates do not fit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub page_rates: BTreeMap<ChannelId, PageRate>,
    /// First match wins.
    #[serde(default)]
    pub routes: Vec<Route>,
    #[serde(default)]
    pub triage: Triage,
    #[serde(default)]
    pub inhibitions: Vec<Inhibition>,
    /// Every definition that matches attaches.
    #[serde(default)]
    pub sla: Vec<SlaDefinition>,
    #[serde(default)]
    pub reviews: Reviews,
    /// Departures from the defaults by priority.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub priorities: BTreeMap<Priority, PrioritySpec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<Training>,
    /// Accepted warnings: `CODE@path`.
    #[serde(default)]
    pub accept: Vec<String>,
}

/// The organisation that owns the policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    pub name: String,
    /// IANA zone.
    pub zone: String,
    /// Where signals go that no route matches.
    pub default_service: ServiceId,
    /// People paged when nobody else can be.
    pub last_resort: Vec<PersonId>,
}

/// Something that can fail, and who owns it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub team: TeamId,
    /// 1 (most important) to 3.
    pub tier: u8,
    /// By `P1` … `P5` or `default`.
    pub escalation: BTreeMap<String, EscalationPolicyId>,
    #[serde(default)]
    pub runbooks: Vec<String>,
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// A fix of this service verifies itself when no alert fired for so long after it was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts_clear: Option<Duration>,
    /// Whether a fix must be verified by another person than the one who applied it.
    #[serde(default)]
    pub two_person: bool,
}

/// Which service a signal belongs to, and how its alerts are grouped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub id: RuleId,
    /// CEL; absent: matches everything.
    #[serde(default = "always_true")]
    pub when: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    #[serde(default)]
    pub discard: bool,
    #[serde(default)]
    pub group_by: Vec<String>,
    /// How long after the last alert joined an incident stays joinable; absent: while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_window: Option<Duration>,
    #[serde(default)]
    pub transient_hold: Duration,
    /// Within this time after a resolve the same alert reopens; absent: 30m, or 0 where the protocol opens anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopen_window: Option<Duration>,
}

fn always_true() -> String {
    "true".to_owned()
}

/// Triage: categories, matrix, rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Triage {
    #[serde(default)]
    pub categories: Vec<String>,
    /// Rows impact, columns urgency, HIGH first.
    #[serde(default = "default_matrix")]
    pub matrix: Vec<Vec<Priority>>,
    /// All that match apply; the first to set a field keeps it.
    #[serde(default)]
    pub rules: Vec<TriageRule>,
}

impl Default for Triage {
    fn default() -> Triage {
        Triage { categories: Vec::new(), matrix: default_matrix(), rules: Vec::new() }
    }
}

fn default_matrix() -> Vec<Vec<Priority>> {
    use Priority::{P1, P2, P3, P4, P5};
    vec![vec![P1, P2, P3], vec![P2, P3, P4], vec![P3, P4, P5]]
}

/// A triage rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TriageRule {
    pub id: RuleId,
    /// CEL.
    pub when: String,
    pub set: RuleSet,
    /// Ends the run of rules when it matches.
    #[serde(rename = "final", default)]
    pub last: bool,
}

/// What a rule sets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Level3>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Level3>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declare: Option<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<PersonId>,
}

/// While an alert like `source` fires, alerts like `target` page nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inhibition {
    pub id: RuleId,
    pub source: BTreeMap<String, String>,
    pub target: BTreeMap<String, String>,
    #[serde(default)]
    pub equal: Vec<String>,
}

/// Which incidents need a review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reviews {
    #[serde(default = "p1_p2")]
    pub required: Vec<Priority>,
}

impl Default for Reviews {
    fn default() -> Reviews {
        Reviews { required: p1_p2() }
    }
}

fn p1_p2() -> Vec<Priority> {
    vec![Priority::P1, Priority::P2]
}

/// Departures from a priority's defaults; what is absent keeps the default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrioritySpec {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack_timeout_mitigated: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack_cap: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snooze_max: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_max: Option<Duration>,
    /// How long all alerts must stay clear before that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_time: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soak: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closure: Option<ClosureProfile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_after: Option<Duration>,
}

/// Whether a resolve needs a verified fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verification {
    Required,
    Confirm,
    None,
}

/// How much documentation closing needs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ClosureProfile {
    None,
    Short,
    Full,
}

/// Training that on-call people need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    pub certification: String,
    pub valid: Duration,
    pub teams: Vec<TeamId>,
}
