//! Effects: found when due, claimed once per attempt, gone when settled or unwanted.

use std::sync::Arc;

use stentor_engine::store::rows::{Batch, Claim, Gone, OutboxRow};

use crate::harness::{Database, on_both_stores};
use crate::rows::{commit, effect, id, moving, opening};

on_both_stores! {
    due_effects_come_oldest_first,
    a_claim_wins_once_per_attempt,
    a_settled_effect_goes_only_with_its_attempt,
    an_unwanted_effect_goes_whatever_its_attempt,
    an_effect_goes_only_with_the_instance_that_dropped_it,
    an_effect_dropped_in_a_batch_is_not_claimed_by_it,
    of_two_claimants_one_wins,
}

async fn stored(db: &Database, rows: &[OutboxRow]) {
    commit(&*db.store, Batch { outbox: rows.to_vec(), ..Batch::default() }).await;
}

async fn attempts(db: &Database) -> Vec<(String, i32, i64)> {
    let due = db.store.outbox_due(0, i64::MAX, 100).await.unwrap();
    due.into_iter().map(|row| (row.effect_id, row.attempt, row.due_at)).collect()
}

fn claim(row: &OutboxRow, attempt: i32, next_at: i64) -> Claim {
    Claim { effect_id: row.effect_id.clone(), attempt, next_at }
}

fn gone(row: &OutboxRow, attempt: Option<i32>, id: &str) -> Gone {
    Gone { effect_id: row.effect_id.clone(), attempt, id: id.to_owned() }
}

async fn due_effects_come_oldest_first(db: &Database) {
    let rows = [effect(&id(1), 1, 30), effect(&id(2), 1, 10), effect(&id(3), 1, 20), effect(&id(4), 1, 31)];
    stored(db, &rows).await;

    let due = db.store.outbox_due(0, 30, 100).await.unwrap();
    assert_eq!(due, [rows[1].clone(), rows[2].clone(), rows[0].clone()]);
    assert_eq!(db.store.outbox_due(0, 30, 1).await.unwrap().len(), 1);
    assert!(db.store.outbox_due(0, 9, 100).await.unwrap().is_empty());
}

async fn a_claim_wins_once_per_attempt(db: &Database) {
    let row = effect(&id(1), 1, 10);
    stored(db, std::slice::from_ref(&row)).await;

    let claimed = |attempt, next_at| {
        let batch = Batch { claims: vec![claim(&row, attempt, next_at)], ..Batch::default() };
        async move { commit(&*db.store, batch).await.claimed }
    };
    assert_eq!(claimed(0, 60).await, [true]);
    assert_eq!(claimed(0, 70).await, [false], "the same attempt again");
    assert_eq!(claimed(1, 80).await, [true], "the next attempt");
    assert_eq!(attempts(db).await, [(row.effect_id.clone(), 2, 80)]);
}

async fn a_settled_effect_goes_only_with_its_attempt(db: &Database) {
    let row = effect(&id(1), 1, 10);
    commit(&*db.store, Batch { outbox: vec![row.clone()], ..opening(&[id(1)]) }).await;
    commit(&*db.store, Batch { claims: vec![claim(&row, 0, 60)], ..Batch::default() }).await;

    let stale = Batch { gone: vec![gone(&row, Some(0), &id(1))], ..moving(&[id(1)], 1, 2) };
    commit(&*db.store, stale).await;
    assert_eq!(attempts(db).await.len(), 1);

    let settled = Batch { gone: vec![gone(&row, Some(1), &id(1))], ..moving(&[id(1)], 2, 3) };
    commit(&*db.store, settled).await;
    assert!(attempts(db).await.is_empty());
}

async fn an_unwanted_effect_goes_whatever_its_attempt(db: &Database) {
    let rows = [effect(&id(1), 1, 10), effect(&id(1), 2, 10)];
    stored(db, &rows).await;
    commit(&*db.store, Batch { claims: vec![claim(&rows[0], 0, 60)], ..Batch::default() }).await;

    let gone = rows.iter().map(|row| gone(row, None, "")).collect();
    commit(&*db.store, Batch { gone, ..Batch::default() }).await;

    assert!(attempts(db).await.is_empty());
}

async fn an_effect_goes_only_with_the_instance_that_dropped_it(db: &Database) {
    let row = effect(&id(1), 1, 10);
    commit(&*db.store, Batch { outbox: vec![row.clone()], ..opening(&[id(1), id(2)]) }).await;

    let mut batch = moving(&[id(1)], 7, 8);
    batch.instances.extend(moving(&[id(2)], 1, 2).instances);
    batch.gone = vec![gone(&row, None, &id(1)), gone(&row, None, &id(3))];
    let done = commit(&*db.store, batch).await;

    assert_eq!(done.won, [false, true]);
    assert_eq!(attempts(db).await.len(), 1);
}

async fn an_effect_dropped_in_a_batch_is_not_claimed_by_it(db: &Database) {
    let row = effect(&id(1), 1, 10);
    commit(&*db.store, Batch { outbox: vec![row.clone()], ..opening(&[id(1)]) }).await;

    let batch = Batch {
        claims: vec![claim(&row, 0, 60)],
        gone: vec![gone(&row, None, &id(1))],
        ..moving(&[id(1)], 1, 2)
    };
    let done = commit(&*db.store, batch).await;

    assert_eq!(done.claimed, [false]);
    assert!(attempts(db).await.is_empty());
}

async fn of_two_claimants_one_wins(db: &Database) {
    let rows: Vec<OutboxRow> = (0..50).map(|n| effect(&id(n), 1, 10)).collect();
    stored(db, &rows).await;

    let mut claimants = Vec::new();
    for next_at in [100, 200] {
        for row in rows.clone() {
            let store = Arc::clone(&db.store);
            claimants.push(tokio::spawn(async move {
                let batch = Batch { claims: vec![claim(&row, 0, next_at)], ..Batch::default() };
                commit(&*store, batch).await.claimed[0]
            }));
        }
    }
    let mut won = 0;
    for claimant in claimants {
        won += u32::from(claimant.await.unwrap());
    }

    assert_eq!(won, 50);
    assert!(attempts(db).await.iter().all(|(_, attempt, _)| *attempt == 1));
}
