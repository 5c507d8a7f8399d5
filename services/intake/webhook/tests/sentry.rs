//! Sentry's webhooks with payloads as its documentation shows them.

use serde_json::json;

use super::github::sign;
use super::*;

fn sentry() -> World {
    world_of(Integration::plain(IntegrationKind::Sentry), NOW, None)
}

async fn tell(world: &World, resource: &str, body: Value) -> Response<Body> {
    let body = body.to_string();
    let signature = sign(body.as_bytes());
    let headers = [
        ("content-type", "application/json"),
        ("request-id", "6cc2b1b8b7a94dcb9b2a0d2c3c9dbf4a"),
        ("sentry-hook-resource", resource),
        ("sentry-hook-timestamp", "1763896430"),
        ("sentry-hook-signature", &signature),
    ];
    world.send(&format!("/integrations/sentry/{}", key()), &headers, body).await
}

fn event_alert() -> Value {
    json!({
        "action": "triggered",
        "data": {
            "event": {
                "event_id": "e4874d664c3540c1a32eab185f12c5ab", "issue_id": "1170820242", "level": "fatal",
                "title": "ReferenceError: heck is not defined", "culprit": "?(runner)", "platform": "javascript",
                "message": "", "project": 1, "environment": "prod", "datetime": "2026-11-23T11:13:00.320000Z",
                "tags": [["browser", "Chrome 75.0"], ["url", "http://x"], ["bad"]],
                "web_url": "https://sentry.io/organizations/test-org/issues/1170820242/events/e4874d664c3540c1a32eab185f12c5ab/"
            },
            "triggered_rule": "Very Important Alert Rule!"
        },
        "installation": {"uuid": "a8e5d37a"}, "actor": {"type": "application", "id": "sentry", "name": "Sentry"}
    })
}

#[tokio::test]
async fn an_issue_alert_fires_until_the_issue_is_resolved() {
    let world = sentry();
    assert_eq!(tell(&world, "event_alert", event_alert()).await.status(), StatusCode::OK);
    let first = world.heard().remove(0);
    assert_eq!(first.title, "ReferenceError: heck is not defined");
    assert_eq!(first.severity.unwrap().as_str(), "critical");
    assert_eq!(
        (first.labels["browser"].as_str(), first.labels["rule"].as_str()),
        ("Chrome 75.0", "Very Important Alert Rule!")
    );
    assert!(first.url.starts_with("https://sentry.io/"));

    let issue = |action: &str| json!({"action": action, "data": {"issue": {"id": "1170820242", "title": "ReferenceError"}}});
    tell(&world, "issue", issue("created")).await;
    assert!(world.heard().is_empty(), "news of an issue is no alert");
    tell(&world, "issue", issue("resolved")).await;
    let end = world.heard().remove(0);
    assert!(end.clear && end.key == first.key);
}

#[tokio::test]
async fn a_metric_alert_changes_severity_and_ends() {
    let world = sentry();
    let metric = |action: &str| {
        json!({
            "action": action,
            "data": {
                "metric_alert": {"id": "4", "title": "Too many errors", "alert_rule": {"name": "errors"},
                                 "projects": ["shop"], "date_started": "2026-11-23T11:10:00Z"},
                "description_text": "1000 events in the last 10 minutes", "description_title": "Resolved: Too many errors",
                "web_url": "https://sentry.io/organizations/test-org/alerts/4/"
            }
        })
    };
    for (action, severity, clear) in
        [("warning", "warning", false), ("critical", "critical", false), ("resolved", "error", true)]
    {
        tell(&world, "metric_alert", metric(action)).await;
        let heard = world.heard().remove(0);
        assert_eq!((heard.key.as_str(), heard.clear), ("metric:4", clear));
        assert!(clear || heard.severity.unwrap().as_str() == severity);
    }
}

#[tokio::test]
async fn unsigned_and_ugly_bodies_are_turned_away() {
    let world = sentry();
    let path = format!("/integrations/sentry/{}", key());
    let wrong = sign(b"other");
    for headers in [&[][..], &[("sentry-hook-signature", "")], &[("sentry-hook-signature", wrong.as_str())]] {
        let answer = world.send(&path, headers, event_alert().to_string()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    for (resource, body, expected) in [
        ("event_alert", json!({}), "data: is required"),
        ("event_alert", json!({"data": {"event": {}}}), "data.event.issue_id: is required"),
        (
            "metric_alert",
            json!({"action": "critical", "data": {"metric_alert": {"id": [1]}}}),
            "data.metric_alert.id: is not a text",
        ),
        (
            "event_alert",
            json!({"data": {"event": {"issue_id": 1, "tags": {}}}}),
            "data.event.tags: is not a list",
        ),
        ("", json!({}), "Sentry-Hook-Resource"),
        ("event_alert", json!(3), "body: is not a JSON object"),
    ] {
        let answer = tell(&world, resource, body).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let text = text(answer).await;
        assert!(text.contains(expected), "{text:?} lacks {expected:?}");
    }
    assert!(world.heard().is_empty());
}
