//! The three protocols with what the tools really send, and with what they must never be answered.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response, StatusCode};
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use serde_json::{Value, json};
use stentor_core::id::IntegrationId;
use stentor_core::incident::kinds::Severity;
use stentor_core::policy::document::{Integration, IntegrationKind};
use stentor_core::signal::Signal;
use stentor_core::time::Timestamp;
use tower::ServiceExt;

use super::{Webhooks, routes};
use crate::auth::{Guardian, Principal};
use crate::intake::sink::{Outcome, SignalSink, SinkError};
use crate::telemetry::Metrics;

/// While the captured alerts were firing.
const NOW: &str = "2026-11-23T11:13:50Z";

struct Ear {
    now: Timestamp,
    heard: Mutex<Vec<Signal>>,
    acknowledged: Mutex<Vec<String>>,
    error: Option<SinkError>,
}

#[tonic::async_trait]
impl SignalSink for Ear {
    fn integration(&self, _: &IntegrationId) -> Option<Integration> {
        let ignore_labels = vec!["prometheus_replica".to_owned()];
        Some(Integration { kind: IntegrationKind::Alertmanager, severity: None, ignore_labels })
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    async fn hear(&self, _: &Principal, signals: Vec<Signal>) -> Result<Vec<Outcome>, SinkError> {
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
}

struct World {
    ear: Arc<Ear>,
    app: axum::Router,
}

fn world_at(now: &str, error: Option<SinkError>) -> World {
    let now = now.parse().unwrap();
    let ear = Arc::new(Ear { now, heard: Mutex::default(), acknowledged: Mutex::default(), error });
    let meters = SdkMeterProvider::builder().build();
    let webhooks = Webhooks {
        guardian: Arc::new(Guardian::dev("secret".into())),
        sink: Arc::clone(&ear) as Arc<dyn SignalSink>,
        metrics: Arc::new(Metrics::new(&meters.meter("test"))),
    };
    World { ear, app: routes(webhooks) }
}

fn world() -> World {
    world_at(NOW, None)
}

impl World {
    async fn post(&self, path: &str, body: impl Into<Body>) -> Response<Body> {
        let request =
            Request::post(path).header("content-type", "application/json").body(body.into()).unwrap();
        self.app.clone().oneshot(request).await.unwrap()
    }

    fn heard(&self) -> Vec<Signal> {
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

const AM: &str = "/integrations/alertmanager/dev";
const PROM: &str = "/integrations/prometheus/dev/api/v2/alerts";
const PD: &str = "/v2/enqueue";

#[tokio::test]
async fn a_captured_group_becomes_one_signal_for_each_alert() {
    let world = world();
    let body = captured(include_str!("../../../tests/payloads/008-alertmanager-webhook.json"));
    assert_eq!(world.post(AM, body).await.status(), StatusCode::OK);

    let heard = world.heard();
    assert_eq!(heard.len(), 3);
    let first = &heard[0];
    assert_eq!(first.title, "checkout fails 12% of requests in eu");
    assert_eq!(first.severity, Some(Severity::Critical));
    assert_eq!(first.labels["service"], "checkout");
    assert!(!first.clear && first.ends_at.is_none() && first.key.len() == 64);
    assert_eq!(first.group, "{}:{alertname=\"HighErrorRate\", service=\"checkout\"}");
    assert_eq!(first.observed_at, first.received_at);
    assert_eq!(first.starts_at, Some("2026-11-23T11:13:42.042Z".parse().unwrap()));
    assert!(heard.iter().all(|signal| signal.group == first.group));
}

#[tokio::test]
async fn both_ways_from_one_prometheus_name_the_same_alerts() {
    let world = world();
    world.post(AM, captured(include_str!("../../../tests/payloads/008-alertmanager-webhook.json"))).await;
    let webhook: Vec<String> = world.heard().into_iter().map(|signal| signal.key).collect();
    world.post(PROM, captured(include_str!("../../../tests/payloads/001-prometheus-post.json"))).await;
    let direct = world.heard();
    assert_eq!(direct.len(), 2);
    assert!(direct.iter().all(|signal| webhook.contains(&signal.key) && signal.group.is_empty()));
    assert!(direct.iter().all(|signal| !signal.clear && signal.ends_at.is_some()));
}

#[tokio::test]
async fn an_end_that_has_come_clears_in_both_formats() {
    let world = world_at("2026-11-23T11:14:10Z", None);
    let body = captured(include_str!("../../../tests/payloads/015-prometheus-post.json"));
    assert_eq!(world.post(PROM, body).await.status(), StatusCode::OK);
    assert!(world.heard().iter().all(|signal| signal.clear));

    let body = captured(include_str!("../../../tests/payloads/016-alertmanager-webhook.json"));
    assert_eq!(world.post(AM, body).await.status(), StatusCode::OK);
    assert!(world.heard().iter().any(|signal| signal.clear));
}

#[tokio::test]
async fn an_alert_without_an_end_clears_after_the_default() {
    let world = world();
    world.post(PROM, json!([{"labels": {"alertname": "A"}}]).to_string()).await;
    let signal = world.heard().remove(0);
    assert_eq!(signal.ends_at, Some("2026-11-23T11:18:50Z".parse().unwrap()));
    assert_eq!(signal.title, "A");
}

#[tokio::test]
async fn valid_alerts_are_kept_when_another_is_not() {
    let world = world();
    let body =
        json!([{"labels": {"alertname": "A"}}, {"labels": {}}, {"labels": {"b": "c"}, "endsAt": "soon"}]);
    let answer = world.post(PROM, body.to_string()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let Value::String(complaint) = value(answer).await else { panic!("the protocol wants a JSON string") };
    assert!(complaint.contains("[1].labels") && complaint.contains("[2].endsAt"), "{complaint}");
    assert_eq!(world.heard().len(), 1);
}

#[tokio::test]
async fn overload_is_503_for_alertmanager_and_never_429() {
    let world = world_at(NOW, Some(SinkError::Overloaded { retry_after: Duration::from_secs(3) }));
    let body = captured(include_str!("../../../tests/payloads/008-alertmanager-webhook.json"));
    for path in [AM, PROM] {
        let body = if path == AM { body.clone() } else { json!([{"labels": {"a": "b"}}]).to_string() };
        let answer = world.post(path, body).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(answer.headers()["retry-after"], "3");
    }
    let event = json!({"routing_key": "dev", "event_action": "resolve", "dedup_key": "k"});
    assert_eq!(world.post(PD, event.to_string()).await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn what_cannot_be_read_is_400_and_says_where() {
    let world = world();
    let cases: [(&str, &[u8], &str); 6] = [
        (AM, b"{\"version\":\"4\",", "line 1 column"),
        (AM, b"{\"version\":\"9\",\"alerts\":[]}", "version"),
        (AM, b"{\"version\":\"4\",\"alerts\":[{\"status\":\"odd\",\"labels\":{}}]}", "alerts[0].status"),
        (PROM, b"{}", "sequence"),
        (PROM, b"[{\"labels\":{\"a\":1}}]", "string"),
        (PROM, b"[\xff]", "UTF-8 from byte 1"),
    ];
    for (path, body, expected) in cases {
        let answer = world.post(path, body.to_vec()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let text = text(answer).await;
        assert!(text.contains(expected), "{text:?} lacks {expected:?}");
    }
    assert!(world.heard().is_empty());
}

#[tokio::test]
async fn unknown_keys_and_huge_bodies_are_turned_away() {
    let world = world();
    assert_eq!(world.post("/integrations/alertmanager/nobody", "{}").await.status(), StatusCode::NOT_FOUND);
    let huge = vec![b' '; (1 << 20) + 1];
    for path in [AM, PROM, PD] {
        assert_eq!(world.post(path, huge.clone()).await.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
}

#[tokio::test]
async fn a_pagerduty_trigger_is_taken_with_the_key_to_resolve_it() {
    let world = world();
    let payload = json!({
        "summary": "Größe über Grenze", "source": "db-1", "severity": "warning", "component": "orders",
        "timestamp": "2026-11-23T11:13:45Z", "custom_details": {"free": 4, "note": "schnell"}
    });
    let event = json!({"routing_key": "dev", "event_action": "trigger", "payload": payload});
    let answer = world.post(PD, event.to_string()).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let key = value(answer).await["dedup_key"].as_str().unwrap().to_owned();

    let signal = world.heard().remove(0);
    assert_eq!((signal.key.as_str(), signal.title.as_str()), (key.as_str(), "Größe über Grenze"));
    assert_eq!(signal.severity, Some(Severity::Warning));
    assert_eq!(signal.observed_at, "2026-11-23T11:13:45Z".parse().unwrap());
    assert_eq!((signal.labels["component"].as_str(), signal.annotations["free"].as_str()), ("orders", "4"));
    assert!(signal.opens_anew);

    let event = json!({"routing_key": "dev", "event_action": "resolve", "dedup_key": key});
    assert_eq!(world.post(PD, event.to_string()).await.status(), StatusCode::ACCEPTED);
    assert!(world.heard().remove(0).clear);
}

#[tokio::test]
async fn a_pagerduty_acknowledgement_of_the_unknown_is_still_202() {
    let world = world();
    let event = json!({"routing_key": "dev", "event_action": "acknowledge", "dedup_key": "k"});
    assert_eq!(world.post(PD, event.to_string()).await.status(), StatusCode::ACCEPTED);
    assert_eq!(*world.ear.acknowledged.lock().unwrap(), ["k"]);
}

#[tokio::test]
async fn pagerduty_events_that_are_invalid_are_refused_in_its_words() {
    let world = world();
    let cases = [
        (
            json!({"event_action": "trigger"}),
            "Length of 'routing_key' is incorrect (should be 32 characters)",
        ),
        (json!({"routing_key": "0".repeat(32), "event_action": "trigger"}), "Invalid routing key"),
        (json!({"routing_key": "dev", "event_action": "open"}), "'event_action' is invalid"),
        (json!({"routing_key": "dev", "event_action": "resolve"}), "'dedup_key' is missing or blank"),
        (json!({"routing_key": "dev", "event_action": "trigger"}), "'payload' is missing or blank"),
        (
            json!({"routing_key": "dev", "event_action": "trigger", "payload": {"summary": "s"}}),
            "'payload.source'",
        ),
    ];
    for (event, expected) in cases {
        let answer = world.post(PD, event.to_string()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let body = value(answer).await;
        assert_eq!(body["status"], "invalid event");
        assert!(body["errors"].to_string().contains(expected), "{body}");
    }
}
