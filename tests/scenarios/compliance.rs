//! Which SLAs were kept: by definition, period and what else is asked for.

use stentor_core::policy::SAMPLE;
use stentor_core::time::Timestamp;
use stentor_proto::v1::{self, ComplianceGroup as Group, CompliancePeriod as Period};
use stentor_tests::world::{START, World, at, hours, minutes};

super::on_both_stores!(
    clocks_count_in_the_period_in_which_they_ended,
    clocks_are_told_apart_and_filtered,
    an_excused_breach_is_told_beside_and_subtracted_from_nothing,
    a_review_has_clocks_too,
    what_cannot_be_counted_is_refused_by_its_field,
);

fn wire(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.seconds(), nanos: 0 }
}

fn wanted() -> v1::ComputeSlaComplianceRequest {
    v1::ComputeSlaComplianceRequest {
        start_time: Some(wire(at("00:00") - hours(24))),
        end_time: Some(wire(at("00:00") + hours(72))),
        ..Default::default()
    }
}

/// Hours from the world's beginning to the period's, group, met and breached of one definition.
fn told(answer: &v1::ComputeSlaComplianceResponse, definition: &str) -> Vec<(i64, String, i32, i32)> {
    let of = |c: &&v1::SlaCompliance| c.sla_definition == format!("slaDefinitions/{definition}");
    let start = |c: &v1::SlaCompliance| (c.start_time.unwrap().seconds - START.seconds()) / 3600;
    let line = |c: &v1::SlaCompliance| (start(c), c.group.clone(), c.met_count, c.breached_count);
    answer.compliances.iter().filter(of).map(line).collect()
}

async fn report(world: &World, title: &str) {
    let request = v1::ReportIncidentRequest {
        title: title.to_owned(),
        labels: [("service".to_owned(), "checkout".to_owned())].into(),
        impact: v1::Impact::High.into(),
        urgency: v1::Urgency::High.into(),
        ..Default::default()
    };
    world.say("rob", request).await;
}

/// Two P1s: one is acknowledged in time, one the day after. They are to be acknowledged within 5 minutes.
async fn given_one_in_time_and_one_late(world: &mut World) {
    world.given_policy(SAMPLE).await;
    report(world, "nobody can pay").await;
    world.advance(minutes(2)).await;
    world.ack("INC-1", "ana").await;
    world.advance(hours(1)).await;
    report(world, "all carts are empty").await;
    world.advance(hours(24)).await;
    world.ack("INC-2", "bo").await;
}

async fn clocks_count_in_the_period_in_which_they_ended(world: &mut World) {
    given_one_in_time_and_one_late(world).await;

    let whole = world.say("ana", wanted()).await;
    assert_eq!(told(&whole, "p1-ack"), [(-34, String::new(), 1, 1)]);
    let line = whole.compliances.iter().find(|c| c.sla_definition == "slaDefinitions/p1-ack").unwrap();
    assert_eq!((line.met_ratio, line.kind()), (Some(0.5), v1::ClockKind::Acknowledge));
    let resolve = told(&whole, "p1-resolve");
    assert_eq!(resolve, [(-34, String::new(), 0, 2)], "both run on, and both are late");

    let days = world.say("ana", v1::ComputeSlaComplianceRequest { period: Period::Day.into(), ..wanted() });
    let days = days.await;
    // The day in Berlin begins two hours before that in UTC: the breach counts, not the acknowledgement of the day after.
    assert_eq!(told(&days, "p1-ack"), [(-12, String::new(), 1, 1)]);
    let utc = v1::ComputeSlaComplianceRequest {
        period: Period::Day.into(),
        time_zone: "UTC".to_owned(),
        ..wanted()
    };
    assert_eq!(told(&world.say("ana", utc).await, "p1-ack"), [(-10, String::new(), 1, 1)]);
    let later = v1::ComputeSlaComplianceRequest { start_time: Some(wire(at("12:00"))), ..wanted() };
    assert_eq!(told(&world.say("ana", later).await, "p1-ack"), [], "the interval begins after both");
}

async fn clocks_are_told_apart_and_filtered(world: &mut World) {
    given_one_in_time_and_one_late(world).await;
    let by = |group: Group| v1::ComputeSlaComplianceRequest { group: group.into(), ..wanted() };

    let service = world.say("ana", by(Group::Service)).await;
    assert_eq!(told(&service, "p1-ack"), [(-34, "services/checkout".to_owned(), 1, 1)]);
    let team = world.say("ana", by(Group::Team)).await;
    assert_eq!(told(&team, "p1-ack"), [(-34, "teams/shop".to_owned(), 1, 1)]);
    let priority = world.say("ana", by(Group::Priority)).await;
    assert_eq!(told(&priority, "p1-ack"), [(-34, "P1".to_owned(), 1, 1)]);
    let filter = |text: &str| v1::ComputeSlaComplianceRequest { filter: text.to_owned(), ..wanted() };
    assert_eq!(told(&world.say("ana", filter("priority=P2")).await, "p1-ack"), []);
    let shop = world.say("ana", filter(r#"service="checkout""#)).await;
    assert_eq!(told(&shop, "p1-ack"), [(-34, String::new(), 1, 1)]);
}

async fn an_excused_breach_is_told_beside_and_subtracted_from_nothing(world: &mut World) {
    given_one_in_time_and_one_late(world).await;
    let excuse = |incident: &str, clock: &str, reason: &str| v1::ExcuseBreachRequest {
        name: format!("incidents/{incident}"),
        clock: clock.to_owned(),
        reason: reason.to_owned(),
        ..Default::default()
    };
    let why = "the telephone network was down";
    let early = world.refused("ana", excuse("INC-1", "p1-ack.1", why)).await;
    assert_eq!(early, "CLOCK_NOT_BREACHED");
    let unknown = world.refused("ana", excuse("INC-2", "p1-ack.7", why)).await;
    assert_eq!(unknown, "CLOCK_UNKNOWN");
    let silent = world.refused("ana", excuse("INC-2", "p1-ack.1", "")).await;
    assert_eq!(silent, "INVALID_FIELD");

    let excused = world.say("ana", excuse("INC-2", "p1-ack.1", why)).await.incident.unwrap();
    let clock = excused.clocks.iter().find(|c| c.name.ends_with("p1-ack.1")).unwrap();
    assert_eq!((clock.breached, clock.excuse.as_str()), (true, why));
    let again = world.say("ana", excuse("INC-2", "p1-ack.1", why)).await.incident.unwrap();
    assert_eq!(again.etag, excused.etag, "said twice it is said once");

    let whole = world.say("ana", wanted()).await;
    let line = whole.compliances.iter().find(|c| c.sla_definition == "slaDefinitions/p1-ack").unwrap();
    assert_eq!((line.met_count, line.breached_count, line.excused_count), (1, 1, 1));
    assert_eq!(line.met_ratio, Some(0.5));
}

async fn a_review_has_clocks_too(world: &mut World) {
    given_one_in_time_and_one_late(world).await;
    let cancel = v1::CancelIncidentRequest {
        name: "incidents/INC-1".to_owned(),
        reason: v1::CancelReason::FalseAlarm.into(),
        note: "a sensor that was unplugged".to_owned(),
        ..Default::default()
    };
    world.say("ana", cancel).await;
    let resolve = v1::ResolveIncidentRequest {
        name: "incidents/INC-2".to_owned(),
        code: v1::ResolutionCode::Recovered.into(),
        self_recovered: true,
        note: "it went away".to_owned(),
        ..Default::default()
    };
    world.say("bo", resolve).await;
    // Nobody publishes the review of it.
    let end = Some(wire(at("00:00") + hours(24 * 30)));
    world.advance(hours(24 * 20)).await;

    let answer = world.say("ana", v1::ComputeSlaComplianceRequest { end_time: end, ..wanted() }).await;
    assert_eq!(told(&answer, "p1-ack"), [(-34, String::new(), 0, 1)], "a false alarm proves nothing");
    assert_eq!(told(&answer, "review"), [(-34, String::new(), 0, 1)]);
}

async fn what_cannot_be_counted_is_refused_by_its_field(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let long = Some(wire(at("00:00") + hours(24 * 3_700)));
    let year = Some(wire(at("00:00") + hours(24 * 450)));
    let zone = "Mars/Olympus".to_owned();
    for (field, request) in [
        ("end_time", v1::ComputeSlaComplianceRequest { end_time: wanted().start_time, ..wanted() }),
        ("end_time", v1::ComputeSlaComplianceRequest { end_time: long, ..wanted() }),
        ("time_zone", v1::ComputeSlaComplianceRequest { time_zone: zone, ..wanted() }),
        ("period", v1::ComputeSlaComplianceRequest { period: 77, ..wanted() }),
        (
            "period",
            v1::ComputeSlaComplianceRequest { period: Period::Day.into(), end_time: year, ..wanted() },
        ),
        ("filter", v1::ComputeSlaComplianceRequest { filter: "priority=".to_owned(), ..wanted() }),
    ] {
        let no = world.ask("ana", request).await.unwrap_err();
        assert_eq!(no.violations, [field], "{no:?}");
    }
}
