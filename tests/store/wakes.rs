//! Deadlines: read in order and in pages when a replica starts, and found by the auditor when something went wrong.

use stentor_engine::store::rows::{Batch, InstanceRow, Wake};

use crate::harness::{Database, on_both_stores};
use crate::rows::{commit, id, instance};

on_both_stores! {
    wake_ups_come_in_order_and_in_pages,
    only_open_instances_have_wake_ups,
    the_auditor_finds_what_is_late_or_absent,
}

async fn sleeping(db: &Database, wakes: &[(u32, i64)]) {
    let instances = wakes
        .iter()
        .map(|(n, wake_at)| InstanceRow { wake_at: Some(*wake_at), ..instance(&id(*n), 0, 1) })
        .collect();
    commit(&*db.store, Batch { instances, ..Batch::default() }).await;
}

fn wake(n: u32, at: i64) -> Wake {
    Wake { id: id(n), version: 1, wake_at: Some(at) }
}

async fn wake_ups_come_in_order_and_in_pages(db: &Database) {
    sleeping(db, &[(1, 30), (2, 10), (3, 20), (4, 20), (5, 1_000_000_000_000), (6, 999)]).await;

    let start = (i64::MIN, String::new());
    let first = db.store.wakes(0, start.clone(), i64::MAX, 3).await.unwrap();
    assert_eq!(first, [wake(2, 10), wake(3, 20), wake(4, 20)]);
    let second = db.store.wakes(0, (20, id(3)), i64::MAX, 100).await.unwrap();
    assert_eq!(second, [wake(4, 20), wake(1, 30), wake(6, 999), wake(5, 1_000_000_000_000)]);
    assert_eq!(db.store.wakes(0, start, 30, 100).await.unwrap(), first);
}

async fn only_open_instances_have_wake_ups(db: &Database) {
    let closed = InstanceRow { open: false, ..instance(&id(1), 0, 1) };
    commit(&*db.store, Batch { instances: vec![closed], ..Batch::default() }).await;

    assert!(db.store.wakes(0, (i64::MIN, String::new()), i64::MAX, 10).await.unwrap().is_empty());
    assert!(db.store.overdue(0, i64::MAX, 10).await.unwrap().is_empty());
}

async fn the_auditor_finds_what_is_late_or_absent(db: &Database) {
    sleeping(db, &[(1, 10), (2, 20), (3, 30)]).await;
    db.lose_wake_up(&id(2)).await;

    let mut found = db.store.overdue(0, 30, 10).await.unwrap();

    found.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(found, [wake(1, 10), Wake { wake_at: None, ..wake(2, 0) }]);
    assert_eq!(db.store.overdue(0, 30, 1).await.unwrap().len(), 1);
}
