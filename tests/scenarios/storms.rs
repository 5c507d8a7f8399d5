//! Too much at once: what one source sends beyond its rate is refused and somebody hears of it.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, alert, clear, minutes, seconds};

super::on_both_stores!(
    what_a_source_sends_beyond_its_rate_is_refused_and_somebody_is_paged_for_it,
    a_source_that_is_refused_may_still_clear_and_others_are_heard,
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
