//! Sinks of the event stream: added once, driven by one, moved by whoever has the lease.

use std::collections::BTreeMap;

use stentor_engine::store::rows::{LeaseOp, SinkRow};

use crate::harness::{Database, on_both_stores};

on_both_stores! {
    a_sink_is_added_once,
    a_sink_is_driven_by_one_until_its_lease_ends,
    only_the_holder_of_the_lease_moves_a_sink,
    what_rests_is_resumed_and_what_runs_is_not,
    only_a_sink_that_nobody_drives_is_forgotten,
}

fn at(position: i64) -> BTreeMap<u16, i64> {
    BTreeMap::from([(0, position), (1, 7)])
}

fn hold(owner: &str, ttl_ms: i64) -> LeaseOp {
    LeaseOp::Hold { owner: owner.to_owned(), addr: String::new(), ttl_ms }
}

async fn only(db: &Database) -> SinkRow {
    let rows = db.store.sinks().await.unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

async fn a_sink_is_added_once(db: &Database) {
    db.store.add_sink("bus".to_owned(), at(3)).await.unwrap();
    db.store.add_sink("bus".to_owned(), at(9)).await.unwrap();
    assert_eq!(only(db).await, SinkRow { name: "bus".to_owned(), positions: at(3), ..SinkRow::default() });

    db.store.add_sink("audit".to_owned(), at(9)).await.unwrap();
    let names: Vec<String> = db.store.sinks().await.unwrap().into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["audit", "bus"]);
}

async fn a_sink_is_driven_by_one_until_its_lease_ends(db: &Database) {
    let lease = |op| db.store.lease_sink("bus".to_owned(), op);
    assert_eq!(lease(hold("a", 60_000)).await.unwrap(), None, "there is no such sink");
    db.store.add_sink("bus".to_owned(), at(0)).await.unwrap();

    let first = lease(hold("a", 60_000)).await.unwrap().expect("free at the start");
    assert_eq!(only(db).await.owner.as_deref(), Some("a"));
    assert_eq!(lease(hold("b", 60_000)).await.unwrap(), None);
    assert_eq!(lease(hold("a", -1_000)).await.unwrap(), Some(first), "renewed, now expired");
    assert_eq!(only(db).await.owner, None);

    let second = lease(hold("b", 60_000)).await.unwrap().expect("expired");
    assert!(second > first);
    assert_eq!(lease(LeaseOp::Resign { owner: "b".to_owned() }).await.unwrap(), None);
    assert!(lease(hold("a", 60_000)).await.unwrap().expect("resigned") > second);
}

async fn only_the_holder_of_the_lease_moves_a_sink(db: &Database) {
    db.store.add_sink("bus".to_owned(), at(0)).await.unwrap();
    let old = db.store.lease_sink("bus".to_owned(), hold("a", -1_000)).await.unwrap().unwrap();
    let new = db.store.lease_sink("bus".to_owned(), hold("b", 60_000)).await.unwrap().unwrap();
    let row = SinkRow {
        name: "bus".to_owned(),
        positions: at(5),
        failures: 2,
        next_at: 20,
        disabled_at: 30,
        error: "no".to_owned(),
        error_at: 10,
        accepted_at: 9,
        owner: Some("b".to_owned()),
    };

    assert!(!db.store.save_sink(old, row.clone()).await.unwrap());
    assert_eq!(only(db).await.positions, at(0));
    assert!(db.store.save_sink(new, row.clone()).await.unwrap());
    assert_eq!(only(db).await, row);
    db.store.lease_sink("bus".to_owned(), LeaseOp::Resign { owner: "b".to_owned() }).await.unwrap();
    assert!(!db.store.save_sink(new, row).await.unwrap(), "resigned");
}

async fn what_rests_is_resumed_and_what_runs_is_not(db: &Database) {
    db.store.add_sink("bus".to_owned(), at(1)).await.unwrap();
    assert!(!db.store.resume_sink("bus".to_owned(), at(4)).await.unwrap());
    assert!(!db.store.resume_sink("other".to_owned(), at(4)).await.unwrap());
    let epoch = db.store.lease_sink("bus".to_owned(), hold("a", 60_000)).await.unwrap().unwrap();

    for (failures, disabled_at) in [(1, 0), (10, 77)] {
        let row = SinkRow { failures, next_at: 50, disabled_at, error: "no".to_owned(), ..only(db).await };
        assert!(db.store.save_sink(epoch, row).await.unwrap());
        assert!(db.store.resume_sink("bus".to_owned(), at(4)).await.unwrap());
        let row = only(db).await;
        assert_eq!((row.failures, row.next_at, row.disabled_at, row.positions), (0, 0, 0, at(4)));
        assert_eq!(row.error, "no", "what went wrong stays known");
    }
}

async fn only_a_sink_that_nobody_drives_is_forgotten(db: &Database) {
    db.store.add_sink("bus".to_owned(), at(1)).await.unwrap();
    db.store.lease_sink("bus".to_owned(), hold("a", 60_000)).await.unwrap().unwrap();
    assert!(!db.store.forget_sink("bus".to_owned()).await.unwrap());

    db.store.lease_sink("bus".to_owned(), LeaseOp::Resign { owner: "a".to_owned() }).await.unwrap();
    assert!(db.store.forget_sink("bus".to_owned()).await.unwrap());
    assert!(db.store.sinks().await.unwrap().is_empty());
    assert!(!db.store.forget_sink("bus".to_owned()).await.unwrap());
}
