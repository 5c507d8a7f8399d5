//! A signal as a log keeps it: without what follows from when it came. It becomes a signal again under any policy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{IntegrationId, ServiceId};
use crate::incident::kinds::{Level3, Priority, Severity};
use crate::policy::document::Triage;
use crate::signal::{Signal, SignalKind};
use crate::time::Timestamp;
use crate::triage;

use super::entry::optional_instant;

/// A signal without its instant of arrival, which the entry has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedSignal {
    pub kind: SignalKind,
    #[serde(default, skip_serializing_if = "is_blank")]
    pub integration: IntegrationId,
    /// An alert's identity inside its integration; empty for reports.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// An alert that says "over".
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clear: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reporter: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_instant")]
    pub observed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_instant")]
    pub starts_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_instant")]
    pub ends_at: Option<Timestamp>,
    /// As stated; a stated priority counts only where neither is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Level3>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Level3>,
    /// For tools that state a priority alone: impact and urgency are read backwards from the policy's matrix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// A service of the policy; one that the policy lacks is as none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub declare: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opens_anew: bool,
}

fn is_blank(id: &IntegrationId) -> bool {
    id.as_str().is_empty()
}

impl LoggedSignal {
    /// A person's statement with no more than a title.
    pub fn report(title: &str) -> LoggedSignal {
        LoggedSignal::of(&Signal::report(title, Timestamp::default()))
    }

    /// A machine's statement.
    pub fn alert(integration: &str, key: &str, title: &str) -> LoggedSignal {
        LoggedSignal {
            kind: SignalKind::Alert,
            integration: integration.into(),
            key: key.to_owned(),
            ..LoggedSignal::report(title)
        }
    }

    /// A signal as a log keeps it.
    pub fn of(signal: &Signal) -> LoggedSignal {
        let s = signal.clone();
        LoggedSignal {
            kind: s.kind,
            integration: s.integration,
            key: s.key,
            clear: s.clear,
            title: s.title,
            description: s.description,
            source: s.source,
            severity: s.severity,
            reporter: s.reporter,
            url: s.url,
            labels: s.labels,
            annotations: s.annotations,
            values: s.values,
            observed_at: (s.observed_at != s.received_at).then_some(s.observed_at),
            starts_at: s.starts_at,
            ends_at: s.ends_at,
            impact: s.impact,
            urgency: s.urgency,
            priority: None,
            service: s.service,
            category: s.category,
            group: s.group,
            declare: s.declare,
            opens_anew: s.opens_anew,
        }
    }

    /// The signal as it comes in at an instant, under a policy with this triage.
    pub fn arriving(&self, at: Timestamp, triage: &Triage) -> Signal {
        let s = self.clone();
        let (impact, urgency) = match (s.impact, s.urgency, s.priority) {
            (None, None, Some(priority)) => cell_of(triage, priority).unzip(),
            (impact, urgency, _) => (impact, urgency),
        };
        Signal {
            kind: s.kind,
            integration: s.integration,
            key: s.key,
            clear: s.clear,
            title: s.title,
            description: s.description,
            source: s.source,
            severity: s.severity,
            unmapped_severity: None,
            reporter: s.reporter,
            url: s.url,
            labels: s.labels,
            annotations: s.annotations,
            values: s.values,
            received_at: at,
            observed_at: s.observed_at.unwrap_or(at),
            starts_at: s.starts_at,
            ends_at: s.ends_at,
            impact,
            urgency,
            service: s.service,
            category: s.category,
            group: s.group,
            declare: s.declare,
            opens_anew: s.opens_anew,
        }
    }
}

/// An impact and an urgency that make this priority: of several the pair that differs least, then the worse impact.
pub(crate) fn cell_of(triage: &Triage, priority: Priority) -> Option<(Level3, Level3)> {
    let all = Level3::ALL.iter().flat_map(|i| Level3::ALL.iter().map(move |u| (*i, *u)));
    let fitting = all.filter(|(impact, urgency)| triage::priority(triage, *impact, *urgency) == priority);
    fitting.min_by_key(|(impact, urgency)| ((*impact as i32 - *urgency as i32).abs(), *impact))
}
