//! ntfy: the message to a topic, published as JSON. The topic is the contact's address.
//! Whether a phone is woken is for the priority to say, which follows that of the incident.

use std::path::PathBuf;

use http::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::client::Client;
use super::super::message::{Kind, Message, cut};
use super::super::outcome::{Failure, Receipt};
use super::super::secret::Token;
use super::around::{Around, url};

/// Longer messages become attachments at the server.
const TEXT_CHARS: usize = 1000;

/// What the file of providers says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    url: String,
    /// A file with an access token; none for topics that everybody may write to.
    token_file: Option<PathBuf>,
    /// Networks that this provider may be reached in although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

/// A server of ntfy.
#[derive(Debug, Clone)]
pub struct Ntfy {
    client: Client,
    token: Option<Token>,
}

impl Ntfy {
    pub(super) fn new(settings: Settings, around: &Around) -> Result<Ntfy, String> {
        let token = settings.token_file.map(|path| Token::read("token_file", &path)).transpose()?;
        let egress = around.egress(&settings.allow)?;
        let client = Client::new(url(&settings.url)?, egress, token.clone())?;
        Ok(Ntfy { client, token })
    }

    pub(in super::super) async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        let topic = &message.address;
        let plain = topic.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if topic.is_empty() || topic.len() > 64 || !plain {
            return Err(Failure::lasting("address", "a topic is up to 64 letters, digits, - and _"));
        }
        let mut body = json!({
            "topic": topic,
            "title": cut(&message.headline(), 250),
            "message": cut(&message.text, TEXT_CHARS),
            "priority": priority(message),
        });
        if !message.url.is_empty() {
            body["click"] = json!(message.url);
        }
        let view = |(label, url): (&str, &str)| json!({"action": "view", "label": label, "url": url});
        let actions: Vec<Value> = message.links.buttons().map(view).collect();
        if !actions.is_empty() {
            body["actions"] = Value::Array(actions);
        }
        let mut request = self.client.post().json(&body);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.reveal()));
        }
        self.client.ask(request).await?.receipt()
    }
}

/// 5 rings through, 3 is usual.
fn priority(message: &Message) -> u8 {
    match message.kind {
        Kind::Page | Kind::Summon if message.is_urgent() => 5,
        Kind::Page | Kind::Summon | Kind::Test => 4,
        Kind::Notice => 3,
    }
}
