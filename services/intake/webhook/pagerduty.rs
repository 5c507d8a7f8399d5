//! PagerDuty's Events API v2: one event a request; the routing key in the body is the integration's key.
//! A trigger after a resolve opens anew instead of reopening, as that protocol promises its users.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use stentor_core::signal::Signal;

use super::read::{Entry, instant, json, web_address};
use crate::wire::Invalid;
use crate::wire::signal::RawSignal;

const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];
const DEDUP_KEY_CHARS_MAX: usize = 255;

/// An event whose form is right.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    #[serde(default)]
    pub routing_key: String,
    #[serde(default)]
    event_action: String,
    #[serde(default)]
    dedup_key: Option<String>,
    #[serde(default)]
    payload: Option<Payload>,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(default)]
    client: Option<String>,
    #[serde(default)]
    client_url: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Payload {
    #[serde(default)]
    summary: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    timestamp: Option<String>,
    #[serde(default)]
    component: Option<String>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    class: Option<String>,
    #[serde(default)]
    custom_details: Value,
}

#[derive(Debug, Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    pub href: String,
}

/// What the event asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Wanted {
    Hear(Box<Signal>),
    Acknowledge { key: String },
}

/// Reads an event; the errors are the protocol's own words where it has some.
pub(super) fn parse(body: &[u8]) -> Result<Event, Vec<String>> {
    json(body).map_err(|problem| vec![problem])
}

impl Event {
    /// The event as a signal or an acknowledgement.
    pub(super) fn read(self, entry: &Entry<'_>) -> Result<Wanted, Vec<String>> {
        let problems = self.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let key = self.dedup_key.clone().unwrap_or_default();
        if self.event_action == "acknowledge" {
            return Ok(Wanted::Acknowledge { key });
        }
        let raw = if self.event_action == "resolve" {
            Ok(RawSignal { clear: true, key, opens_anew: true, ..RawSignal::default() })
        } else {
            self.trigger(key)
        };
        let signal = raw.and_then(|raw| entry.normalise(raw)).map_err(|invalid| vec![invalid.to_string()])?;
        Ok(Wanted::Hear(Box::new(signal)))
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let key = self.dedup_key.as_deref().unwrap_or_default();
        if key.chars().count() > DEDUP_KEY_CHARS_MAX {
            problems.push(format!("'dedup_key' is too long (maximum is {DEDUP_KEY_CHARS_MAX} characters)"));
        }
        match self.event_action.as_str() {
            "trigger" => match &self.payload {
                None => problems.push("'payload' is missing or blank".to_owned()),
                Some(payload) => payload.problems(&mut problems),
            },
            "acknowledge" | "resolve" if key.is_empty() => {
                problems.push("'dedup_key' is missing or blank".to_owned());
            }
            "acknowledge" | "resolve" => {}
            "" => problems.push("'event_action' is missing or blank".to_owned()),
            _ => problems
                .push("'event_action' is invalid (must be one of: trigger, acknowledge, resolve)".to_owned()),
        }
        problems
    }

    fn trigger(self, key: String) -> Result<RawSignal, Invalid> {
        let payload = self.payload.ok_or_else(|| Invalid::new("payload", "is missing"))?;
        let observed_at = instant("payload.timestamp", payload.timestamp.as_deref())?;
        let mut labels = BTreeMap::new();
        let fields = [
            ("source", Some(payload.source.clone())),
            ("component", payload.component),
            ("group", payload.group),
            ("class", payload.class),
            ("client", self.client),
        ];
        for (name, value) in fields {
            labels.extend(value.filter(|value| !value.is_empty()).map(|value| (name.to_owned(), value)));
        }
        let link = self.links.into_iter().map(|link| link.href).next();
        Ok(RawSignal {
            // Without a key every trigger is an incident of its own, so the labels must not become one.
            key: if key.is_empty() { uuid::Uuid::new_v4().simple().to_string() } else { key },
            title: payload.summary,
            severity: payload.severity,
            source: payload.source,
            url: web_address(self.client_url.or(link).unwrap_or_default()),
            labels,
            annotations: details(payload.custom_details),
            observed_at,
            starts_at: observed_at,
            opens_anew: true,
            ..RawSignal::default()
        })
    }
}

impl Payload {
    fn problems(&self, problems: &mut Vec<String>) {
        for (name, value) in
            [("summary", &self.summary), ("source", &self.source), ("severity", &self.severity)]
        {
            if value.trim().is_empty() {
                problems.push(format!("'payload.{name}' is missing or blank"));
            }
        }
        if !self.severity.is_empty() && !SEVERITIES.contains(&self.severity.as_str()) {
            let known = SEVERITIES.join(", ");
            problems.push(format!("'payload.severity' is invalid (must be one of: {known})"));
        }
    }
}

/// The sender's own details as texts for people: at most 64, values of other types as JSON.
pub(super) fn details(value: Value) -> BTreeMap<String, String> {
    let entries = match value {
        Value::Object(entries) => entries,
        Value::Null => Map::new(),
        other => Map::from_iter([("custom_details".to_owned(), other)]),
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let short = |name: &String| !name.is_empty() && name.chars().count() <= 128;
    entries
        .into_iter()
        .filter(|(name, _)| short(name))
        .take(64)
        .map(|(name, value)| (name, text(value)))
        .collect()
}
