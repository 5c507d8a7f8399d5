//! The webhooks' routes, and what their handlers share: who sends, commit, answer. The commit comes before every 2xx.
//! Bodies over 1 MiB are refused before they are read whole.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::IntoResponse;
use axum::routing::{post, put};
use http::{Response, StatusCode};
use stentor_core::id::IntegrationId;
use stentor_core::policy::document::{Integration, IntegrationKind};
use stentor_core::policy::expr::Mapping;
use stentor_core::time::Timestamp;

use super::read::{Entry, Heard};
use super::{answer, change, cloudevents, handlers, opsgenie, signed};
use crate::auth::{Guardian, Principal, Role};
use crate::intake::sink::{Change, Sent, SignalSink, SinkError};
use crate::telemetry::Metrics;

/// Largest body.
const BODY_BYTES_MAX: usize = 1 << 20;

/// Signals handed over at once, as in a batch over gRPC.
const BATCH_MAX: usize = 500;

/// Senders wait little longer than this; a late answer would make them repeat what was committed.
const TIME_MAX: Duration = Duration::from_secs(10);

/// The key that development knows without a policy entry; it serves every protocol.
const DEV: &str = "dev";

/// What the routes work with.
pub struct Webhooks {
    pub guardian: Arc<Guardian>,
    pub sink: Arc<dyn SignalSink>,
    pub metrics: Arc<Metrics>,
}

/// Who sends.
pub(super) struct Sender {
    pub caller: Arc<Principal>,
    pub id: IntegrationId,
    pub mapping: Option<Arc<Mapping>>,
    integration: Integration,
}

impl Sender {
    pub(super) fn entry(&self, received_at: Timestamp) -> Entry<'_> {
        Entry { id: &self.id, integration: &self.integration, received_at }
    }
}

pub(super) type Shared = State<Arc<Webhooks>>;

/// All webhook routes.
pub fn routes(webhooks: Webhooks) -> Router {
    let grafana = post(handlers::grafana).merge(put(handlers::grafana));
    let cloudevents = post(cloudevents::events).options(cloudevents::handshake);
    Router::new()
        .route("/integrations/alertmanager/{key}", post(handlers::alertmanager))
        .route("/integrations/prometheus/{key}/api/v2/alerts", post(handlers::prometheus))
        .route("/integrations/grafana/{key}", grafana)
        .route("/integrations/json/{key}", post(handlers::json))
        .route("/integrations/cloudevents/{key}", cloudevents)
        .route("/integrations/datadog/{key}", post(handlers::datadog))
        .route("/integrations/sentry/{key}", post(signed::sentry))
        .route("/integrations/github/{key}", post(signed::github))
        .route("/v2/enqueue", post(handlers::pagerduty))
        .route("/v2/change/enqueue", post(change::enqueue))
        .route("/v2/alerts", post(opsgenie::create))
        .route("/v2/alerts/{id}/{action}", post(opsgenie::act))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(webhooks))
}

impl Webhooks {
    /// The integration that a key belongs to, with its policy entry. An integration whose sender signs is known on its
    /// own route alone, and that route knows no others: elsewhere nobody would look at the signature.
    pub(super) fn sender(&self, key: &str, route: IntegrationKind) -> Option<Sender> {
        let caller = self.guardian.integration(key)?;
        let Role::Integration(id) = caller.role.clone() else { return None };
        let integration = match self.sink.integration(&id) {
            None => (key == DEV).then(|| Integration::plain(route))?,
            Some(entry) => {
                let unsigned = !entry.kind.is_signed() && !route.is_signed();
                (unsigned || entry.kind == route || key == DEV).then_some(entry)?
            }
        };
        let mapping = self.sink.mapping(&id);
        Some(Sender { caller, id, mapping, integration })
    }

    /// Commits what a body said, and answers as senders expect who repeat on 5xx alone.
    pub(super) async fn take(
        &self,
        source: &'static str,
        sender: &Sender,
        heard: Result<Heard, String>,
    ) -> Response<Body> {
        let heard = match heard {
            Ok(heard) => heard,
            Err(problem) => return (StatusCode::BAD_REQUEST, format!("{problem}\n")).into_response(),
        };
        let complaint = heard.complaint();
        match self.submit(source, &sender.caller, heard).await {
            Err(error) => answer::alertmanager(&error),
            Ok(()) if complaint.is_empty() => (StatusCode::OK, "ok\n").into_response(),
            Ok(()) => (StatusCode::BAD_REQUEST, format!("{complaint}\n")).into_response(),
        }
    }

    /// Commits what could be read, and counts it all.
    pub(super) async fn submit(
        &self,
        source: &'static str,
        caller: &Principal,
        heard: Heard,
    ) -> Result<(), SinkError> {
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
        signals: Vec<Sent>,
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

    /// Acknowledges the incident of an alert; false if no open incident has it.
    pub(super) async fn acknowledge(&self, caller: &Principal, key: &str) -> Result<bool, SinkError> {
        let done = tokio::time::timeout(TIME_MAX, self.sink.acknowledge(caller, key)).await;
        done.unwrap_or(Err(SinkError::Unavailable))
    }

    /// Adds a note to the incident of an alert; false if there is none.
    pub(super) async fn note(&self, caller: &Principal, key: &str, text: String) -> Result<bool, SinkError> {
        let done = tokio::time::timeout(TIME_MAX, self.sink.note(caller, key, text)).await;
        done.unwrap_or(Err(SinkError::Unavailable))
    }

    /// Tells the open incidents of a change's service of it.
    pub(super) async fn change(&self, caller: &Principal, change: Change) -> Result<(), SinkError> {
        let told = tokio::time::timeout(TIME_MAX, self.sink.change(caller, change)).await;
        let count = told.unwrap_or(Err(SinkError::Unavailable))?;
        tracing::debug!(caller = %caller.actor, count, "a change was told to open incidents");
        Ok(())
    }
}
