//! CloudEvents 1.0 over HTTP: one event in the body (structured) or in headers and body (binary), or a batch.
//! What an event says is known in `event`.

mod event;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value};
use stentor_core::policy::document::IntegrationKind;
use stentor_core::policy::expr::ALERTS_MAX;

use super::answer;
use super::read::{Heard, json};
use super::routes::Shared;

/// A body that is in no mode of the protocol.
#[derive(Debug, PartialEq)]
enum Unread {
    /// 415.
    Type(String),
    /// 400.
    Body(String),
}

pub(super) async fn events(
    State(webhooks): Shared,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key, IntegrationKind::Cloudevents) else {
        return answer::unknown_key();
    };
    let events = match split(&headers, &body) {
        Ok(events) => events,
        Err(Unread::Type(problem)) => {
            return (StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("{problem}\n")).into_response();
        }
        Err(Unread::Body(problem)) => {
            return (StatusCode::BAD_REQUEST, format!("{problem}\n")).into_response();
        }
    };
    let batch = events.len() > 1;
    let (entry, mut heard) = (sender.entry(webhooks.sink.now()), Heard::default());
    for (n, event) in events.iter().enumerate() {
        let place = if batch { format!("[{n}]") } else { String::new() };
        event::hear(event, &place, sender.mapping.as_deref(), &entry, &mut heard);
    }
    let complaint = heard.complaint();
    match webhooks.submit("cloudevents", &sender.caller, heard).await {
        Err(error) => answer::cloudevents(&error),
        Ok(()) if complaint.is_empty() => StatusCode::NO_CONTENT.into_response(),
        Ok(()) => (StatusCode::BAD_REQUEST, format!("{complaint}\n")).into_response(),
    }
}

/// The handshake of the protocol's webhooks: a sender asks before it sends, and is told that it may.
pub(super) async fn handshake(
    State(webhooks): Shared,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    if webhooks.sender(&key, IntegrationKind::Cloudevents).is_none() {
        return answer::unknown_key();
    }
    let mut response = StatusCode::OK.into_response();
    if let Some(origin) = headers.get("webhook-request-origin") {
        let answers = response.headers_mut();
        answers.insert(HeaderName::from_static("webhook-allowed-origin"), origin.clone());
        answers.insert(HeaderName::from_static("webhook-allowed-rate"), HeaderValue::from_static("*"));
    }
    response
}

/// The events of a request, each as the JSON form of the protocol.
fn split(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Value>, Unread> {
    let stated = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let stated = stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match stated.strip_prefix("application/cloudevents") {
        Some("-batch+json") => match json(body).map_err(Unread::Body)? {
            Value::Array(events) if events.len() > ALERTS_MAX => Err(Unread::Body(format!(
                "{} events at once, at most {} are taken",
                events.len(),
                ALERTS_MAX
            ))),
            Value::Array(events) => Ok(events),
            _ => Err(Unread::Body("body: is not a list of events".to_owned())),
        },
        Some("+json") => Ok(vec![json(body).map_err(Unread::Body)?]),
        Some(_) => Err(Unread::Type(format!("{stated} is not known, of CloudEvents only JSON is"))),
        None if headers.contains_key("ce-specversion") => Ok(vec![binary(headers, &stated, body)]),
        None => {
            let problem =
                "neither application/cloudevents+json, application/cloudevents-batch+json nor ce- headers";
            Err(Unread::Type(problem.to_owned()))
        }
    }
}

/// Attributes from headers, data from the body: JSON if it says so and is, else a text if it is one.
fn binary(headers: &HeaderMap, stated: &str, body: &[u8]) -> Value {
    let mut event = Map::new();
    for (name, value) in headers {
        if let Some(name) = name.as_str().strip_prefix("ce-") {
            event.insert(name.to_owned(), Value::String(decoded(value.as_bytes())));
        }
    }
    let is_json = stated.is_empty() || stated.ends_with("/json") || stated.ends_with("+json");
    let data = is_json.then(|| serde_json::from_slice(body).ok()).flatten();
    let text = || std::str::from_utf8(body).ok().filter(|text| !text.is_empty()).map(Value::from);
    if let Some(data) = data.or_else(text) {
        event.insert("data".to_owned(), data);
    }
    Value::Object(event)
}

/// A header's value, whose characters beyond ASCII are percent-encoded UTF-8.
fn decoded(value: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        let coded = (byte == b'%').then(|| after.get(..2)).flatten();
        match coded.and_then(|digits| hex::decode(digits).ok()) {
            Some(decoded) => {
                bytes.extend(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
