//! CloudEvents in its three modes, and what is in none of them.

use std::time::Duration;

use serde_json::json;

use super::*;

const PATH: &str = "/integrations/cloudevents/dev";
const STRUCTURED: &[(&str, &str)] = &[("content-type", "application/cloudevents+json; charset=utf-8")];
const BATCH: &[(&str, &str)] = &[("content-type", "application/cloudevents-batch+json")];

fn event(id: &str, kind: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/disks", "type": kind, "subject": "sda",
        "time": "2026-11-23T11:13:40Z", "traceparent": "00-a-b-01", "datacontenttype": "application/json",
        "data": {"severity": "critical", "summary": "sda is full", "free": 0}
    })
}

#[tokio::test]
async fn a_structured_event_becomes_an_alert_that_its_end_clears() {
    let world = world();
    let answer = world.send(PATH, STRUCTURED, event("1", "com.example.full.raised").to_string()).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let first = world.sent().remove(0);
    assert_eq!(first.signal.title, "sda is full");
    assert_eq!(first.signal.severity.unwrap().as_str(), "critical");
    assert_eq!(first.signal.observed_at, "2026-11-23T11:13:40Z".parse().unwrap());
    let labels: Vec<&str> = first.signal.labels.values().map(String::as_str).collect();
    assert_eq!(labels, ["/disks", "sda", "com.example.full"]);
    assert_eq!(first.signal.annotations["free"], "0");

    world.send(PATH, STRUCTURED, event("2", "com.example.full.resolved").to_string()).await;
    let end = world.sent().remove(0);
    assert!(end.signal.clear && end.signal.key == first.signal.key && end.delivery != first.delivery);

    world.send(PATH, STRUCTURED, event("1", "com.example.full.raised").to_string()).await;
    assert_eq!(
        world.sent().remove(0).delivery,
        first.delivery,
        "the same source and id are the same delivery"
    );
}

#[tokio::test]
async fn a_binary_event_is_read_from_its_headers() {
    let world = world();
    let headers = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "9"),
        ("ce-source", "/caf%C3%A9"),
        ("ce-type", "order.failed"),
        ("ce-subject", "50%"),
    ];
    let answer = world.send(PATH, &headers, r#"{"title": "An order failed"}"#).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let heard = world.heard().remove(0);
    assert_eq!((heard.title.as_str(), heard.source.as_str()), ("An order failed", "/café"));
    assert_eq!(heard.labels["subject"], "50%");

    let answer = world.send(PATH, &headers[1..], b"\xff\xfe".to_vec()).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT, "data that is no text does not lose the event");
    assert_eq!(world.heard().remove(0).title, "order.failed 50%");
}

#[tokio::test]
async fn a_batch_keeps_its_good_events() {
    let world = world();
    let mut old = event("3", "a.b");
    old["specversion"] = "0.3".into();
    let mut nameless = event("4", "a.b");
    nameless.as_object_mut().unwrap().remove("source");
    let batch = json!([event("1", "a.b"), old, nameless, "x", event("2", "a.c")]);
    let answer = world.send(PATH, BATCH, batch.to_string()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let complaint = text(answer).await;
    for part in ["[1].specversion: \"0.3\"", "[2].source: is required", "[3]: is not an object"] {
        assert!(complaint.contains(part), "{complaint:?} lacks {part:?}");
    }
    assert_eq!(world.heard().len(), 2);
    assert_eq!(world.send(PATH, BATCH, "[]").await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_map_reads_an_event_as_well() {
    let map = json!({"title": r#"body.type + " on " + body.subject"#, "key": "body.data.disk"});
    let map = Some(serde_json::from_value(map).unwrap());
    let plain = Integration::plain(IntegrationKind::Cloudevents);
    let world = world_of(Integration { map, ..plain }, NOW, None);
    let mut mapped = event("1", "full");
    mapped["data"] = json!({"disk": "sda"});
    world.send(PATH, STRUCTURED, mapped.to_string()).await;
    let sent = world.sent().remove(0);
    assert_eq!((sent.signal.key.as_str(), sent.signal.title.as_str()), ("sda", "full on sda"));
    assert!(sent.delivery.is_some());
}

#[tokio::test]
async fn what_is_in_no_mode_is_415_and_what_cannot_be_read_400() {
    let world = world();
    for (kind, body, status, expected) in [
        ("application/json", "{}", 415, "neither application/cloudevents+json"),
        ("application/cloudevents+avro", "", 415, "application/cloudevents+avro is not known"),
        ("application/cloudevents+json", "", 400, "JSON"),
        ("application/cloudevents+json", "[]", 400, "body: is not a JSON object"),
        ("application/cloudevents-batch+json", "{}", 400, "body: is not a list of events"),
    ] {
        let answer = world.send(PATH, &[("content-type", kind)], body).await;
        assert_eq!(answer.status().as_u16(), status, "{kind} {body}");
        assert!(text(answer).await.contains(expected), "{expected}");
    }
    let busy = world_at(NOW, Some(SinkError::Overloaded { retry_after: Duration::from_secs(2) }));
    let answer = busy.send(PATH, STRUCTURED, event("1", "a").to_string()).await;
    assert_eq!(
        (answer.status(), &answer.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"2".parse().unwrap())
    );
}

#[tokio::test]
async fn the_handshake_lets_a_sender_with_the_key_in() {
    let world = world();
    let ask = |key: &str| {
        let path = format!("/integrations/cloudevents/{key}");
        Request::options(path)
            .header("webhook-request-origin", "events.example.com")
            .body(Body::empty())
            .unwrap()
    };
    let answer = world.app.clone().oneshot(ask("dev")).await.unwrap();
    assert_eq!(answer.headers()["webhook-allowed-origin"], "events.example.com");
    let answer = world.app.clone().oneshot(ask("nobody")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}
