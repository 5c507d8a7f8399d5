//! Events to an HTTP endpoint: CloudEvents in structured mode, signed as Standard Webhooks say, through the guard of
//! everything that we send. Accepted is 2xx and nothing else.

use std::path::PathBuf;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use stentor_engine::{FeedItem, Sink, Start, Untaken};

use super::file::Common;
use crate::notify::{Around, Client, Failure, Secret, signature, url, wall_seconds};
use crate::telemetry::propagation;
use crate::wire::cloud_event::{self, CONTENT_TYPE as CLOUD_EVENT};

/// An attempt ends after this.
const ATTEMPT_MAX: Duration = Duration::from_secs(15);

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

/// Waits after each failure in a row; after one failure more the sink is disabled.
const RETRIES: [Duration; 9] = [
    Duration::from_secs(5),
    minutes(5),
    minutes(30),
    minutes(2 * 60),
    minutes(5 * 60),
    minutes(10 * 60),
    minutes(14 * 60),
    minutes(20 * 60),
    minutes(24 * 60),
];

/// What the file of sinks says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    url: String,
    /// A file with one or more secrets of Standard Webhooks, a line each: during a rotation both sign.
    secret_file: Option<PathBuf>,
    /// Networks in which the endpoint may lie although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

/// An endpoint that takes events.
#[derive(Debug)]
pub(super) struct Webhook {
    common: Common,
    client: Client,
    secrets: Vec<Secret>,
}

impl Webhook {
    pub(super) fn new(common: Common, settings: Settings, dev: bool) -> Result<Webhook, String> {
        let around = Around { attempt_max: ATTEMPT_MAX, ..Around::new(dev) };
        let secrets = match &settings.secret_file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| format!("secret_file: {}: {error}", path.display()))?
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(str::parse)
                .collect::<Result<Vec<Secret>, _>>()
                .map_err(|error| format!("secret_file: {error}"))?,
            None => Vec::new(),
        };
        if secrets.is_empty() && !dev {
            return Err("secret_file: without one nobody can tell our events from forged ones".to_owned());
        }
        let client = Client::new(url(&settings.url)?, around.egress(&settings.allow)?, [])?;
        Ok(Webhook { common, client, secrets })
    }

    async fn post(&self, item: &FeedItem, event: usize) -> Result<(), Untaken> {
        let event = cloud_event::render(&self.common.source, item, event);
        let now = wall_seconds();
        let mut headers = HeaderMap::new();
        propagation::inject(&mut headers);
        let mut request = self
            .client
            .post()
            .headers(headers)
            .header(CONTENT_TYPE, CLOUD_EVENT)
            .header("webhook-id", &event.id)
            .header("webhook-timestamp", now);
        if !self.secrets.is_empty() {
            let signed = signature(&self.secrets, &event.id, now, &event.body);
            request = request.header("webhook-signature", signed);
        }
        let answer =
            self.client.ask(request.body(event.body)).await.map_err(|failure| untaken(failure, false))?;
        let gone = answer.status == StatusCode::GONE;
        answer.receipt().map(drop).map_err(|failure| untaken(failure, gone))
    }
}

/// Whatever failed may work once the other end is repaired, so only a plain good-bye is final.
fn untaken(failure: Failure, gone: bool) -> Untaken {
    Untaken { why: failure.text, retry_after: failure.retry_after, gone }
}

impl Sink for Webhook {
    fn name(&self) -> &str {
        &self.common.name
    }

    fn start(&self) -> Start {
        self.common.start
    }

    fn retries(&self) -> (&'static [Duration], bool) {
        (&RETRIES, false)
    }

    fn take<'a>(&'a self, item: &'a FeedItem, event: usize) -> BoxFuture<'a, Result<(), Untaken>> {
        self.post(item, event).boxed()
    }
}
