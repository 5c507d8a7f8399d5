//! Signed webhooks (Standard Webhooks): the message as JSON, for receivers that know what to do with it.
//! Nobody is told twice by a receiver that drops repeated ids.

use std::path::PathBuf;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::Deserialize;

use super::super::client::{Client, wall_seconds};
use super::super::message::Message;
use super::super::outcome::{Failure, Receipt};
use super::around::{Around, url};
use super::standard_webhook::{Secret, signature};
use crate::telemetry::propagation;

/// What the file of providers says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    url: Option<String>,
    /// A secret of Standard Webhooks.
    secret: Option<String>,
    /// A file with one or more of them, a line each: during a rotation both sign.
    secret_file: Option<PathBuf>,
    /// Networks that this provider may be reached in although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

/// An endpoint that takes signed webhooks.
#[derive(Debug, Clone)]
pub struct Webhook {
    client: Client,
    secrets: Vec<Secret>,
}

impl Webhook {
    pub(super) fn new(settings: Settings, around: &Around) -> Result<Webhook, String> {
        let base = url(settings.url.as_deref().ok_or("a webhook needs a url")?)?;
        let mut secrets: Vec<String> = settings.secret.into_iter().collect();
        if let Some(path) = &settings.secret_file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("secret_file: {}: {error}", path.display()))?;
            secrets.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
        }
        let secrets: Vec<Secret> = secrets
            .iter()
            .map(|text| text.parse())
            .collect::<Result<_, _>>()
            .map_err(|error| format!("secret: {error}"))?;
        if secrets.is_empty() && !around.dev {
            return Err(
                "a webhook needs a secret or a secret_file, or nobody can tell our pages from forged ones"
                    .into(),
            );
        }
        Ok(Webhook { client: Client::new(base, around.egress(&settings.allow)?, [])?, secrets })
    }

    pub(in super::super) async fn send(&self, message: &Message) -> Result<Receipt, Failure> {
        let body = message.body();
        let now = wall_seconds();
        let mut headers = HeaderMap::new();
        propagation::inject(&mut headers);
        let mut request = self
            .client
            .post()
            .headers(headers)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", now);
        if !self.secrets.is_empty() {
            let signed = signature(&self.secrets, &message.id, now, &body);
            request = request.header("webhook-signature", signed);
        }
        self.client.ask(request.body(body)).await?.receipt()
    }
}
