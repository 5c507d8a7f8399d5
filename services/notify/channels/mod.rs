//! The channels, one file each: how a message looks there, what its provider's settings are, and what of an answer
//! beyond its status counts. Requests over HTTP are made and judged in one place, outside of this folder.

mod around;
mod settings;
mod smtp;
mod standard_webhook;
mod webhook;

#[cfg(test)]
mod tests;

pub(super) use around::Around;
pub(super) use settings::Entries;
pub(super) use smtp::Smtp;
pub use standard_webhook::{BadSecret, Secret, signature};
pub(super) use webhook::Webhook;
