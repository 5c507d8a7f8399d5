//! Two incidents become one, one becomes two.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, alert, minutes, seconds};

super::on_both_stores!(
    a_merge_moves_everything_and_later_signals_follow,
    a_merge_into_itself_or_into_what_ended_is_refused,
    a_rehearsed_merge_asks_both_and_changes_neither,
    a_split_opens_another_incident_that_is_paged,
    a_merge_is_finished_after_a_crash,
);

/// The same failure in another region is another incident.
fn abroad(key: &str) -> v1::AlertSignal {
    let mut alert = alert(key);
    alert.labels.insert("region".to_owned(), "us".to_owned());
    alert
}

fn merge(from: &str, into: &str) -> v1::MergeIncidentRequest {
    v1::MergeIncidentRequest {
        name: format!("incidents/{from}"),
        target: format!("incidents/{into}"),
        reason: "one cause".to_owned(),
        ..Default::default()
    }
}

async fn a_merge_moves_everything_and_later_signals_follow(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(alert("a")).await;
    world.signal(abroad("b")).await;

    let merged = world.say("ana", merge("INC-2", "INC-1")).await;
    let repeated = world.signal(abroad("b")).await;
    let late = v1::AcknowledgeIncidentRequest { name: "incidents/INC-2".to_owned(), ..Default::default() };

    let (source, target) = (merged.incident.unwrap(), merged.target.unwrap());
    assert_eq!(source.phase(), v1::IncidentPhase::Cancelled);
    assert_eq!(source.merge_target, target.name);
    assert_eq!(target.firing_alert_count, 2);
    assert_eq!((repeated.outcome(), repeated.reference.as_str()), (v1::IntakeOutcome::Repeated, "INC-1"));
    assert_eq!(world.refused("ana", late).await, "INCIDENT_MERGED");
    world.expect_in_order("INC-2", &["MergeStarted", "Merged"]).await;
    let sent = world.pages().len();
    world.ack("INC-1", "ana").await;
    world.advance(minutes(20)).await;
    assert_eq!(world.pages().len(), sent, "nobody is paged for what was merged");
}

async fn a_merge_into_itself_or_into_what_ended_is_refused(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(alert("a")).await;
    world.signal(abroad("b")).await;
    let cancel = v1::CancelIncidentRequest {
        name: "incidents/INC-2".to_owned(),
        reason: v1::CancelReason::Test.into(),
        note: "a test".to_owned(),
        ..Default::default()
    };
    world.say("ana", cancel).await;

    assert_eq!(world.refused("ana", merge("INC-1", "INC-1")).await, "MERGE_SELF");
    assert_eq!(world.refused("ana", merge("INC-1", "INC-2")).await, "MERGE_REFUSED");

    assert_eq!(world.phase("INC-1").await, "ACTIVE");
    assert!(!world.incident("INC-1").await.suppressed);
}

async fn a_rehearsed_merge_asks_both_and_changes_neither(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(alert("a")).await;
    world.signal(abroad("b")).await;
    let rehearse =
        |from: &str, into: &str| v1::MergeIncidentRequest { validate_only: true, ..merge(from, into) };

    let answer = world.say("ana", rehearse("INC-2", "INC-1")).await;
    assert_eq!(answer.incident.unwrap().phase(), v1::IncidentPhase::Active);
    assert_eq!(world.count("INC-1", "Absorbed").await + world.count("INC-2", "MergeStarted").await, 0);

    for reference in ["INC-1", "INC-2"] {
        let cancel = v1::CancelIncidentRequest {
            name: format!("incidents/{reference}"),
            reason: v1::CancelReason::Test.into(),
            note: "a test".to_owned(),
            ..Default::default()
        };
        assert_eq!(world.refused("ana", rehearse("INC-2", "INC-2")).await, "MERGE_SELF");
        world.say("ana", cancel).await;
        assert_eq!(world.refused("ana", rehearse("INC-2", "INC-1")).await, "INCIDENT_CANCELLED");
    }
}

async fn a_split_opens_another_incident_that_is_paged(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.alert("b").await;
    world.ack("INC-1", "bo").await;
    let split = |alerts: &[i32]| v1::SplitIncidentRequest {
        name: "incidents/INC-1".to_owned(),
        alert_numbers: alerts.to_vec(),
        title: "something else".to_owned(),
        ..Default::default()
    };

    assert_eq!(world.refused("bo", split(&[1, 2])).await, "SPLIT_ALL");
    let answer = world.say("bo", split(&[2])).await;

    let (old, new) = (answer.incident.unwrap(), answer.split_incident.unwrap());
    assert_eq!((old.firing_alert_count, new.firing_alert_count), (1, 1));
    assert_eq!((new.reference.as_str(), new.phase()), ("INC-2", v1::IncidentPhase::Active));
    assert!(old.acknowledged && !new.acknowledged);
    assert_eq!(world.alert("b").await, "INC-2");
    assert_eq!(world.count("INC-2", "Paged").await, 1);
}

async fn a_merge_is_finished_after_a_crash(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.signal(alert("a")).await;
    world.signal(abroad("b")).await;
    world.advance(seconds(1)).await;
    drop(world.process().begin_ask("ana", merge("INC-2", "INC-1")));
    // As soon as the merge has begun the server dies.
    while world.process().ask("ana", get("INC-2")).await.unwrap().incident.unwrap().merge_target.is_empty()
        && world.phase("INC-2").await == "ACTIVE"
        && world.count("INC-2", "MergeStarted").await == 0
    {
        tokio::task::yield_now().await;
    }
    world.crash().await;
    world.advance(minutes(2)).await;

    assert_eq!(world.phase("INC-2").await, "CANCELLED", "{:?}", world.timeline("INC-2").await);
    assert_eq!(world.count("INC-1", "Absorbed").await, 1);
    assert_eq!(world.incident("INC-1").await.firing_alert_count, 2);
}

fn get(reference: &str) -> v1::GetIncidentRequest {
    v1::GetIncidentRequest { name: format!("incidents/{reference}") }
}
