//! What comes in: reports of people and alerts of machines, already parsed and normalised. Nothing is decided here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{IntegrationId, ServiceId};
use crate::incident::kinds::{Level3, Severity};
use crate::time::Timestamp;

/// Whether a person or a machine speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignalKind {
    /// A person's statement: no key, never clears by itself.
    Report,
    /// A machine's statement with a key.
    Alert,
}

/// A signal, normalised: texts cut to their limits, labels without empty values, instants plausible.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    pub kind: SignalKind,
    /// Where it came from.
    pub integration: IntegrationId,
    /// An alert's identity inside its integration: the caller's key, else the fingerprint. Empty for reports.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// An alert that says "over".
    #[serde(default, skip_serializing_if = "is_false")]
    pub clear: bool,
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// A severity text that the integration's map does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmapped_severity: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reporter: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Measured values as texts of decimal numbers: rules compare them, decisions never compute with them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    pub received_at: Timestamp,
    /// When the sender saw it; never more than 5 minutes ahead of `received_at`.
    pub observed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// An alert that clears by itself at this instant unless heard again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// As stated by the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Level3>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Level3>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// A protocol's own group (Alertmanager's `groupKey`); empty: the route's `group_by` decides.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// The reporter asks for an incident that is declared at once.
    #[serde(default, skip_serializing_if = "is_false")]
    pub declare: bool,
    /// Its protocol opens anew after a resolve instead of reopening (PagerDuty events).
    #[serde(default, skip_serializing_if = "is_false")]
    pub opens_anew: bool,
}

fn is_false(b: &bool) -> bool {
    !*b
}

impl Signal {
    /// A report that says no more than its title.
    pub fn report(title: &str, received_at: Timestamp) -> Signal {
        Signal {
            kind: SignalKind::Report,
            integration: IntegrationId::default(),
            key: String::new(),
            clear: false,
            title: title.to_owned(),
            description: String::new(),
            source: String::new(),
            severity: None,
            unmapped_severity: None,
            reporter: String::new(),
            url: String::new(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            values: BTreeMap::new(),
            received_at,
            observed_at: received_at,
            starts_at: None,
            ends_at: None,
            impact: None,
            urgency: None,
            service: None,
            category: None,
            group: String::new(),
            declare: false,
            opens_anew: false,
        }
    }

    /// The identity of an alert: integration and key. Two integrations never share one.
    pub fn identity(&self) -> String {
        format!("{}:{}", self.integration, self.key)
    }
}
