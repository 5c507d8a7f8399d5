//! Handlers of the protocols that sign: the signature is checked on the bytes as they came, before anything is read of
//! them. What the bytes say is known to the protocols.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use stentor_core::policy::document::IntegrationKind;

use super::routes::{Sender, Shared, Webhooks};
use super::signature::{delivery, is_signed};
use super::{answer, github, sentry};

pub(super) async fn sentry(
    State(webhooks): Shared,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key, IntegrationKind::Sentry) else {
        return answer::unknown_key();
    };
    if let Err(refused) = webhooks.check(&sender, &body, &headers, "sentry-hook-signature", "") {
        return refused;
    }
    let resource = header(&headers, "sentry-hook-resource");
    let heard = sentry::read(&body, resource, &sender.entry(webhooks.sink.now()));
    webhooks.take("sentry", &sender, heard.map(|heard| heard.delivered(&delivery(&body)))).await
}

pub(super) async fn github(
    State(webhooks): Shared,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key, IntegrationKind::Github) else {
        return answer::unknown_key();
    };
    if let Err(refused) = webhooks.check(&sender, &body, &headers, "x-hub-signature-256", "sha256=") {
        return refused;
    }
    if header(&headers, CONTENT_TYPE.as_str()).starts_with("application/x-www-form-urlencoded") {
        let problem = "choose application/json as the webhook's content type\n";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, problem).into_response();
    }
    let event = header(&headers, "x-github-event");
    let heard = github::read(&body, event, &sender.entry(webhooks.sink.now()));
    webhooks.take("github", &sender, heard.map(|heard| heard.delivered(&delivery(&body)))).await
}

impl Webhooks {
    /// Whether the sender signed these bytes; if not, the answer.
    #[expect(
        clippy::result_large_err,
        reason = "the refusal is the answer itself, made once for each bad request"
    )]
    fn check(
        &self,
        sender: &Sender,
        body: &[u8],
        headers: &HeaderMap,
        name: &str,
        prefix: &str,
    ) -> Result<(), Response<Body>> {
        let refused = |problem: String| {
            tracing::warn!(integration = %sender.id, problem, "a webhook was turned away");
            (StatusCode::UNAUTHORIZED, format!("{problem}\n")).into_response()
        };
        let Some(signature) = header(headers, name).strip_prefix(prefix).filter(|text| !text.is_empty())
        else {
            return Err(refused(format!("{name} is missing or not {prefix}<hex>")));
        };
        let secrets = self.guardian.signing_secrets(&sender.id).map_err(|error| {
            tracing::error!(integration = %sender.id, %error, "the signing secret cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, "the signature cannot be checked now\n").into_response()
        })?;
        if is_signed(body, signature, &secrets) {
            Ok(())
        } else {
            Err(refused(format!("{name} does not fit the body")))
        }
    }
}

/// A header's text; empty if it is absent or no text.
fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
