//! The history of an instance, the feed of a partition, and the view in which people read them.

use stentor_engine::store::rows::EventRow;

use crate::harness::{Database, on_both_stores};
use crate::rows::{commit, event, id, moving, opening};

on_both_stores! {
    a_history_is_read_in_order_and_in_pages,
    an_event_is_read_by_its_number,
    a_feed_is_read_up_to_a_head_and_in_pages,
    the_timeline_has_one_row_per_event,
    causes_are_found_where_they_happened,
}

async fn a_history_is_read_in_order_and_in_pages(db: &Database) {
    commit(&*db.store, moving(&[id(1), id(2)], 0, 3)).await;
    commit(&*db.store, moving(&[id(1)], 3, 4)).await;
    commit(&*db.store, moving(&[id(1)], 4, 7)).await;

    let all = db.store.history(id(1), 0, 10).await.unwrap();
    let with_position = |pos, first, version| EventRow { pos, ..event(&id(1), first, version) };
    assert_eq!(all, [with_position(1, 1, 3), with_position(3, 4, 4), with_position(4, 5, 7)]);
    assert_eq!(db.store.history(id(1), 0, 2).await.unwrap(), all[..2]);
    assert_eq!(db.store.history(id(1), 3, 10).await.unwrap(), all[1..]);
    assert!(db.store.history(id(1), 7, 10).await.unwrap().is_empty());
}

async fn an_event_is_read_by_its_number(db: &Database) {
    commit(&*db.store, moving(&[id(1), id(2)], 0, 3)).await;
    commit(&*db.store, moving(&[id(1)], 3, 4)).await;
    commit(&*db.store, moving(&[id(1)], 4, 7)).await;
    let versions = async |numbers: &[i64]| {
        let rows = db.store.events(id(1), numbers.to_vec()).await.unwrap();
        rows.iter().map(|row| row.version).collect::<Vec<_>>()
    };

    assert_eq!(versions(&[1, 2, 5]).await, [3, 7]);
    assert_eq!(versions(&[4]).await, [4]);
    assert_eq!(versions(&[8]).await, [0_i64; 0]);
    assert_eq!(versions(&[]).await, [0_i64; 0]);
}

async fn a_feed_is_read_up_to_a_head_and_in_pages(db: &Database) {
    let ids: Vec<String> = (0..10).map(id).collect();
    commit(&*db.store, opening(&ids)).await;

    let positions = |after, upto, limit| async move {
        let rows = db.store.feed(0, after, upto, limit).await.unwrap();
        rows.into_iter().map(|row| row.pos).collect::<Vec<_>>()
    };
    assert_eq!(positions(0, 10, 4).await, [1, 2, 3, 4]);
    assert_eq!(positions(4, 7, 100).await, [5, 6, 7]);
    assert!(positions(10, 10, 100).await.is_empty());
}

async fn the_timeline_has_one_row_per_event(db: &Database) {
    commit(&*db.store, moving(&[id(1)], 0, 2)).await;
    commit(&*db.store, moving(&[id(1)], 2, 3)).await;

    let of = format!("FROM timeline WHERE id = '{}' ORDER BY number", id(1));
    assert_eq!(db.column(&format!("SELECT number {of}")).await, ["1", "2", "3"]);
    assert_eq!(db.column(&format!("SELECT event -> 'work' -> 'Noted' ->> 'n' {of}")).await, ["1", "2", "3"]);
    assert_eq!(db.column(&format!("SELECT name {of} LIMIT 1")).await, ["Noted"]);
    assert_eq!(db.column(&format!("SELECT time {of} LIMIT 1")).await, ["2023-11-14T22:13:20.002Z"]);
    assert_eq!(db.column(&format!("SELECT actor {of} LIMIT 1")).await, ["people/ana"]);
}

async fn causes_are_found_where_they_happened(db: &Database) {
    commit(&*db.store, moving(&[id(1)], 0, 2)).await;
    commit(&*db.store, opening(&[id(2)])).await;

    let cause = |n: u32, version: i64, cause: String| (id(n), version, cause);
    let asked = vec![
        cause(1, 2, event(&id(1), 1, 2).cause),
        cause(2, 1, event(&id(2), 1, 1).cause),
        cause(1, 2, "somebody else's".to_owned()),
        cause(1, 3, event(&id(1), 1, 2).cause),
        cause(3, 1, event(&id(3), 1, 1).cause),
    ];
    assert_eq!(db.store.applied(0, asked).await.unwrap(), [true, true, false, false, false]);
}
