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
