//! What the tests of all protocols share: a sink that remembers, and a way to post to it.
//! What each protocol promises stands in a file of its own.

mod alertmanager;
mod cloudevents;
mod datadog;
mod generic;
mod github;
mod grafana;
mod opsgenie;
mod pagerduty;
mod sentry;

use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::{Request, Response, StatusCode};
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use serde_json::Value;
use stentor_core::id::IntegrationId;
use stentor_core::policy::document::{Integration, IntegrationKind};
use stentor_core::policy::expr::Mapping;
use stentor_core::signal::Signal;
use stentor_core::time::Timestamp;
use tower::ServiceExt;

use super::{Webhooks, routes};
use crate::auth::{Guardian, Principal};
use crate::intake::sink::{Change, Outcome, Sent, SignalSink, SinkError};
use crate::telemetry::Metrics;

/// While the captured alerts were firing.
const NOW: &str = "2026-11-23T11:13:50Z";

struct Ear {
    now: Timestamp,
    entry: Integration,
    mapping: Option<Arc<Mapping>>,
    heard: Mutex<Vec<Sent>>,
    acknowledged: Mutex<Vec<String>>,
    noted: Mutex<Vec<(String, String)>>,
    changed: Mutex<Vec<Change>>,
    error: Option<SinkError>,
}

#[tonic::async_trait]
impl SignalSink for Ear {
    fn integration(&self, _: &IntegrationId) -> Option<Integration> {
        Some(self.entry.clone())
    }

    fn mapping(&self, _: &IntegrationId) -> Option<Arc<Mapping>> {
        self.mapping.clone()
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    async fn hear(&self, _: &Principal, signals: Vec<Sent>) -> Result<Vec<Outcome>, SinkError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let outcomes = vec![Outcome::Created; signals.len()];
        self.heard.lock().unwrap().extend(signals);
        Ok(outcomes)
    }

    async fn acknowledge(&self, _: &Principal, key: &str) -> Result<bool, SinkError> {
        self.acknowledged.lock().unwrap().push(key.to_owned());
        Ok(false)
    }

    async fn note(&self, _: &Principal, key: &str, text: String) -> Result<bool, SinkError> {
        self.noted.lock().unwrap().push((key.to_owned(), text));
        Ok(true)
    }

    async fn change(&self, _: &Principal, change: Change) -> Result<usize, SinkError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        self.changed.lock().unwrap().push(change);
        Ok(1)
    }
}

struct World {
    ear: Arc<Ear>,
    app: axum::Router,
}

/// A server whose only integration has this entry, under the key `dev`.
fn world_of(entry: Integration, now: &str, error: Option<SinkError>) -> World {
    let mapping = entry.map.as_ref().map(|map| Arc::new(Mapping::compile(map).unwrap()));
    let ear = Arc::new(Ear {
        now: now.parse().unwrap(),
        entry,
        mapping,
        heard: Mutex::default(),
        acknowledged: Mutex::default(),
        noted: Mutex::default(),
        changed: Mutex::default(),
        error,
    });
    let meters = SdkMeterProvider::builder().build();
    let guardian = Guardian::dev("secret".into());
    guardian.set_integrations(["one".into()]);
    let webhooks = Webhooks {
        guardian: Arc::new(guardian),
        sink: Arc::clone(&ear) as Arc<dyn SignalSink>,
        metrics: Arc::new(Metrics::new(&meters.meter("test"))),
    };
    World { ear, app: routes(webhooks) }
}

fn world_at(now: &str, error: Option<SinkError>) -> World {
    let plain = Integration::plain(IntegrationKind::Alertmanager);
    world_of(Integration { ignore_labels: vec!["prometheus_replica".to_owned()], ..plain }, now, error)
}

/// The key of the integration `one`, which is not the key of development.
fn key() -> String {
    crate::auth::integration_key("secret", &"one".into())
}

fn world() -> World {
    world_at(NOW, None)
}

impl World {
    async fn post(&self, path: &str, body: impl Into<Body>) -> Response<Body> {
        self.send(path, &[("content-type", "application/json")], body).await
    }

    async fn send(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Response<Body> {
        let request =
            headers.iter().fold(Request::post(path), |request, (name, value)| request.header(*name, *value));
        self.app.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap()
    }

    fn heard(&self) -> Vec<Signal> {
        self.sent().into_iter().map(|sent| sent.signal).collect()
    }

    fn sent(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.ear.heard.lock().unwrap())
    }
}

async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn value(response: Response<Body>) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

fn captured(file: &str) -> String {
    let capture: Value = serde_json::from_str(file).unwrap();
    capture["body"].to_string()
}
