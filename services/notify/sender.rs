//! One attempt to hand one message to one provider, whichever channel it is.
//! It keeps no queue and never tries again by itself.

use super::channels::{Ntfy, Pagerduty, Slack, Smtp, Teams, Telegram, Twilio, Webhook};
use super::message::Message;
use super::outcome::{Failure, Receipt};

/// What sends messages.
#[derive(Debug, Clone)]
pub enum Sender {
    Webhook(Webhook),
    Smtp(Box<Smtp>),
    Ntfy(Ntfy),
    Slack(Slack),
    Teams(Teams),
    Telegram(Telegram),
    Twilio(Twilio),
    Pagerduty(Pagerduty),
    /// Writes to the log: for development.
    Console,
}

impl Sender {
    /// The metrics' label.
    pub fn name(&self) -> &'static str {
        match self {
            Sender::Webhook(_) => "webhook",
            Sender::Smtp(_) => "smtp",
            Sender::Ntfy(_) => "ntfy",
            Sender::Slack(_) => "slack",
            Sender::Teams(_) => "teams",
            Sender::Telegram(_) => "telegram",
            Sender::Twilio(_) => "twilio",
            Sender::Pagerduty(_) => "pagerduty",
            Sender::Console => "console",
        }
    }

    /// One attempt, at most 10 s long.
    pub async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        match self {
            Sender::Webhook(webhook) => webhook.send(message).await,
            Sender::Smtp(smtp) => smtp.send(message).await,
            Sender::Ntfy(ntfy) => ntfy.send(message).await,
            Sender::Slack(slack) => slack.send(message).await,
            Sender::Teams(teams) => teams.send(message).await,
            Sender::Telegram(telegram) => telegram.send(message).await,
            Sender::Twilio(twilio) => twilio.send(message).await,
            Sender::Pagerduty(pagerduty) => pagerduty.send(message).await,
            Sender::Console => {
                tracing::info!(
                    kind = ?message.kind, person = %message.person, address = %message.address,
                    incident = %message.reference, priority = %message.priority, level = message.level,
                    text = %message.text, acknowledge = %message.links.acknowledge,
                    escalate = %message.links.escalate, "a message for the console"
                );
                Ok(Receipt { text: "shown on the console".to_owned() })
            }
        }
    }
}
