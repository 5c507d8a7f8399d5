//! Too much at once: what one source sends beyond its rate is refused and somebody hears of it, and what is new beyond the
//! budget gathers in one incident.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, alert, clear, hours, minutes, seconds};

super::on_both_stores!(
    what_a_source_sends_beyond_its_rate_is_refused_and_somebody_is_paged_for_it,
    a_source_that_is_refused_may_still_clear_and_others_are_heard,
    alerts_above_the_budget_gather_in_one_incident_that_tells_how_it_grows,
    a_service_without_an_open_incident_gets_its_own_whatever_storms,
    after_a_crash_a_storm_loses_nothing,
);

/// Three at once, and then one in a second.
async fn given_a_narrow_gate(world: &World) {
    let plain = "  prom:\n    kind: alertmanager\n";
    let narrow = SAMPLE.replace(plain, &format!("{plain}    rate: {{per_minute: 60, burst: 3}}\n"));
    assert!(narrow.contains("burst"));
    world.given_policy(&narrow).await;
}

fn send(alert: v1::AlertSignal) -> v1::SendAlertRequest {
    v1::SendAlertRequest { alert: Some(alert), ..Default::default() }
}

async fn what_a_source_sends_beyond_its_rate_is_refused_and_somebody_is_paged_for_it(world: &mut World) {
    given_a_narrow_gate(world).await;
    for key in ["a", "b", "c"] {
        world.alert(key).await;
    }
    assert_eq!(world.refused("integrations/prom", send(alert("d"))).await, "INTAKE_RATE");
    assert_eq!(world.refused("integrations/prom", send(alert("d"))).await, "INTAKE_RATE");

    let told = world.incident("INC-2").await;
    assert_eq!(told.service, "services/front-desk");
    assert!(told.title.contains("prom"), "{}", told.title);
    world.expect_page("10:00:00 gus email");
    world.advance(seconds(1)).await;
    assert_eq!(world.signal(alert("d")).await.outcome(), v1::IntakeOutcome::Joined);
    world.advance(minutes(20)).await;
    assert!(world.count("INC-2", "AlertCleared").await == 1, "nothing has been refused since");
}

async fn a_source_that_is_refused_may_still_clear_and_others_are_heard(world: &mut World) {
    given_a_narrow_gate(world).await;
    for key in ["a", "b", "c"] {
        world.alert(key).await;
    }
    assert_eq!(world.refused("integrations/prom", send(alert("d"))).await, "INTAKE_RATE");
    let batch =
        v1::BatchSendAlertsRequest { alerts: ["a", "b", "c"].map(clear).into(), ..Default::default() };
    let cleared = world.say("integrations/prom", batch).await;
    assert!(cleared.results.iter().all(|result| result.outcome() == v1::IntakeOutcome::Resolved));
    world.report("the till is dead").await;
    let other = world.say("integrations/portal", send(alert("e"))).await.result.unwrap();
    assert_eq!(other.outcome(), v1::IntakeOutcome::Joined);
}

/// No more than three new incidents of one service in five minutes.
async fn given_a_small_budget(world: &World) {
    world.given_policy(&format!("{SAMPLE}\nstorms: {{per_integration: 60, per_service: 3}}\n")).await;
}

/// An alert in a group of its own.
fn elsewhere(key: &str) -> v1::AlertSignal {
    let mut alert = alert(key);
    alert.labels.insert("region".to_owned(), key.to_owned());
    alert
}

async fn alerts_above_the_budget_gather_in_one_incident_that_tells_how_it_grows(world: &mut World) {
    given_a_small_budget(world).await;
    for (i, key) in ["a", "b", "c"].iter().enumerate() {
        let taken = world.signal(elsewhere(key)).await;
        assert_eq!((taken.reference, taken.storm), (format!("INC-{}", i + 1), false));
    }
    let fourth = world.signal(elsewhere("d")).await;
    assert_eq!((fourth.outcome(), fourth.reference.as_str()), (v1::IntakeOutcome::Created, "INC-4"));
    assert!(fourth.storm);
    for i in 0..20 {
        let taken = world.signal(elsewhere(&format!("e{i}"))).await;
        assert_eq!((taken.outcome(), taken.reference.as_str()), (v1::IntakeOutcome::Joined, "INC-4"));
        assert!(taken.storm);
    }
    assert_eq!(world.signal(elsewhere("e7")).await.outcome(), v1::IntakeOutcome::Repeated);
    assert!(world.incident("INC-4").await.title.starts_with("Alert storm from prom on checkout"));
    assert_eq!(world.count("INC-4", "StormTold").await, 1, "told when it begins, not for each alert");

    world.advance(minutes(10)).await;
    assert_eq!(world.count("INC-4", "StormTold").await, 2, "it grew");
    world.advance(minutes(10)).await;
    assert_eq!(world.count("INC-4", "StormTold").await, 3, "it is over");
    world.advance(hours(1)).await;
    assert_eq!(world.count("INC-4", "StormTold").await, 3);
    assert_eq!(world.signal(elsewhere("f")).await.reference, "INC-5");
}

async fn a_service_without_an_open_incident_gets_its_own_whatever_storms(world: &mut World) {
    let policy = format!("{SAMPLE}\nstorms: {{per_integration: 3, per_service: 3}}\n");
    world.given_policy(&policy).await;
    for key in ["a", "b", "c", "d"] {
        world.signal(elsewhere(key)).await;
    }
    let mut desk = elsewhere("x");
    desk.labels.remove("service");
    let first = world.signal(desk).await;
    assert_eq!((first.outcome(), first.storm), (v1::IntakeOutcome::Created, false));
    let mut second = elsewhere("y");
    second.labels.remove("service");
    assert!(world.signal(second).await.storm, "it has one now");
}

async fn after_a_crash_a_storm_loses_nothing(world: &mut World) {
    given_a_small_budget(world).await;
    for key in ["a", "b", "c", "d", "e"] {
        world.signal(elsewhere(key)).await;
    }
    world.crash().await;
    for key in ["a", "b", "c", "d", "e"] {
        assert_eq!(world.signal(elsewhere(key)).await.outcome(), v1::IntakeOutcome::Repeated, "{key}");
    }
    let taken = world.signal(elsewhere("f")).await;
    assert_eq!((taken.outcome(), taken.storm), (v1::IntakeOutcome::Created, false), "counting begins anew");
    world.advance(minutes(10)).await;
    assert_eq!(world.count("INC-4", "StormTold").await, 2);
}
