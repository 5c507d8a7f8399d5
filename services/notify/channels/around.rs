//! What every provider's settings are read with: networks, addresses, and whether this is development.
//! It knows no channel.

use std::time::Duration;

use reqwest::Url;

use super::super::egress::{Egress, TOTAL_TIME_MAX};
use super::super::net::Net;

/// Where the senders run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around {
    /// The loopback may be called, and webhooks need no secret.
    pub(crate) dev: bool,
    /// An attempt ends after this.
    pub(crate) attempt_max: Duration,
}

impl Around {
    pub(crate) fn new(dev: bool) -> Around {
        Around { dev, attempt_max: TOTAL_TIME_MAX }
    }

    /// The guard of a provider that names these networks.
    pub(crate) fn egress(&self, allow: &[String]) -> Result<Egress, String> {
        let allow: Vec<Net> = allow
            .iter()
            .map(|text| text.parse())
            .collect::<Result<_, _>>()
            .map_err(|error| format!("allow: {error}"))?;
        let loopback = Net::LOOPBACK.into_iter().filter(|_| self.dev);
        Ok(Egress::new(allow.into_iter().chain(loopback)).within(self.attempt_max))
    }
}

/// An address, which the error does not repeat: some are secrets.
pub(crate) fn url(text: &str) -> Result<Url, String> {
    text.parse().map_err(|error| format!("url: it cannot be read: {error}"))
}
