//! Integrations that are made and get new keys from the command line.

use std::sync::{Arc, Mutex};

use stentor_core::policy::{SAMPLE, parse};
use stentor_proto::v1;

use super::fake::Fake;

type Applied = Arc<Mutex<Vec<v1::ApplyPolicyRequest>>>;

/// Has the sample policy as version 7.
fn server() -> (Fake, Applied) {
    let applied = Applied::default();
    let seen = Arc::clone(&applied);
    let policy =
        |number| Some(v1::Policy { number, document: SAMPLE.as_bytes().to_vec(), ..Default::default() });
    let fake = Fake::default()
        .answer(move |_: v1::GetPolicyRequest, _| {
            Ok(v1::GetPolicyResponse { policy: policy(7), ..Default::default() })
        })
        .answer(move |request: v1::ApplyPolicyRequest, _| {
            seen.lock().unwrap().push(request);
            Ok(v1::ApplyPolicyResponse { policy: policy(8), valid: true, ..Default::default() })
        })
        .answer(|request: v1::GetIntegrationRequest, _| {
            let integration = v1::Integration {
                name: request.name,
                kind: "pagerduty".to_owned(),
                webhook_path: "/v2/enqueue".to_owned(),
                key: "k3y".to_owned(),
                ..Default::default()
            };
            Ok(v1::GetIntegrationResponse { integration: Some(integration) })
        });
    (fake, applied)
}

#[tokio::test]
async fn a_new_integration_is_applied_to_the_version_that_was_read_and_shown() {
    let (fake, applied) = server();
    let line = ["integration", "create", "pagerduty", "pd", "--service", "checkout"];

    let outcome = fake.run(&line).await;

    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("routing key: k3y"), "{}", outcome.stdout);
    let request = applied.lock().unwrap().remove(0);
    assert_eq!((request.expected_version, request.comment.as_str()), (7, "integration create pagerduty pd"));
    let document = parse(std::str::from_utf8(&request.document).unwrap()).unwrap();
    assert_eq!(document.integrations["pd"].kind.as_str(), "pagerduty");
    assert_eq!(document.routes.last().unwrap().service, Some("checkout".into()));
}

#[tokio::test]
async fn a_dry_run_prints_the_document_with_its_comments_and_applies_nothing() {
    let (fake, applied) = server();

    let outcome = fake.run(&["integration", "create", "github", "hub", "--dry-run"]).await;

    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.starts_with(SAMPLE.lines().next().unwrap()));
    assert!(outcome.stdout.contains("  hub: {kind: github}\n"));
    assert!(applied.lock().unwrap().is_empty());
}

#[tokio::test]
async fn rotating_makes_the_next_generation_and_lets_the_old_one_live_for_a_day() {
    let (fake, applied) = server();

    let outcome = fake.run(&["integration", "rotate", "prom"]).await;

    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("the old key is valid until "), "{}", outcome.stderr);
    let request = applied.lock().unwrap().remove(0);
    let document = parse(std::str::from_utf8(&request.document).unwrap()).unwrap();
    let entry = &document.integrations["prom"];
    let until = entry.key.unwrap().old_until.unwrap();
    assert_eq!(entry.generations(until - stentor_core::time::Duration::seconds(1)), [2, 1]);
    assert_eq!(entry.generations(until), [2]);

    let (fake, applied) = server();
    let outcome = fake.run(&["integration", "rotate", "prom", "--overlap", "0s"]).await;
    assert!(outcome.stderr.contains("the old key is refused"), "{}", outcome.stderr);
    let request = applied.lock().unwrap().remove(0);
    let text = String::from_utf8(request.document).unwrap();
    assert!(text.contains("    key: {generation: 2}\n"), "{text}");

    let (fake, applied) = server();
    assert_eq!(fake.run(&["integration", "rotate", "ghost"]).await.code, 1);
    assert!(applied.lock().unwrap().is_empty());
}
