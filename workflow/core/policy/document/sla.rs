//! SLA definitions as written. Their arithmetic lives in `sla`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{CalendarId, SlaId};
use crate::incident::kinds::HoldReason;
use crate::time::Duration;

/// An SLA rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaDefinition {
    pub id: SlaId,
    pub kind: SlaKind,
    /// CEL.
    #[serde(rename = "match")]
    pub matches: String,
    /// Calendar time in h, m, s; absent only where each clock brings its own (action items).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Duration>,
    pub calendar: CalendarId,
    #[serde(default)]
    pub pause_on: Vec<HoldReason>,
    /// Wall time after which a pause ends by itself.
    #[serde(default = "fourteen_days")]
    pub pause_cap: Duration,
    /// Default: 75 and 100 notify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Vec<Threshold>>,
    #[serde(default = "yes")]
    pub retroactive: bool,
    /// CEL conditions that replace the kind's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<SlaCondition, String>,
}

fn fourteen_days() -> Duration {
    Duration::days(14)
}

fn yes() -> bool {
    true
}

/// What a clock measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaKind {
    Acknowledge,
    FirstUpdate,
    NextUpdate,
    Mitigate,
    Resolve,
    Close,
    Review,
    ActionItem,
}

/// The six conditions of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SlaCondition {
    Start,
    Stop,
    Pause,
    Resume,
    Reset,
    Cancel,
}

/// What happens at a share of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// 1 to 1000.
    pub percent: u32,
    #[serde(rename = "do")]
    pub action: ThresholdAction,
}

/// What a threshold does besides being recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThresholdAction {
    Notify,
    Escalate,
}
