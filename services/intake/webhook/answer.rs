//! How each protocol wants to be told what happened. A sender that retries only on 5xx must never see a 429,
//! and one that drops on 4xx must see one only when a repeat could not help.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::response::IntoResponse;
use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::intake::sink::SinkError;

/// Alertmanager's webhook: 4xx drops for good, only 5xx is repeated.
pub(super) fn alertmanager(error: &SinkError) -> Response<Body> {
    let (status, after) = retryable(error);
    with_retry(status, after, format!("{error}\n"))
}

/// The API v2 answers errors with a JSON string.
pub(super) fn prometheus(error: &SinkError) -> Response<Body> {
    let (status, after) = retryable(error);
    with_retry(status, after, Json(error.to_string()))
}

/// PagerDuty's clients back off on 429 and on 5xx.
pub(super) fn pagerduty(error: &SinkError) -> Response<Body> {
    let (mut status, after) = retryable(error);
    if matches!(error, SinkError::Overloaded { .. }) {
        status = StatusCode::TOO_MANY_REQUESTS;
    }
    let body = json!({"status": "throttle exceeded", "message": error.to_string()});
    if matches!(error, SinkError::Refused { .. }) {
        return invalid_event(&[error.to_string()]);
    }
    with_retry(status, after, Json(body))
}

/// 202 with the key that later events of the same problem must carry.
pub(super) fn event_taken(key: &str) -> Response<Body> {
    let body = json!({"status": "success", "message": "Event processed", "dedup_key": key});
    (StatusCode::ACCEPTED, Json(body)).into_response()
}

/// 400 as PagerDuty words it.
pub(super) fn invalid_event(errors: &[String]) -> Response<Body> {
    let body = json!({"status": "invalid event", "message": "Event object is invalid", "errors": errors});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

fn retryable(error: &SinkError) -> (StatusCode, Option<Duration>) {
    match error {
        SinkError::Overloaded { retry_after } => (StatusCode::SERVICE_UNAVAILABLE, Some(*retry_after)),
        SinkError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, None),
        SinkError::Refused { .. } => (StatusCode::BAD_REQUEST, None),
        SinkError::Internal => (StatusCode::INTERNAL_SERVER_ERROR, None),
    }
}

fn with_retry(status: StatusCode, after: Option<Duration>, body: impl IntoResponse) -> Response<Body> {
    let mut response = (status, body).into_response();
    if let Some(after) = after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
    }
    response
}
