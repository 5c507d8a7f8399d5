//! Jobs that tell that they ran: silence pages, the next beat clears, and nobody is blamed for what could not be heard.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, hours, minutes};
use tonic::Code;

super::on_both_stores!(
    a_first_beat_that_never_comes_pages,
    a_beat_in_time_keeps_everybody_asleep,
    the_next_beat_clears_what_its_absence_fired,
    a_pause_clears_and_gives_a_whole_lead_time_at_its_end,
    silence_while_the_server_was_down_does_not_count,
    a_restart_forgets_no_silence,
    a_monitor_that_leaves_the_policy_takes_its_alert_along,
    what_a_maintenance_window_dropped_fires_after_it,
    an_integration_sends_the_beats_of_its_own_monitors_only,
    a_monitor_that_is_unknown_or_wrong_is_refused,
);

/// The nightly job of checkout beats each hour, five minutes late at most; only `prom` may beat for `disks`.
const MONITORS: &str = "heartbeats:
  nightly: {service: checkout, interval: 1h, grace: 5m, severity: critical}
  disks: {service: checkout, interval: 10h, integration: prom}
";

async fn given_monitors(world: &mut World) {
    world.given_policy(&format!("{SAMPLE}\n{MONITORS}")).await;
    world.settle().await;
}

async fn beat(world: &World, who: &str, id: &str) {
    let request = v1::SendHeartbeatRequest { name: format!("heartbeats/{id}") };
    world.say(who, request).await;
    world.settle().await;
}

async fn state(world: &World, id: &str) -> String {
    let request = v1::GetHeartbeatRequest { name: format!("heartbeats/{id}") };
    let found = world.say("ana", request).await.heartbeat.expect("a monitor");
    found.state().as_str_name().trim_start_matches("HEARTBEAT_STATE_").to_owned()
}

async fn a_first_beat_that_never_comes_pages(world: &mut World) {
    given_monitors(world).await;
    assert_eq!(state(world, "nightly").await, "WAITING");
    world.advance(minutes(64)).await;
    assert!(world.pages().is_empty());
    world.advance(minutes(1)).await;
    assert_eq!(world.pages(), ["11:05:00 ana push"]);
    assert_eq!(state(world, "nightly").await, "MISSING");
    let incident = world.incident("INC-1").await;
    assert_eq!(incident.title, "No heartbeat of nightly");
    world.ack("INC-1", "ana").await;
    world.advance(hours(5)).await;
    assert_eq!(world.incident("INC-1").await.alert_count, 1, "one silence is one alert");
}

async fn a_beat_in_time_keeps_everybody_asleep(world: &mut World) {
    given_monitors(world).await;
    for _ in 0..9 {
        world.advance(minutes(60)).await;
        beat(world, "integrations/prom", "nightly").await;
    }
    assert_eq!(state(world, "nightly").await, "HEALTHY");
    assert!(world.pages().is_empty());
}

async fn the_next_beat_clears_what_its_absence_fired(world: &mut World) {
    given_monitors(world).await;
    world.advance(minutes(65)).await;
    world.ack("INC-1", "ana").await;
    beat(world, "integrations/prom", "nightly").await;
    assert_eq!(state(world, "nightly").await, "HEALTHY");
    assert_eq!(world.count("INC-1", "AlertCleared").await, 1);
    world.advance(minutes(65)).await;
    assert_eq!(state(world, "nightly").await, "MISSING");
}

async fn a_pause_clears_and_gives_a_whole_lead_time_at_its_end(world: &mut World) {
    given_monitors(world).await;
    world.advance(minutes(65)).await;
    let until = world.now() + minutes(30);
    let request = v1::PauseHeartbeatRequest {
        name: "heartbeats/nightly".to_owned(),
        reason: "the disks are being changed".to_owned(),
        end_time: Some(prost_types::Timestamp { seconds: until.seconds(), nanos: 0 }),
    };
    let paused = world.say("ana", request).await.heartbeat.expect("a monitor");
    assert_eq!((paused.state(), paused.pauser.as_str()), (v1::HeartbeatState::Paused, "people/ana"));
    assert_eq!(world.count("INC-1", "AlertCleared").await, 1);
    world.advance(minutes(30 + 64)).await;
    assert_eq!(state(world, "nightly").await, "WAITING");
    world.advance(minutes(1)).await;
    assert_eq!(state(world, "nightly").await, "MISSING");
}

async fn silence_while_the_server_was_down_does_not_count(world: &mut World) {
    given_monitors(world).await;
    beat(world, "integrations/prom", "nightly").await;
    let later = world.now() + hours(3);
    world.kill();
    world.clock.set(later);
    world.revive().await;
    world.advance(minutes(64)).await;
    assert!(world.pages().is_empty(), "{:?}", world.pages());
    world.advance(minutes(1)).await;
    assert_eq!(state(world, "nightly").await, "MISSING");
}

async fn a_restart_forgets_no_silence(world: &mut World) {
    given_monitors(world).await;
    world.advance(minutes(30)).await;
    world.restart().await;
    world.advance(minutes(35)).await;
    assert_eq!(state(world, "nightly").await, "MISSING");
    world.restart().await;
    world.advance(minutes(30)).await;
    assert_eq!(world.incident("INC-1").await.alert_count, 1);
}

async fn a_monitor_that_leaves_the_policy_takes_its_alert_along(world: &mut World) {
    given_monitors(world).await;
    world.advance(minutes(65)).await;
    world.given_policy(SAMPLE).await;
    world.settle().await;
    assert_eq!(world.count("INC-1", "AlertCleared").await, 1);
    let list = v1::ListHeartbeatsRequest::default();
    assert!(world.say("ana", list).await.heartbeats.is_empty());
}

async fn what_a_maintenance_window_dropped_fires_after_it(world: &mut World) {
    given_monitors(world).await;
    let end = world.now() + minutes(68);
    let request = v1::CreateMaintenanceWindowRequest {
        services: vec!["services/checkout".to_owned()],
        mode: v1::MaintenanceMode::Drop.into(),
        end_time: Some(prost_types::Timestamp { seconds: end.seconds(), nanos: 0 }),
        comment: "moves".to_owned(),
        ..Default::default()
    };
    world.say("ana", request).await;
    world.advance(minutes(67)).await;
    assert!(world.pages().is_empty());
    world.advance(minutes(3)).await;
    assert_eq!(world.pages(), ["11:10:00 ana push"]);
}

async fn an_integration_sends_the_beats_of_its_own_monitors_only(world: &mut World) {
    given_monitors(world).await;
    beat(world, "integrations/prom", "disks").await;
    let request = v1::SendHeartbeatRequest { name: "heartbeats/disks".to_owned() };
    let refused = world.ask("integrations/portal", request).await.unwrap_err();
    assert_eq!((refused.code, refused.reason.as_str()), (Code::NotFound, "HEARTBEAT_UNKNOWN"));
    let look = v1::GetHeartbeatRequest { name: "heartbeats/disks".to_owned() };
    assert_eq!(world.say("ana", look).await.heartbeat.expect("a monitor").beat_count, 1);
}

async fn a_monitor_that_is_unknown_or_wrong_is_refused(world: &mut World) {
    given_monitors(world).await;
    let request = v1::SendHeartbeatRequest { name: "heartbeats/none".to_owned() };
    assert_eq!(world.ask("ana", request).await.unwrap_err().reason, "HEARTBEAT_UNKNOWN");
    let request = v1::PauseHeartbeatRequest {
        name: "heartbeats/nightly".to_owned(),
        reason: "it is over".to_owned(),
        end_time: Some(prost_types::Timestamp { seconds: world.now().seconds(), nanos: 0 }),
    };
    assert_eq!(world.ask("ana", request).await.unwrap_err().violations, ["end_time"]);
}
