//! The suppression log: transitions that mark are found among all others, and refused signals are counted.

use stentor_engine::store::rows::{Batch, Marked, RefusalRow};

use crate::harness::{Database, on_both_stores};
use crate::rows::{commit, id, moving};

on_both_stores! {
    transitions_that_mark_are_found_newest_first_and_in_pages,
    a_text_that_looks_like_a_mark_is_none,
    refusals_of_one_key_are_counted_together,
    refusals_are_read_newest_first_and_forgotten_when_they_are_old,
}

const MARK: &str = r#"[{"alert":{"AlertMarked":{"n":1,"mark":"INHIBITED"}}}]"#;
const HELD: &str = r#"[{"alert":{"Suppressed":{"reason":"TRANSIENT","until":7}}}]"#;

/// A transition of an instance that is new, with this history.
fn told(n: u32, data: &str) -> Batch {
    let mut batch = moving(&[id(n)], 0, 1);
    batch.events[0].at = 1_000 + i64::from(n);
    batch.events[0].data = data.to_owned();
    batch
}

fn newest() -> Marked {
    Marked { at: i64::MAX, ..Marked::default() }
}

async fn transitions_that_mark_are_found_newest_first_and_in_pages(db: &Database) {
    let silent = r#"[{"alert":{"Suppressed":{"reason":"CLEARED"}}}]"#;
    for (n, data) in [(1, MARK), (2, r#"[{"work":{"Noted":{"n":1}}}]"#), (3, HELD), (4, silent), (5, MARK)] {
        commit(&*db.store, told(n, data)).await;
    }

    let all = db.store.marked(newest(), 10).await.unwrap();
    assert_eq!(all.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), [id(5), id(3), id(1)]);
    assert_eq!(db.store.marked(newest(), 2).await.unwrap(), all[..2]);
    let upto = Marked { at: 1_003, id: id(3), version: 1 };
    assert_eq!(db.store.marked(upto, 10).await.unwrap(), all[1..]);
}

async fn a_text_that_looks_like_a_mark_is_none(db: &Database) {
    let text = serde_json::to_string(MARK).unwrap();
    commit(&*db.store, told(1, &format!("[{{\"work\":{{\"NoteAdded\":{{\"text\":{text}}}}}}}]"))).await;
    assert!(db.store.marked(newest(), 10).await.unwrap().is_empty());
}

fn refusal(key: &str, first_at: i64, last_at: i64, heard: i64) -> RefusalRow {
    RefusalRow { key: key.to_owned(), first_at, last_at, heard, data: format!("{{\"last\":{last_at}}}") }
}

async fn refusals(db: &Database) -> Vec<RefusalRow> {
    db.store.refusals((i64::MAX, String::new()), 10).await.unwrap()
}

async fn refusals_of_one_key_are_counted_together(db: &Database) {
    db.store.add_refusals(vec![refusal("a", 10, 20, 3), refusal("b", 15, 15, 1)]).await.unwrap();
    db.store.add_refusals(vec![refusal("a", 30, 40, 2)]).await.unwrap();
    assert_eq!(refusals(db).await, [refusal("b", 15, 15, 1), refusal("a", 10, 40, 5)]);
}

async fn refusals_are_read_newest_first_and_forgotten_when_they_are_old(db: &Database) {
    const DAY: i64 = 86_400_000;
    let rows = vec![
        refusal("a", DAY, DAY, 1),
        refusal("b", 3 * DAY, 3 * DAY, 1),
        refusal("c", 3 * DAY, 3 * DAY, 1),
        refusal("d", 4 * DAY, 4 * DAY, 1),
    ];
    db.store.add_refusals(rows.clone()).await.unwrap();
    let page = db.store.refusals((i64::MAX, String::new()), 2).await.unwrap();
    assert_eq!(page, [rows[3].clone(), rows[2].clone()]);
    let page = db.store.refusals((3 * DAY, "c".to_owned()), 10).await.unwrap();
    assert_eq!(page, [rows[1].clone(), rows[0].clone()]);

    db.store.forget_refusals(2 * DAY + 1).await.unwrap();
    assert_eq!(refusals(db).await, [rows[3].clone(), rows[2].clone(), rows[1].clone()]);
}
