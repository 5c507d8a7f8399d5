//! Where signals come from, and how what comes is read. Addresses and keys are not part of the policy: a key follows from
//! the integration's id, its generation and the deployment's secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::incident::kinds::Severity;
use crate::time::Timestamp;

/// Where signals come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Integration {
    pub kind: IntegrationKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<SeverityMap>,
    /// Labels that do not belong to an alert's identity.
    #[serde(default)]
    pub ignore_labels: Vec<String>,
    /// How a JSON body becomes alerts; for the kinds `json` and `cloudevents`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<MapSpec>,
    /// How much it may send; what is beyond is refused. Absent: [`Rate::USUAL`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Which of its keys is valid. Absent: the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<IntegrationKey>,
}

/// Keys of an integration are derived, one for each generation; what is older than the one before is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegrationKey {
    /// From 1.
    pub generation: u32,
    /// Until then the key of the generation before is taken too. Absent: it is not.
    #[serde(default, with = "instant", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub old_until: Option<Timestamp>,
}

/// Instants as people write them: RFC 3339.
mod instant {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::time::Timestamp;

    pub(super) fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => to.collect_str(at),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let parsed = text.map(|text| text.parse().map_err(|_| D::Error::custom("is no RFC 3339 instant")));
        parsed.transpose()
    }
}

/// Signals of one integration: reports and alerts, whether they are new or not. Clears have ten times as much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// In the long run.
    pub per_minute: u32,
    /// At once.
    pub burst: u32,
}

/// New incidents that alerts may open within 5 minutes. Above it they join one storm incident for each integration and
/// service; an alert for a service without an open incident opens one all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Storms {
    pub per_integration: u32,
    pub per_service: u32,
}

/// Pages of one person through one kind of contact. What is beyond waits, and goes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageRate {
    pub per_minute: u32,
}

impl Storms {
    /// Where nothing is said.
    pub const USUAL: Storms = Storms { per_integration: 60, per_service: 20 };
}

impl Rate {
    /// Where nothing is said.
    pub const USUAL: Rate = Rate { per_minute: 6_000, burst: 10_000 };
}

impl Integration {
    /// The generation of its key.
    pub fn generation(&self) -> u32 {
        self.key.map_or(1, |key| key.generation.max(1))
    }

    /// The generations whose keys are valid, the newest first.
    pub fn generations(&self, now: Timestamp) -> Vec<u32> {
        let newest = self.generation();
        let old = self.key.and_then(|key| key.old_until).filter(|until| *until > now && newest > 1);
        std::iter::once(newest).chain(old.map(|_| newest - 1)).collect()
    }

    /// An integration of a kind without anything else said about it.
    pub fn plain(kind: IntegrationKind) -> Integration {
        Integration { kind, severity: None, ignore_labels: Vec::new(), map: None, rate: None, key: None }
    }
}

/// Kinds of integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IntegrationKind {
    Native,
    Alertmanager,
    Prometheus,
    Pagerduty,
    Grafana,
    Json,
    Cloudevents,
    Datadog,
    Sentry,
    Github,
    Opsgenie,
}

impl IntegrationKind {
    /// The word in the document.
    pub const fn as_str(self) -> &'static str {
        match self {
            IntegrationKind::Native => "native",
            IntegrationKind::Alertmanager => "alertmanager",
            IntegrationKind::Prometheus => "prometheus",
            IntegrationKind::Pagerduty => "pagerduty",
            IntegrationKind::Grafana => "grafana",
            IntegrationKind::Json => "json",
            IntegrationKind::Cloudevents => "cloudevents",
            IntegrationKind::Datadog => "datadog",
            IntegrationKind::Sentry => "sentry",
            IntegrationKind::Github => "github",
            IntegrationKind::Opsgenie => "opsgenie",
        }
    }

    /// Whether the sender signs what it sends. Such an integration is heard on its own route alone, where that is
    /// checked.
    pub const fn is_signed(self) -> bool {
        matches!(self, IntegrationKind::Sentry | IntegrationKind::Github)
    }

    /// Whether bodies of this kind can be read by a map.
    pub const fn is_mapped(self) -> bool {
        matches!(self, IntegrationKind::Json | IntegrationKind::Cloudevents)
    }
}

/// How an integration's severity is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityMap {
    /// The label that holds it.
    pub label: String,
    #[serde(default)]
    pub map: BTreeMap<String, Severity>,
    /// For values that are neither mapped nor a severity's name.
    #[serde(rename = "else", default = "severity_error")]
    pub otherwise: Severity,
}

fn severity_error() -> Severity {
    Severity::Error
}

/// Which part of a JSON body becomes what: CEL over `body`, each giving a text, a number or a bool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MapSpec {
    /// Path of a list in the body, such as `body.items`: each entry is an alert of its own and takes the place of `body`
    /// in everything below. Absent: the whole body is one alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// What identifies the alert; absent: its labels do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `firing`, `clear` or `resolved`; absent: it is firing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The sender's word, which the integration's `severity` maps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}
