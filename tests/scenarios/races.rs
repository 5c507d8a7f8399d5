//! What meets at the same instant, in either order: the outcome is one of those that are promised.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{Rpc, World, alert, at, minutes};

super::on_both_stores!(
    an_acknowledgement_and_a_tick,
    two_acknowledgements,
    an_acknowledgement_and_a_resolve,
    a_resolve_and_an_alert,
    two_resolves,
    an_assignment_and_an_escalation,
    a_hold_and_a_breach,
    a_priority_and_a_tick,
    everything_at_once_leaves_one_truth,
);

fn name() -> String {
    "incidents/INC-1".to_owned()
}

fn ack() -> v1::AcknowledgeIncidentRequest {
    v1::AcknowledgeIncidentRequest { name: name(), ..Default::default() }
}

fn resolve() -> v1::ResolveIncidentRequest {
    v1::ResolveIncidentRequest {
        name: name(),
        code: v1::ResolutionCode::Recovered.into(),
        self_recovered: true,
        note: "it went away".to_owned(),
        ..Default::default()
    }
}

/// The clock stands at the due instant, the tick has not come yet, and a person is first: no level fires.
async fn an_acknowledgement_and_a_tick(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.advance_to(at("10:03:59")).await;
    let engine = world.process().engine.clone();
    let (clock, routes) = (world.clock.clone(), world.process().routes());
    drop(engine);
    // Inside of the server, so that no tick comes in between.
    let request = stentor_tests::world::as_actor("bo", ack());
    let first = world.process().inside(async move {
        clock.set(at("10:04"));
        v1::AcknowledgeIncidentRequest::send(request, routes).await
    });
    assert!(first.await.unwrap().incident.unwrap().acknowledged);
    world.settle().await;
    let timeline = world.timeline("INC-1").await;
    let fired = timeline.iter().filter(|kind| *kind == "Escalated").count();
    let acknowledged = timeline.iter().position(|kind| kind == "Acknowledged").unwrap();
    if fired > 1 {
        let second = timeline.iter().rposition(|kind| kind == "Escalated").unwrap();
        assert!(second < acknowledged, "no level fires after the acknowledgement: {timeline:#?}");
    }
    let sent = world.pages().len();
    world.advance(minutes(20)).await;
    assert_eq!(world.pages().len(), sent);
}

async fn two_acknowledgements(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let process = world.process();
    let (one, other) = tokio::join!(process.ask("ana", ack()), process.ask("bo", ack()));
    one.unwrap();
    other.unwrap();
    world.settle().await;

    assert_eq!(world.count("INC-1", "Acknowledged").await, 1);
    assert_eq!(world.count("INC-1", "CoAcknowledged").await, 1);
    let ack = world.incident("INC-1").await.acknowledgement.unwrap();
    assert_eq!(ack.others.len(), 1);
    assert_ne!(ack.others[0], ack.holder);
}

async fn an_acknowledgement_and_a_resolve(world: &mut World) {
    given_a_quiet_minor(world).await;
    let process = world.process();
    let (acked, resolved) = tokio::join!(process.ask("ana", ack()), process.ask("bo", resolve_minor()));
    resolved.unwrap();
    world.settle().await;

    if let Err(no) = acked {
        assert_eq!(no.reason, "INCIDENT_RESOLVED");
    }
    assert_eq!(world.phase("INC-1").await, "RESOLVED");
    let sent = world.pages().len();
    world.advance(minutes(60)).await;
    assert_eq!(world.pages().len(), sent, "nobody is paged for what is resolved");
}

/// A P3 from a report, which needs no fix.
async fn given_a_quiet_minor(world: &World) {
    world.given_policy(SAMPLE).await;
    let request = v1::ReportIncidentRequest {
        title: "It is slow".to_owned(),
        labels: [("service".to_owned(), "checkout".to_owned())].into(),
        impact: v1::Impact::Medium.into(),
        urgency: v1::Urgency::Medium.into(),
        ..Default::default()
    };
    world.say("rob", request).await;
}

fn resolve_minor() -> v1::ResolveIncidentRequest {
    v1::ResolveIncidentRequest {
        name: name(),
        code: v1::ResolutionCode::Fixed.into(),
        verification: "looked at it".to_owned(),
        ..Default::default()
    }
}

async fn a_resolve_and_an_alert(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.ack("INC-1", "ana").await;
    world.clear("a").await;
    world.advance(minutes(11)).await;
    let fires = v1::SendAlertRequest { alert: Some(alert("a")), ..Default::default() };
    let process = world.process();
    let (resolved, fired) =
        tokio::join!(process.ask("ana", resolve()), process.ask("integrations/prom", fires));
    let fired = fired.unwrap().result.unwrap();
    world.settle().await;

    match resolved {
        Ok(_) => assert!(fired.reopened || fired.reference != "INC-1", "{fired:?}"),
        Err(no) => assert_eq!(no.reason, "ALERTS_FIRING"),
    }
    let open =
        v1::ListIncidentsRequest { filter: "phase=INCIDENT_PHASE_ACTIVE".to_owned(), ..Default::default() };
    let open = world.say("ana", open).await.incidents;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].reference, fired.reference);
    assert_eq!(world.incident(&fired.reference).await.firing_alert_count, 1);
}

async fn two_resolves(world: &mut World) {
    given_a_quiet_minor(world).await;
    let process = world.process();
    let (one, other) = tokio::join!(process.ask("ana", resolve_minor()), process.ask("bo", resolve_minor()));
    world.settle().await;

    let refused: Vec<String> = [one.err(), other.err()].into_iter().flatten().map(|no| no.reason).collect();
    assert_eq!(refused, ["INCIDENT_RESOLVED"]);
    assert_eq!(world.count("INC-1", "Resolved").await, 1);
}

async fn an_assignment_and_an_escalation(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    let assign =
        v1::AssignIncidentRequest { name: name(), assignee: "people/chi".to_owned(), ..Default::default() };
    let escalate = v1::EscalateIncidentRequest { name: name(), ..Default::default() };
    let process = world.process();
    let (assigned, escalated) = tokio::join!(process.ask("bo", assign), process.ask("hal", escalate));
    assigned.unwrap();
    escalated.unwrap();
    world.advance(minutes(2)).await;

    let timeline = world.timeline("INC-1").await;
    let later = timeline.iter().rposition(|kind| kind == "Assigned" || kind == "Escalated").unwrap();
    // What an assignment began goes on when a level is called after it; what it ended stays ended.
    let only: &[&str] = if timeline[later] == "Assigned" { &["chi"] } else { &["bo", "chi"] };
    let steps = world.pages();
    let late: Vec<&String> = steps.iter().filter(|page| page.as_str() > "10:00:30").collect();
    assert!(late.iter().all(|page| only.iter().any(|who| page.contains(who))), "only {only:?}: {steps:?}");
}

async fn a_hold_and_a_breach(world: &mut World) {
    given_a_quiet_minor(world).await;
    world.ack("INC-1", "ana").await;
    let hold = v1::HoldIncidentRequest {
        name: name(),
        reason: v1::HoldReason::AwaitingReporter.into(),
        note: "asked".to_owned(),
        ..Default::default()
    };
    world.say("ana", hold).await;
    world.advance(minutes(60 * 24 * 2)).await;

    assert_eq!(world.count("INC-1", "SlaBreached").await, 0, "a paused clock does not breach");
}

async fn a_priority_and_a_tick(world: &mut World) {
    given_a_quiet_minor(world).await;
    world.advance(minutes(4)).await;
    let raise = v1::SetIncidentPriorityRequest {
        name: name(),
        priority: v1::Priority::P1.into(),
        reason: "the chief called".to_owned(),
        ..Default::default()
    };
    world.say("bo", raise).await;
    world.advance(minutes(2)).await;

    // Raised at 10:04 with the start of the clock that it replaces: five minutes are over at 10:05.
    let breached: Vec<i64> = world
        .entries("INC-1")
        .await
        .iter()
        .filter(|entry| entry.kind == "SlaBreached")
        .map(|entry| entry.event_time.unwrap().seconds - 1_780_480_800)
        .collect();
    assert_eq!(breached, [300]);
}

async fn everything_at_once_leaves_one_truth(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let process = world.process();
    let fire = |key: &str| {
        let request = v1::SendAlertRequest { alert: Some(alert(key)), ..Default::default() };
        process.ask("integrations/prom", request)
    };
    let keys: Vec<String> = (0..40).map(|n| format!("k{}", n % 10)).collect();
    let answers = futures::future::join_all(keys.iter().map(|key| fire(key))).await;
    world.settle().await;

    let references: std::collections::BTreeSet<String> =
        answers.into_iter().map(|answer| answer.unwrap().result.unwrap().reference).collect();
    assert_eq!(references.into_iter().collect::<Vec<_>>(), ["INC-1"]);
    let incident = world.incident("INC-1").await;
    assert_eq!(incident.firing_alert_count, 10);
    assert_eq!(incident.alerts.iter().map(|a| a.count).sum::<i64>(), 40);
    assert_eq!(world.count("INC-1", "Paged").await, 1);
}
