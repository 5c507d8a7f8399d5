//! JSON of any form: by a map, by our own fields, and what neither can read.

use std::time::Duration;

use serde_json::json;
use stentor_core::policy::document::SeverityMap;

use super::*;

const PATH: &str = "/integrations/json/dev";

fn mapped(map: Value) -> World {
    let map = Some(serde_json::from_value(map).unwrap());
    let severity = SeverityMap {
        label: "severity".to_owned(),
        map: [("red".to_owned(), serde_json::from_value(json!("critical")).unwrap())].into(),
        otherwise: serde_json::from_value(json!("error")).unwrap(),
    };
    let plain = Integration::plain(IntegrationKind::Json);
    world_of(Integration { map, severity: Some(severity), ..plain }, NOW, None)
}

fn items() -> World {
    mapped(json!({
        "each": "body.items", "key": "body.id", "title": "body.name", "severity": "body.level",
        "status": r#"body.state == "ok" ? "clear" : "firing""#, "url": "body.link",
        "labels": {"service": "body.service"}, "annotations": {"load": "body.load"}
    }))
}

#[tokio::test]
async fn a_map_makes_an_alert_of_each_entry() {
    let world = items();
    let body = json!({"items": [
        {"id": 1, "name": "Größe", "state": "bad", "level": "red", "service": "db", "load": 0.5, "link": "ftp://x"},
        {"id": 2, "state": "ok"},
    ]});
    assert_eq!(world.post(PATH, body.to_string()).await.status(), StatusCode::OK);

    let heard = world.heard();
    let first = &heard[0];
    assert_eq!((first.key.as_str(), first.title.as_str(), first.url.as_str()), ("1", "Größe", ""));
    assert_eq!(first.severity.unwrap().as_str(), "critical");
    assert_eq!((first.labels["service"].as_str(), first.annotations["load"].as_str()), ("db", "0.5"));
    assert!(heard[1].clear && heard[1].key == "2");
}

#[tokio::test]
async fn entries_that_cannot_be_read_are_named_and_the_others_taken() {
    let world = items();
    let body = json!({"items": [{"id": 1, "name": "A", "state": "x"}, {"name": "B", "state": "x"},
                                {"id": 3, "state": "x"}, "four"]});
    let answer = world.post(PATH, body.to_string()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let complaint = text(answer).await;
    for part in ["[1].map.key: No such key: id", "[2].title: is required", "[3].map.key"] {
        assert!(complaint.contains(part), "{complaint:?} lacks {part:?}");
    }
    assert_eq!(world.heard().len(), 1);

    let answer = world.post(PATH, "{\"items\": 3}").await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(text(answer).await, "map.each: what it leads to is not a list\n");
}

#[tokio::test]
async fn without_a_map_our_own_fields_are_read() {
    let world = world();
    let one =
        json!({"key": 7, "title": "Disk full", "severity": "critical", "labels": {"host": "a", "n": 3}});
    assert_eq!(world.post(PATH, one.to_string()).await.status(), StatusCode::OK);
    let first = world.heard().remove(0);
    assert_eq!(
        (first.key.as_str(), first.title.as_str(), first.labels["n"].as_str()),
        ("7", "Disk full", "3")
    );

    let list = json!([{"title": "t"}, {"key": "7", "status": "resolved"}, {"title": "t", "status": "odd"},
                      {"title": "t", "labels": [1]}, 5, {"title": ["x"]}]);
    let complaint = text(world.post(PATH, list.to_string()).await).await;
    for part in [
        "[2].status: \"odd\"",
        "[3].labels: is not an object",
        "[4]: is not an object",
        "[5].title: is required",
    ] {
        assert!(complaint.contains(part), "{complaint:?} lacks {part:?}");
    }
    let heard = world.heard();
    assert!(heard.len() == 2 && heard[1].clear);
}

#[tokio::test]
async fn what_is_no_json_is_400_and_overload_asks_to_come_back() {
    let world = world();
    for (body, expected) in
        [(&b""[..], "JSON"), (b"{\"title\":", "line 1 column"), (b"\xfe", "UTF-8 from byte 0")]
    {
        let answer = world.post(PATH, body.to_vec()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(text(answer).await.contains(expected));
    }
    let answer = world.post(PATH, vec![b' '; (1 << 20) + 1]).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.post("/integrations/json/nobody", "{}").await.status(), StatusCode::NOT_FOUND);

    let busy = world_at(NOW, Some(SinkError::Overloaded { retry_after: Duration::from_secs(2) }));
    let answer = busy.post(PATH, json!({"title": "t"}).to_string()).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "2");
}
