//! What became of an incident's alerts, as its history tells it. Counts of repeats are not history.

use serde::{Deserialize, Serialize};

use crate::incident::alerts::AlertState;
use crate::incident::kinds::SuppressReason;
use crate::incident::state::ClearStep;
use crate::inhibition::Inhibited;
use crate::signal::Signal;
use crate::silence::Silenced;
use crate::time::Timestamp;

/// Alerts and what follows from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AlertEvent {
    /// Another alert (or report) joined.
    AlertJoined {
        n: u32,
        alert: Box<AlertState>,
        signal: Box<Signal>,
    },
    ReportJoined {
        signal: Box<Signal>,
    },
    AlertChanged {
        n: u32,
        title: String,
        severity: Option<crate::incident::kinds::Severity>,
        observed_at: Timestamp,
        ends_at: Option<Timestamp>,
    },
    AlertRefired {
        n: u32,
        observed_at: Timestamp,
        ends_at: Option<Timestamp>,
    },
    AlertCleared {
        n: u32,
        cause: ClearCause,
        observed_at: Timestamp,
    },
    /// The expiry moved because the alert was heard again.
    DeadlinePostponed {
        n: u32,
        ends_at: Timestamp,
    },
    AllCleared {
        step: Option<ClearStep>,
    },
    FlappingStarted {
        n: u32,
    },
    FlappingEnded {
        n: u32,
    },
    /// A repeat of an alert muted by a forced resolve.
    AlertMuted {
        n: u32,
    },
    /// Alerts of a storm gather here: how many there are now, told when it begins, while it grows, and when it is over.
    StormTold {
        alerts: u32,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        over: bool,
    },
    /// The alert alone pages nobody. What holds it back, all of it.
    AlertMarked {
        n: u32,
        mark: SuppressReason,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        silenced: Vec<Silenced>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        inhibited: Vec<Inhibited>,
    },
    /// The alert counts again. What a person has overruled goes on to be listed.
    AlertUnmarked {
        n: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        silenced: Vec<Silenced>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        inhibited: Vec<Inhibited>,
    },
    Suppressed {
        reason: SuppressReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    Released {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// The step after all cleared moved, or is off.
    ClearStepArmed {
        step: Option<ClearStep>,
    },
}

/// Why an alert is clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClearCause {
    /// Its source said so.
    Source,
    /// It was not heard until its `ends_at`.
    Expired,
    /// A person said so.
    Person,
}
