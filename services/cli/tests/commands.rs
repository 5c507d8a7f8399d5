//! Commands from the line to the exit code.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use prost_types::Timestamp;
use serde_json::{Value, json};
use stentor_proto::v1;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::fake::{Fake, run_against};

fn incident(number: u32) -> v1::Incident {
    v1::Incident {
        name: format!("incidents/INC-{number}"),
        reference: format!("INC-{number}"),
        title: format!("Thing {number} is down"),
        phase: v1::IncidentPhase::Active.into(),
        priority: v1::Priority::P2.into(),
        ..Default::default()
    }
}

fn acknowledged(number: u32) -> v1::AcknowledgeIncidentResponse {
    v1::AcknowledgeIncidentResponse {
        incident: Some(v1::Incident {
            acknowledged: true,
            acknowledgement: Some(v1::Acknowledgement { holder: "people/ana".into(), ..Default::default() }),
            ..incident(number)
        }),
        replayed: false,
    }
}

#[tokio::test]
async fn an_acknowledgement_names_actor_and_request_and_tells_what_changed() {
    let fake = Fake::default().answer(|request: v1::AcknowledgeIncidentRequest, headers| {
        assert_eq!(headers["stentor-actor"], "people/ana");
        assert_eq!(request.name, "incidents/INC-42");
        assert_eq!(request.etag, "\"7\"");
        assert_eq!(uuid::Uuid::parse_str(&request.request_id).unwrap().get_version_num(), 4);
        Ok(acknowledged(42))
    });

    let outcome = fake.run(&["incident", "ack", "42", "--as", "ana", "--etag", "7"]).await;

    assert_eq!(outcome.stderr, "INC-42 acknowledged: active, P2, ana has it\n");
    assert_eq!(outcome.stdout, "");
    assert_eq!(outcome.code, 0);
}

#[tokio::test]
async fn a_list_is_one_json_array_in_the_servers_order_over_all_pages() {
    let fake = Fake::default().answer(|request: v1::ListIncidentsRequest, _| {
        assert_eq!(request.order_by, "next_due_time");
        let (number, next_page_token) = if request.page_token.is_empty() { (9, "2") } else { (3, "") };
        let next_page_token = next_page_token.to_owned();
        Ok(v1::ListIncidentsResponse { incidents: vec![incident(number)], next_page_token })
    });

    let outcome = fake.run(&["incident", "list", "--json"]).await;

    let value: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let references: Vec<&Value> = value.as_array().unwrap().iter().map(|entry| &entry["reference"]).collect();
    assert_eq!(references, [&json!("INC-9"), &json!("INC-3")]);
    assert_eq!(value[0]["priority"], "PRIORITY_P2");
    assert_eq!(outcome.code, 0);
}

#[tokio::test]
async fn an_empty_list_is_an_empty_array() {
    let fake = Fake::default().answer(|_: v1::ListIncidentsRequest, _| Ok(Default::default()));

    let outcome = fake.run(&["incident", "list", "-o", "json"]).await;

    assert_eq!(outcome.stdout, "[]\n");
}

#[tokio::test]
async fn a_table_shows_the_clock_that_is_due_first_with_the_time_left() {
    let now = crate::cli::time::Moment::present().now.as_second();
    let fake = Fake::default().answer(move |_: v1::ListIncidentsRequest, _| {
        let clock = "incidents/INC-9/clocks/ack.1".to_owned();
        let due_time = Some(Timestamp { seconds: now - 7_260, nanos: 0 });
        let incident = v1::Incident {
            sla: Some(v1::SlaSummary { state: v1::SlaState::Overdue.into(), clock: clock.clone(), due_time }),
            clocks: vec![v1::Clock {
                name: clock,
                kind: v1::ClockKind::Acknowledge.into(),
                ..Default::default()
            }],
            ..incident(9)
        };
        Ok(v1::ListIncidentsResponse { incidents: vec![incident], next_page_token: String::new() })
    });

    let outcome = fake.run(&["incident", "list"]).await;

    assert!(outcome.stdout.contains("acknowledge 2h 1m late"), "{}", outcome.stdout);
    assert!(outcome.stdout.lines().all(|line| line == line.trim_end()), "{}", outcome.stdout);
}

#[tokio::test]
async fn an_unavailable_server_is_tried_again_under_the_same_request_id() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let ids = Arc::clone(&seen);
    let fake = Fake::default().answer(move |request: v1::AcknowledgeIncidentRequest, _| {
        let mut ids = ids.lock().unwrap();
        ids.push(request.request_id);
        if ids.len() < 3 {
            let mut details = ErrorDetails::new();
            details.set_retry_info(Some(Duration::from_millis(1)));
            return Err(Status::with_error_details(Code::Unavailable, "draining", details));
        }
        Ok(acknowledged(1))
    });

    let outcome = fake.run(&["incident", "ack", "1"]).await;

    let ids = seen.lock().unwrap();
    assert_eq!(outcome.code, 0);
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| id == &ids[0]));
}

#[tokio::test]
async fn a_refusal_names_its_reason_and_is_not_repeated() {
    let tries = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&tries);
    let fake = Fake::default().answer(move |_: v1::CloseIncidentRequest, _| {
        *counter.lock().unwrap() += 1;
        let mut details =
            ErrorDetails::with_error_info("CHECKLIST_INCOMPLETE", "stentor.dev", HashMap::new());
        details.add_precondition_failure_violation("CHECKLIST", "summary", "summary is missing");
        Err(Status::with_error_details(Code::FailedPrecondition, "the checklist has gaps", details))
    });

    let outcome = fake.run(&["incident", "close", "INC-42"]).await;

    assert_eq!(outcome.code, 5);
    assert_eq!(*tries.lock().unwrap(), 1);
    assert!(outcome.stderr.starts_with("error: the checklist has gaps\n  reason: CHECKLIST_INCOMPLETE\n"));
    assert!(outcome.stderr.contains("CHECKLIST: summary is missing"), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "");
}

#[tokio::test]
async fn a_failure_among_several_stops_none_of_the_others() {
    let fake = Fake::default().answer(|request: v1::AcknowledgeIncidentRequest, _| {
        if request.name == "incidents/INC-2" {
            Err(Status::not_found("no such incident"))
        } else {
            Ok(acknowledged(3))
        }
    });

    let outcome = fake.run(&["incident", "ack", "1", "2", "3", "-o", "name"]).await;

    assert_eq!(outcome.code, 7);
    assert_eq!(outcome.stdout.lines().count(), 2);
    assert!(outcome.stderr.contains("INC-2: error: no such incident"), "{}", outcome.stderr);
    assert!(outcome.stderr.ends_with("error: 1 of 3 failed\n"), "{}", outcome.stderr);
}

#[tokio::test]
async fn a_server_that_stays_silent_is_out_of_time_and_the_change_can_be_repeated() {
    let fake = Fake::default().silent::<v1::AcknowledgeIncidentRequest>();
    let id = "0b0a7f3e-5b1c-4d3e-9a57-1d0a5f6c7e88";

    let outcome = fake.run(&["incident", "ack", "1", "--timeout", "50ms", "--request-id", id]).await;

    assert_eq!(outcome.code, 6);
    assert!(outcome.stderr.contains("no answer in time"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(&format!("--request-id {id}")), "{}", outcome.stderr);
}

#[tokio::test]
async fn a_report_prints_the_reference_it_got() {
    let fake = Fake::default().answer(|request: v1::ReportIncidentRequest, _| {
        assert_eq!(request.service, "services/checkout");
        assert_eq!(request.impact(), v1::Impact::High);
        assert_eq!(request.labels["env"], "prod");
        let outcome = v1::IntakeOutcome::Created.into();
        let result = Some(v1::IntakeResult { outcome, ..Default::default() });
        Ok(v1::ReportIncidentResponse { result, incident: Some(incident(5)), ..Default::default() })
    });

    let line = ["incident", "report", "--title", "Down", "--service", "checkout", "--impact", "HIGH"];
    let outcome = fake.run(&[&line[..], &["--label", "env=prod"]].concat()).await;

    assert_eq!(outcome.stdout, "INC-5\n");
    assert_eq!(outcome.stderr, "INC-5 opened: active, P2\n");
}

#[tokio::test]
async fn a_timeline_is_aligned_and_announces_each_day_once() {
    let fake = Fake::default().answer(|_: v1::ListTimelineEntriesRequest, _| {
        let entry = |number, kind: &str, actor: &str, summary: &str| v1::TimelineEntry {
            number,
            kind: kind.to_owned(),
            actor: actor.to_owned(),
            summary: summary.to_owned(),
            event_time: Some(Timestamp { seconds: 1_780_315_200 + number, nanos: 0 }),
            ..Default::default()
        };
        let timeline_entries = vec![
            entry(1, "Reported", "integrations/prom", "Checkout is down"),
            entry(2, "Acknowledged", "people/ana", "ana has it"),
        ];
        Ok(v1::ListTimelineEntriesResponse { timeline_entries, next_page_token: String::new() })
    });

    let outcome = fake.run(&["incident", "timeline", "42"]).await;

    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{}", outcome.stdout);
    assert_eq!(lines[1].find("Checkout is down"), lines[2].find("ana has it"));
    assert!(lines[2].contains("#2  Acknowledged"), "{}", lines[2]);
}

#[tokio::test]
async fn a_method_the_server_lacks_is_a_plain_failure() {
    let outcome =
        Fake::default().answer(|_: v1::PingRequest, _| Err(Status::unimplemented("no"))).run(&["ping"]).await;

    assert_eq!(outcome.code, 1);
}

#[tokio::test]
async fn an_address_that_is_none_is_wrong_use() {
    let outcome = run_against("not a url", &["ping"]).await;

    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("--server"), "{}", outcome.stderr);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);

    let outcome = run_against(&server, &["ping"]).await;

    assert_eq!(outcome.code, 6);
    assert!(outcome.stderr.starts_with(&format!("error: cannot reach {server}: ")), "{}", outcome.stderr);
}
