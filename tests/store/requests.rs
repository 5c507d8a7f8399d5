//! Remembered requests: written with the change they caused, and never twice.

use stentor_engine::store::Error;
use stentor_engine::store::rows::{Batch, RequestRow};

use crate::harness::{Database, on_both_stores};
use crate::rows::{commit, id, opening, request, version};

on_both_stores! {
    a_request_is_found_as_it_was_answered,
    a_request_key_that_is_taken_undoes_the_batch,
    old_requests_are_forgotten_once_their_instance_is_over,
}

async fn a_request_is_found_as_it_was_answered(db: &Database) {
    let row = RequestRow { version: 4, at: i64::MAX, ..request("ana/Report/1", &id(1)) };
    commit(&*db.store, Batch { requests: vec![row.clone()], ..opening(&[id(1)]) }).await;

    let keys = vec!["ana/Report/1".to_owned(), "ana/Report/2".to_owned()];
    assert_eq!(db.store.find_requests(keys).await.unwrap(), [row]);
}

async fn a_request_key_that_is_taken_undoes_the_batch(db: &Database) {
    commit(&*db.store, Batch { requests: vec![request("r", &id(1))], ..opening(&[id(1)]) }).await;

    let again = Batch { requests: vec![request("r", &id(2))], ..opening(&[id(2)]) };
    let error = db.store.commit(0, again).await.unwrap_err();

    assert!(matches!(error, Error::Duplicate(_)), "{error}");
    assert_eq!(version(&*db.store, &id(2)).await, 0);
    assert_eq!(db.store.find_requests(vec!["r".to_owned()]).await.unwrap()[0].id, id(1));
}

async fn old_requests_are_forgotten_once_their_instance_is_over(db: &Database) {
    let open = RequestRow { at: 10, ..request("a/open", &id(1)) };
    let over = RequestRow { at: 10, ..request("b/over", &id(2)) };
    let young = RequestRow { at: 99, ..request("c/young", &id(2)) };
    let mut batch = opening(&[id(1), id(2)]);
    batch.instances[1].open = false;
    batch.instances[1].wake_at = None;
    commit(&*db.store, Batch { requests: vec![open.clone(), over, young.clone()], ..batch }).await;

    let mut after = Some(String::new());
    while let Some(key) = after {
        after = db.store.forget_requests(0, key, 50, 1).await.unwrap();
    }

    let keys = ["a/open", "b/over", "c/young"].map(str::to_owned).to_vec();
    let mut left = db.store.find_requests(keys).await.unwrap();
    left.sort_by(|a, b| a.key.cmp(&b.key));
    assert_eq!(left, [open, young]);
}
