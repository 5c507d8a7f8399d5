//! Heartbeat monitors: jobs that tell that they ran, and how long they may be silent. How silence is noticed stands with
//! the rules, not here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{IntegrationId, ServiceId};
use crate::incident::kinds::Severity;
use crate::time::Duration;

/// Something that is to tell again and again that it lives. When it does not, an alert fires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatSpec {
    /// Whose trouble its silence is.
    pub service: ServiceId,
    /// From one beat to the next, 30s to 31d.
    pub interval: Duration,
    /// How much later a beat may come before its absence counts.
    #[serde(default)]
    pub grace: Duration,
    /// Of the alert.
    #[serde(default = "error")]
    pub severity: Severity,
    /// Of the alert; absent: one that names the monitor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Of the alert, beside `alertname` and `heartbeat`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The only integration whose key may send its beats; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<IntegrationId>,
}

impl HeartbeatSpec {
    /// Shortest interval: what comes more often is traffic, and pings of a minute or more are the usual.
    pub const INTERVAL_MIN: Duration = Duration::seconds(30);
    /// Longest interval: jobs of each month.
    pub const INTERVAL_MAX: Duration = Duration::days(31);

    /// The longest silence that is none.
    pub fn lead(&self) -> Duration {
        Duration(self.interval.0.saturating_add(self.grace.0))
    }
}

fn error() -> Severity {
    Severity::Error
}
