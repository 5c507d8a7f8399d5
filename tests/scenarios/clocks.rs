//! A clock can be asked what it had come to at any instant, and says why.

use stentor_core::policy::SAMPLE;
use stentor_core::time::Timestamp;
use stentor_proto::v1::{self, ClockIntervalKind as Kind};
use stentor_tests::world::{START, World, at, hours};

super::on_both_stores!(
    a_clock_explains_what_counted_and_since_which_event,
    the_past_is_told_as_it_was_and_the_future_as_it_would_be,
    a_clock_that_is_not_there_is_told_apart_from_an_incident_that_is_not,
    clocks_of_reviews_and_their_action_items_explain_themselves_too,
);

fn wire(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.seconds(), nanos: 0 }
}

fn ask(clock: &str, as_of: Option<Timestamp>) -> v1::GetClockRequest {
    v1::GetClockRequest { name: format!("incidents/INC-1/clocks/{clock}"), read_time: as_of.map(wire) }
}

/// At noon in Berlin a P3, whose resolve clock counts in office hours; from 13:00 to 14:00 it waits for its reporter.
async fn given_an_hour_of_waiting(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let request = v1::ReportIncidentRequest {
        title: "no receipt is printed".to_owned(),
        labels: [("service".to_owned(), "checkout".to_owned())].into(),
        impact: v1::Impact::Medium.into(),
        urgency: v1::Urgency::Medium.into(),
        ..Default::default()
    };
    world.say("rob", request).await;
    world.ack("INC-1", "ana").await;
    world.advance(hours(1)).await;
    let name = "incidents/INC-1".to_owned();
    let reason = v1::HoldReason::AwaitingReporter.into();
    let hold = v1::HoldIncidentRequest {
        name: name.clone(),
        reason,
        note: "which printer?".to_owned(),
        ..Default::default()
    };
    world.say("ana", hold).await;
    world.advance(hours(1)).await;
    world.say("ana", v1::ResumeIncidentRequest { name, ..Default::default() }).await;
    world.advance(hours(1)).await;
}

/// From, to, kind and hours in all, in hours after the world's beginning.
fn life(answer: &v1::GetClockResponse) -> Vec<(i64, i64, Kind, i64)> {
    let hour = |at: Option<prost_types::Timestamp>| (at.unwrap().seconds - START.seconds()) / 3600;
    let intervals = answer.intervals.iter();
    intervals
        .map(|i| (hour(i.start_time), hour(i.end_time), i.kind(), i.total_duration.unwrap().seconds / 3600))
        .collect()
}

/// A question about a clock of the only review.
fn ask_review(clock: &str, as_of: Option<Timestamp>) -> v1::GetClockRequest {
    v1::GetClockRequest { name: format!("reviews/REV-1/clocks/{clock}"), read_time: as_of.map(wire) }
}

/// At noon in Berlin a P1 is reported and resolved at once; its review has 40 office hours. An hour later somebody takes
/// on an action item that is due the next noon, and has done it two hours after that.
async fn given_a_review_with_a_finished_action_item(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let request = v1::ReportIncidentRequest {
        title: "nobody can pay".to_owned(),
        labels: [("service".to_owned(), "checkout".to_owned())].into(),
        impact: v1::Impact::High.into(),
        urgency: v1::Urgency::High.into(),
        ..Default::default()
    };
    world.say("rob", request).await;
    let resolve = v1::ResolveIncidentRequest {
        name: "incidents/INC-1".to_owned(),
        code: v1::ResolutionCode::Recovered.into(),
        self_recovered: true,
        note: "it went away".to_owned(),
        ..Default::default()
    };
    world.say("ana", resolve).await;
    world.advance(hours(1)).await;
    let name = "reviews/REV-1".to_owned();
    let item = v1::AddActionItemRequest {
        name: name.clone(),
        title: "watch the queue".to_owned(),
        owner: "people/ana".to_owned(),
        due_time: Some(wire(START + hours(24))),
        ..Default::default()
    };
    world.say("ana", item).await;
    world.advance(hours(2)).await;
    let done = v1::UpdateActionItemRequest {
        name,
        action_item_number: 1,
        state: v1::ActionItemState::Done.into(),
        evidence: "an alert for its length".to_owned(),
        ..Default::default()
    };
    world.say("ana", done).await;
}

fn elapsed(answer: &v1::GetClockResponse) -> i64 {
    answer.clock.as_ref().unwrap().elapsed_duration.unwrap().seconds / 60
}

async fn a_clock_explains_what_counted_and_since_which_event(world: &mut World) {
    given_an_hour_of_waiting(world).await;

    let answer = world.say("ana", ask("office-resolve.1", None)).await;

    assert_eq!(life(&answer), [(0, 1, Kind::Counted, 1), (1, 2, Kind::Paused, 1), (2, 3, Kind::Counted, 2)]);
    let events: Vec<&str> = answer.intervals.iter().map(|i| i.event.as_str()).collect();
    assert_eq!(events, ["SlaStarted", "SlaPaused", "SlaResumed"]);
    assert_eq!(answer.intervals[1].pause_reason(), v1::HoldReason::AwaitingReporter);
    let entries = world.entries("INC-1").await;
    for interval in &answer.intervals {
        let entry = entries.iter().find(|entry| entry.number == interval.event_number);
        assert_eq!(entry.map(|entry| &entry.kind), Some(&interval.event));
    }
    let clock = answer.clock.as_ref().unwrap();
    assert_eq!((elapsed(&answer), clock.state()), (120, v1::ClockState::Running));
    // Eight hours: two are gone, two fit before closing at 15:00 UTC, four into the next morning.
    assert_eq!(clock.due_time, Some(wire(at("11:00") + hours(24))));
    assert_eq!((answer.policy.as_str(), answer.calendar_open), ("policies/1", true));
}

async fn the_past_is_told_as_it_was_and_the_future_as_it_would_be(world: &mut World) {
    given_an_hour_of_waiting(world).await;

    let past = world.say("ana", ask("office-resolve.1", Some(at("11:30")))).await;
    assert_eq!(past.clock.as_ref().unwrap().state(), v1::ClockState::Paused);
    assert_eq!((elapsed(&past), past.clock.as_ref().unwrap().due_time), (60, None));

    let night = world.say("ana", ask("office-resolve.1", Some(at("20:00")))).await;
    assert_eq!(life(&night)[2..], [(2, 5, Kind::Counted, 4), (5, 10, Kind::Closed, 4)]);
    assert!(!night.calendar_open && !night.clock.unwrap().breached);

    let late = world.say("ana", ask("office-resolve.1", Some(at("12:00") + hours(24)))).await;
    let clock = late.clock.as_ref().unwrap();
    assert_eq!((elapsed(&late), clock.breached), (9 * 60, true));
    assert_eq!(clock.breach_time, Some(wire(at("11:00") + hours(24))));
    let now = world.say("ana", ask("office-resolve.1", None)).await;
    assert!(!now.clock.unwrap().breached, "a look ahead changes nothing");
}

async fn a_clock_that_is_not_there_is_told_apart_from_an_incident_that_is_not(world: &mut World) {
    assert_eq!(world.refused("ana", ask("office-resolve.1", None)).await, "INCIDENT_UNKNOWN");
    given_an_hour_of_waiting(world).await;

    assert_eq!(world.refused("ana", ask("p1-ack.1", None)).await, "CLOCK_UNKNOWN");
    assert_eq!(world.refused("ana", ask("office-resolve.1", Some(at("09:59")))).await, "CLOCK_UNKNOWN");
    for wrong in ["office-resolve", "office-resolve.x", ""] {
        assert_eq!(world.refused("ana", ask(wrong, None)).await, "INVALID_FIELD");
    }
}

async fn clocks_of_reviews_and_their_action_items_explain_themselves_too(world: &mut World) {
    assert_eq!(world.refused("ana", ask_review("review.1", None)).await, "REVIEW_UNKNOWN");
    given_a_review_with_a_finished_action_item(world).await;

    let review = world.say("ana", ask_review("review.1", Some(START + hours(24)))).await;
    assert_eq!(
        life(&review),
        [(0, 5, Kind::Counted, 5), (5, 21, Kind::Closed, 5), (21, 24, Kind::Counted, 8)]
    );
    let clock = review.clock.as_ref().unwrap();
    assert_eq!((clock.kind(), clock.due_time), (v1::ClockKind::Review, Some(wire(START + hours(7 * 24)))));
    assert!(clock.name.starts_with("reviews/"));
    let entries = world.entries_of("reviews/REV-1").await;
    for interval in &review.intervals {
        let entry = entries.iter().find(|entry| entry.number == interval.event_number);
        assert_eq!(entry.map(|entry| &entry.kind), Some(&interval.event));
    }
    let late = world.say("ana", ask_review("review.1", Some(START + hours(8 * 24)))).await;
    assert!(late.clock.unwrap().breached, "nobody publishes it until then");

    let before = world.say("ana", ask_review("action.1", Some(START + hours(2)))).await;
    assert_eq!((elapsed(&before), before.clock.unwrap().state()), (60, v1::ClockState::Running));
    let item = world.say("ana", ask_review("action.1", None)).await;
    assert_eq!(life(&item), [(1, 3, Kind::Counted, 2)]);
    assert_eq!(item.clock.unwrap().state(), v1::ClockState::Stopped);

    assert_eq!(world.refused("ana", ask_review("p1-ack.1", None)).await, "CLOCK_UNKNOWN");
    assert_eq!(world.refused("ana", ask_review("review", None)).await, "INVALID_FIELD");
    let id = review.clock.unwrap().name.split('/').nth(1).unwrap().to_owned();
    let name = format!("incidents/{id}/clocks/review.1");
    let misplaced = v1::GetClockRequest { name, read_time: None };
    assert_eq!(world.refused("ana", misplaced).await, "INCIDENT_UNKNOWN", "a review is no incident");
}
