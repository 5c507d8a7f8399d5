//! SLA definitions as written. Their arithmetic lives in `sla`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{CalendarId, SlaId};
use crate::incident::kinds::HoldReason;
use crate::time::Duration;

/// An SLA rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlaDefinition {
    pub id: SlaId,
    pub kind: SlaKind,
    /// CEL.
    #[serde(rename = "match")]
    pub matches: String,
    /// Calendar time in h, m, s; absent only where each clock brings its own (action items).
    #[serde(default, skip_serializing_if = "Option::is_none", with = "calendar_time")]
    #[schemars(with = "Option<Duration>")]
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

/// Targets are calendar time: a day of a calendar has no fixed length, so days are neither read nor written.
mod calendar_time {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::time::Duration;

    pub(super) fn serialize<S: Serializer>(target: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        let millis = target.unwrap_or_default().millis();
        let (hours, rest) = (millis / 3_600_000, millis % 3_600_000);
        match (hours, rest) {
            (0, rest) => to.collect_str(&Duration(rest)),
            (hours, 0) => to.collect_str(&format_args!("{hours}h")),
            (hours, rest) => to.collect_str(&format_args!("{hours}h{}", Duration(rest))),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        let text = String::deserialize(from)?;
        if text.contains('d') {
            let why =
                "is not a duration of calendar time: write hours, for a day's length depends on the calendar";
            return Err(de::Error::custom(format!("{text:?} {why}")));
        }
        text.parse().map(Some).map_err(de::Error::custom)
    }
}

fn fourteen_days() -> Duration {
    Duration::days(14)
}

fn yes() -> bool {
    true
}

/// What a clock measures.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// 1 to 1000.
    pub percent: u32,
    #[serde(rename = "do")]
    pub action: ThresholdAction,
}

/// What a threshold does besides being recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ThresholdAction {
    Notify,
    Escalate,
}
