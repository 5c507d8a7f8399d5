//! The webhooks' routes: who sends, what it says, commit, answer. The commit comes before every 2xx.
//! Bodies over 1 MiB are refused before they are read whole.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json, Router};
use http::{Response, StatusCode};
use stentor_core::id::IntegrationId;
use stentor_core::policy::document::{Integration, IntegrationKind};
use stentor_core::signal::Signal;
use stentor_core::time::Timestamp;

use super::read::{Entry, Heard};
use super::{alertmanager, answer, pagerduty, prometheus};
use crate::auth::{Guardian, Principal, Role};
use crate::intake::sink::{SignalSink, SinkError};
use crate::telemetry::Metrics;

/// Largest body.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Signals handed over at once, as in a batch over gRPC.
const BATCH_MAX: usize = 500;

/// Senders wait little longer than this; a late answer would make them repeat what was committed.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Length of the keys that we give out, and the only one that PagerDuty's clients accept.
const ROUTING_KEY_CHARS: usize = 32;

/// What the routes work with.
pub struct Webhooks {
    pub guardian: Arc<Guardian>,
    pub sink: Arc<dyn SignalSink>,
    pub metrics: Arc<Metrics>,
}

/// Who sends.
struct Sender {
    caller: Arc<Principal>,
    id: IntegrationId,
    integration: Integration,
}

impl Sender {
    fn entry(&self, received_at: Timestamp) -> Entry<'_> {
        Entry { id: &self.id, integration: &self.integration, received_at }
    }
}

type Shared = State<Arc<Webhooks>>;

/// All webhook routes.
pub fn routes(webhooks: Webhooks) -> Router {
    Router::new()
        .route("/integrations/alertmanager/{key}", post(alertmanager_webhook))
        .route("/integrations/prometheus/{key}/api/v2/alerts", post(prometheus_alerts))
        .route("/v2/enqueue", post(pagerduty_event))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(webhooks))
}

async fn alertmanager_webhook(
    State(webhooks): Shared,
    Path(key): Path<String>,
    body: Bytes,
) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key) else {
        return (StatusCode::NOT_FOUND, "no integration has this key\n").into_response();
    };
    let heard = match alertmanager::read(&body, &sender.entry(webhooks.sink.now())) {
        Ok(heard) => heard,
        Err(problem) => return (StatusCode::BAD_REQUEST, format!("{problem}\n")).into_response(),
    };
    let complaint = heard.complaint();
    match webhooks.submit("alertmanager", &sender.caller, heard).await {
        Err(error) => answer::alertmanager(&error),
        Ok(()) if complaint.is_empty() => (StatusCode::OK, "ok\n").into_response(),
        Ok(()) => (StatusCode::BAD_REQUEST, format!("{complaint}\n")).into_response(),
    }
}

async fn prometheus_alerts(State(webhooks): Shared, Path(key): Path<String>, body: Bytes) -> Response<Body> {
    let Some(sender) = webhooks.sender(&key) else {
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

async fn pagerduty_event(State(webhooks): Shared, body: Bytes) -> Response<Body> {
    let event = match pagerduty::parse(&body) {
        Ok(event) => event,
        Err(problems) => return answer::invalid_event(&problems),
    };
    let Some(sender) = webhooks.sender(&event.routing_key) else {
        let problem = match event.routing_key.chars().count() {
            ROUTING_KEY_CHARS => "Invalid routing key".to_owned(),
            _ => format!("Length of 'routing_key' is incorrect (should be {ROUTING_KEY_CHARS} characters)"),
        };
        return answer::invalid_event(&[problem]);
    };
    match event.read(&sender.entry(webhooks.sink.now())) {
        Err(problems) => answer::invalid_event(&problems),
        Ok(wanted) => webhooks.event(&sender.caller, wanted).await,
    }
}

impl Webhooks {
    /// The integration that a key belongs to, with its policy entry. In dev the key `dev` needs no entry.
    fn sender(&self, key: &str) -> Option<Sender> {
        let caller = self.guardian.integration(key)?;
        let Role::Integration(id) = caller.role.clone() else { return None };
        let plain =
            || Integration { kind: IntegrationKind::Native, severity: None, ignore_labels: Vec::new() };
        let integration = self.sink.integration(&id).or_else(|| (key == "dev").then(plain))?;
        Some(Sender { caller, id, integration })
    }

    /// Commits what could be read, and counts it all.
    async fn submit(&self, source: &'static str, caller: &Principal, heard: Heard) -> Result<(), SinkError> {
        self.metrics.intake_signals(source, "rejected", heard.problems.len() as u64);
        let mut signals = heard.signals;
        while !signals.is_empty() {
            let rest = signals.split_off(signals.len().min(BATCH_MAX));
            self.hear(source, caller, std::mem::replace(&mut signals, rest)).await?;
        }
        Ok(())
    }

    async fn hear(
        &self,
        source: &'static str,
        caller: &Principal,
        signals: Vec<Signal>,
    ) -> Result<(), SinkError> {
        let count = signals.len() as u64;
        let heard = tokio::time::timeout(TIME_MAX, self.sink.hear(caller, signals)).await;
        let outcomes = heard.unwrap_or(Err(SinkError::Unavailable)).inspect_err(|error| {
            tracing::warn!(source, count, %error, "signals were not taken");
            self.metrics.intake_signals(source, "rejected", count);
        })?;
        for outcome in outcomes {
            self.metrics.intake_signals(source, outcome.as_str(), 1);
        }
        Ok(())
    }

    async fn event(&self, caller: &Principal, wanted: pagerduty::Wanted) -> Response<Body> {
        let (key, done) = match wanted {
            pagerduty::Wanted::Hear(signal) => {
                (signal.key.clone(), self.hear("pagerduty", caller, vec![*signal]).await)
            }
            pagerduty::Wanted::Acknowledge { key } => {
                let acknowledged = tokio::time::timeout(TIME_MAX, self.sink.acknowledge(caller, &key)).await;
                // The protocol drops an acknowledgement of what nobody knows.
                (key, acknowledged.unwrap_or(Err(SinkError::Unavailable)).map(|_known| ()))
            }
        };
        match done {
            Ok(()) => answer::event_taken(&key),
            Err(error) => answer::pagerduty(&error),
        }
    }
}
