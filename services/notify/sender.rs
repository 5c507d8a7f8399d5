//! One attempt to hand one message to one provider, and what came of it.
//! It keeps no queue and never tries again by itself.

use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use reqwest::Url;

use super::egress::{Denied, Egress};
use super::message::Message;
use super::standard_webhook::{Secret, signature};
use crate::telemetry::propagation;

/// More of an answer is not read.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Characters of an answer that are kept for the timeline.
const EXCERPT_CHARS: usize = 200;

/// What sends messages.
#[derive(Debug, Clone)]
pub enum Sender {
    Webhook(Webhook),
    /// Writes to the log: for development.
    Console,
}

/// An endpoint that takes signed webhooks.
#[derive(Debug, Clone)]
pub struct Webhook {
    url: Url,
    secrets: Vec<Secret>,
    egress: Egress,
    client: reqwest::Client,
}

/// The provider took the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// How it said so, for the timeline.
    pub text: String,
}

/// The provider did not take the message, or nobody knows whether it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Another attempt would fail too.
    pub permanent: bool,
    /// How long the provider asks to wait. Whether that is too long for the message is the engine's business.
    pub retry_after: Option<Duration>,
    /// For the timeline. It carries no secret.
    pub text: String,
    /// For the metrics: `denied`, `timeout`, `connect`, `status`.
    pub class: &'static str,
}

impl Failure {
    fn new(class: &'static str, permanent: bool, text: String) -> Failure {
        Failure { permanent, retry_after: None, text, class }
    }
}

impl Sender {
    /// The metrics' label.
    pub fn name(&self) -> &'static str {
        match self {
            Sender::Webhook(_) => "webhook",
            Sender::Console => "console",
        }
    }

    /// One attempt, at most 10 s long.
    pub async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        match self {
            Sender::Webhook(webhook) => webhook.send(message).await,
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

impl Webhook {
    /// An endpoint behind its guard; the address is checked now and at every attempt.
    pub fn new(url: Url, secrets: Vec<Secret>, egress: Egress) -> Result<Webhook, String> {
        egress.check(&url).map_err(|denied| denied.to_string())?;
        let client = egress.client().map_err(|error| error.to_string())?;
        Ok(Webhook { url, secrets, egress, client })
    }

    async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        self.egress.check(&self.url).map_err(|denied| Failure::new("denied", true, denied.to_string()))?;
        let body = message.body();
        let now = wall_seconds();
        let mut headers = HeaderMap::new();
        propagation::inject(&mut headers);
        let mut request = self
            .client
            .post(self.url.clone())
            .headers(headers)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", now);
        if !self.secrets.is_empty() {
            let signed = signature(&self.secrets, &message.id, now, &body);
            request = request.header("webhook-signature", signed);
        }
        let response = request.body(body).send().await.map_err(not_sent)?;
        judge(response).await
    }
}

/// The instant that a receiver compares with its own clock; the engine's could be a test's.
#[expect(clippy::disallowed_methods, reason = "the other end judges by wall time")]
fn wall_seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The error of a request that got no answer, without the address: it may carry a token.
fn not_sent(error: reqwest::Error) -> Failure {
    let denied = sources(&error).any(|source| source.is::<Denied>());
    let class = if denied {
        "denied"
    } else if error.is_timeout() {
        "timeout"
    } else {
        "connect"
    };
    let error = error.without_url();
    let deepest = sources(&error).last().map_or_else(|| error.to_string(), ToString::to_string);
    // A name may lead elsewhere a second later, so even what was denied may be tried again.
    Failure::new(class, false, deepest)
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let first = std::error::Error::source(error);
    std::iter::successors(first, |error| error.source())
}

/// Only 2xx is success, redirects included in the rest; what asks for patience gets some.
async fn judge(response: reqwest::Response) -> Result<Receipt, Failure> {
    let status = response.status();
    let retry_after = retry_after(response.headers());
    let excerpt = excerpt(response).await;
    if status.is_success() {
        return Ok(Receipt { text: status.to_string() });
    }
    let patience = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    let refused = status.is_client_error() && !patience;
    let text = if excerpt.is_empty() { status.to_string() } else { format!("{status}: {excerpt}") };
    Err(Failure { retry_after, ..Failure::new("status", refused, text) })
}

/// Seconds, or an instant as HTTP writes it.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let wait = at.as_second() - wall_seconds();
    Some(Duration::from_secs(wait.max(0).unsigned_abs()))
}

/// The beginning of the answer in one line. An answer that is too long, breaks off or hangs is left alone:
/// its status has said all that counts.
async fn excerpt(mut response: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ANSWER_BYTES_MAX {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.trim().chars().take(EXCERPT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
#[path = "sender_tests.rs"]
mod tests;
