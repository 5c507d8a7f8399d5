//! Following what happens: first what is, then every change, and nothing is missed when a reader comes back.

use futures::StreamExt;
use sqlx::Connection;
use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_proto::v1::workflow_service_client::WorkflowServiceClient;
use stentor_proto::v1::{watch_events_response, watch_incidents_response};
use stentor_tests::world::{World, as_actor, minutes};

super::on_both_stores!(
    events_come_in_order_without_a_gap_across_a_crash,
    incidents_come_as_a_snapshot_and_then_as_changes,
    the_list_and_the_queue_agree_with_the_clocks,
    the_auditor_finds_nothing_to_repair,
    the_auditor_puts_a_lost_wake_up_back,
);

/// Reads events until this kind has come; returns `n kind` and the token after the last one.
async fn read(world: &World, token: Vec<u8>, last: &str) -> (Vec<String>, Vec<u8>) {
    let from_start = token.is_empty();
    let request = v1::WatchEventsRequest { resume_token: token, from_start, ..Default::default() };
    let (request, routes, last) = (as_actor("ana", request), world.process().routes(), last.to_owned());
    let reading = world.process().inside(async move {
        let mut stream = WorkflowServiceClient::new(routes).watch_events(request).await.unwrap().into_inner();
        let mut seen = Vec::new();
        loop {
            let message = stream.next().await.unwrap().unwrap();
            if let Some(watch_events_response::Item::Event(event)) = message.item {
                seen.push(format!("{} {}", event.number, event.kind));
                if event.kind == last {
                    return (seen, message.resume_token);
                }
            }
        }
    });
    reading.await
}

async fn events_come_in_order_without_a_gap_across_a_crash(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.advance(minutes(5)).await;
    world.ack("INC-1", "ana").await;

    let (mut seen, token) = read(world, Vec::new(), "Acknowledged").await;
    let note = v1::AddNoteRequest {
        name: "incidents/INC-1".to_owned(),
        text: "hello".to_owned(),
        ..Default::default()
    };
    world.say("ana", note).await;
    world.crash().await;
    world.advance(minutes(31)).await;
    let (more, _) = read(world, token, "AckExpired").await;
    seen.extend(more);

    let entries = world.entries("INC-1").await;
    let mut told: Vec<String> = entries.iter().map(|e| format!("{} {}", e.number, e.kind)).collect();
    // A transition that was read in part comes again as a whole; nothing else does.
    seen.dedup();
    told.truncate(seen.len());
    assert_eq!(seen, told);
}

async fn incidents_come_as_a_snapshot_and_then_as_changes(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let routes = world.process().routes();
    let request = as_actor("ana", v1::WatchIncidentsRequest::default());
    let mut stream = world
        .process()
        .inside(async move {
            WorkflowServiceClient::new(routes).watch_incidents(request).await.unwrap().into_inner()
        })
        .await;
    let mut next = async || stream.next().await.unwrap().unwrap();

    let first = next().await;
    let Some(watch_incidents_response::Item::Change(change)) = first.item else { panic!("{first:?}") };
    assert_eq!(change.kind(), v1::ChangeKind::Snapshot);
    let second = next().await;
    let Some(watch_incidents_response::Item::SnapshotComplete(complete)) = second.item else {
        panic!("{second:?}")
    };
    assert_eq!(complete.incident_count, 1);
    world.ack("INC-1", "ana").await;
    loop {
        let message = next().await;
        if let Some(watch_incidents_response::Item::Change(change)) = message.item
            && change.incident.is_some_and(|incident| incident.acknowledged)
        {
            break;
        }
    }
}

async fn the_list_and_the_queue_agree_with_the_clocks(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let report = |impact: v1::Impact| v1::ReportIncidentRequest {
        title: "It is slow".to_owned(),
        labels: [("service".to_owned(), "checkout".to_owned())].into(),
        impact: impact.into(),
        urgency: v1::Urgency::Medium.into(),
        ..Default::default()
    };
    world.say("rob", report(v1::Impact::Medium)).await;
    world.report("It is down").await;
    world.advance(minutes(6)).await;

    let queue = world.say("ana", v1::ListTriageQueueRequest::default()).await.entries;
    let order: Vec<(&str, v1::TriageQueueGroup)> =
        queue.iter().map(|e| (e.reference.as_str(), e.group())).collect();
    assert_eq!(order, [("INC-2", v1::TriageQueueGroup::Breached), ("INC-1", v1::TriageQueueGroup::Due)]);
    let filter = "sla.state=SLA_STATE_OVERDUE".to_owned();
    let overdue = world.say("ana", v1::ListIncidentsRequest { filter, ..Default::default() }).await.incidents;
    assert_eq!(overdue.iter().map(|i| i.reference.as_str()).collect::<Vec<_>>(), ["INC-2"]);
    let mut page = v1::ListIncidentsRequest { page_size: 1, ..Default::default() };
    let mut found = Vec::new();
    loop {
        let answer = world.say("ana", page.clone()).await;
        found.extend(answer.incidents.into_iter().map(|i| i.reference));
        page.page_token = answer.next_page_token;
        if page.page_token.is_empty() {
            break;
        }
    }
    found.sort();
    assert_eq!(found, ["INC-1", "INC-2"]);
}

async fn the_auditor_finds_nothing_to_repair(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.report("It is down").await;
    for _ in 0..3 {
        world.crash().await;
        world.advance(minutes(13)).await;
        let engine = world.process().engine.clone();
        assert_eq!(world.process().inside(async move { engine.audit().await }).await, 0);
    }
}

/// Takes the wake-ups away, which no part of Stentor would do.
async fn lose_wake_ups(address: &str) {
    match address.strip_prefix("sqlite:") {
        Some(path) => {
            let sql = "PRAGMA ignore_check_constraints = ON; UPDATE instance SET wake_at = NULL";
            rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
        }
        None => {
            let mut conn = sqlx::PgConnection::connect(address).await.unwrap();
            let sql = "ALTER TABLE instance DROP CONSTRAINT instance_open_has_wake; UPDATE instance SET wake_at = NULL";
            sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
        }
    }
}

async fn the_auditor_puts_a_lost_wake_up_back(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.kill();
    lose_wake_ups(&world.address()).await;
    world.revive().await;
    world.advance(minutes(5)).await;
    assert!(world.attempts("bo push").is_empty(), "nobody knows of the deadline");

    let engine = world.process().engine.clone();
    assert_eq!(world.process().inside(async move { engine.audit().await }).await, 1);
    world.settle().await;

    world.expect_page("10:05:00 bo push");
}
