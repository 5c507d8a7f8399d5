//! Datadog's webhook with the template of our documentation.

use serde_json::json;

use super::*;

const PATH: &str = "/integrations/datadog/dev";

fn filled_in(transition: &str) -> Value {
    json!({
        "alert_id": "1234", "cycle": "5678", "transition": transition, "alert_type": "error", "priority": "P2",
        "title": "[Triggered] CPU high on web-1", "body": "CPU > 90", "tags": "env:prod,service:web,monitor,:x,",
        "host": "web-1", "scope": "host:web-1", "link": "https://app.datadoghq.eu/event/1", "aggreg_key": "abc"
    })
}

#[tokio::test]
async fn a_triggered_monitor_fires_until_it_recovers() {
    let world = world();
    assert_eq!(world.post(PATH, filled_in("Triggered").to_string()).await.status(), StatusCode::OK);
    let first = world.heard().remove(0);
    assert_eq!((first.key.as_str(), first.source.as_str()), ("5678", "web-1"));
    assert_eq!(first.severity.unwrap().as_str(), "error");
    assert_eq!((first.labels["service"].as_str(), first.labels["monitor"].as_str()), ("web", "1234"));

    world.post(PATH, filled_in("Recovered").to_string()).await;
    let end = world.heard().remove(0);
    assert!(end.clear && end.key == first.key);
    for other in ["Warn", "No Data", "Renotify", "Something New"] {
        world.post(PATH, filled_in(other).to_string()).await;
        assert!(!world.heard().remove(0).clear, "{other}");
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let world = world();
    for (change, expected) in [
        (json!({"transition": ""}), "transition: is required"),
        (json!({"cycle": null, "aggreg_key": "", "alert_id": null}), "cycle: is required"),
        (json!({"tags": ["a"]}), "tags: is not a text"),
        (json!({"title": " "}), "title: is required"),
    ] {
        let mut body = filled_in("Triggered");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = world.post(PATH, body.to_string()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(text(answer).await, format!("{expected}\n"));
    }
    assert_eq!(world.post(PATH, b"\xff".to_vec()).await.status(), StatusCode::BAD_REQUEST);
    assert!(world.heard().is_empty());
}
