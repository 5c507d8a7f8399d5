//! One attempt to hand one message to one provider, whichever channel it is.
//! It keeps no queue and never tries again by itself.

use super::channels::{Smtp, Webhook};
use super::message::Message;
use super::outcome::{Failure, Receipt};

/// What sends messages.
#[derive(Debug, Clone)]
pub enum Sender {
    Webhook(Webhook),
    Smtp(Box<Smtp>),
    /// Writes to the log: for development.
    Console,
}

impl Sender {
    /// The metrics' label.
    pub fn name(&self) -> &'static str {
        match self {
            Sender::Webhook(_) => "webhook",
            Sender::Smtp(_) => "smtp",
            Sender::Console => "console",
        }
    }

    /// One attempt, at most 10 s long.
    pub async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        match self {
            Sender::Webhook(webhook) => webhook.send(message).await,
            Sender::Smtp(smtp) => smtp.send(message).await,
            Sender::Console => {
                tracing::info!(
                    kind = ?message.kind, person = %message.person, address = %message.address,
                    incident = %message.reference, priority = %message.priority, level = message.level,
                    text = %message.text, "a message for the console"
                );
                Ok(Receipt { text: "shown on the console".to_owned() })
            }
        }
    }
}
