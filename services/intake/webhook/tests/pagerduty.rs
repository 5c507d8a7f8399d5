//! PagerDuty's Events API v2: what its clients rely on.

use http::StatusCode;
use serde_json::json;
use stentor_core::incident::kinds::Severity;

use super::*;

const PD: &str = "/v2/enqueue";

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

#[tokio::test]
async fn a_change_event_is_taken_and_fires_nothing() {
    let world = world();
    let event = json!({
        "routing_key": "dev",
        "payload": {
            "summary": "checkout 1.42 deployed", "source": "ci", "timestamp": "2026-11-23T11:00:00Z",
            "custom_details": {"service": "checkout"}
        },
        "links": [{"href": "https://ci.example.com/42", "text": "build"}]
    });
    let answer = world.post("/v2/change/enqueue", event.to_string()).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(value(answer).await, json!({"status": "success", "message": "Change event processed"}));

    let change = world.ear.changed.lock().unwrap().remove(0);
    assert_eq!((change.summary.as_str(), change.source.as_str()), ("checkout 1.42 deployed", "ci"));
    assert_eq!(change.url, "https://ci.example.com/42");
    assert_eq!(change.at, Some("2026-11-23T11:00:00Z".parse().unwrap()));
    assert_eq!(change.signal.labels["service"], "checkout");
    assert!(world.heard().is_empty());
}

#[tokio::test]
async fn a_change_event_that_is_invalid_or_too_early_to_store_is_not_taken() {
    let world = world();
    for (event, expected) in [
        (json!({"routing_key": "0".repeat(32), "payload": {"summary": "s"}}), "Invalid routing key"),
        (json!({"routing_key": "dev"}), "'payload' is missing or blank"),
        (json!({"routing_key": "dev", "payload": {"source": "ci"}}), "'payload.summary' is missing"),
        (json!({"routing_key": "dev", "payload": {"summary": "s", "timestamp": "now"}}), "payload.timestamp"),
    ] {
        let answer = world.post("/v2/change/enqueue", event.to_string()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let body = value(answer).await;
        assert!(body["errors"].to_string().contains(expected), "{body}");
    }
    assert!(world.ear.changed.lock().unwrap().is_empty());

    let retry_after = std::time::Duration::from_secs(2);
    let world = world_at(NOW, Some(SinkError::Overloaded { retry_after }));
    let event = json!({"routing_key": "dev", "payload": {"summary": "s"}});
    let answer = world.post("/v2/change/enqueue", event.to_string()).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
}
