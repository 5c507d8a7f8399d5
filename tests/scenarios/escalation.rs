//! Who is paged when: escalation, contact steps, acknowledgement, and what the carriers make of it.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{Fate, World, at, hours, minutes, seconds};

super::on_both_stores!(
    an_unanswered_p1_reaches_everyone_in_order,
    an_acknowledgement_stops_everything_that_was_to_come,
    an_acknowledgement_runs_out_and_pages_the_level_reached,
    a_failing_channel_is_tried_five_times_more_and_then_the_next_step_comes_forward,
    somebody_unreachable_is_passed_over_at_once,
    a_page_on_its_way_is_not_recalled_and_the_others_are,
    a_crash_between_claim_and_result_sends_again_under_the_same_id,
    a_hold_is_silent_and_its_end_pages,
);

/// The course of events that the documentation tells of the sample policy.
async fn an_unanswered_p1_reaches_everyone_in_order(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let incident = world.alert("checkout-500").await;
    assert_eq!(incident, "INC-1");

    world.advance(hours(4)).await;

    let pages = world.pages();
    let first_of = |from: &str, upto: &str| -> Vec<String> {
        pages.iter().filter(|page| page.as_str() >= from && page.as_str() < upto).cloned().collect()
    };
    assert_eq!(
        first_of("10:00", "10:20"),
        [
            "10:00:00 ana push",
            "10:01:00 ana sms",
            "10:03:00 ana voice",
            "10:04:00 bo push",
            "10:06:00 bo voice",
            "10:14:00 ana push",
            "10:15:00 ana sms",
            "10:17:00 ana voice",
        ]
    );
    for page in ["10:29:00 ana push", "10:34:00 bo push", "10:44:00 ana push"] {
        world.expect_page(page);
    }
    assert_eq!(
        first_of("10:50", "11:01"),
        ["10:59:00 gus sms", "10:59:00 hal email", "10:59:00 hal voice", "11:00:00 gus email"]
    );
    for page in ["11:59:00 ana push", "11:59:00 gus sms", "11:59:00 hal voice", "13:00:00 hal voice"] {
        world.expect_page(page);
    }
    let breaches: Vec<String> = world
        .entries("INC-1")
        .await
        .into_iter()
        .filter(|entry| entry.kind == "SlaBreached")
        .map(|entry| entry.data_json)
        .collect();
    assert_eq!(breaches.len(), 2, "{breaches:?}");
}

async fn an_acknowledgement_stops_everything_that_was_to_come(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("checkout-500").await;
    world.advance(seconds(90)).await;

    let incident = world.ack("INC-1", "ana").await;
    world.advance(minutes(24)).await;

    assert_eq!(incident.acknowledgement.unwrap().holder, "people/ana");
    world.expect_pages(&["10:00:00 ana push", "10:01:00 ana sms"]);
}

async fn an_acknowledgement_runs_out_and_pages_the_level_reached(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("checkout-500").await;
    world.advance(minutes(1)).await;
    world.ack("INC-1", "ana").await;

    world.advance_to(at("10:31")).await;

    world.expect_in_order("INC-1", &["Acknowledged", "AckExpired", "Paged"]).await;
    assert!(!world.incident("INC-1").await.acknowledged);
    world.expect_page("10:31:00 ana push");
}

async fn a_failing_channel_is_tried_five_times_more_and_then_the_next_step_comes_forward(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.post.always("ana push", Fate::Failed);
    world.post.always("ana sms", Fate::Refused);

    world.alert("checkout-500").await;
    world.advance(seconds(50)).await;

    let tries = ["10:00:00", "10:00:01", "10:00:03", "10:00:07", "10:00:15", "10:00:30"];
    assert_eq!(world.attempts("ana push"), tries);
    // The next step is brought forward; it is refused, so the one after it is too.
    assert_eq!(world.attempts("ana sms"), ["10:00:30"]);
    assert_eq!(world.attempts("ana voice"), ["10:00:30"]);
}

async fn somebody_unreachable_is_passed_over_at_once(world: &mut World) {
    world.given_policy(SAMPLE).await;
    for channel in ["push", "sms", "voice"] {
        world.post.always(&format!("ana {channel}"), Fate::Refused);
    }

    world.alert("checkout-500").await;
    world.advance(seconds(10)).await;

    world
        .expect_in_order("INC-1", &["Paged", "DeliveryRecorded", "PersonUnreachable", "Escalated", "Paged"])
        .await;
    world.expect_pages(&["10:00:00 bo push"]);
}

async fn a_page_on_its_way_is_not_recalled_and_the_others_are(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.post.next("ana push", Fate::Hanging, 1);
    let process = world.process();
    let request =
        v1::SendAlertRequest { alert: Some(stentor_tests::world::alert("k")), ..Default::default() };
    process.ask("integrations/prom", request).await.unwrap();
    while world.attempts("ana push").is_empty() {
        tokio::task::yield_now().await;
    }

    let ack = v1::AcknowledgeIncidentRequest { name: "incidents/INC-1".to_owned(), ..Default::default() };
    process.ask("bo", ack).await.unwrap();
    world.post.let_go();
    world.advance(minutes(20)).await;

    assert_eq!(world.attempts("ana push").len(), 1);
    assert!(world.attempts("ana sms").is_empty());
    assert!(world.attempts("bo push").is_empty());
}

async fn a_crash_between_claim_and_result_sends_again_under_the_same_id(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.post.next("ana push", Fate::Hanging, 1);
    let request =
        v1::SendAlertRequest { alert: Some(stentor_tests::world::alert("k")), ..Default::default() };
    world.process().ask("integrations/prom", request).await.unwrap();
    while world.attempts("ana push").is_empty() {
        tokio::task::yield_now().await;
    }

    world.crash().await;
    world.advance(seconds(40)).await;

    assert_eq!(world.attempts("ana push"), ["10:00:00", "10:00:30"]);
    let letters = world.post.letters();
    let pushes: Vec<_> = letters.iter().filter(|letter| letter.to == "ana push").collect();
    assert_eq!(pushes[0].id, pushes[1].id);
    assert_eq!((pushes[0].attempt, pushes[1].attempt), (1, 2));
}

async fn a_hold_is_silent_and_its_end_pages(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("checkout-500").await;
    let hold = v1::HoldIncidentRequest {
        name: "incidents/INC-1".to_owned(),
        reason: v1::HoldReason::AwaitingVendor.into(),
        note: "ticket 7".to_owned(),
        ..Default::default()
    };
    world.say("ana", hold).await;
    world.advance(hours(2)).await;
    assert_eq!(world.pages(), ["10:00:00 ana push"]);

    world
        .say("ana", v1::ResumeIncidentRequest { name: "incidents/INC-1".to_owned(), ..Default::default() })
        .await;
    world.advance(minutes(31)).await;

    world.expect_page("12:30:00 ana push");
}
