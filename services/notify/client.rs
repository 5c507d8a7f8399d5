//! One request to one provider over HTTP, through the guard, and what its answer says by status.
//! What stands in an answer beyond its status is read by the channels that know it.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use reqwest::{RequestBuilder, Url};

use super::egress::{Denied, Egress};
use super::outcome::{Failure, Receipt};
use super::secret::{Hidden, Token};

/// More of an answer is not read.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// The way to one provider: all of its requests go below one address.
#[derive(Clone)]
pub(crate) struct Client {
    base: Url,
    egress: Egress,
    http: reqwest::Client,
    hidden: Hidden,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.base.origin().ascii_serialization())
    }
}

impl Client {
    /// Checks the address now; every request is checked again. What is `secret` is cut out of answers that are
    /// repeated, and so is the address beyond its host, because some providers make it the secret.
    pub(crate) fn new(
        base: Url,
        egress: Egress,
        secret: impl IntoIterator<Item = Token>,
    ) -> Result<Client, String> {
        let egress = if base.scheme() == "http" { egress.without_public() } else { egress };
        egress.check(&base).map_err(|denied| format!("url: {denied}"))?;
        let http = egress.client().map_err(|error| error.to_string())?;
        let place = [base.path(), base.query().unwrap_or_default()].map(|part| Token::from(part.to_owned()));
        let hidden = Hidden::new(secret.into_iter().chain(place));
        Ok(Client { base, egress, http, hidden })
    }

    /// A request to the address itself.
    pub(crate) fn post(&self) -> RequestBuilder {
        self.http.post(self.base.clone())
    }

    /// A request below the address: each part becomes one segment of the path.
    pub(super) fn post_to(&self, parts: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        self.http.post(url)
    }

    /// Sends a request once and reads the answer.
    pub(crate) async fn ask(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let request =
            request.build().map_err(|e| Failure::lasting("request", e.without_url().to_string()))?;
        self.egress.check(request.url()).map_err(|denied| Failure::lasting("denied", denied.to_string()))?;
        let response = self.http.execute(request).await.map_err(not_sent)?;
        Ok(self.read(response).await)
    }

    /// An answer that is too long, breaks off or hangs is left alone: its status has said what counts.
    async fn read(&self, mut response: reqwest::Response) -> Answer {
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        let excerpt = self.hidden.excerpt(&String::from_utf8_lossy(&body));
        Answer { status, retry_after, excerpt, body }
    }
}

/// What a provider answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    retry_after: Option<Duration>,
    excerpt: String,
    body: Vec<u8>,
}

impl Answer {
    /// Only 2xx is success, redirects included in the rest; what asks for patience gets some.
    pub(crate) fn receipt(&self) -> Result<Receipt, Failure> {
        if self.status.is_success() {
            return Ok(Receipt { text: self.status.to_string() });
        }
        let patience = matches!(self.status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
        Err(self.failure("status", self.status.is_client_error() && !patience))
    }

    /// The body as JSON, for providers that say there what counts.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the body is this word.
    pub(super) fn says(&self, word: &str) -> bool {
        self.body.trim_ascii() == word.as_bytes()
    }

    /// The same answer, told to come again after so many seconds.
    pub(super) fn after(self, seconds: Option<u64>) -> Answer {
        let retry_after = seconds.map(Duration::from_secs).or(self.retry_after);
        Answer { retry_after, ..self }
    }

    /// A failure that repeats what the provider said.
    pub(super) fn failure(&self, class: &'static str, permanent: bool) -> Failure {
        let status = self.status;
        let text =
            if self.excerpt.is_empty() { status.to_string() } else { format!("{status}: {}", self.excerpt) };
        Failure { permanent, retry_after: self.retry_after, text, class }
    }
}

/// The instant that the other end compares with its own clock; the engine's could be a test's.
#[expect(clippy::disallowed_methods, reason = "the other end judges by wall time")]
pub(crate) fn wall_seconds() -> i64 {
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
    Failure::passing(class, deepest)
}

fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let first = std::error::Error::source(error);
    std::iter::successors(first, |error| error.source())
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
