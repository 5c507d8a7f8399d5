//! Repeats of a request, stale pictures, and refusals: what a client may count on when it tries again.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{Refused, World, alert, minutes};

super::on_both_stores!(
    a_repeated_command_is_answered_as_the_first_time_even_after_a_crash,
    a_repeated_report_opens_nothing_even_after_a_crash,
    a_request_id_is_not_used_twice_for_different_things,
    an_old_picture_is_refused,
    a_dry_run_changes_nothing,
    a_dry_run_names_everything_that_is_unmet,
    a_call_that_dies_with_the_server_is_repeated_safely,
);

const ID: &str = "0198c1b2-0000-7000-8000-000000000001";

fn note(text: &str) -> v1::AddNoteRequest {
    v1::AddNoteRequest {
        name: "incidents/INC-1".to_owned(),
        request_id: ID.to_owned(),
        text: text.to_owned(),
        ..Default::default()
    }
}

async fn a_repeated_command_is_answered_as_the_first_time_even_after_a_crash(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let first = world.say("ana", note("hello")).await;
    let second = world.say("ana", note("hello")).await;
    world.crash().await;
    world.advance(minutes(60)).await;
    let third = world.say("ana", note("hello")).await;

    assert_eq!([first.replayed, second.replayed, third.replayed], [false, true, true]);
    assert_eq!(world.count("INC-1", "NoteAdded").await, 1);
    // Another person's request with the same id is another request.
    assert!(!world.say("bo", note("hello")).await.replayed);
}

async fn a_repeated_report_opens_nothing_even_after_a_crash(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let request = v1::ReportIncidentRequest {
        title: "It is slow".to_owned(),
        request_id: ID.to_owned(),
        ..Default::default()
    };
    let first = world.say("rob", request.clone()).await.result.unwrap();
    world.crash().await;
    let second = world.say("rob", request).await.result.unwrap();

    assert_eq!(first.outcome(), v1::IntakeOutcome::Created);
    assert_eq!(
        (second.outcome(), second.original()),
        (v1::IntakeOutcome::Replayed, v1::IntakeOutcome::Created)
    );
    assert_eq!(first.incident, second.incident);
    let all = world.say("ana", v1::ListIncidentsRequest::default()).await.incidents;
    assert_eq!(all.len(), 1);
}

async fn a_request_id_is_not_used_twice_for_different_things(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.say("ana", note("hello")).await;

    assert_eq!(world.refused("ana", note("good bye")).await, "REQUEST_ID_REUSED");
    world.restart().await;
    assert_eq!(world.refused("ana", note("good bye")).await, "REQUEST_ID_REUSED");

    let signal = |key: &str| v1::SendAlertRequest {
        alert: Some(alert(key)),
        request_id: ID.to_owned(),
        ..Default::default()
    };
    world.say("integrations/prom", signal("a")).await;
    assert_eq!(world.refused("integrations/prom", signal("b")).await, "REQUEST_ID_REUSED");
}

async fn an_old_picture_is_refused(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let seen = world.incident("INC-1").await.etag;
    world.ack("INC-1", "ana").await;

    let request = |etag: &str| v1::UnacknowledgeIncidentRequest {
        name: "incidents/INC-1".to_owned(),
        etag: etag.to_owned(),
        reason: "going home".to_owned(),
        ..Default::default()
    };
    assert_eq!(world.refused("ana", request(&seen)).await, "STALE_ETAG");
    let fresh = world.incident("INC-1").await.etag;
    world.say("ana", request(&fresh)).await;
}

async fn a_dry_run_changes_nothing(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let before = world.incident("INC-1").await;

    let request = v1::ResolveIncidentRequest {
        name: "incidents/INC-1".to_owned(),
        code: v1::ResolutionCode::Fixed.into(),
        validate_only: true,
        ..Default::default()
    };
    assert_eq!(world.refused("ana", request).await, "ALERTS_FIRING");

    assert_eq!(world.incident("INC-1").await, before);
}

async fn a_dry_run_names_everything_that_is_unmet(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let name = || "incidents/INC-1".to_owned();
    let all = async |refused: Result<(), Refused>| refused.unwrap_err().violations;

    let resolve = v1::ResolveIncidentRequest { name: name(), validate_only: true, ..Default::default() };
    let resolve = world.ask("ana", resolve).await.map(|_| ());
    assert_eq!(all(resolve).await, ["ALERTS_FIRING", "FIX_NOT_VERIFIED", "code"]);

    let fix = v1::ApplyFixRequest { name: name(), description: "restarted".to_owned(), ..Default::default() };
    world.say("ana", fix).await;
    let cancel = v1::CancelIncidentRequest {
        name: name(),
        reason: v1::CancelReason::Test.into(),
        validate_only: true,
        ..Default::default()
    };
    let cancel = world.ask("ana", cancel).await.map(|_| ());
    assert_eq!(all(cancel).await, ["FIX_RECORDED", "note"]);

    let close = v1::CloseIncidentRequest { name: name(), validate_only: true, ..Default::default() };
    let reopen = v1::ReopenIncidentRequest { name: name(), validate_only: true, ..Default::default() };
    assert_eq!(world.refused("ana", close).await, "NOT_RESOLVED");
    assert_eq!(world.refused("ana", reopen).await, "ALREADY_OPEN");
}

/// Whether the commit was made or not, the repeat leads to exactly one note.
async fn a_call_that_dies_with_the_server_is_repeated_safely(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    for round in 0..8_u32 {
        let mut request = note(&format!("note {round}"));
        request.request_id = uuid::Uuid::from_u128(u128::from(round) + 1).to_string();
        let call = world.process().begin_ask("ana", request.clone());
        // Further and further into the call.
        for _ in 0..round * 3 {
            tokio::task::yield_now().await;
        }
        world.kill();
        drop(call);
        world.revive().await;
        world.say("ana", request).await;
    }
    assert_eq!(world.count("INC-1", "NoteAdded").await, 8);
}
