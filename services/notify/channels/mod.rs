//! The channels, one file each: how a message looks there, what its provider's settings are, and what of an answer
//! beyond its status counts. Requests over HTTP are made and judged in one place, outside of this folder.

mod around;
mod ntfy;
mod pagerduty;
mod settings;
mod slack;
mod smtp;
mod standard_webhook;
mod teams;
mod telegram;
mod twilio;
mod webhook;

#[cfg(test)]
mod tests;

pub(crate) use around::{Around, url};
pub(super) use ntfy::Ntfy;
pub(super) use pagerduty::Pagerduty;
pub(super) use settings::Entries;
pub(super) use slack::Slack;
pub(super) use smtp::Smtp;
pub use standard_webhook::{BadSecret, Secret, signature};
pub(super) use teams::Teams;
pub(super) use telegram::Telegram;
pub(super) use twilio::Twilio;
pub(super) use webhook::Webhook;
