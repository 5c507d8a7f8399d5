//! Heartbeat monitors: each is one row, written over the version that was read.

use stentor_engine::store::rows::HeartbeatRow;

use crate::harness::{Database, on_both_stores};

on_both_stores! {
    a_monitor_is_written_over_the_version_that_was_read,
    what_is_due_comes_earliest_first,
    monitors_are_read_by_id_in_pages,
}

fn row(id: &str, version: i64, due_at: Option<i64>) -> HeartbeatRow {
    HeartbeatRow { id: id.to_owned(), version, due_at, data: format!("after {version}") }
}

async fn given(db: &Database, rows: &[(&str, Option<i64>)]) {
    for (id, due_at) in rows {
        assert!(db.store.save_heartbeat(row(id, 0, *due_at)).await.unwrap());
    }
}

async fn a_monitor_is_written_over_the_version_that_was_read(db: &Database) {
    given(db, &[("backup", Some(10))]).await;
    assert!(!db.store.save_heartbeat(row("backup", 0, Some(20))).await.unwrap(), "it is there already");
    assert!(db.store.save_heartbeat(row("backup", 1, None)).await.unwrap());
    assert!(!db.store.save_heartbeat(row("backup", 1, Some(30))).await.unwrap(), "somebody was faster");
    let found = db.store.heartbeat("backup".to_owned()).await.unwrap();
    assert_eq!(found, Some(HeartbeatRow { version: 2, ..row("backup", 1, None) }));
    assert!(!db.store.remove_heartbeat("backup".to_owned(), 1).await.unwrap());
    assert!(db.store.remove_heartbeat("backup".to_owned(), 2).await.unwrap());
    assert_eq!(db.store.heartbeat("backup".to_owned()).await.unwrap(), None);
}

async fn due(db: &Database, upto: i64, limit: u32) -> Vec<String> {
    let rows = db.store.due_heartbeats(upto, limit).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

async fn what_is_due_comes_earliest_first(db: &Database) {
    given(db, &[("a", Some(30)), ("b", None), ("c", Some(10)), ("d", Some(20))]).await;
    assert_eq!(due(db, 20, 10).await, ["c", "d"]);
    assert_eq!(due(db, i64::MAX, 1).await, ["c"]);
    assert_eq!(due(db, i64::MAX, 10).await, ["c", "d", "a"]);
}

async fn monitors_are_read_by_id_in_pages(db: &Database) {
    given(db, &[("b", None), ("a-2", None), ("a", None), ("a1", None)]).await;
    let page = db.store.heartbeats(String::new(), 3).await.unwrap();
    assert_eq!(page.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["a", "a-2", "a1"]);
    let rest = db.store.heartbeats("a1".to_owned(), 3).await.unwrap();
    assert_eq!(rest.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["b"]);
}
