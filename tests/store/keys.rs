//! Open keys: one open instance each, released before they are taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use stentor_engine::store::Error;
use stentor_engine::store::rows::{Batch, InstanceRow};

use crate::harness::{Database, on_both_stores};
use crate::rows::{commit, id, instance, moving, opening, version};

on_both_stores! {
    a_taken_key_is_a_duplicate_and_leaves_nothing,
    a_key_that_a_row_gives_up_can_be_taken_in_the_same_batch,
    a_key_released_on_another_row_can_be_taken_in_the_same_batch,
    a_key_is_released_only_from_the_row_that_has_it,
    a_loser_does_not_take_its_key,
    sixty_four_writers_of_eight_keys_open_eight_instances,
}

fn keyed(row: InstanceRow, key: &str) -> InstanceRow {
    InstanceRow { open_key: Some(key.to_owned()), ..row }
}

fn opening_with_key(n: u32, key: &str) -> Batch {
    let mut batch = opening(&[id(n)]);
    batch.instances = vec![keyed(instance(&id(n), 0, 1), key)];
    batch
}

fn pair(key: &str, n: u32) -> (String, String) {
    (key.to_owned(), id(n))
}

async fn a_taken_key_is_a_duplicate_and_leaves_nothing(db: &Database) {
    commit(&*db.store, opening_with_key(1, "cpu")).await;

    let mut batch = opening(&[id(2)]);
    batch.instances.push(keyed(instance(&id(3), 0, 1), "cpu"));
    let error = db.store.commit(0, batch).await.unwrap_err();

    assert!(matches!(error, Error::Duplicate(_)), "{error}");
    assert_eq!(version(&*db.store, &id(2)).await, 0);
    let found = db.store.find_open_keys(vec!["cpu".to_owned(), "disk".to_owned()]).await.unwrap();
    assert_eq!(found, [pair("cpu", 1)]);
}

async fn a_key_that_a_row_gives_up_can_be_taken_in_the_same_batch(db: &Database) {
    commit(&*db.store, opening_with_key(1, "cpu")).await;

    let mut batch = opening_with_key(2, "cpu");
    let closed = moving(&[id(1)], 1, 2);
    batch.instances.push(InstanceRow { open: false, wake_at: None, ..closed.instances[0].clone() });
    batch.events.extend(closed.events);
    let done = commit(&*db.store, batch).await;

    assert_eq!(done.won, [true, true]);
    assert_eq!(db.store.find_open_keys(vec!["cpu".to_owned()]).await.unwrap(), [pair("cpu", 2)]);
}

async fn a_key_released_on_another_row_can_be_taken_in_the_same_batch(db: &Database) {
    commit(&*db.store, opening_with_key(1, "cpu")).await;

    let batch = Batch { released_keys: vec![(id(1), "cpu".to_owned())], ..opening_with_key(2, "cpu") };
    let done = commit(&*db.store, batch).await;

    assert_eq!(done.won, [true]);
    assert_eq!(version(&*db.store, &id(1)).await, 1);
    assert_eq!(db.store.find_open_keys(vec!["cpu".to_owned()]).await.unwrap(), [pair("cpu", 2)]);
}

async fn a_key_is_released_only_from_the_row_that_has_it(db: &Database) {
    commit(&*db.store, opening_with_key(1, "cpu")).await;

    let released_keys = vec![(id(1), "disk".to_owned()), (id(2), "cpu".to_owned())];
    commit(&*db.store, Batch { released_keys, ..Batch::default() }).await;

    assert_eq!(db.store.find_open_keys(vec!["cpu".to_owned()]).await.unwrap(), [pair("cpu", 1)]);
}

async fn a_loser_does_not_take_its_key(db: &Database) {
    commit(&*db.store, opening(&[id(1)])).await;

    let done = commit(&*db.store, opening_with_key(1, "cpu")).await;

    assert_eq!(done.won, [false]);
    assert!(db.store.find_open_keys(vec!["cpu".to_owned()]).await.unwrap().is_empty());
}

/// Each writer opens an instance for its key, or finds the one that somebody else opened.
async fn sixty_four_writers_of_eight_keys_open_eight_instances(db: &Database) {
    let mut writers = Vec::new();
    for writer in 0..64_u32 {
        let store = Arc::clone(&db.store);
        writers.push(tokio::spawn(async move {
            let key = format!("key-{}", writer % 8);
            match store.commit(0, opening_with_key(writer, &key)).await {
                Ok(done) => assert_eq!(done.won, [true]),
                Err(error) => assert!(matches!(error, Error::Duplicate(_)), "{error}"),
            }
            store.find_open_keys(vec![key.clone()]).await.unwrap().remove(0)
        }));
    }

    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for writer in writers {
        let (key, id) = writer.await.unwrap();
        owners.entry(key).or_default().push(id);
    }
    assert_eq!(owners.len(), 8);
    for (key, ids) in owners {
        assert_eq!(ids.len(), 8, "{key}");
        assert!(ids.iter().all(|id| *id == ids[0]), "{key} has more than one owner: {ids:?}");
    }
    assert_eq!(db.column("SELECT count(*) FROM instance").await, ["8"]);
    assert_eq!(db.column("SELECT count(*) FROM event").await, ["8"]);
}
