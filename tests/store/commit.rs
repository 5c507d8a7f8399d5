//! Conditional writes: who wins, what losers leave behind, and in which order the feed shows the winners.

use std::sync::Arc;

use stentor_engine::store::Error;
use stentor_engine::store::rows::{Batch, Gone, InstanceRow};

use crate::harness::{Database, on_both_stores};
use crate::rows::{
    alert, bump, commit, effect, event, id, instance, listing, moving, opening, request, version,
};

on_both_stores! {
    an_instance_is_read_back_as_it_was_written,
    a_stale_version_loses_and_leaves_nothing,
    a_change_of_nothing_loses,
    winners_do_not_suffer_from_losers,
    rows_of_other_instances_need_no_winner,
    positions_follow_the_order_of_the_batch,
    checks_tell_the_versions_committed_before,
    an_empty_batch_changes_nothing,
    a_value_that_does_not_fit_undoes_its_batch_only,
    a_version_is_written_once_whoever_tries,
    sixty_four_writers_of_one_instance_never_skip_a_version,
}

async fn an_instance_is_read_back_as_it_was_written(db: &Database) {
    let ids = [id(1), id(2)];
    let mut batch = opening(&ids);
    batch.instances[0].open_key = Some("prom/cpu".to_owned());
    batch.instances[1].open = false;
    batch.instances[1].wake_at = None;

    let done = commit(&*db.store, batch.clone()).await;

    assert_eq!(done.won, [true, true]);
    let mut found = db.store.load(vec![id(1), id(9), id(2)]).await.unwrap();
    found.sort_by(|a, b| a.id.cmp(&b.id));
    let expected: Vec<InstanceRow> =
        batch.instances.into_iter().map(|row| InstanceRow { prev_version: 0, ..row }).collect();
    assert_eq!(found, expected);
}

async fn a_stale_version_loses_and_leaves_nothing(db: &Database) {
    let ids = [id(1)];
    commit(&*db.store, opening(&ids)).await;
    commit(&*db.store, Batch { outbox: vec![effect("other", 1, 5)], ..moving(&ids, 1, 2) }).await;

    let mut stale = moving(&ids, 1, 2);
    stale.listings.push(listing(&id(1), 7));
    stale.alerts.push(alert("k", &id(1)));
    stale.outbox.push(effect(&id(1), 9, 0));
    stale.requests.push(request("late", &id(1)));
    stale.gone.push(Gone { effect_id: "other.1.1".to_owned(), attempt: None, id: id(1) });
    let done = commit(&*db.store, stale).await;

    assert_eq!(done.won, [false]);
    assert_eq!(version(&*db.store, &id(1)).await, 2);
    assert_eq!(db.store.history(id(1), 0, 10).await.unwrap().len(), 2);
    assert!(db.store.alerts_of(id(1)).await.unwrap().is_empty());
    assert!(db.store.find_requests(vec!["late".to_owned()]).await.unwrap().is_empty());
    assert_eq!(db.column("SELECT count(*) FROM listing").await, ["0"]);
    assert_eq!(db.column("SELECT effect_id FROM outbox").await, ["other.1.1"]);
}

async fn a_change_of_nothing_loses(db: &Database) {
    let done = commit(&*db.store, moving(&[id(1)], 4, 5)).await;

    assert_eq!(done.won, [false]);
    assert_eq!(version(&*db.store, &id(1)).await, 0);
}

async fn winners_do_not_suffer_from_losers(db: &Database) {
    commit(&*db.store, opening(&[id(2)])).await;

    let done = commit(&*db.store, opening(&[id(1), id(2), id(3)])).await;

    assert_eq!(done.won, [true, false, true]);
    let found = db.store.load(vec![id(1), id(3)]).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(db.store.history(id(2), 0, 10).await.unwrap().len(), 1);
}

async fn rows_of_other_instances_need_no_winner(db: &Database) {
    commit(&*db.store, Batch { alerts: vec![alert("k", &id(5))], ..opening(&[id(5)]) }).await;

    let mut batch = opening(&[id(1)]);
    batch.bumps.push(bump("k", &id(5), 2, 150));
    batch.requests.push(request("r", &id(5)));
    let done = commit(&*db.store, batch).await;

    assert_eq!((done.won, done.bumped), (vec![true], vec![true]));
    assert_eq!(db.store.find_requests(vec!["r".to_owned()]).await.unwrap(), [request("r", &id(5))]);
}

async fn positions_follow_the_order_of_the_batch(db: &Database) {
    let first = commit(&*db.store, opening(&[id(3), id(1), id(2)])).await;
    let second = commit(&*db.store, opening(&[id(1), id(4)])).await;

    assert_eq!((first.base, second.base), (0, 3));
    let head = db.store.heads().await.unwrap()[0];
    assert_eq!((head.partition, head.head, head.trimmed), (0, 5, 0));
    let feed = db.store.feed(0, 0, head.head, 100).await.unwrap();
    let seen: Vec<_> = feed.iter().map(|row| (row.pos, row.id.clone())).collect();
    assert_eq!(seen, [(1, id(3)), (2, id(1)), (3, id(2)), (5, id(4))], "the loser leaves a hole");
}

async fn checks_tell_the_versions_committed_before(db: &Database) {
    commit(&*db.store, opening(&[id(1)])).await;
    commit(&*db.store, moving(&[id(1)], 1, 4)).await;

    let checks = vec![id(1), id(2), id(3)];
    let alone = commit(&*db.store, Batch { checks: checks.clone(), ..Batch::default() }).await;
    let beside = commit(&*db.store, Batch { checks, ..opening(&[id(3)]) }).await;

    assert_eq!(alone.at, [4, 0, 0]);
    assert_eq!(beside.at, [4, 0, 0]);
}

async fn an_empty_batch_changes_nothing(db: &Database) {
    commit(&*db.store, opening(&[id(1)])).await;

    let done = commit(&*db.store, Batch::default()).await;

    assert_eq!(done.base, 1);
    assert_eq!(db.store.heads().await.unwrap()[0].head, 1);
}

async fn a_value_that_does_not_fit_undoes_its_batch_only(db: &Database) {
    let mut poisoned = opening(&[id(1), id(2)]);
    poisoned.instances[1].wake_at = None;
    let error = db.store.commit(0, poisoned).await.unwrap_err();

    assert!(matches!(error, Error::Data(_)), "{error}");
    assert_eq!(version(&*db.store, &id(1)).await, 0);
    assert_eq!(db.store.heads().await.unwrap()[0].head, 0);
    assert_eq!(commit(&*db.store, opening(&[id(1)])).await.won, [true]);
}

async fn a_version_is_written_once_whoever_tries(db: &Database) {
    commit(&*db.store, opening(&[id(1)])).await;

    let again = Batch { events: vec![event(&id(1), 1, 1)], ..Batch::default() };
    let error = db.store.commit(0, again).await.unwrap_err();

    assert!(matches!(error, Error::Duplicate(_)), "{error}");
    assert_eq!(db.store.history(id(1), 0, 10).await.unwrap().len(), 1);
}

async fn sixty_four_writers_of_one_instance_never_skip_a_version(db: &Database) {
    commit(&*db.store, opening(&[id(1)])).await;

    let mut writers = Vec::new();
    for writer in 0..64 {
        let store = Arc::clone(&db.store);
        writers.push(tokio::spawn(async move {
            for _ in 0..1_000 {
                let now = version(&*store, &id(1)).await;
                let mut batch = moving(&[id(1)], now, now + 1);
                batch.instances[0] =
                    InstanceRow { chain: writer.to_string(), ..instance(&id(1), now, now + 1) };
                if commit(&*store, batch).await.won == [true] {
                    return;
                }
            }
            panic!("never won");
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }

    let history = db.store.history(id(1), 0, 100).await.unwrap();
    let versions: Vec<i64> = history.iter().map(|row| row.version).collect();
    assert_eq!(versions, (1..=65).collect::<Vec<_>>());
    assert!(history.is_sorted_by_key(|row| row.pos));
}
