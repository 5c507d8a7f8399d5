//! Telegram: a bot sends the message as plain text to a chat. The bot's token is part of every address it calls, so nothing
//! of an address is ever repeated.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::client::Client;
use super::super::message::{Kind, Message, cut};
use super::super::outcome::{Failure, Receipt};
use super::super::secret::Token;
use super::around::{Around, url};

/// The longest message, in characters.
const TEXT_CHARS: usize = 4096;

/// What the file of providers says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// A file with the bot's token.
    token_file: PathBuf,
    #[serde(default = "api")]
    url: String,
    /// Networks that this provider may be reached in although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

fn api() -> String {
    "https://api.telegram.org".to_owned()
}

/// A bot.
#[derive(Debug, Clone)]
pub struct Telegram {
    client: Client,
    token: Token,
}

impl Telegram {
    pub(super) fn new(settings: Settings, around: &Around) -> Result<Telegram, String> {
        let token = Token::read("token_file", &settings.token_file)?;
        let egress = around.egress(&settings.allow)?;
        Ok(Telegram { client: Client::new(url(&settings.url)?, egress, [token.clone()])?, token })
    }

    pub(in super::super) async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        let (buttons, lines) = links(message);
        let mut text = cut(&message.text, TEXT_CHARS / 2);
        for line in lines {
            text = format!("{text}\n{line}");
        }
        let mut body = json!({
            "chat_id": message.address,
            "text": cut(&text, TEXT_CHARS),
            "disable_notification": message.kind == Kind::Notice,
            "link_preview_options": {"is_disabled": true},
        });
        if !buttons.is_empty() {
            body["reply_markup"] = json!({"inline_keyboard": [buttons]});
        }
        let bot = format!("bot{}", self.token.reveal());
        let answer = self.client.ask(self.client.post_to(&[&bot, "sendMessage"]).json(&body)).await?;
        let said = answer.json().unwrap_or_default();
        if answer.status.is_success() && said["ok"] != Value::Bool(true) {
            return Err(answer.failure("answer", false));
        }
        answer.after(said["parameters"]["retry_after"].as_u64()).receipt()
    }
}

/// Buttons, and lines of the text. Telegram refuses a message whole for a button that leads into a private network, which
/// plain http mostly means.
fn links(message: &Message) -> (Vec<Value>, Vec<String>) {
    let (mut buttons, mut lines) = (Vec::new(), Vec::new());
    for (name, url) in message.links.buttons() {
        match url.starts_with("https://") {
            true => buttons.push(json!({"text": name, "url": url})),
            false => lines.push(format!("{name}: {url}")),
        }
    }
    lines.extend(Some(message.url.clone()).filter(|url| !url.is_empty()));
    (buttons, lines)
}
