//! Alerts from lines: what is sent, what is answered, and what the exit code says.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stentor_proto::v1::{self, stream_alerts_response::Answer};

use super::fake::{Fake, Outcome};

type Heard = Arc<Mutex<Vec<v1::StreamAlertsRequest>>>;

/// Refuses alerts with the title `bad`.
fn server(at_most: usize) -> (Fake, Heard) {
    let heard = Heard::default();
    let ear = Arc::clone(&heard);
    let fake = Fake::default().exchange(at_most, move |message: v1::StreamAlertsRequest| {
        ear.lock().unwrap().push(message.clone());
        let bad = message.alert.unwrap_or_default().title == "bad";
        let error = v1::StreamAlertError { code: 8, reason: "INTAKE_RATE".to_owned(), ..Default::default() };
        let taken = v1::IntakeResult { outcome: v1::IntakeOutcome::Created.into(), ..Default::default() };
        let answer = if bad { Answer::Error(error) } else { Answer::Result(taken) };
        v1::StreamAlertsResponse { number: message.number, answer: Some(answer) }
    });
    (fake, heard)
}

async fn run(fake: Fake, lines: &str) -> (Outcome, Vec<Value>) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(lines.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let outcome = fake.run(&["alert", "stream", path, "--integration", "prom"]).await;
    let answers = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (outcome, answers)
}

#[tokio::test]
async fn each_line_is_sent_and_answered_in_order() {
    let (fake, heard) = server(usize::MAX);
    let lines = "{\"title\": \"a\", \"dedupKey\": \"k\"}\n\n\
                 {\"number\": 40, \"alert\": {\"title\": \"b\"}, \"integration\": \"integrations/other\"}\n";

    let (outcome, answers) = run(fake, lines).await;

    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(outcome.stderr, "2 alerts answered, 0 of them refused\n");
    assert_eq!(answers[0], json!({"number": "1", "result": {"outcome": "INTAKE_OUTCOME_CREATED"}}));
    assert_eq!(answers[1]["number"], "40");
    let heard = heard.lock().unwrap();
    let through: Vec<&str> = heard.iter().map(|message| message.integration.as_str()).collect();
    assert_eq!(through, ["integrations/prom", "integrations/other"]);
    assert_eq!(heard[0].alert.as_ref().unwrap().dedup_key, "k");
    assert!(heard.iter().all(|message| uuid::Uuid::parse_str(&message.request_id).is_ok()));
}

#[tokio::test]
async fn a_refusal_or_a_malformed_line_is_told_and_decides_the_exit_code() {
    let (fake, heard) = server(usize::MAX);
    let (outcome, answers) =
        run(fake, "{\"title\": \"bad\"}\n{\"title\": \"a\"}\n{\"titel\": \"b\"}\n").await;

    assert_eq!(outcome.code, 7, "{}", outcome.stderr);
    assert_eq!((answers.len(), heard.lock().unwrap().len()), (3, 2));
    let reason = |number: &str| {
        let answer = answers.iter().find(|answer| answer["number"] == number).unwrap();
        answer["error"]["reason"].as_str().map(str::to_owned)
    };
    assert_eq!(reason("1").as_deref(), Some("INTAKE_RATE"));
    assert_eq!(reason("2"), None);
    assert_eq!(reason("3").as_deref(), Some("LINE_MALFORMED"));

    let (fake, _) = server(usize::MAX);
    assert_eq!(run(fake, "{\"title\": \"bad\"}\n").await.0.code, 6);
}

#[tokio::test]
async fn what_a_stream_left_unanswered_goes_into_the_next_under_the_same_id() {
    let (fake, heard) = server(3);
    let lines: String = (0..10).map(|n| format!("{{\"title\": \"{n}\"}}\n")).collect();

    let (outcome, answers) = run(fake, &lines).await;

    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let numbers: Vec<String> =
        answers.iter().map(|answer| answer["number"].as_str().unwrap().to_owned()).collect();
    assert_eq!(numbers, (1..=10).map(|n| n.to_string()).collect::<Vec<_>>());
    let mut ids: Vec<String> = heard.lock().unwrap().iter().map(|one| one.request_id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 10);
}
