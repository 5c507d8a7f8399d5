//! Microsoft Teams: the message as an adaptive card to the webhook of a workflow, which posts it to its chat or channel.
//! The address of the webhook is the secret; a contact's own address is not used.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::client::Client;
use super::super::message::{Message, cut};
use super::super::outcome::{Failure, Receipt};
use super::super::secret::Token;
use super::around::{Around, url};

/// Far below the 28 KB that a card may have.
const TEXT_CHARS: usize = 4000;

/// What the file of providers says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// A file with the address of the workflow's webhook.
    webhook_file: PathBuf,
    /// Networks that this provider may be reached in although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

/// One chat or channel.
#[derive(Debug, Clone)]
pub struct Teams {
    client: Client,
}

impl Teams {
    pub(super) fn new(settings: Settings, around: &Around) -> Result<Teams, String> {
        let egress = around.egress(&settings.allow)?;
        let base = url(Token::read("webhook_file", &settings.webhook_file)?.reveal())?;
        Ok(Teams { client: Client::new(base, egress, [])? })
    }

    pub(in super::super) async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        let attachment = json!({
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card(message),
        });
        let body = json!({"type": "message", "attachments": [attachment]});
        self.client.ask(self.client.post().json(&body)).await?.receipt()
    }
}

fn card(message: &Message) -> Value {
    let block = |text: String, weight: &str, size: &str| json!({"type": "TextBlock", "text": plain(&text), "weight": weight, "size": size, "wrap": true});
    let facts = [("Service", &message.service), ("Priority", &message.priority), ("Phase", &message.phase)];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    let facts: Vec<Value> =
        facts.map(|(title, value)| json!({"title": title, "value": plain(value)})).collect();
    let body = json!([
        block(cut(&message.headline(), 300), "Bolder", "Medium"),
        block(cut(&message.text, TEXT_CHARS), "Default", "Default"),
        {"type": "FactSet", "facts": facts},
    ]);
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": body,
    });
    let runbook = Some(("Runbook", message.url.as_str())).filter(|(_, url)| url.starts_with("https://"));
    let open = |(title, url): (&str, &str)| json!({"type": "Action.OpenUrl", "title": title, "url": url});
    let actions: Vec<Value> = message.links.buttons().chain(runbook).map(open).collect();
    if !actions.is_empty() {
        card["actions"] = Value::Array(actions);
    }
    card
}

/// Without what a card's text takes for emphasis and links.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '_' | '[' | ']' | '`' | '#' | '\\') {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}
