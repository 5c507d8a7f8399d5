//! Twilio, or whoever speaks its API: short messages, and calls that read the message out. The contact's kind decides: `voice`
//! is called, every other one gets a text.

use std::path::PathBuf;

use serde::Deserialize;

use super::super::client::Client;
use super::super::message::{Message, cut};
use super::super::outcome::{Failure, Receipt};
use super::super::secret::Token;
use super::around::{Around, url};

/// Two parts of a long text message.
const SMS_CHARS: usize = 320;

/// Between a text and its link.
const ACK: &str = "\nAck: ";

/// What is read out, twice.
const SPOKEN_CHARS: usize = 500;

/// What the file of providers says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// `AC…`.
    account: String,
    /// A file with the account's token.
    token_file: PathBuf,
    /// A number, or for texts a messaging service (`MG…`).
    from: String,
    #[serde(default = "api")]
    url: String,
    /// Networks that this provider may be reached in although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

fn api() -> String {
    "https://api.twilio.com".to_owned()
}

/// An account.
#[derive(Debug, Clone)]
pub struct Twilio {
    client: Client,
    account: String,
    token: Token,
    from: String,
}

impl Twilio {
    pub(super) fn new(settings: Settings, around: &Around) -> Result<Twilio, String> {
        let token = Token::read("token_file", &settings.token_file)?;
        let egress = around.egress(&settings.allow)?;
        let client = Client::new(url(&settings.url)?, egress, [token.clone()])?;
        Ok(Twilio { client, account: settings.account, token, from: settings.from })
    }

    pub(in super::super) async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        let (what, words) = match message.channel.as_str() {
            "voice" => ("Calls.json", ("Twiml", spoken(message))),
            _ => ("Messages.json", ("Body", short(message))),
        };
        let from = if self.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let form = [("To", message.address.as_str()), (from, &self.from), (words.0, &words.1)];
        let request = self.client.post_to(&["2010-04-01", "Accounts", &self.account, what]);
        let request = request.basic_auth(&self.account, Some(self.token.reveal())).form(&form);
        self.client.ask(request).await?.receipt()
    }
}

/// The text and where to acknowledge it. A link is whole or absent: the text gives way, and keeps at least half.
fn short(message: &Message) -> String {
    let link = &message.links.acknowledge;
    let room = SMS_CHARS.saturating_sub(link.chars().count() + ACK.len());
    if link.is_empty() || room < SMS_CHARS / 2 {
        return cut(&message.text, SMS_CHARS);
    }
    format!("{}{ACK}{link}", cut(&message.text, room))
}

/// What the telephone says: the message, a pause, and the message again.
fn spoken(message: &Message) -> String {
    let said = escape(&cut(&message.text, SPOKEN_CHARS));
    format!("<Response><Say>{said}</Say><Pause length=\"1\"/><Say>{said}</Say></Response>")
}

/// Text inside XML; characters that XML cannot carry become spaces.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
