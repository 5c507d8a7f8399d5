//! A new policy does not touch what is open, until somebody moves it.

use stentor_core::backtest::{Overrides, Version, compare, replay};
use stentor_core::policy::{SAMPLE, parse};
use stentor_proto::v1;
use stentor_tests::world::{World, minutes};

super::on_both_stores!(
    an_open_incident_stays_with_its_policy_until_it_is_moved,
    identical_content_is_no_new_version_and_a_wrong_expectation_is_refused,
    what_a_move_would_do_is_what_it_does,
    what_is_simulated_happens_and_what_happened_is_repeated_by_a_back_test,
);

fn slower() -> String {
    SAMPLE
        .replacen(
            "targets: [schedule/shop-primary], delay: 5m}",
            "targets: [schedule/shop-primary], delay: 9m}",
            1,
        )
        .replacen("at: [{percent: 80, do: escalate}]", "at: [{percent: 80, do: notify}]", 1)
}

async fn an_open_incident_stays_with_its_policy_until_it_is_moved(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.advance(minutes(1)).await;

    assert_eq!(world.given_policy(&slower()).await, 2);
    world.crash().await;
    assert_eq!(world.incident("INC-1").await.policy, "policies/1");
    let moved = |expected: &str| v1::MoveIncidentPolicyRequest {
        name: "incidents/INC-1".to_owned(),
        policy: "policies/2".to_owned(),
        expected_policy: expected.to_owned(),
        ..Default::default()
    };
    assert_eq!(world.refused("ana", moved("policies/2")).await, "POLICY_MOVED");
    world.say("ana", moved("policies/1")).await;

    let incident = world.incident("INC-1").await;
    assert_eq!(incident.policy, "policies/2");
    assert_eq!(incident.escalation.unwrap().next_due_time.unwrap().seconds, 1_780_480_800 + 9 * 60);
    world.advance(minutes(7)).await;
    assert!(world.attempts("bo push").is_empty());
    world.advance(minutes(1)).await;
    world.expect_page("10:09:00 bo push");
}

async fn identical_content_is_no_new_version_and_a_wrong_expectation_is_refused(world: &mut World) {
    assert_eq!(world.given_policy(SAMPLE).await, 1);
    assert_eq!(world.given_policy(SAMPLE).await, 1);
    let request =
        v1::ApplyPolicyRequest { document: slower().into_bytes(), expected_version: 7, ..Default::default() };
    assert_eq!(world.refused("ana", request).await, "POLICY_MOVED");
    assert_eq!(world.given_policy(&slower()).await, 2);
}

/// The second level is called two minutes earlier, and the clock is shorter.
fn sooner() -> String {
    SAMPLE
        .replacen(
            "targets: [schedule/shop-primary], delay: 5m}",
            "targets: [schedule/shop-primary], delay: 3m}",
            1,
        )
        .replacen("target: 5m", "target: 3m", 1)
}

async fn what_a_move_would_do_is_what_it_does(world: &mut World) {
    world.given_policy(SAMPLE).await;
    world.alert("a").await;
    world.report("nobody can pay").await;
    world.ack("INC-2", "ana").await;
    world.advance(minutes(3)).await;
    let request = |validate_only, migrate: v1::PolicyMigration| v1::ApplyPolicyRequest {
        document: sooner().into_bytes(),
        accept: vec!["ESCALATION_BEFORE_CONTACT@escalation_policies.shop.levels.primary".to_owned()],
        validate_only,
        migrate: migrate.into(),
        ..Default::default()
    };

    // Everything is due at the very instant of the move.
    let all = world.say("ana", request(true, v1::PolicyMigration::Open)).await;
    assert_eq!(all.moves.iter().map(|m| m.reference.as_str()).collect::<Vec<_>>(), ["INC-1", "INC-2"]);
    let preview = world.say("ana", request(true, v1::PolicyMigration::Unacknowledged)).await;
    assert_eq!(preview.move_count, 1);
    assert_eq!(preview.moves[0].pages, ["people/bo push"]);
    assert_eq!(preview.moves[0].breached_clocks, ["p1-ack.1"]);
    world.advance(minutes(0)).await;
    assert!(world.attempts("bo push").is_empty(), "a preview pages nobody");
    assert_eq!(world.incident("INC-1").await.policy, "policies/1");

    let applied = world.say("ana", request(false, v1::PolicyMigration::Unacknowledged)).await;
    assert_eq!(applied.moves, preview.moves);
    world.expect_page("10:03:00 bo push");
    assert_eq!(world.incident("INC-1").await.policy, "policies/2");
    assert_eq!(world.incident("INC-2").await.policy, "policies/1");
}

async fn what_is_simulated_happens_and_what_happened_is_repeated_by_a_back_test(world: &mut World) {
    world.given_policy(SAMPLE).await;
    let signal = r#"{"kind":"alert","integration":"prom","key":"a","title":"a is broken","severity":"critical",
        "labels":{"service":"checkout","team":"payments","alertname":"Errors","region":"eu"}}"#;
    let step = |after, what| v1::SimulationStep {
        after: Some(prost_types::Duration { seconds: after, nanos: 0 }),
        who: if after == 0 { String::new() } else { "bo".to_owned() },
        incident: 1,
        what: Some(what),
    };
    let simulation = v1::SimulatePolicyRequest {
        start_time: Some(prost_types::Timestamp { seconds: 1_780_480_800, nanos: 0 }),
        length: Some(prost_types::Duration { seconds: 1_800, nanos: 0 }),
        steps: vec![
            step(0, v1::simulation_step::What::SignalJson(signal.to_owned())),
            step(420, v1::simulation_step::What::ActionJson("\"acknowledge\"".to_owned())),
        ],
        ..Default::default()
    };
    let simulated = world.say("ana", simulation).await.lines;

    world.alert("a").await;
    world.advance(minutes(7)).await;
    world.ack("INC-1", "bo").await;
    world.advance(minutes(23)).await;

    let pages = simulated.iter().filter(|l| l.kind() == v1::SimulationLineKind::Page);
    let pages: Vec<String> = pages
        .map(|l| {
            let seconds = l.time.as_ref().unwrap().seconds - 1_780_480_800;
            format!("10:{:02}:{:02} {} {}", seconds / 60, seconds % 60, l.who, l.via)
        })
        .collect();
    assert_eq!(world.pages(), pages);

    let listed = world.say("ana", v1::ListRecordsRequest::default()).await;
    let record = stentor_core::history_log::read(1, &listed.records_json[0]).unwrap();
    let version = Version::compile(parse(SAMPLE).unwrap(), 1).unwrap();
    let side = replay(&record, &version, &Overrides::new(), 1, None);
    let compared = compare(&record, &side, &side);
    assert_eq!((compared.decided, compared.repeated), (5, 5), "{record:#?}");
    assert_eq!((side.acknowledgements, side.unexplained), (1, 0));
}
