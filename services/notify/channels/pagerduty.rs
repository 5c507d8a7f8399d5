//! PagerDuty: incidents are forwarded as events of its API v2, for teams that are still paged from there. An incident is one
//! alert there: its messages trigger it, and one that tells of its end resolves it.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::client::Client;
use super::super::message::{Kind, Message, cut};
use super::super::outcome::{Failure, Receipt};
use super::super::secret::Token;
use super::around::{Around, url};

/// The longest summary, in characters.
const SUMMARY: usize = 1024;

/// What the file of providers says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// A file with the integration key of a service.
    routing_key_file: PathBuf,
    #[serde(default = "api")]
    url: String,
    /// Networks that this provider may be reached in although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

fn api() -> String {
    "https://events.pagerduty.com/v2/enqueue".to_owned()
}

/// A service there.
#[derive(Debug, Clone)]
pub struct Pagerduty {
    client: Client,
    key: Token,
}

impl Pagerduty {
    pub(super) fn new(settings: Settings, around: &Around) -> Result<Pagerduty, String> {
        let key = Token::read("routing_key_file", &settings.routing_key_file)?;
        let egress = around.egress(&settings.allow)?;
        Ok(Pagerduty { client: Client::new(url(&settings.url)?, egress, [key.clone()])?, key })
    }

    pub(in super::super) async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        let mut event = event(message, self.key.reveal());
        let receipt = self.client.ask(self.client.post().json(&event)).await?.receipt()?;
        if message.kind == Kind::Test {
            // What a test opens there it also closes; that it was taken is known already.
            event["event_action"] = json!("resolve");
            self.client.ask(self.client.post().json(&event)).await?;
        }
        Ok(receipt)
    }
}

fn event(message: &Message, key: &str) -> Value {
    let over = matches!(message.phase.as_str(), "RESOLVED" | "CLOSED" | "CANCELLED");
    let mut event = json!({
        "routing_key": key,
        "event_action": if over { "resolve" } else { "trigger" },
        "dedup_key": cut(message.incident_id(), 255),
    });
    if !over {
        event["payload"] = json!({
            "summary": cut(&message.headline(), SUMMARY),
            "source": if message.service.is_empty() { "stentor" } else { &message.service },
            "severity": severity(message),
            "timestamp": message.at.to_string(),
            "custom_details": {"text": cut(&message.text, 4000), "level": message.level, "phase": message.phase},
        });
        event["client"] = json!("Stentor");
        if message.url.starts_with("https://") {
            event["links"] = json!([{"href": message.url, "text": "Runbook"}]);
        }
    }
    event
}

fn severity(message: &Message) -> &'static str {
    match message.priority.as_str() {
        "P1" => "critical",
        "P2" => "error",
        "P3" => "warning",
        _ => "info",
    }
}
