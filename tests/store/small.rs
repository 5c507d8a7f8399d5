//! Counters, leases, policy versions and values of the deployment.

use std::sync::Arc;

use stentor_engine::store::Error;
use stentor_engine::store::rows::{LeaseOp, PolicyRow, StandingRow};

use crate::harness::{Database, on_both_stores};

on_both_stores! {
    numbers_are_reserved_once,
    only_an_unused_tail_is_given_back,
    a_lease_has_one_holder_until_it_expires,
    a_resigned_lease_is_free_at_once,
    policy_versions_have_no_gap_and_no_twin,
    standing_records_have_no_gap_and_a_request_has_one,
    a_value_of_the_deployment_is_written_once,
    the_settings_of_the_database_pass_the_check,
}

async fn numbers_are_reserved_once(db: &Database) {
    assert_eq!(db.store.reserve("incident", 10).await.unwrap(), 1);
    assert_eq!(db.store.reserve("incident", 1).await.unwrap(), 11);
    assert_eq!(db.store.reserve("review", 5).await.unwrap(), 1);

    let takers: Vec<_> = (0..20)
        .map(|_| {
            let store = Arc::clone(&db.store);
            tokio::spawn(async move { store.reserve("incident", 3).await.unwrap() })
        })
        .collect();
    let mut firsts = Vec::new();
    for taker in takers {
        firsts.push(taker.await.unwrap());
    }
    firsts.sort_unstable();
    assert_eq!(firsts, (0..20).map(|n| 12 + 3 * n).collect::<Vec<_>>());
}

async fn only_an_unused_tail_is_given_back(db: &Database) {
    assert_eq!(db.store.reserve("incident", 100).await.unwrap(), 1);
    db.store.unreserve("incident", 41, 101).await.unwrap();
    assert_eq!(db.store.reserve("incident", 10).await.unwrap(), 41);

    db.store.unreserve("incident", 20, 41).await.unwrap();
    assert_eq!(db.store.reserve("incident", 1).await.unwrap(), 51, "somebody reserved since");
    db.store.unreserve("incident", 52, 52).await.unwrap();
    assert_eq!(db.store.reserve("incident", 1).await.unwrap(), 52, "nothing was left to give back");
}

fn hold(owner: &str, ttl_ms: i64) -> LeaseOp {
    LeaseOp::Hold { owner: owner.to_owned(), addr: format!("{owner}:7117"), ttl_ms }
}

async fn a_lease_has_one_holder_until_it_expires(db: &Database) {
    let first = db.store.lease(0, hold("a", 60_000)).await.unwrap().expect("free at the start");
    assert_eq!(db.store.lease(0, hold("b", 60_000)).await.unwrap(), None);
    assert_eq!(db.store.lease(0, hold("a", -1_000)).await.unwrap(), Some(first), "renewed, now expired");

    let second = db.store.lease(0, hold("b", 60_000)).await.unwrap().expect("expired");
    assert!(second > first);
    assert_eq!(db.store.lease(0, hold("a", 60_000)).await.unwrap(), None);
}

async fn a_resigned_lease_is_free_at_once(db: &Database) {
    let first = db.store.lease(0, hold("a", 60_000)).await.unwrap().expect("free at the start");
    let resign = |owner: &str| LeaseOp::Resign { owner: owner.to_owned() };

    assert_eq!(db.store.lease(0, resign("b")).await.unwrap(), None);
    assert_eq!(db.store.lease(0, hold("b", 60_000)).await.unwrap(), None, "b resigned what it never had");
    assert_eq!(db.store.lease(0, resign("a")).await.unwrap(), None);
    assert!(db.store.lease(0, hold("b", 60_000)).await.unwrap().expect("resigned") > first);
}

fn policy(number: i64) -> PolicyRow {
    PolicyRow {
        number,
        hash: format!("hash-{number}"),
        at: 1_700_000_000_000,
        actor: "people/ana".to_owned(),
        document: "{}".to_owned(),
        source: "# nothing\n".to_owned(),
    }
}

async fn policy_versions_have_no_gap_and_no_twin(db: &Database) {
    db.store.add_policy(policy(1)).await.unwrap();
    db.store.add_policy(policy(2)).await.unwrap();

    for number in [2, 4, 0] {
        let error = db.store.add_policy(policy(number)).await.unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{number}: {error}");
    }
    assert_eq!(db.store.policies(0).await.unwrap(), [policy(1), policy(2)]);
    assert_eq!(db.store.policies(1).await.unwrap(), [policy(2)]);
}

fn standing(number: i64, request: Option<&str>) -> StandingRow {
    StandingRow {
        number,
        at: 1_700_000_000_000,
        actor: "people/ana".to_owned(),
        request: request.map(str::to_owned),
        body_hash: request.map(|request| format!("hash-{request}")),
        data: "[]".to_owned(),
    }
}

async fn standing_records_have_no_gap_and_a_request_has_one(db: &Database) {
    db.store.add_standing(standing(1, Some("a"))).await.unwrap();
    db.store.add_standing(standing(2, None)).await.unwrap();
    db.store.add_standing(standing(3, None)).await.unwrap();

    for row in [standing(3, None), standing(5, None), standing(4, Some("a"))] {
        let error = db.store.add_standing(row).await.unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error}");
    }
    let rows = [standing(1, Some("a")), standing(2, None), standing(3, None)];
    assert_eq!(db.store.standing(0).await.unwrap(), rows);
    assert_eq!(db.store.standing(2).await.unwrap(), rows[2..]);
}

async fn a_value_of_the_deployment_is_written_once(db: &Database) {
    assert_eq!(db.store.meta("secret", "first".to_owned()).await.unwrap(), "first");
    assert_eq!(db.store.meta("secret", "second".to_owned()).await.unwrap(), "first");
    assert_eq!(db.store.meta("generation", "1".to_owned()).await.unwrap(), "1");
}

async fn the_settings_of_the_database_pass_the_check(db: &Database) {
    db.store.check().await.unwrap();
}
