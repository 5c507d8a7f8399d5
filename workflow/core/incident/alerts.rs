//! Alerts attached to an incident. How often one was heard is not here: repeats are counted beside the history.

use serde::{Deserialize, Serialize};

use crate::inhibition::Inhibited;
use crate::signal::Signal;
use crate::silence::Silenced;
use crate::time::Timestamp;

use crate::id::InstanceId;

use super::event::ClearCause;
use super::kinds::{Severity, SuppressReason};

/// An alert as the incident sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertState {
    /// Integration and key.
    pub identity: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    pub firing: bool,
    /// When it joined, last fired anew, or cleared.
    pub since: Timestamp,
    pub attached_at: Timestamp,
    /// The newest observation applied; older ones are stale.
    pub observed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// Why this alert alone would page nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<SuppressReason>,
    /// The silences that match it, also where a person has overruled them and it is not marked any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silenced: Vec<Silenced>,
    /// The inhibitions that hold it back, also where a person has overruled them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inhibited: Vec<Inhibited>,
    /// Fired when the incident was resolved by force or cancelled: repeats open nothing until it clears once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub muted: bool,
    /// Instants of the last changes between firing and clear, for flapping.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaps: Vec<Timestamp>,
    /// Since when it counts as firing although it may be clear at the moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flapping: Option<Timestamp>,
    /// What cleared it last; absent while it fires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleared_by: Option<ClearCause>,
    /// Moved to another incident by a split or merge.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moved: bool,
    /// Where its labels and the rest of what its source told of it stand: too much to be carried in the state.
    #[serde(default, skip_serializing_if = "Told::is_unknown")]
    pub told: Told,
}

/// The event that brought an alert, with the signal in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Told {
    /// Number of the event; 0: unknown.
    pub n: u64,
    /// The incident in whose history it is, if not this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<InstanceId>,
}

impl Told {
    fn is_unknown(&self) -> bool {
        self.n == 0
    }

    /// The same event, as another incident has to look for it.
    pub(crate) fn by(&self, incident: &InstanceId) -> Told {
        Told { n: self.n, of: self.of.clone().or_else(|| Some(incident.clone())) }
    }
}

impl AlertState {
    /// An alert as its first signal describes it. `n` is the number of the event that brought it, 0 while that is open.
    pub(crate) fn first(signal: &Signal, at: Timestamp, n: u64) -> AlertState {
        AlertState {
            cleared_by: None,
            identity: signal.identity(),
            title: signal.title.clone(),
            severity: signal.severity,
            firing: true,
            since: at,
            attached_at: at,
            observed_at: signal.observed_at,
            ends_at: signal.ends_at,
            mark: None,
            silenced: Vec::new(),
            inhibited: Vec::new(),
            muted: false,
            flaps: Vec::new(),
            flapping: None,
            moved: false,
            told: Told { n, of: None },
        }
    }

    /// Firing, or flapping and so counted as firing.
    pub fn counts_as_firing(&self) -> bool {
        !self.moved && (self.firing || self.flapping.is_some())
    }
}
