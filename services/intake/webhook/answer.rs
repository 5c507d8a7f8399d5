//! How each protocol wants to be told what happened. A sender that retries only on 5xx must never see a 429,
//! and one that drops on 4xx must see one only when a repeat could not help.

use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Body;
use axum::response::IntoResponse;
use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::intake::sink::SinkError;
use crate::wire::Invalid;

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

/// 404 in plain words.
pub(super) fn unknown_key() -> Response<Body> {
    (StatusCode::NOT_FOUND, "no integration has this key\n").into_response()
}

/// CloudEvents over HTTP: 429 only together with a time to come back, 503 else.
pub(super) fn cloudevents(error: &SinkError) -> Response<Body> {
    let (mut status, after) = retryable(error);
    if after.is_some() {
        status = StatusCode::TOO_MANY_REQUESTS;
    }
    with_retry(status, after, format!("{error}\n"))
}

/// Opsgenie's answers: each has an id, and how long it took in seconds.
pub(super) struct Opsgenie {
    pub request_id: String,
    since: Instant,
}

impl Opsgenie {
    pub(super) fn new(since: Instant) -> Opsgenie {
        Opsgenie { request_id: uuid::Uuid::new_v4().to_string(), since }
    }

    /// 202, or why not.
    pub(super) fn done(&self, done: Result<(), SinkError>) -> Response<Body> {
        let Err(error) = done else {
            let body = json!({
                "result": "Request will be processed", "took": self.took(), "requestId": self.request_id
            });
            return (StatusCode::ACCEPTED, Json(body)).into_response();
        };
        let (status, after) = match (&error, retryable(&error)) {
            (SinkError::Overloaded { .. }, (_, after)) => (StatusCode::TOO_MANY_REQUESTS, after),
            (SinkError::Refused { .. }, _) => (StatusCode::UNPROCESSABLE_ENTITY, None),
            (_, other) => other,
        };
        with_retry(status, after, Json(self.body(&error.to_string(), None)))
    }

    /// 422 with the field.
    pub(super) fn invalid(&self, invalid: &Invalid) -> Response<Body> {
        let message = "Request body is not processable. Please check the errors.";
        self.refused(StatusCode::UNPROCESSABLE_ENTITY, message, Some(invalid))
    }

    pub(super) fn unknown_key(&self) -> Response<Body> {
        self.refused(StatusCode::UNAUTHORIZED, "Key format is not valid!", None)
    }

    pub(super) fn refused(
        &self,
        status: StatusCode,
        message: &str,
        invalid: Option<&Invalid>,
    ) -> Response<Body> {
        (status, Json(self.body(message, invalid))).into_response()
    }

    fn body(&self, message: &str, invalid: Option<&Invalid>) -> Value {
        let mut body = json!({"message": message, "took": self.took(), "requestId": self.request_id});
        if let Some(Invalid { field, problem }) = invalid {
            body["errors"] = json!({field: problem});
        }
        body
    }

    fn took(&self) -> f64 {
        self.since.elapsed().as_secs_f64()
    }
}
