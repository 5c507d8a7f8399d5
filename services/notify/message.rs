//! What a person is told: plain data, rendered by whoever knows the incident's newest state.
//! It carries no label that a policy marks secret, and no more than fits a webhook.

use serde::Serialize;
use stentor_core::time::Timestamp;

use super::links::Links;

/// Largest body of a webhook.
const BODY_BYTES_MAX: usize = 20_000;

/// Why a person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Act now.
    Page,
    /// Come and help.
    Summon,
    /// For information.
    Notice,
    /// Nothing happened: somebody tries out whether it arrives.
    Test,
}

impl Kind {
    fn event(self) -> &'static str {
        match self {
            Kind::Page => "incident.page",
            Kind::Summon => "incident.summon",
            Kind::Notice => "incident.notice",
            Kind::Test => "notification.test",
        }
    }
}

/// The beginning of a text, with an ellipsis if it is cut.
pub(super) fn cut(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => text.to_owned(),
        Some(_) => text.chars().take(chars.saturating_sub(1)).chain(std::iter::once('…')).collect(),
    }
}

/// One message to one address of one person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Of the effect: the same in every attempt, so that receivers can drop repeats.
    pub id: String,
    pub kind: Kind,
    /// When it was rendered.
    #[serde(skip)]
    pub at: Timestamp,
    /// The person's id; empty for a channel.
    pub person: String,
    /// The kind of contact that the policy chose, `sms` for instance.
    #[serde(skip)]
    pub channel: String,
    /// Where the provider finds them: a number, a mailbox, a device.
    pub address: String,
    /// `incidents/…`.
    pub incident: String,
    /// `INC-1042`.
    pub reference: String,
    pub title: String,
    pub priority: String,
    pub phase: String,
    pub service: String,
    /// Of the escalation; zero outside of it.
    pub level: u32,
    pub round: u32,
    /// The message in words.
    pub text: String,
    /// Where the incident can be seen; empty if this deployment has no such place.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// What the person can answer with, without logging in.
    #[serde(skip_serializing_if = "Links::is_empty")]
    pub links: Links,
    /// It is a drill.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exercise: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: &'a Message,
}

impl Message {
    /// One line that tells messages apart: `[EXERCISE] [P1] INC-42 Checkout down`.
    pub(super) fn headline(&self) -> String {
        let exercise = if self.exercise { "[EXERCISE] " } else { "" };
        let line = match self.kind {
            Kind::Test => format!("[TEST] {}", self.title),
            _ => format!("{exercise}[{}] {} {}", self.priority, self.reference, self.title),
        };
        line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }

    /// P1 and P2: what people are woken for.
    pub(super) fn is_urgent(&self) -> bool {
        self.kind != Kind::Notice && matches!(self.priority.as_str(), "P1" | "P2")
    }

    /// What stays the same for all messages of an incident; a message of none is alone.
    pub(super) fn incident_id(&self) -> &str {
        if self.incident.is_empty() {
            return &self.id;
        }
        self.incident.strip_prefix("incidents/").unwrap_or(&self.incident)
    }

    /// The webhook's body. Words are shortened until it fits.
    pub fn body(&self) -> Vec<u8> {
        let mut message = self.clone();
        loop {
            let body = Body { kind: message.kind.event(), timestamp: message.at.to_string(), data: &message };
            let bytes = serde_json::to_vec(&body).expect("texts, numbers and nothing else become JSON");
            if bytes.len() < BODY_BYTES_MAX || !message.shorten() {
                return bytes;
            }
        }
    }

    /// Halves the longest text; false if there is nothing left to halve.
    fn shorten(&mut self) -> bool {
        let texts = [&mut self.text, &mut self.title, &mut self.address, &mut self.url];
        let Some(longest) = texts.into_iter().max_by_key(|text| text.len()) else { return false };
        let half = longest.chars().count() / 2;
        if half == 0 {
            return false;
        }
        *longest = longest.chars().take(half - 1).chain(std::iter::once('…')).collect();
        true
    }
}

#[cfg(test)]
pub(super) fn example() -> Message {
    Message {
        id: "i-1/7/0".into(),
        kind: Kind::Page,
        at: Timestamp(1_780_315_200_000),
        person: "ana".into(),
        channel: "push".into(),
        address: "ana-1".into(),
        incident: "incidents/i-1".into(),
        reference: "INC-42".into(),
        title: "Checkout down".into(),
        priority: "P1".into(),
        phase: "ACTIVE".into(),
        service: "checkout".into(),
        level: 1,
        round: 1,
        text: "[P1] INC-42 Checkout down".into(),
        url: String::new(),
        links: Links::default(),
        exercise: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_names_its_type_time_and_data() {
        let body: serde_json::Value = serde_json::from_slice(&example().body()).unwrap();
        assert_eq!(body["type"], "incident.page");
        assert_eq!(body["timestamp"], "2026-06-01T12:00:00Z");
        assert_eq!(
            (body["data"]["reference"].as_str(), body["data"]["level"].as_u64()),
            (Some("INC-42"), Some(1))
        );
        assert!(body["data"].get("url").is_none() && body["data"].get("exercise").is_none());
    }

    #[test]
    fn a_headline_is_one_line_and_names_a_drill_first() {
        let message = Message { title: "Down\r\nBcc: x".into(), exercise: true, ..example() };
        assert_eq!(message.headline(), "[EXERCISE] [P1] INC-42 Down  Bcc: x");
    }

    #[test]
    fn whatever_it_says_a_body_fits() {
        let message = Message { text: "\u{1}".repeat(9000), title: "ü".repeat(9000), ..example() };
        let body = message.body();
        assert!(body.len() < BODY_BYTES_MAX, "{} bytes", body.len());
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert!(body["data"]["text"].as_str().unwrap().ends_with('…'));
    }
}
