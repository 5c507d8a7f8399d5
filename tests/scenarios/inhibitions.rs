//! Inhibitions: while one alert fires, others page nobody, whichever came first, and nobody is forgotten over it.

use std::time::Duration;

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{Backend, World, alert, clear, minutes};

super::on_both_stores!(
    what_a_source_inhibits_pages_nobody_until_the_source_clears,
    a_source_that_comes_later_takes_back_the_pages_of_what_fires_already,
    what_lacks_a_label_that_must_be_equal_is_not_inhibited,
    an_alert_on_both_sides_does_not_inhibit_itself,
    a_source_that_is_acknowledged_goes_on_inhibiting_one_that_is_resolved_does_not,
    a_restart_keeps_what_is_inhibited_and_what_inhibits,
    a_crash_between_the_end_of_a_source_and_its_targets_loses_no_page,
    another_policy_inhibits_what_fires_already_and_lets_it_go_again,
    alerts_of_one_request_inhibit_each_other_in_their_order,
    a_source_that_is_merged_away_goes_on_inhibiting,
    whatever_else_happens_meanwhile_every_target_is_held_back_and_let_go,
);

/// An alert with these labels beside those of every alert here.
fn with(key: &str, labels: &[(&str, &str)]) -> v1::AlertSignal {
    let mut alert = alert(key);
    alert.labels.extend(labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    alert
}

/// The sample inhibits warnings of a region that is down.
fn down() -> v1::AlertSignal {
    with("down", &[("alertname", "RegionDown")])
}

fn slow() -> v1::AlertSignal {
    with("slow", &[("severity", "warning")])
}

async fn held(world: &World, reference: &str) -> Option<v1::SuppressionReason> {
    world.incident(reference).await.suppression.map(|suppression| suppression.reason())
}

const INHIBITED: Option<v1::SuppressionReason> = Some(v1::SuppressionReason::Inhibited);

async fn what_a_source_inhibits_pages_nobody_until_the_source_clears(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(down()).await;
    world.ack("INC-1", "ana").await;
    let taken = world.signal(slow()).await;
    assert_eq!(taken.outcome(), v1::IntakeOutcome::Suppressed);
    assert_eq!(
        (taken.reference.as_str(), taken.suppression_reason()),
        ("INC-2", v1::SuppressionReason::Inhibited)
    );
    world.advance(minutes(25)).await;
    world.expect_pages(&["10:00:00 ana push"]);
    assert!(world.incident("INC-2").await.clocks.is_empty());
    let marked = world.entries("INC-2").await.into_iter().find(|entry| entry.kind == "AlertMarked").unwrap();
    assert!(marked.summary.contains("by inhibition region-down"), "{}", marked.summary);

    world.signal(v1::AlertSignal { status: v1::SignalStatus::Clear.into(), ..down() }).await;
    world.expect_pages(&["10:00:00 ana push", "10:25:00 ana push"]);
    assert_eq!(held(world, "INC-2").await, None);
    world
        .expect_in_order("INC-2", &["AlertMarked", "Suppressed", "AlertUnmarked", "Released", "Paged"])
        .await;
}

async fn a_source_that_comes_later_takes_back_the_pages_of_what_fires_already(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(slow()).await;
    world.expect_pages(&["10:00:00 ana push"]);
    world.advance(minutes(2)).await;
    world.signal(down()).await;
    assert_eq!(held(world, "INC-1").await, INHIBITED);
    assert_eq!(world.count("INC-1", "AlertMarked").await, 1);
    world.ack("INC-2", "ana").await;
    let before = world.pages();
    world.advance(minutes(25)).await;
    assert_eq!(world.pages(), before, "neither contact steps nor levels go on");

    world.clear("down").await;
    assert_eq!(held(world, "INC-1").await, None);
    world.expect_page("10:27:00 bo push");
}

async fn what_lacks_a_label_that_must_be_equal_is_not_inhibited(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(down()).await;
    let mut nowhere = slow();
    nowhere.labels.remove("region");
    assert_eq!(world.signal(nowhere).await.outcome(), v1::IntakeOutcome::Created);
    let elsewhere = with("far", &[("severity", "warning"), ("region", "us")]);
    assert_eq!(world.signal(elsewhere).await.outcome(), v1::IntakeOutcome::Created);
    assert_eq!((held(world, "INC-2").await, held(world, "INC-3").await), (None, None));
}

async fn an_alert_on_both_sides_does_not_inhibit_itself(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let both = with("both", &[("alertname", "RegionDown"), ("severity", "warning")]);
    assert_eq!(world.signal(both).await.outcome(), v1::IntakeOutcome::Created);
    assert_eq!(held(world, "INC-1").await, None);
    world.expect_pages(&["10:00:00 ana push"]);
    assert_eq!(world.signal(slow()).await.suppression_reason(), v1::SuppressionReason::Inhibited);
}

async fn a_source_that_is_acknowledged_goes_on_inhibiting_one_that_is_resolved_does_not(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(slow()).await;
    world.signal(down()).await;
    world.ack("INC-2", "ana").await;
    world.advance(minutes(20)).await;
    assert_eq!(held(world, "INC-1").await, INHIBITED);
    let request = v1::CancelIncidentRequest {
        name: "incidents/INC-2".to_owned(),
        reason: v1::CancelReason::FalseAlarm.into(),
        note: "the probe was broken".to_owned(),
        ..Default::default()
    };
    world.say("ana", request).await;
    assert_eq!(held(world, "INC-1").await, None, "what people have ended holds nothing back");
}

async fn a_restart_keeps_what_is_inhibited_and_what_inhibits(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(down()).await;
    world.signal(slow()).await;
    world.ack("INC-1", "ana").await;
    world.restart().await;
    world.settle().await;
    assert_eq!(held(world, "INC-2").await, INHIBITED);
    let late = with("late", &[("severity", "warning"), ("alertname", "Late")]);
    assert_eq!(world.signal(late).await.suppression_reason(), v1::SuppressionReason::Inhibited);
    world.crash().await;
    world.advance(minutes(10)).await;
    world.expect_pages(&["10:00:00 ana push"]);
    world.clear("down").await;
    assert_eq!((held(world, "INC-2").await, held(world, "INC-3").await), (None, None));
}

async fn a_crash_between_the_end_of_a_source_and_its_targets_loses_no_page(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(down()).await;
    world.signal(slow()).await;
    world.ack("INC-1", "ana").await;
    let request = v1::SendAlertRequest { alert: Some(clear("down")), ..Default::default() };
    world.process().ask("integrations/prom", request).await.unwrap();
    world.kill();
    world.revive().await;
    world.settle().await;
    assert_eq!(held(world, "INC-2").await, None);
    world.expect_pages(&["10:00:00 ana push", "10:00:00 ana push"]);
}

async fn another_policy_inhibits_what_fires_already_and_lets_it_go_again(world: &mut World) {
    let rule = SAMPLE.lines().find(|line| line.contains("id: region-down")).unwrap();
    let none = SAMPLE.replace(&format!("inhibitions:\n{rule}\n"), "");
    world.given_policy(&none).await;
    world.signal(down()).await;
    world.signal(slow()).await;
    assert_eq!(held(world, "INC-2").await, None);

    world.given_policy(SAMPLE).await;
    assert_eq!(held(world, "INC-2").await, INHIBITED);
    world.given_policy(&SAMPLE.replace("target: {severity: warning}", "target: {severity: info}")).await;
    assert_eq!(held(world, "INC-2").await, None);
    world.given_policy(SAMPLE).await;
    assert_eq!(held(world, "INC-2").await, INHIBITED);
    world.given_policy(&none).await;
    assert_eq!(held(world, "INC-2").await, None);
    let late = with("late", &[("severity", "warning"), ("alertname", "Late")]);
    assert_eq!(world.signal(late).await.outcome(), v1::IntakeOutcome::Created);
}

async fn alerts_of_one_request_inhibit_each_other_in_their_order(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let request = v1::BatchSendAlertsRequest { alerts: vec![down(), slow()], ..Default::default() };
    let results = world.say("integrations/prom", request).await.results;
    let outcomes: Vec<_> = results.into_iter().map(|each| each.outcome()).collect();
    assert_eq!(outcomes, [v1::IntakeOutcome::Created, v1::IntakeOutcome::Suppressed]);
    world.expect_pages(&["10:00:00 ana push"]);
}

async fn a_source_that_is_merged_away_goes_on_inhibiting(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(slow()).await;
    world.signal(down()).await;
    let other = world.signal(with("other", &[("alertname", "Other")])).await;
    assert_eq!(other.reference, "INC-3");
    let request = v1::MergeIncidentRequest {
        name: "incidents/INC-2".to_owned(),
        target: "incidents/INC-3".to_owned(),
        ..Default::default()
    };
    world.say("ana", request).await;
    assert_eq!(held(world, "INC-1").await, INHIBITED);
    assert_eq!(world.count("INC-1", "AlertUnmarked").await, 0);
    world.clear("down").await;
    assert_eq!(held(world, "INC-1").await, None);
}

async fn whatever_else_happens_meanwhile_every_target_is_held_back_and_let_go(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let mut targets = Vec::new();
    for n in 0..12 {
        let name = format!("T{n}");
        let target = with(&name, &[("severity", "warning"), ("alertname", &name)]);
        targets.push(world.signal(target).await.reference);
    }
    let notes = |round: usize| {
        let of_each = targets.iter().map(move |reference| v1::AddNoteRequest {
            name: format!("incidents/{reference}"),
            text: format!("looking, round {round}"),
            ..Default::default()
        });
        of_each.map(|note| world.process().begin_ask("ana", note)).collect::<Vec<_>>()
    };
    let send = |alert| v1::SendAlertRequest { alert: Some(alert), ..Default::default() };
    for round in 0..4 {
        for (alert, wanted) in [(down(), INHIBITED), (clear("down"), None)] {
            let mut busy = notes(round);
            let source = world.process().begin_ask("integrations/prom", send(alert));
            busy.extend(notes(round + 10));
            for each in busy {
                each.await.unwrap().unwrap();
            }
            source.await.unwrap().unwrap();
            world.settle().await;
            for reference in &targets {
                assert_eq!(held(world, reference).await, wanted, "{reference} in round {round}");
            }
        }
    }
}

#[tokio::test]
async fn what_fires_at_one_replica_inhibits_at_the_other_and_when_that_one_leads() {
    let mut world = World::start(Backend::Postgres).await;
    world.given_policy(SAMPLE).await;
    let second = world.replica("second").await;
    let send = |alert| v1::SendAlertRequest { alert: Some(alert), ..Default::default() };
    second.ask("integrations/prom", send(down())).await.unwrap();
    // Each replica has numbers of its own.
    let taken = world.process().ask("integrations/prom", send(slow())).await.unwrap().result.unwrap();
    let slow = taken.reference.as_str();
    until("the mark", async || world.incident(slow).await.suppression.is_some()).await;

    // The one that led is gone.
    world.kill();
    let held = async || {
        let request = v1::GetIncidentRequest { name: format!("incidents/{slow}") };
        second.ask("ana", request).await.unwrap().incident.unwrap().suppression.is_some()
    };
    assert!(held().await);
    second.ask("integrations/prom", send(clear("down"))).await.unwrap();
    until("the release", async || !held().await).await;
    second.stop().await;
    world.revive().await;
    world.end().await;
}

/// Waits in real time for what another replica brings about.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..1500 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} does not come");
}
