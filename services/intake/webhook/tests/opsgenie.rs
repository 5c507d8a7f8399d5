//! Opsgenie's Alert API as its clients use it.

use std::time::Duration;

use serde_json::json;

use super::*;

const GENIE: &[(&str, &str)] = &[("authorization", "GenieKey dev"), ("content-type", "application/json")];

async fn tell(world: &World, path: &str, body: Value) -> Response<Body> {
    world.send(path, GENIE, body.to_string()).await
}

fn documented() -> Value {
    json!({
        "message": "An example alert message", "alias": "Life is too short for no alias",
        "description": "Every alert needs a description",
        "responders": [{"id": "4513b7ea-3b91-438f-b7e4-e3e54af9147c", "type": "team"}],
        "actions": ["Restart", "AnExampleAction"], "tags": ["OverwriteQuietHours", "env:prod"],
        "details": {"key1": "value1", "key2": 2}, "entity": "An example entity", "priority": "P1"
    })
}

#[tokio::test]
async fn the_documented_alert_is_taken_and_closed_by_its_alias() {
    let world = world();
    let answer = tell(&world, "/v2/alerts", documented()).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let body = value(answer).await;
    assert_eq!(body["result"], "Request will be processed");
    assert!(body["requestId"].as_str().unwrap().len() == 36 && body["took"].is_f64());

    let first = world.heard().remove(0);
    assert_eq!(
        (first.key.as_str(), first.title.as_str()),
        ("Life is too short for no alias", "An example alert message")
    );
    assert_eq!(first.severity.unwrap().as_str(), "critical");
    assert_eq!((first.labels["env"].as_str(), first.labels["key2"].as_str()), ("prod", "2"));
    assert!(first.opens_anew);

    let path = "/v2/alerts/Life%20is%20too%20short%20for%20no%20alias/close?identifierType=alias";
    assert_eq!(
        tell(&world, path, json!({"user": "Monitoring", "note": "over"})).await.status(),
        StatusCode::ACCEPTED
    );
    let end = world.heard().remove(0);
    assert!(end.clear && end.key == first.key);
    assert_eq!(world.ear.noted.lock().unwrap()[0], (first.key, "Monitoring: over".to_owned()));
}

#[tokio::test]
async fn an_alert_without_an_alias_is_closed_by_the_id_of_its_creation() {
    let world = world();
    let id = value(tell(&world, "/v2/alerts", json!({"message": "m"})).await).await["requestId"]
        .as_str()
        .unwrap()
        .to_owned();
    let first = world.heard().remove(0);
    assert_eq!(first.severity.unwrap().as_str(), "warning", "the default is P3");
    assert_eq!(world.send(&format!("/v2/alerts/{id}/close"), GENIE, "").await.status(), StatusCode::ACCEPTED);
    assert_eq!(world.heard().remove(0).key, first.key);
}

#[tokio::test]
async fn acknowledging_and_noting_reach_the_incident_or_nobody() {
    let world = world();
    let answer = tell(&world, "/v2/alerts/a1/acknowledge?identifierType=alias", json!({})).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let answer = tell(&world, "/v2/alerts/a1/notes?identifierType=alias", json!({"note": "looking"})).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(*world.ear.acknowledged.lock().unwrap(), ["a1"]);
    assert_eq!(*world.ear.noted.lock().unwrap(), [("a1".to_owned(), "looking".to_owned())]);
}

#[tokio::test]
async fn a_long_alias_is_the_same_alert_when_it_is_closed() {
    let world = world();
    let alias = "ä".repeat(400);
    tell(&world, "/v2/alerts", json!({"message": "m", "alias": alias})).await;
    tell(&world, &format!("/v2/alerts/{}/close?identifierType=alias", "%C3%A4".repeat(400)), json!({})).await;
    let heard = world.heard();
    assert!(heard.len() == 2 && heard[0].key == heard[1].key && heard[1].clear);
}

#[tokio::test]
async fn what_is_wrong_is_told_in_its_form() {
    let world = world();
    for (path, body, status, field) in [
        ("/v2/alerts", json!({}), 422, "message"),
        ("/v2/alerts", json!({"message": "m", "priority": "P9"}), 422, "priority"),
        ("/v2/alerts", json!({"message": "m", "details": [1]}), 422, "details"),
        ("/v2/alerts", json!({"message": {"a": 1}}), 422, "message"),
        ("/v2/alerts", json!([]), 422, "body"),
        ("/v2/alerts/a/notes?identifierType=alias", json!({}), 422, "note"),
        ("/v2/alerts/a/close?identifierType=tiny", json!({}), 422, "identifierType"),
        ("/v2/alerts/a/explode", json!({}), 404, ""),
    ] {
        let answer = tell(&world, path, body).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        let body = value(answer).await;
        assert!(field.is_empty() || !body["errors"][field].is_null(), "{body}");
        assert!(body["requestId"].is_string());
    }
    assert_eq!(world.send("/v2/alerts", GENIE, b"\xff".to_vec()).await.status(), StatusCode::BAD_REQUEST);
    assert!(world.heard().is_empty());
}

#[tokio::test]
async fn keys_and_overload_are_answered_as_clients_expect() {
    let world = world();
    for header in ["GenieKey nobody", "Basic dev", "GenieKey", ""] {
        let answer = world.send("/v2/alerts", &[("authorization", header)], documented().to_string()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{header}");
    }
    let busy = world_at(NOW, Some(SinkError::Overloaded { retry_after: Duration::from_secs(4) }));
    let answer = tell(&busy, "/v2/alerts", documented()).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "4");
}
