//! Maintenance windows: what becomes of alerts that come while planned work lasts, and at its end.

use prost_types::Timestamp;
use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, alert, hours, minutes};

super::on_both_stores!(
    what_is_held_pages_at_the_end_if_it_still_fires,
    what_clears_in_the_window_is_resolved_as_maintenance,
    what_is_muted_stays_so_after_the_end_and_its_team_is_told,
    what_is_collected_is_one_incident_paged_at_the_end,
    what_is_dropped_is_heard_again_after_the_end,
    an_alert_that_fired_before_goes_on_paging,
    a_cancelled_window_pages_what_it_held_back_and_muted,
    a_weekly_window_holds_again_the_next_week_and_after_a_crash,
    of_two_windows_the_stronger_one_counts_and_a_silence_outlasts_it,
    wrong_windows_are_refused_field_by_field,
);

/// Ten o'clock of the first day, so much later.
fn later(minutes: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: 1_780_480_800 + 60 * minutes, nanos: 0 })
}

/// Work on checkout for so many minutes from now on.
fn window(mode: v1::MaintenanceMode, until: i64) -> v1::CreateMaintenanceWindowRequest {
    v1::CreateMaintenanceWindowRequest {
        services: vec!["services/checkout".to_owned()],
        end_time: later(until),
        mode: mode.into(),
        comment: "a new release".to_owned(),
        ..Default::default()
    }
}

fn cancel(number: u64) -> v1::CancelMaintenanceWindowRequest {
    v1::CancelMaintenanceWindowRequest { name: format!("maintenanceWindows/{number}"), ..Default::default() }
}

async fn given_window(world: &World, mode: v1::MaintenanceMode, until: i64) -> v1::MaintenanceWindow {
    world.given_policy(SAMPLE).await;
    world.say("ana", window(mode, until)).await.maintenance_window.unwrap()
}

/// An alert in a group of its own.
fn elsewhere(key: &str) -> v1::AlertSignal {
    let mut alert = alert(key);
    alert.labels.insert("region".to_owned(), key.to_owned());
    alert
}

/// Why nobody is paged.
async fn reason(world: &World, reference: &str) -> Option<v1::SuppressionReason> {
    world.incident(reference).await.suppression.map(|s| s.reason())
}

async fn what_is_held_pages_at_the_end_if_it_still_fires(world: &mut World) {
    let made = given_window(world, v1::MaintenanceMode::Hold, 60).await;
    assert_eq!(
        (made.name.as_str(), made.state()),
        ("maintenanceWindows/1", v1::MaintenanceWindowState::Active)
    );
    let taken = world.signal(alert("a")).await;
    assert_eq!(taken.suppression_reason(), v1::SuppressionReason::MaintenanceHold);
    world.advance(minutes(59)).await;
    world.expect_pages(&[]);
    assert!(world.incident("INC-1").await.clocks.is_empty());

    world.advance(minutes(1)).await;
    world.expect_pages(&["11:00:00 ana push"]);
    world
        .expect_in_order("INC-1", &["AlertMarked", "Suppressed", "AlertUnmarked", "Released", "Paged"])
        .await;
    let clock = &world.incident("INC-1").await.clocks[0];
    assert_eq!(clock.start_time, later(60));
}

async fn what_clears_in_the_window_is_resolved_as_maintenance(world: &mut World) {
    for (mode, reference) in [(v1::MaintenanceMode::Hold, "INC-1"), (v1::MaintenanceMode::Mute, "INC-2")] {
        given_window(world, mode, 600).await;
        world.alert("a").await;
        world.advance(minutes(10)).await;
        world.clear("a").await;
        assert_eq!(world.phase(reference).await, "RESOLVED");
        let incident = world.incident(reference).await;
        assert_eq!(incident.resolution.unwrap().code(), v1::ResolutionCode::Maintenance);
        world.say("ana", cancel(if reference == "INC-1" { 1 } else { 2 })).await;
        world.advance(hours(2)).await;
        world.expect_pages(&[]);
    }
}

async fn what_is_muted_stays_so_after_the_end_and_its_team_is_told(world: &mut World) {
    given_window(world, v1::MaintenanceMode::Mute, 60).await;
    world.alert("a").await;
    world.advance(hours(3)).await;
    world.expect_pages(&[]);
    assert_eq!(reason(world, "INC-1").await, Some(v1::SuppressionReason::MaintenanceMute));
    let told = world.post.letters().into_iter().filter(|letter| letter.kind == "notice").count();
    assert!(told > 0, "the team hears that it fires still");
    assert_eq!(world.count("INC-1", "Notified").await, 1, "once");

    world.signal(alert("a2")).await;
    assert_eq!(reason(world, "INC-1").await, None, "an alert that comes after the window pages");
    assert_eq!(world.pages().len(), 1);
}

async fn what_is_collected_is_one_incident_paged_at_the_end(world: &mut World) {
    given_window(world, v1::MaintenanceMode::Collect, 60).await;
    for key in ["a", "b", "c"] {
        let taken = world.signal(elsewhere(key)).await;
        assert_eq!(
            (taken.reference.as_str(), taken.suppression_reason()),
            ("INC-1", v1::SuppressionReason::MaintenanceCollect)
        );
    }
    world.advance(hours(1)).await;
    world.expect_pages(&["11:00:00 ana push"]);
    assert_eq!(world.signal(elsewhere("d")).await.reference, "INC-2", "the next one is grouped as usual");
}

async fn what_is_dropped_is_heard_again_after_the_end(world: &mut World) {
    given_window(world, v1::MaintenanceMode::Drop, 60).await;
    let taken = world.signal(alert("a")).await;
    assert_eq!(taken.outcome(), v1::IntakeOutcome::Suppressed);
    assert_eq!(
        (taken.reference.as_str(), taken.suppression_reason()),
        ("", v1::SuppressionReason::MaintenanceDrop)
    );
    world.advance(hours(1)).await;
    world.expect_pages(&[]);
    assert_eq!(world.alert("a").await, "INC-1");
    world.expect_pages(&["11:00:00 ana push"]);
}

async fn an_alert_that_fired_before_goes_on_paging(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.say("ana", window(v1::MaintenanceMode::Drop, 60)).await;
    world.advance(minutes(1)).await;
    world.expect_pages(&["10:00:00 ana push", "10:01:00 ana sms"]);
    assert_eq!(world.signal(alert("a")).await.outcome(), v1::IntakeOutcome::Repeated);
}

async fn a_cancelled_window_pages_what_it_held_back_and_muted(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.say("ana", window(v1::MaintenanceMode::Mute, 60)).await;
    world.alert("a").await;
    world.advance(minutes(10)).await;
    let cancelled = world.say("ana", cancel(1)).await.maintenance_window.unwrap();
    assert_eq!(cancelled.state(), v1::MaintenanceWindowState::Cancelled);
    world.expect_pages(&["10:10:00 ana push"]);
    assert_eq!(world.refused("ana", cancel(1)).await, "WRONG_STATE");
}

async fn a_weekly_window_holds_again_the_next_week_and_after_a_crash(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let weekly = v1::CreateMaintenanceWindowRequest {
        start_time: later(0),
        weekly_zone: "Europe/Berlin".to_owned(),
        ..window(v1::MaintenanceMode::Hold, 60)
    };
    world.say("ana", weekly).await;
    world.advance(hours(2)).await;
    world.crash().await;
    let listed = world.say("ana", v1::ListMaintenanceWindowsRequest::default()).await.maintenance_windows;
    assert_eq!(listed[0].state(), v1::MaintenanceWindowState::Pending);
    assert_eq!(listed[0].occurrence_start_time, later(7 * 24 * 60));

    world.advance(hours(7 * 24 - 2)).await;
    assert_eq!(world.signal(alert("a")).await.suppression_reason(), v1::SuppressionReason::MaintenanceHold);
    world.expect_pages(&[]);
    world.advance(hours(1)).await;
    // A week later the next one of the rotation has it.
    world.expect_pages(&["179:00:00 bo push"]);
}

async fn of_two_windows_the_stronger_one_counts_and_a_silence_outlasts_it(world: &mut World) {
    given_window(world, v1::MaintenanceMode::Mute, 30).await;
    world.say("ana", window(v1::MaintenanceMode::Hold, 30)).await;
    let set = v1::MatcherSet {
        matchers: vec![v1::LabelMatcher {
            label: "service".to_owned(),
            value: "checkout".to_owned(),
            ..Default::default()
        }],
    };
    let silence = v1::CreateSilenceRequest {
        matcher_sets: vec![set],
        end_time: later(60),
        comment: "and a silence".to_owned(),
        ..Default::default()
    };
    world.say("ana", silence).await;
    world.alert("a").await;
    assert_eq!(reason(world, "INC-1").await, Some(v1::SuppressionReason::MaintenanceHold));
    world.say("ana", cancel(1)).await;
    world.advance(minutes(30)).await;
    assert_eq!(reason(world, "INC-1").await, Some(v1::SuppressionReason::Silenced));
    world.expect_pages(&[]);
    world.advance(minutes(30)).await;
    world.expect_pages(&["11:00:00 ana push"]);
}

async fn wrong_windows_are_refused_field_by_field(world: &mut World) {
    use v1::MaintenanceMode::{Hold, Unspecified};
    world.given_policy(SAMPLE).await;
    let good = || window(Hold, 60);
    let cases: [(v1::CreateMaintenanceWindowRequest, &str); 8] = [
        (v1::CreateMaintenanceWindowRequest { services: Vec::new(), ..good() }, "services"),
        (
            v1::CreateMaintenanceWindowRequest { services: vec!["services/ghost".to_owned()], ..good() },
            "services[0]",
        ),
        (
            v1::CreateMaintenanceWindowRequest { services: vec!["checkout".to_owned()], ..good() },
            "services[0]",
        ),
        (window(Unspecified, 60), "mode"),
        (window(Hold, -1), "end_time"),
        (v1::CreateMaintenanceWindowRequest { comment: " ".to_owned(), ..good() }, "comment"),
        (v1::CreateMaintenanceWindowRequest { weekly_zone: "Mars/Base".to_owned(), ..good() }, "weekly_zone"),
        (v1::CreateMaintenanceWindowRequest { weekly_until_time: later(90), ..good() }, "weekly_until_time"),
    ];
    for (request, field) in cases {
        assert_eq!(world.ask("ana", request).await.unwrap_err().violations, [field]);
    }
    let long =
        v1::CreateMaintenanceWindowRequest { weekly_zone: "UTC".to_owned(), ..window(Hold, 7 * 24 * 60) };
    assert_eq!(world.ask("ana", long).await.unwrap_err().violations, ["end_time"]);
    assert_eq!(world.refused("ana", cancel(1)).await, "MAINTENANCE_WINDOW_UNKNOWN");
}
