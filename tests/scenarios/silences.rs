//! Silences: alerts that match page nobody for a while, also those that fire already, and nothing is forgotten over it.

use prost_types::Timestamp;
use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, alert, minutes};

super::on_both_stores!(
    what_is_silenced_is_kept_and_paged_when_the_silence_ends,
    a_silence_takes_back_the_pages_of_what_fires_already_until_it_is_cancelled,
    a_silence_that_begins_later_reaches_what_fires_then,
    a_crash_right_after_a_silence_was_made_loses_nothing_of_it,
    a_dry_run_shows_what_would_be_silenced_and_changes_nothing,
    somebody_releases_what_is_silenced_and_is_not_overruled,
    an_incident_that_somebody_reported_too_goes_on_paging,
    wrong_silences_are_refused_field_by_field,
    silences_are_listed_page_by_page_and_by_what_they_match,
);

/// Ten o'clock of the first day, so much later.
fn later(minutes: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: 1_780_480_800 + 60 * minutes, nanos: 0 })
}

fn matcher(label: &str, operator: v1::MatchOperator, value: &str) -> v1::LabelMatcher {
    v1::LabelMatcher { label: label.to_owned(), operator: operator.into(), value: value.to_owned() }
}

/// A silence for everything about a service until so many minutes after ten.
fn silence(service: &str, until: i64) -> v1::CreateSilenceRequest {
    let set = v1::MatcherSet { matchers: vec![matcher("service", v1::MatchOperator::Matches, service)] };
    v1::CreateSilenceRequest {
        matcher_sets: vec![set],
        end_time: later(until),
        comment: "maintenance of the till".to_owned(),
        ..Default::default()
    }
}

fn cancel(number: u64) -> v1::CancelSilenceRequest {
    v1::CancelSilenceRequest { name: format!("silences/{number}"), ..Default::default() }
}

async fn suppressed(world: &World) -> bool {
    world.incident("INC-1").await.suppression.is_some()
}

async fn what_is_silenced_is_kept_and_paged_when_the_silence_ends(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let made = world.say("ana", silence("check.*", 60)).await.silence.unwrap();
    assert_eq!((made.name.as_str(), made.state()), ("silences/1", v1::SilenceState::Active));
    assert_eq!((made.creator.as_str(), made.comment.as_str()), ("people/ana", "maintenance of the till"));

    let taken = world.signal(alert("a")).await;
    assert_eq!(taken.outcome(), v1::IntakeOutcome::Suppressed);
    assert_eq!(
        (taken.reference.as_str(), taken.suppression_reason()),
        ("INC-1", v1::SuppressionReason::Silenced)
    );
    world.advance(minutes(59)).await;
    world.expect_pages(&[]);
    assert!(world.incident("INC-1").await.clocks.is_empty(), "no clock runs while nobody can know");

    world.advance(minutes(1)).await;
    world.expect_pages(&["11:00:00 ana push"]);
    world
        .expect_in_order("INC-1", &["AlertMarked", "Suppressed", "AlertUnmarked", "Released", "Paged"])
        .await;
    assert!(!suppressed(world).await);
}

async fn a_silence_takes_back_the_pages_of_what_fires_already_until_it_is_cancelled(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.advance(minutes(2)).await;
    world.expect_pages(&["10:00:00 ana push", "10:01:00 ana sms"]);

    world.say("bo", silence("checkout", 120)).await;
    assert!(suppressed(world).await);
    world.advance(minutes(28)).await;
    world.expect_pages(&["10:00:00 ana push", "10:01:00 ana sms"]);

    let cancelled = world.say("bo", cancel(1)).await.silence.unwrap();
    assert_eq!(cancelled.state(), v1::SilenceState::Cancelled);
    assert!(!suppressed(world).await);
    world.advance(minutes(1)).await;
    // The promise to acknowledge in five minutes went on running, and escalated.
    world.expect_page("10:30:00 bo push");
    assert_eq!(world.refused("bo", cancel(1)).await, "WRONG_STATE");
}

async fn a_silence_that_begins_later_reaches_what_fires_then(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let request = v1::CreateSilenceRequest { start_time: later(2), ..silence("checkout", 60) };
    let made = world.say("ana", request).await.silence.unwrap();
    assert_eq!(made.state(), v1::SilenceState::Pending);

    world.alert("a").await;
    world.expect_pages(&["10:00:00 ana push"]);
    world.advance(minutes(50)).await;
    world.expect_pages(&["10:00:00 ana push", "10:01:00 ana sms"]);
    assert!(suppressed(world).await);
    world.advance(minutes(10)).await;
    world.expect_page("11:00:00 bo push");
}

async fn a_crash_right_after_a_silence_was_made_loses_nothing_of_it(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.process().ask("ana", silence("checkout", 60)).await.unwrap();
    world.kill();
    world.revive().await;
    world.settle().await;

    assert!(suppressed(world).await);
    world.advance(minutes(30)).await;
    world.expect_pages(&["10:00:00 ana push"]);
    world.crash().await;
    world.advance(minutes(31)).await;
    world.expect_page("11:00:00 bo push");
}

async fn a_dry_run_shows_what_would_be_silenced_and_changes_nothing(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let mut elsewhere = alert("b");
    elsewhere.labels.insert("service".to_owned(), "payments".to_owned());
    world.signal(elsewhere).await;

    let dry = |service| v1::CreateSilenceRequest { validate_only: true, ..silence(service, 60) };
    let shown = world.say("ana", dry("checkout")).await;
    let concerned: Vec<_> =
        shown.matching_incidents.iter().map(|i| (i.reference.as_str(), i.alert_count, i.whole)).collect();
    assert_eq!(concerned, [("INC-1", 1, true)]);
    assert_eq!(shown.matching_alert_count, 1);
    assert_eq!(world.say("ana", dry("nothing")).await.matching_alert_count, 0);

    assert!(!suppressed(world).await);
    assert!(world.say("ana", v1::ListSilencesRequest::default()).await.silences.is_empty());
}

async fn somebody_releases_what_is_silenced_and_is_not_overruled(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.say("ana", silence("checkout", 60)).await;
    world.alert("a").await;
    let release = v1::ReleaseIncidentRequest { name: "incidents/INC-1".to_owned(), ..Default::default() };
    world.say("bo", release).await;
    world.expect_pages(&["10:00:00 ana push"]);
    world.crash().await;
    world.advance(minutes(1)).await;
    assert!(!suppressed(world).await);
    world.expect_pages(&["10:00:00 ana push", "10:01:00 ana sms"]);
}

async fn an_incident_that_somebody_reported_too_goes_on_paging(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let report = v1::ReportIncidentRequest {
        title: "I cannot pay".to_owned(),
        incident: "incidents/INC-1".to_owned(),
        ..Default::default()
    };
    world.say("rob", report).await;
    world.say("ana", silence("checkout", 60)).await;
    assert!(!suppressed(world).await);
    world.advance(minutes(5)).await;
    world.expect_page("10:01:00 ana sms");
}

async fn wrong_silences_are_refused_field_by_field(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let wrong = v1::CreateSilenceRequest { comment: String::new(), ..silence("checkout", 60) };
    assert_eq!(world.ask("ana", wrong).await.unwrap_err().violations, ["comment"]);
    let endless = v1::CreateSilenceRequest { end_time: later(60 * 24 * 31), ..silence("checkout", 60) };
    assert_eq!(world.ask("ana", endless).await.unwrap_err().violations, ["end_time"]);
    assert_eq!(world.ask("ana", silence("checkout", -1)).await.unwrap_err().violations, ["end_time"]);
    let pattern = "matcher_sets[0].matchers[0].value";
    assert_eq!(world.ask("ana", silence("che(ckout", 60)).await.unwrap_err().violations, [pattern]);
    assert_eq!(world.ask("ana", silence(".*", 60)).await.unwrap_err().violations, ["matcher_sets[0]"]);
    let none = v1::CreateSilenceRequest { matcher_sets: Vec::new(), ..silence("checkout", 60) };
    assert_eq!(world.ask("ana", none).await.unwrap_err().violations, ["matcher_sets"]);
    assert_eq!(world.ask("ana", cancel(0)).await.unwrap_err().violations, ["name"]);
    assert_eq!(world.refused("ana", cancel(1)).await, "SILENCE_UNKNOWN");
    assert!(world.say("ana", v1::ListSilencesRequest::default()).await.silences.is_empty());
}

async fn silences_are_listed_page_by_page_and_by_what_they_match(world: &mut World) {
    world.given_policy(SAMPLE).await;
    for service in ["checkout", "payments", "checkout|desk"] {
        world.say("ana", silence(service, 60)).await;
    }
    let names = |answer: &v1::ListSilencesResponse| -> Vec<String> {
        answer.silences.iter().map(|s| s.name.clone()).collect()
    };
    let first = world.say("ana", v1::ListSilencesRequest { page_size: 2, ..Default::default() }).await;
    assert_eq!(names(&first), ["silences/3", "silences/2"]);
    let page_token = first.next_page_token;
    let second =
        world.say("ana", v1::ListSilencesRequest { page_size: 2, page_token, ..Default::default() }).await;
    assert_eq!((names(&second), second.next_page_token.as_str()), (vec!["silences/1".to_owned()], ""));

    let labels = [("service".to_owned(), "checkout".to_owned())].into();
    let matching = world.say("ana", v1::ListSilencesRequest { labels, ..Default::default() }).await;
    assert_eq!(names(&matching), ["silences/3", "silences/1"]);
    world.say("ana", cancel(3)).await;
    let open = world.say("ana", v1::ListSilencesRequest::default()).await;
    assert_eq!(names(&open), ["silences/2", "silences/1"]);
    let all = world.say("ana", v1::ListSilencesRequest { show_ended: true, ..Default::default() }).await;
    assert_eq!(all.silences[0].state(), v1::SilenceState::Cancelled);
}
