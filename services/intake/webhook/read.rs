//! What the protocols share: a body becomes a value or an error that names the place, and an alert becomes a signal.
//! It reads no clock and answers nobody.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use stentor_core::id::IntegrationId;
use stentor_core::policy::document::Integration;
use stentor_core::signal::Signal;
use stentor_core::time::Timestamp;

use crate::intake::sink::Sent;
use crate::wire::Invalid;
use crate::wire::signal::{RawSignal, normalise};

/// Where signals come in: the integration, its policy entry, and the instant of receipt.
pub(super) struct Entry<'a> {
    pub id: &'a IntegrationId,
    pub integration: &'a Integration,
    pub received_at: Timestamp,
}

impl Entry<'_> {
    pub(super) fn normalise(&self, raw: RawSignal) -> Result<Signal, Invalid> {
        normalise(raw, self.id, self.integration, self.received_at)
    }

    /// A sender's word for a severity in our words, unless the policy maps it as it is.
    pub(super) fn severity(&self, word: &str, ours: &[(&str, &str)]) -> String {
        if self.integration.severity.as_ref().is_some_and(|severity| severity.map.contains_key(word)) {
            return word.to_owned();
        }
        let known = ours.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(word));
        known.map_or(word, |(_, ours)| ours).to_owned()
    }
}

/// The signals that could be read, and what was wrong with the others.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub signals: Vec<Sent>,
    pub problems: Vec<Invalid>,
}

impl Heard {
    /// `place` is where the alert stands, which the problem does not say yet.
    pub(super) fn add(&mut self, place: String, result: Result<Signal, Invalid>) {
        self.add_placed(result.map_err(|invalid| invalid.within(place)));
    }

    /// The same where the problem says it.
    pub(super) fn add_placed(&mut self, result: Result<Signal, Invalid>) {
        match result {
            Ok(signal) => self.signals.push(Sent { signal, delivery: None }),
            Err(invalid) => self.problems.push(invalid),
        }
    }

    /// Signals of one delivery, which its sender may repeat.
    pub(super) fn delivered(mut self, delivery: &str) -> Heard {
        for (n, sent) in self.signals.iter_mut().enumerate() {
            sent.delivery = Some(format!("{delivery}/{n}"));
        }
        self
    }

    /// All problems in one text, at most a few of them spelled out.
    pub(super) fn complaint(&self) -> String {
        let named: Vec<String> = self.problems.iter().take(5).map(ToString::to_string).collect();
        let more = self.problems.len().saturating_sub(named.len());
        if more == 0 { named.join("; ") } else { format!("{}; and {more} more", named.join("; ")) }
    }
}

/// Reads JSON; the error says where it stopped making sense.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(body)
        .map_err(|error| format!("the body is not UTF-8 from byte {}", error.valid_up_to()))?;
    serde_json::from_str(text).map_err(|error| format!("the body is not the JSON expected: {error}"))
}

/// An alert as Alertmanager's two formats write it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Alert {
    #[serde(default)]
    pub status: String,
    pub labels: BTreeMap<String, String>,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    #[serde(default)]
    starts_at: Option<String>,
    #[serde(default)]
    ends_at: Option<String>,
    #[serde(default, rename = "generatorURL")]
    generator_url: String,
}

impl Alert {
    pub(super) fn starts_at(&self) -> Result<Option<Timestamp>, Invalid> {
        instant("startsAt", self.starts_at.as_deref())
    }

    pub(super) fn ends_at(&self) -> Result<Option<Timestamp>, Invalid> {
        instant("endsAt", self.ends_at.as_deref())
    }

    /// Everything but the instants. Neither format says when the alert was seen, so that is the receipt: were it
    /// the alert's start, a repeat after an expiry would look older than the expiry and open nothing.
    pub(super) fn raw(self) -> RawSignal {
        let raw = described(&self.labels, &self.annotations);
        RawSignal {
            url: web_address(self.generator_url),
            labels: self.labels,
            annotations: self.annotations,
            ..raw
        }
    }
}

/// Title, description and source as labels and annotations of Prometheus' world have them.
pub(super) fn described(
    labels: &BTreeMap<String, String>,
    annotations: &BTreeMap<String, String>,
) -> RawSignal {
    let annotation = |name: &str| annotations.get(name).filter(|text| !text.trim().is_empty());
    let title = annotation("summary").or_else(|| annotation("title"));
    let title = title.or_else(|| labels.get("alertname")).cloned();
    let description = annotation("description").or_else(|| annotation("message")).cloned();
    let source = labels.get("instance").or_else(|| labels.get("host")).cloned();
    RawSignal {
        // An alert without a name is odd, and still an alert.
        title: title.unwrap_or_else(|| "Alert without a name".to_owned()),
        description: description.unwrap_or_default(),
        source: source.unwrap_or_default(),
        ..RawSignal::default()
    }
}

/// An address that can be shown; an alert is not refused for having none.
pub(super) fn web_address(text: String) -> String {
    let web = text.starts_with("http://") || text.starts_with("https://");
    if web && text.len() <= 2048 { text } else { String::new() }
}

/// An RFC 3339 instant; the zero time of Go means that there is none.
pub(super) fn instant(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Invalid> {
    let Some(text) = text.filter(|text| !text.is_empty() && !text.starts_with("0001-01-01")) else {
        return Ok(None);
    };
    let parsed = text.parse::<Timestamp>();
    parsed.map(Some).map_err(|_| Invalid::new(field, format!("{:?} is no RFC 3339 instant", shown(text))))
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
