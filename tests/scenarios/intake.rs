//! Alerts come, repeat, join, clear and come back.

use stentor::auth::{Principal, Role};
use stentor::intake::EngineSink;
use stentor::intake::sink::{Change, SignalSink};
use stentor_core::actor::Actor;
use stentor_core::policy::SAMPLE;
use stentor_core::signal::{Signal, SignalKind};
use stentor_proto::v1;
use stentor_proto::v1::IntakeOutcome;
use stentor_tests::world::{START, World, alert, clear, minutes, seconds};

super::on_both_stores!(
    a_short_alert_pages_nobody,
    alerts_of_a_group_share_an_incident_and_repeats_change_nothing,
    all_clear_and_never_acknowledged_resolves_by_itself,
    a_p1_that_clears_waits_for_a_person_and_pages_again_when_it_fires_anew,
    an_alert_soon_after_the_resolve_reopens_and_later_recurs,
    an_old_firing_does_not_undo_its_clear,
    an_alert_with_an_end_expires_unless_it_is_heard_again,
    an_integration_acknowledges_by_key,
    a_batch_is_answered_in_order,
    a_report_is_told_of_open_incidents_like_it,
    a_clear_that_came_before_its_alert_is_remembered,
    a_clear_is_forgotten_after_ten_minutes,
    a_clear_of_what_had_cleared_is_remembered_too,
    a_change_stands_in_the_timelines_of_open_incidents_of_its_service_and_pages_nobody,
);

/// An alert of the platform team: a P3 of checkout, held back for two minutes.
fn minor(key: &str) -> v1::AlertSignal {
    let mut alert = alert(key);
    alert.severity = "warning".to_owned();
    alert.labels.insert("team".to_owned(), "platform".to_owned());
    alert
}

fn minor_clear(key: &str) -> v1::AlertSignal {
    v1::AlertSignal { status: v1::SignalStatus::Clear.into(), ..minor(key) }
}

async fn a_short_alert_pages_nobody(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let first = world.signal(minor("blip")).await;
    assert_eq!(first.outcome(), IntakeOutcome::Suppressed);
    assert_eq!(first.suppression_reason(), v1::SuppressionReason::Transient);

    world.advance(minutes(1)).await;
    world.signal(minor_clear("blip")).await;
    world.advance(minutes(10)).await;

    assert_eq!(world.phase("INC-1").await, "RESOLVED");
    assert_eq!(world.pages(), [""; 0]);
}

async fn alerts_of_a_group_share_an_incident_and_repeats_change_nothing(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let created = world.signal(alert("a")).await;
    let joined = world.signal(alert("b")).await;
    let before = world.timeline("INC-1").await;

    let repeated = world.signal(alert("a")).await;
    let mut elsewhere = alert("c");
    elsewhere.labels.insert("region".to_owned(), "us".to_owned());
    let other = world.signal(elsewhere).await;

    let outcomes = [created.outcome(), joined.outcome(), repeated.outcome(), other.outcome()];
    use IntakeOutcome::{Created, Joined, Repeated};
    assert_eq!(outcomes, [Created, Joined, Repeated, Created]);
    assert_eq!(joined.incident, created.incident);
    assert_eq!(world.timeline("INC-1").await, before);
    let incident = world.incident("INC-1").await;
    assert_eq!((incident.alert_count, incident.firing_alert_count), (2, 2));
    assert_eq!(incident.alerts.iter().map(|a| a.count).collect::<Vec<_>>(), [2, 1]);
}

async fn all_clear_and_never_acknowledged_resolves_by_itself(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(minor("disk")).await;
    world.advance(minutes(3)).await;
    world.expect_page("10:02:00 ana email");

    let result = world.signal(minor_clear("disk")).await;
    assert_eq!((result.outcome(), result.known), (IntakeOutcome::Resolved, true));
    world.advance(minutes(4)).await;
    assert_eq!(world.phase("INC-1").await, "ACTIVE");
    world.advance(minutes(2)).await;

    assert_eq!(world.phase("INC-1").await, "RESOLVED");
    world
        .expect_in_order(
            "INC-1",
            &["Alerted", "Released", "Paged", "AlertCleared", "AllCleared", "AutoResolved"],
        )
        .await;
}

async fn a_p1_that_clears_waits_for_a_person_and_pages_again_when_it_fires_anew(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.advance(seconds(30)).await;
    world.clear("a").await;
    world.advance(minutes(20)).await;
    assert_eq!(world.phase("INC-1").await, "MITIGATED");
    world.expect_pages(&["10:00:00 ana push"]);

    let again = world.signal(alert("a")).await;
    world.advance(seconds(1)).await;

    assert_eq!((again.outcome(), again.refired), (IntakeOutcome::Joined, true));
    assert_eq!(world.phase("INC-1").await, "ACTIVE");
    world.expect_page("10:20:30 ana push");
    world.expect_in_order("INC-1", &["AllCleared", "Mitigated", "AlertRefired", "Relapsed", "Paged"]).await;
}

async fn an_alert_soon_after_the_resolve_reopens_and_later_recurs(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(minor("disk")).await;
    world.advance(minutes(3)).await;
    world.signal(minor_clear("disk")).await;
    world.advance(minutes(6)).await;
    assert_eq!(world.phase("INC-1").await, "RESOLVED");

    let soon = world.signal(minor("disk")).await;
    // Reopened by a signal it is held back again.
    assert_eq!(
        (soon.outcome(), soon.reopened, soon.reference.as_str()),
        (IntakeOutcome::Suppressed, true, "INC-1")
    );
    world.advance(minutes(3)).await;
    world.signal(minor_clear("disk")).await;
    world.advance(minutes(45)).await;
    let late = world.signal(minor("disk")).await;

    assert_eq!(late.reference, "INC-2");
    let relations = world.incident("INC-2").await.relations;
    assert_eq!(relations[0].kind(), v1::RelationKind::Recurs);
    assert_eq!(relations[0].reference, "INC-1");
}

async fn an_old_firing_does_not_undo_its_clear(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let seen = prost_types::Timestamp { seconds: 1_780_480_801, nanos: 0 };
    world.advance(seconds(20)).await;
    world.clear("a").await;
    world.advance(seconds(20)).await;

    let old = world.signal(v1::AlertSignal { observe_time: Some(seen), ..alert("a") }).await;

    assert!(old.stale || old.outcome() == IntakeOutcome::Resolved, "{old:?}");
    assert_eq!(world.incident("INC-1").await.firing_alert_count, 0);
    let unknown = world.signal(clear("never heard of")).await;
    assert_eq!(
        (unknown.outcome(), unknown.known, unknown.incident.as_str()),
        (IntakeOutcome::Resolved, false, "")
    );
}

async fn an_alert_with_an_end_expires_unless_it_is_heard_again(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let until = |seconds: i64| Some(prost_types::Timestamp { seconds: 1_780_480_800 + seconds, nanos: 0 });
    world.signal(v1::AlertSignal { end_time: until(60), ..alert("a") }).await;
    world.advance(seconds(30)).await;
    world.signal(v1::AlertSignal { end_time: until(120), ..alert("a") }).await;

    world.advance(seconds(60)).await;
    assert_eq!(world.incident("INC-1").await.firing_alert_count, 1);
    world.advance(seconds(31)).await;

    let cleared = world.incident("INC-1").await;
    assert_eq!(cleared.firing_alert_count, 0);
    assert_eq!(cleared.alerts[0].clear_cause(), v1::ClearCause::Expired);
}

async fn an_integration_acknowledges_by_key(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let by_key = |key: &str| v1::AcknowledgeAlertRequest { dedup_key: key.to_owned(), ..Default::default() };

    let answer = world.say("integrations/prom", by_key("a")).await;

    assert_eq!(answer.reference, "INC-1");
    assert_eq!(world.incident("INC-1").await.acknowledgement.unwrap().holder, "integrations/prom");
    assert_eq!(world.refused("integrations/prom", by_key("b")).await, "ALERT_UNKNOWN");
}

async fn a_batch_is_answered_in_order(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let alerts = vec![alert("a"), alert("b"), alert("a"), clear("b"), clear("zzz")];
    let request = v1::BatchSendAlertsRequest { alerts, ..Default::default() };

    let results = world.say("integrations/prom", request).await.results;

    let outcomes: Vec<IntakeOutcome> = results.iter().map(v1::IntakeResult::outcome).collect();
    use IntakeOutcome::{Created, Joined, Repeated, Resolved};
    assert_eq!(outcomes, [Created, Joined, Repeated, Resolved, Resolved]);
    assert_eq!(world.incident("INC-1").await.firing_alert_count, 1);
}

/// What a person says about checkout.
fn said(title: &str) -> v1::ReportIncidentRequest {
    v1::ReportIncidentRequest {
        title: title.to_owned(),
        labels: [("service".to_owned(), "checkout".to_owned())].into(),
        ..Default::default()
    }
}

async fn a_report_is_told_of_open_incidents_like_it(world: &mut World) {
    world.given_policy(SAMPLE).await;
    for title in ["payment declined in shop 17", "payment declined", "tills hang", "payment page is slow"] {
        world.say("rob", said(title)).await;
        world.advance(seconds(2)).await;
    }
    let resolve = v1::ResolveIncidentRequest {
        name: "incidents/INC-2".to_owned(),
        code: v1::ResolutionCode::NoFaultFound.into(),
        verification: "paid".to_owned(),
        self_recovered: true,
        note: "it was the card".to_owned(),
        ..Default::default()
    };
    world.say("ana", resolve).await;
    world.advance(seconds(2)).await;
    let like = |answer: &v1::ReportIncidentResponse| -> Vec<(String, f64)> {
        answer.similar_incidents.iter().map(|s| (s.reference.clone(), s.score)).collect()
    };

    let asked = v1::ReportIncidentRequest { validate_only: true, ..said("payment DECLINED in shop 21") };
    let asked = world.say("rob", asked).await;
    assert!(asked.incident.is_none());
    assert_eq!(like(&asked), [("INC-1".to_owned(), 0.7)]);

    let told = world.say("rob", said("payment declined in shop 3")).await;
    assert_eq!(told.result.as_ref().unwrap().reference, "INC-5");
    assert_eq!(like(&told), [("INC-1".to_owned(), 0.7)]);

    world.advance(seconds(2)).await;
    let told = world.say("rob", said("payment declined in shop 9")).await;
    assert_eq!(
        like(&told),
        [("INC-5".to_owned(), 0.7), ("INC-1".to_owned(), 0.7)],
        "the newest of equals first"
    );
}

/// The instant of a signal as its sender saw it, so many seconds before the world began.
fn seen(before: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds: START.0 / 1000 - before, nanos: 0 })
}

async fn a_clear_that_came_before_its_alert_is_remembered(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let late = |observed| v1::AlertSignal { observe_time: observed, ..alert("a") };
    let over = v1::AlertSignal { observe_time: seen(10), ..clear("a") };

    let first = world.signal(over).await;
    assert_eq!((first.outcome(), first.incident.as_str()), (IntakeOutcome::Resolved, ""));
    world.crash().await;
    world.advance(minutes(5)).await;
    let older = world.signal(late(seen(20))).await;
    assert_eq!((older.outcome(), older.incident.as_str()), (IntakeOutcome::Resolved, ""));

    // What fired after the clear is something new.
    let newer = world.signal(late(seen(5))).await;
    assert_eq!(newer.outcome(), IntakeOutcome::Created);
}

async fn a_clear_is_forgotten_after_ten_minutes(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(v1::AlertSignal { observe_time: seen(10), ..clear("a") }).await;
    world.advance(minutes(11)).await;
    let late = world.signal(v1::AlertSignal { observe_time: seen(20), ..alert("a") }).await;
    assert_eq!(late.outcome(), IntakeOutcome::Created);
}

async fn a_clear_of_what_had_cleared_is_remembered_too(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.advance(seconds(30)).await;
    world.clear("a").await;
    world.advance(minutes(2)).await;
    let moment = |ago: i64| Some(prost_types::Timestamp { seconds: world.now().0 / 1000 - ago, nanos: 0 });
    // It fired and cleared once more, and the clear was faster.
    world.signal(v1::AlertSignal { observe_time: moment(10), ..clear("a") }).await;
    let late = world.signal(v1::AlertSignal { observe_time: moment(20), ..alert("a") }).await;

    assert_eq!(late.outcome(), IntakeOutcome::Resolved);
    assert_eq!(world.incident("INC-1").await.firing_alert_count, 0);
    assert_eq!(world.count("INC-1", "AlertRefired").await, 0);
}

async fn a_change_stands_in_the_timelines_of_open_incidents_of_its_service_and_pages_nobody(
    world: &mut World,
) {
    world.given_policy(SAMPLE).await;
    world.signal(alert("a")).await;
    let title = "The printer is out of paper".to_owned();
    world.say("rob", v1::ReportIncidentRequest { title, ..Default::default() }).await;
    assert_eq!(world.incident("INC-2").await.service, "services/front-desk");
    world.advance(seconds(1)).await;
    let pages = world.pages();

    let signal = Signal {
        kind: SignalKind::Alert,
        integration: "prom".into(),
        labels: [("service".to_owned(), "checkout".to_owned())].into(),
        ..Signal::report("shop 1.42 deployed", world.now())
    };
    let (summary, source) = (signal.title.clone(), "ci".to_owned());
    let change = Change { signal, summary, source, url: String::new(), at: None };
    let sink = EngineSink(world.process().engine.clone());
    let caller = Principal {
        actor: Actor::Integration("prom".into()),
        role: Role::Integration("prom".into()),
        credential: "prom".to_owned(),
    };
    let told = world.process().inside(async move { sink.change(&caller, change).await });
    assert_eq!(told.await, Ok(1));

    world.settle().await;
    assert_eq!(world.count("INC-1", "ChangeReported").await, 1);
    assert_eq!(world.count("INC-2", "ChangeReported").await, 0);
    let told = world.entries("INC-1").await.into_iter().find(|entry| entry.kind == "ChangeReported").unwrap();
    assert_eq!(told.summary, "Change (ci): shop 1.42 deployed");
    assert_eq!(world.pages(), pages);
}
