//! Handlers of the protocols whose key alone says who sends: find the sender, read the body, commit, answer.
//! Those that check a signature, or answer in a way of their own, have files of their own.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{Response, StatusCode};
use stentor_core::policy::document::IntegrationKind;

use super::read::Heard;
use super::routes::{Shared, Webhooks};
use super::{alertmanager, answer, datadog, generic, grafana, pagerduty, prometheus};
use crate::auth::Principal;
use crate::intake::sink::Sent;

/// Length of the keys that we give out, and the only one that PagerDuty's clients accept.
const ROUTING_KEY_CHARS: usize = 32;

pub(super) async fn alertmanager(
    State(webhooks): Shared,
    Path(key): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key, IntegrationKind::Alertmanager) else {
        return answer::unknown_key();
    };
    let heard = alertmanager::read(&body, &sender.entry(webhooks.sink.now()));
    webhooks.take("alertmanager", &sender, heard).await
}

pub(super) async fn grafana(State(webhooks): Shared, Path(key): Path<String>, body: Bytes) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key, IntegrationKind::Grafana) else {
        return answer::unknown_key();
    };
    let heard = grafana::read(&body, &sender.entry(webhooks.sink.now()));
    webhooks.take("grafana", &sender, heard).await
}

pub(super) async fn json(State(webhooks): Shared, Path(key): Path<String>, body: Bytes) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key, IntegrationKind::Json) else {
        return answer::unknown_key();
    };
    let heard = generic::read(&body, sender.mapping.as_deref(), &sender.entry(webhooks.sink.now()));
    webhooks.take("json", &sender, heard).await
}

pub(super) async fn datadog(State(webhooks): Shared, Path(key): Path<String>, body: Bytes) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key, IntegrationKind::Datadog) else {
        return answer::unknown_key();
    };
    let heard = datadog::read(&body, &sender.entry(webhooks.sink.now()));
    webhooks.take("datadog", &sender, heard).await
}

pub(super) async fn prometheus(
    State(webhooks): Shared,
    Path(key): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key, IntegrationKind::Prometheus) else {
        return (StatusCode::NOT_FOUND, Json("no integration has this key")).into_response();
    };
    let heard = match prometheus::read(&body, &sender.entry(webhooks.sink.now())) {
        Ok(heard) => heard,
        Err(problem) => return (StatusCode::BAD_REQUEST, Json(problem)).into_response(),
    };
    let complaint = heard.complaint();
    match webhooks.submit("prometheus", &sender.caller, heard).await {
        Err(error) => answer::prometheus(&error),
        Ok(()) if complaint.is_empty() => StatusCode::OK.into_response(),
        Ok(()) => (StatusCode::BAD_REQUEST, Json(complaint)).into_response(),
    }
}

pub(super) async fn pagerduty(State(webhooks): Shared, body: Bytes) -> Response<Body> {
    let event = match pagerduty::parse(&body) {
        Ok(event) => event,
        Err(problems) => return answer::invalid_event(&problems),
    };
    let Some(sender) = webhooks.sender(&event.routing_key, IntegrationKind::Pagerduty) else {
        return unknown_routing_key(&event.routing_key);
    };
    match event.read(&sender.entry(webhooks.sink.now())) {
        Err(problems) => answer::invalid_event(&problems),
        Ok(wanted) => pagerduty_wanted(&webhooks, &sender.caller, wanted).await,
    }
}

/// 400 about a routing key, as PagerDuty words it.
pub(super) fn unknown_routing_key(key: &str) -> Response<Body> {
    let problem = match key.chars().count() {
        ROUTING_KEY_CHARS => "Invalid routing key".to_owned(),
        _ => format!("Length of 'routing_key' is incorrect (should be {ROUTING_KEY_CHARS} characters)"),
    };
    answer::invalid_event(&[problem])
}

async fn pagerduty_wanted(
    webhooks: &Webhooks,
    caller: &Principal,
    wanted: pagerduty::Wanted,
) -> Response<Body> {
    let (key, done) = match wanted {
        pagerduty::Wanted::Hear(signal) => {
            let key = signal.key.clone();
            let signals = vec![Sent { signal: *signal, delivery: None }];
            let heard = Heard { signals, problems: Vec::new() };
            (key, webhooks.submit("pagerduty", caller, heard).await)
        }
        pagerduty::Wanted::Acknowledge { key } => {
            // The protocol drops an acknowledgement of what nobody knows.
            let done = webhooks.acknowledge(caller, &key).await.map(|_known| ());
            (key, done)
        }
    };
    match done {
        Ok(()) => answer::event_taken(&key),
        Err(error) => answer::pagerduty(&error),
    }
}
