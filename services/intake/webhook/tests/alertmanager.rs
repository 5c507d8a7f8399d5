//! Alertmanager's webhook and API, with what they really send and what they must never be answered.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use stentor_core::incident::kinds::Severity;

use super::*;

const AM: &str = "/integrations/alertmanager/dev";
const PROM: &str = "/integrations/prometheus/dev/api/v2/alerts";
const PD: &str = "/v2/enqueue";

#[tokio::test]
async fn a_captured_group_becomes_one_signal_for_each_alert() {
    let world = world();
    let body = captured(include_str!("../../../../tests/payloads/008-alertmanager-webhook.json"));
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
    world.post(AM, captured(include_str!("../../../../tests/payloads/008-alertmanager-webhook.json"))).await;
    let webhook: Vec<String> = world.heard().into_iter().map(|signal| signal.key).collect();
    world.post(PROM, captured(include_str!("../../../../tests/payloads/001-prometheus-post.json"))).await;
    let direct = world.heard();
    assert_eq!(direct.len(), 2);
    assert!(direct.iter().all(|signal| webhook.contains(&signal.key) && signal.group.is_empty()));
    assert!(direct.iter().all(|signal| !signal.clear && signal.ends_at.is_some()));
}

#[tokio::test]
async fn an_end_that_has_come_clears_in_both_formats() {
    let world = world_at("2026-11-23T11:14:10Z", None);
    let body = captured(include_str!("../../../../tests/payloads/015-prometheus-post.json"));
    assert_eq!(world.post(PROM, body).await.status(), StatusCode::OK);
    assert!(world.heard().iter().all(|signal| signal.clear));

    let body = captured(include_str!("../../../../tests/payloads/016-alertmanager-webhook.json"));
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
    let body = captured(include_str!("../../../../tests/payloads/008-alertmanager-webhook.json"));
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
