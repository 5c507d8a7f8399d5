//! GitHub's webhooks: signatures on the raw bytes, and which of its many events are alerts.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::*;
use crate::auth::signing_secret;

pub(super) fn sign(body: &[u8]) -> String {
    let secret = signing_secret("secret", &"one".into(), 1);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

fn github() -> World {
    world_of(Integration::plain(IntegrationKind::Github), NOW, None)
}

async fn tell(world: &World, event: &str, body: &str) -> Response<Body> {
    let signature = format!("sha256={}", sign(body.as_bytes()));
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", event),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("x-hub-signature-256", &signature),
    ];
    world.send(&format!("/integrations/github/{}", key()), &headers, body.to_owned()).await
}

fn run(conclusion: &str, trigger: &str) -> String {
    json!({
        "action": "completed",
        "workflow_run": {
            "id": 30_433_642, "name": "Build", "head_branch": "main", "head_sha": "acb5820c", "event": trigger,
            "display_title": "Update README", "status": "completed", "conclusion": conclusion, "workflow_id": 159_038,
            "run_attempt": 1, "html_url": "https://github.com/octo-org/octo-repo/actions/runs/30433642",
            "updated_at": "2026-11-23T11:13:00Z"
        },
        "repository": {"full_name": "octo-org/octo-repo", "default_branch": "main"}
    })
    .to_string()
}

#[tokio::test]
async fn a_failed_run_fires_and_the_next_success_clears() {
    let world = github();
    assert_eq!(tell(&world, "workflow_run", &run("failure", "push")).await.status(), StatusCode::OK);
    let failed = world.sent().remove(0);
    assert_eq!(failed.signal.title, "Build failed on main of octo-org/octo-repo");
    assert_eq!(
        (failed.signal.labels["branch"].as_str(), failed.signal.labels["workflow"].as_str()),
        ("main", "Build")
    );
    assert_eq!(failed.signal.observed_at, "2026-11-23T11:13:00Z".parse().unwrap());

    tell(&world, "workflow_run", &run("failure", "push")).await;
    assert_eq!(world.sent().remove(0).delivery, failed.delivery, "the same bytes are the same delivery");
    tell(&world, "workflow_run", &run("success", "push")).await;
    let passed = world.sent().remove(0);
    assert!(
        passed.signal.clear && passed.signal.key == failed.signal.key && passed.delivery != failed.delivery
    );
}

#[tokio::test]
async fn security_alerts_fire_until_they_are_fixed() {
    let world = github();
    let alert = |action: &str| {
        json!({
            "action": action,
            "alert": {"number": 2, "state": "open", "html_url": "https://github.com/o/r/security/dependabot/2",
                      "security_advisory": {"summary": "Django is vulnerable", "severity": "high"}},
            "repository": {"full_name": "o/r"}
        })
        .to_string()
    };
    tell(&world, "dependabot_alert", &alert("created")).await;
    let first = world.heard().remove(0);
    assert_eq!(
        (first.title.as_str(), first.severity.unwrap().as_str()),
        ("o/r: Django is vulnerable", "error")
    );
    tell(&world, "dependabot_alert", &alert("fixed")).await;
    assert!(world.heard().remove(0).clear);
}

#[tokio::test]
async fn ping_and_what_is_no_alert_are_answered_and_left() {
    let world = github();
    let ping = json!({"zen": "Design for failure.", "hook_id": 1}).to_string();
    for (event, body) in [
        ("ping", ping.as_str()),
        ("workflow_run", &run("cancelled", "push")),
        ("workflow_run", &run("failure", "pull_request")),
        ("star", r#"{"action": "created"}"#),
    ] {
        assert_eq!(tell(&world, event, body).await.status(), StatusCode::OK, "{event}");
    }
    assert!(world.heard().is_empty());
}

#[tokio::test]
async fn a_body_that_is_not_signed_is_not_read() {
    let world = github();
    let (path, body) = (format!("/integrations/github/{}", key()), run("failure", "push"));
    let other = format!("sha256={}", sign(b"another body"));
    let bare = sign(body.as_bytes());
    for signature in [None, Some("sha256="), Some("sha256=zz"), Some(bare.as_str()), Some(other.as_str())] {
        let mut headers = vec![("x-github-event", "workflow_run")];
        headers.extend(signature.map(|signature| ("x-hub-signature-256", signature)));
        let answer = world.send(&path, &headers, body.clone()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{signature:?}");
    }
    assert!(world.heard().is_empty());
}

#[tokio::test]
async fn the_key_of_who_signs_opens_no_route_that_does_not_look_at_signatures() {
    let (signed, key) = (github(), key());
    for path in [
        format!("/integrations/alertmanager/{key}"),
        format!("/integrations/json/{key}"),
        format!("/integrations/sentry/{key}"),
    ] {
        assert_eq!(signed.post(&path, "{}").await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let unsigned = world();
    let answer = tell(&unsigned, "workflow_run", &run("failure", "push")).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn signed_bodies_that_are_ugly_are_400_and_name_the_field() {
    let world = github();
    for (event, body, expected) in [
        ("workflow_run", "", "JSON"),
        ("workflow_run", "[]", "body: is not a JSON object"),
        ("workflow_run", r#"{"action":"completed"}"#, "workflow_run: is required"),
        (
            "workflow_run",
            r#"{"action":"completed","workflow_run":{"conclusion":"failure"}}"#,
            "repository: is required",
        ),
        ("dependabot_alert", r#"{"action":"created","alert":7}"#, "alert: is not an object"),
        ("", "{}", "X-GitHub-Event"),
    ] {
        let answer = tell(&world, event, body).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{body}");
        let text = text(answer).await;
        assert!(text.contains(expected), "{text:?} lacks {expected:?}");
    }
}
