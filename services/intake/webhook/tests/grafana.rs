//! Grafana's unified alerting, with the payload of its documentation and with ugly ones.

use serde_json::json;

use super::*;

const PATH: &str = "/integrations/grafana/dev";

fn alert(status: &str) -> Value {
    json!({
        "status": status,
        "labels": {"alertname": "High memory usage", "team": "blue", "zone": "us-1", "severity": "warning"},
        "annotations": {"description": "The system has high memory usage", "summary": "This alert was triggered for zone us-1",
                        "runbook_url": "https://myrunbook.com/runbook/1234"},
        "startsAt": "2026-11-23T11:12:00.000Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://play.grafana.org/alerting/1afz29v7z/edit", "fingerprint": "c6eadffa33fcdf37",
        "silenceURL": "https://play.grafana.org/alerting/silence/new?alertmanager=grafana",
        "dashboardURL": "https://play.grafana.org/d/abc", "panelURL": "https://play.grafana.org/d/abc?viewPanel=1",
        "values": {"B": 44.23943737541908, "C": 1, "D": null}, "valueString": "[ metric='' value=44.23 ]"
    })
}

fn group(alerts: Value) -> String {
    json!({
        "receiver": "My Super Webhook", "status": "firing", "orgId": 1, "alerts": alerts, "groupLabels": {},
        "commonLabels": {}, "commonAnnotations": {}, "externalURL": "https://play.grafana.org/", "version": "1",
        "groupKey": "{}:{}", "truncatedAlerts": 0, "title": "[FIRING:1]", "state": "alerting", "message": "…"
    })
    .to_string()
}

#[tokio::test]
async fn the_documented_group_becomes_signals_with_values_and_links() {
    let world = world();
    let answer = world.post(PATH, group(json!([alert("firing"), alert("resolved")]))).await;
    assert_eq!(answer.status(), StatusCode::OK);

    let heard = world.heard();
    let first = &heard[0];
    assert_eq!(first.title, "This alert was triggered for zone us-1");
    assert_eq!(first.severity.unwrap().as_str(), "warning");
    assert_eq!((first.values["B"].as_str(), first.values["C"].as_str()), ("44.23943737541908", "1"));
    assert!(first.annotations["silence_url"].contains("/silence/new"));
    assert!(first.annotations["panel_url"].contains("viewPanel"));
    assert_eq!(
        (first.url.as_str(), first.group.as_str()),
        ("https://play.grafana.org/alerting/1afz29v7z/edit", "{}:{}")
    );
    assert!(first.starts_at.is_some() && first.ends_at.is_none() && !first.clear);
    assert!(heard[1].clear && heard[1].key == first.key);
}

#[tokio::test]
async fn grafana_may_put_as_well() {
    let world = world();
    let request = Request::put(PATH).body(Body::from(group(json!([alert("firing")])))).unwrap();
    assert_eq!(world.app.clone().oneshot(request).await.unwrap().status(), StatusCode::OK);
    assert_eq!(world.heard().len(), 1);
}

#[tokio::test]
async fn one_ugly_alert_does_not_lose_the_others() {
    let world = world();
    let (mut number, mut broken, mut late) = (alert("firing"), alert("firing"), alert("firing"));
    number["labels"]["shard"] = 7.into();
    number["annotations"] = Value::Null;
    broken["labels"] = json!(["a"]);
    late["startsAt"] = "yesterday".into();
    let answer = world.post(PATH, group(json!([number, broken, late, 5, alert("pending")]))).await;

    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let complaint = text(answer).await;
    for part in [
        "alerts[1].labels: is not an object",
        "alerts[2].startsAt",
        "alerts[3]: is not an object",
        "alerts[4].status",
    ] {
        assert!(complaint.contains(part), "{complaint:?} lacks {part:?}");
    }
    let heard = world.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!((heard[0].labels["shard"].as_str(), heard[0].title.as_str()), ("7", "High memory usage"));
}

#[tokio::test]
async fn what_is_no_group_is_400_and_says_why() {
    let world = world();
    let cases: [(&[u8], &str); 5] = [
        (b"", "the body is not the JSON expected"),
        (b"[]", "body: is not a JSON object"),
        (b"{}", "alerts: is required"),
        (b"{\"alerts\":{}}", "alerts: is not a list"),
        (b"{\"alerts\":\"\xff\"}", "UTF-8 from byte 11"),
    ];
    for (body, expected) in cases {
        let answer = world.post(PATH, body.to_vec()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(text(answer).await.contains(expected), "{expected}");
    }
}
