//! What survives callers that go away, restarts and second processes.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use stentor_engine::store::Error;
use stentor_engine::store::rows::Batch;

use crate::harness::{Database, on_both_stores};
use crate::rows::{commit, effect, event, id, opening, request, version};

on_both_stores! {
    a_dropped_future_leaves_all_or_nothing,
    what_was_committed_is_there_after_a_restart,
    a_closed_store_refuses_politely,
}

/// Hundreds of callers give up at random instants; each batch is then there whole or not at all, and the store works.
async fn a_dropped_future_leaves_all_or_nothing(db: &Database) {
    let mut callers = Vec::new();
    for n in 0..300 {
        let store = Arc::clone(&db.store);
        let patience = Duration::from_micros(rand::rng().random_range(0..5_000));
        callers.push(tokio::spawn(async move {
            let batch = Batch {
                outbox: vec![effect(&id(n), 1, 0)],
                requests: vec![request(&format!("r{n}"), &id(n))],
                ..opening(&[id(n)])
            };
            let write = tokio::time::timeout(patience, store.commit(0, batch)).await;
            let read = tokio::time::timeout(patience, store.history(id(n), 0, 10)).await;
            if let Ok(result) = write {
                assert_eq!(result.unwrap().won, [true]);
            }
            drop(read);
        }));
    }
    for caller in callers {
        caller.await.unwrap();
    }

    let causes = (0..300).map(|n| (id(n), 1, event(&id(n), 1, 1).cause)).collect();
    let applied = db.store.applied(0, causes).await.unwrap();
    for (n, applied) in (0..300).zip(applied) {
        let known = db.store.find_requests(vec![format!("r{n}")]).await.unwrap();
        assert_eq!(version(&*db.store, &id(n)).await, i64::from(applied));
        assert_eq!(known.len(), usize::from(applied));
    }
    assert_eq!(commit(&*db.store, opening(&[id(1_000)])).await.won, [true]);
}

async fn what_was_committed_is_there_after_a_restart(db: &Database) {
    commit(&*db.store, opening(&[id(1)])).await;
    db.store.reserve("incident", 5).await.unwrap();

    let again = db.reopened().await.unwrap();

    assert_eq!(version(&*again, &id(1)).await, 1);
    assert_eq!(again.reserve("incident", 1).await.unwrap(), 6);
    assert_eq!(commit(&*again, opening(&[id(2)])).await.base, 1);
    again.close().await;
}

async fn a_closed_store_refuses_politely(db: &Database) {
    db.store.close().await;
    db.store.close().await;

    let write = db.store.commit(0, opening(&[id(1)])).await.unwrap_err();
    let read = db.store.load(vec![id(1)]).await.unwrap_err();
    for error in [write, read] {
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
    }
}
