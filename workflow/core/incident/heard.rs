//! What became of a signal, and the signal as triage prepared it.

use serde::{Deserialize, Serialize};

use crate::id::InstanceId;
use crate::policy::Routed;
use crate::signal::{Signal, SignalKind};
use crate::triage::Assessment;

use super::Incident;
use super::kinds::SuppressReason;

/// A signal with its route and assessment, made from the newest policy before anything is decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    pub signal: Signal,
    pub routed: Routed,
    pub assessment: Assessment,
    /// A recently resolved or closed incident that this one recurs, or an older one it is related to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<(InstanceId, super::kinds::RelationKind)>,
}

/// The answer to a signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub outcome: Outcome,
    /// Number of the alert inside the incident; 0 for reports.
    pub alert: u32,
    /// It was attached, and had cleared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refired: bool,
    /// That reopened the incident.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reopened: bool,
    /// Older than what is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// Muted by a forced resolve.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// It joined a storm incident.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub storm: bool,
}

/// What became of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Created,
    Joined,
    /// Nothing new: it is only counted.
    Repeated,
    /// A clear was applied.
    Cleared,
    /// Nobody is paged for it.
    Suppressed(SuppressReason),
}

impl Incident {
    /// The number of the alert that a signal merely repeats: it fires as it is known to, and nothing else follows from
    /// it. `identity` is the signal's. Only while no deadline is due; otherwise, and wherever this says `None`, the rules
    /// decide.
    pub fn repeats(&self, signal: &Signal, identity: &str) -> Option<u32> {
        if signal.clear || signal.kind != SignalKind::Alert || !self.is_open() || self.merge.is_some() {
            return None;
        }
        let (n, alert) = self.alerts.iter().find(|(_, a)| !a.moved && a.identity == identity)?;
        let same = alert.severity == signal.severity && alert.title == signal.title;
        let usual = alert.firing && !alert.muted && signal.observed_at >= alert.observed_at;
        (same && usual).then_some(*n)
    }
}

impl Heard {
    /// An answer without flags.
    pub fn new(outcome: Outcome, alert: u32) -> Heard {
        Heard { outcome, alert, refired: false, reopened: false, stale: false, muted: false, storm: false }
    }
}
