//! PagerDuty's change events: what was deployed or reconfigured, for whoever looks into an incident meanwhile.
//! They open nothing, page nobody and belong to no alert.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::IntoResponse;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use stentor_core::policy::document::IntegrationKind;

use super::answer;
use super::handlers::unknown_routing_key;
use super::pagerduty::{Link, details};
use super::read::{Entry, instant, json as parsed, web_address};
use super::routes::Shared;
use crate::intake::sink::Change;
use crate::wire::Invalid;
use crate::wire::signal::RawSignal;

/// Longest summary, as the protocol has it.
const SUMMARY_CHARS_MAX: usize = 1024;

/// A change event whose form is right.
#[derive(Debug, Deserialize)]
struct Event {
    #[serde(default)]
    routing_key: String,
    #[serde(default)]
    payload: Option<Payload>,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Debug, Deserialize)]
struct Payload {
    #[serde(default)]
    summary: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    timestamp: Option<String>,
    #[serde(default)]
    custom_details: Value,
}

pub(super) async fn enqueue(State(webhooks): Shared, body: Bytes) -> Response<Body> {
    let event: Event = match parsed(&body) {
        Ok(event) => event,
        Err(problem) => return answer::invalid_event(&[problem]),
    };
    let Some(sender) = webhooks.sender(&event.routing_key, IntegrationKind::Pagerduty) else {
        return unknown_routing_key(&event.routing_key);
    };
    let change = match event.read(&sender.entry(webhooks.sink.now())) {
        Ok(change) => change,
        Err(problem) => return answer::invalid_event(&[problem]),
    };
    match webhooks.change(&sender.caller, change).await {
        Ok(()) => {
            let body = json!({"status": "success", "message": "Change event processed"});
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
        Err(error) => answer::pagerduty(&error),
    }
}

impl Event {
    fn read(self, entry: &Entry<'_>) -> Result<Change, String> {
        let payload = self.payload.ok_or("'payload' is missing or blank")?;
        if payload.summary.trim().is_empty() {
            return Err("'payload.summary' is missing or blank".to_owned());
        }
        let told = |invalid: Invalid| invalid.to_string();
        let at = instant("payload.timestamp", payload.timestamp.as_deref()).map_err(told)?;
        let url = web_address(self.links.into_iter().map(|link| link.href).next().unwrap_or_default());
        let mut labels: BTreeMap<String, String> = details(payload.custom_details);
        if !payload.source.is_empty() {
            labels.insert("source".to_owned(), payload.source.clone());
        }
        let summary: String = payload.summary.chars().take(SUMMARY_CHARS_MAX).collect();
        // It takes the way of an alert with these labels as far as the choice of the service.
        let signal = entry.normalise(RawSignal {
            key: "change".to_owned(),
            title: summary.clone(),
            source: payload.source.clone(),
            labels,
            ..RawSignal::default()
        });
        let signal = signal.map_err(told)?;
        Ok(Change { signal, summary, source: payload.source, url, at })
    }
}
