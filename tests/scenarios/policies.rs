//! A new policy does not touch what is open, until somebody moves it.

use stentor_core::policy::SAMPLE;
use stentor_proto::v1;
use stentor_tests::world::{World, minutes};

super::on_both_stores!(
    an_open_incident_stays_with_its_policy_until_it_is_moved,
    identical_content_is_no_new_version_and_a_wrong_expectation_is_refused,
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
