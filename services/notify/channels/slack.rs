//! Slack: the message as blocks, by a bot's token to any channel or person, or by an incoming webhook to the one channel that
//! it belongs to. Slack says in the body whether it took it; a status alone says nothing.

use std::path::PathBuf;

use http::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::client::{Answer, Client};
use super::super::message::{Message, cut};
use super::super::outcome::{Failure, Receipt};
use super::super::secret::Token;
use super::around::{Around, url};

/// Limits of Slack's blocks, in characters.
const HEADER: usize = 150;
const SECTION: usize = 3000;

/// Errors that may pass; every other one is for good.
const PASSING: [&str; 6] = [
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "request_timeout",
    "service_unavailable",
];

/// What the file of providers says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// A file with a bot's token (`xoxb-…`).
    token_file: Option<PathBuf>,
    /// A file with the address of an incoming webhook.
    webhook_file: Option<PathBuf>,
    #[serde(default = "api")]
    url: String,
    /// Networks that this provider may be reached in although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

fn api() -> String {
    "https://slack.com/api".to_owned()
}

/// A workspace, or a channel of one.
#[derive(Debug, Clone)]
pub struct Slack {
    client: Client,
    /// None: an incoming webhook.
    token: Option<Token>,
}

impl Slack {
    pub(super) fn new(settings: Settings, around: &Around) -> Result<Slack, String> {
        let egress = around.egress(&settings.allow)?;
        let (base, token) = match (&settings.token_file, &settings.webhook_file) {
            (Some(path), None) => (url(&settings.url)?, Some(Token::read("token_file", path)?)),
            (None, Some(path)) => (url(Token::read("webhook_file", path)?.reveal())?, None),
            _ => return Err("slack needs either a token_file or a webhook_file".to_owned()),
        };
        Ok(Slack { client: Client::new(base, egress, token.clone())?, token })
    }

    pub(in super::super) async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        let mut body = json!({
            "text": escape(&cut(&message.headline(), HEADER)),
            "blocks": blocks(message),
            "unfurl_links": false,
        });
        let Some(token) = &self.token else {
            let answer = self.client.ask(self.client.post().json(&body)).await?;
            let taken = !answer.status.is_success() || answer.says("ok");
            return if taken { answer.receipt() } else { Err(answer.failure("answer", false)) };
        };
        body["channel"] = json!(message.address);
        let request = self.client.post_to(&["chat.postMessage"]).json(&body);
        let request = request.header(AUTHORIZATION, format!("Bearer {}", token.reveal()));
        judged(self.client.ask(request).await?)
    }
}

/// The Web API answers 200 also to what it refuses.
fn judged(answer: Answer) -> Result<Receipt, Failure> {
    if !answer.status.is_success() {
        return answer.receipt();
    }
    let said = answer.json().unwrap_or_default();
    if said["ok"] == Value::Bool(true) {
        return Ok(Receipt { text: format!("ok, {}", said["ts"].as_str().unwrap_or("without a timestamp")) });
    }
    let passing = said["error"].as_str().is_none_or(|error| PASSING.contains(&error));
    Err(answer.failure("answer", !passing))
}

fn blocks(message: &Message) -> Value {
    let header =
        json!({"type": "header", "text": {"type": "plain_text", "text": cut(&message.headline(), HEADER)}});
    let text = section(&message.text);
    let section = json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    let field =
        |name: &str, value: &str| json!({"type": "mrkdwn", "text": format!("*{name}*\n{}", escape(value))});
    let fields = [("Service", &message.service), ("Priority", &message.priority), ("Phase", &message.phase)];
    let fields: Vec<Value> = fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| field(name, value))
        .collect();
    let mut blocks = vec![header, section];
    if !fields.is_empty() {
        blocks.push(json!({"type": "section", "fields": fields}));
    }
    let buttons = buttons(message);
    if !buttons.is_empty() {
        blocks.push(json!({"type": "actions", "elements": buttons}));
    }
    Value::Array(blocks)
}

/// Each opens a page; nothing acts by itself. The first thing to do stands out.
fn buttons(message: &Message) -> Vec<Value> {
    let button = |(name, url): (&str, &str)| json!({"type": "button", "text": {"type": "plain_text", "text": name}, "url": url});
    let mut buttons: Vec<Value> = message.links.buttons().map(button).collect();
    if let Some(first) = buttons.first_mut() {
        first["style"] = json!("primary");
    }
    if message.url.starts_with("https://") {
        buttons.push(button(("Runbook", &message.url)));
    }
    buttons
}

/// A text that fits once it is escaped, so that no escape is cut in the middle.
fn section(text: &str) -> String {
    let mut chars = SECTION;
    loop {
        let escaped = escape(&cut(text, chars));
        let excess = escaped.chars().count().saturating_sub(SECTION);
        if excess == 0 {
            return escaped;
        }
        // An escape makes five characters of one.
        chars -= excess.div_ceil(5);
    }
}

/// The three characters that mean something in Slack's text.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
