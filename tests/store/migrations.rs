//! How a schema comes into being, is upgraded, and is refused by a binary that does not know it.

use stentor_engine::store::sqlite::SqliteStore;
use stentor_engine::store::{self, DatabaseUrl, Error, OpenOptions};

use crate::harness::Database;
use crate::rows::{commit, id, opening};

#[tokio::test]
async fn a_new_file_is_migrated_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/below/stentor.db");
    let database = DatabaseUrl::Sqlite(path.clone());

    let first = store::migrate(&database).await.unwrap();
    let second = store::migrate(&database).await.unwrap();

    assert_eq!(first.from, 0);
    assert_eq!(first.to, first.applied.len() as i64);
    assert_eq!((second.from, second.to, second.applied), (first.to, first.to, vec![]));
    let store = store::open(&format!("sqlite:{}", path.display()), OpenOptions::default()).await.unwrap();
    assert_eq!((store.kind(), store.partitions()), ("sqlite", 1));
    store.close().await;
}

#[tokio::test]
async fn a_file_has_one_server() {
    let db = Database::sqlite().await;
    let crate::harness::Place::Sqlite { path, .. } = &db.place;

    let error = SqliteStore::open(path).unwrap_err();

    assert!(matches!(error, Error::Fatal(_)), "{error}");
    assert_eq!(commit(&*db.store, opening(&[id(1)])).await.won, [true]);
    db.end().await;
}

#[tokio::test]
async fn a_file_marked_too_new_is_refused() {
    let db = Database::sqlite().await;
    db.execute("UPDATE meta SET value = '999' WHERE name = 'min_schema'").await;

    let error = db.reopened().await.unwrap_err();

    assert!(matches!(error, Error::Fatal(_)), "{error}");
    assert!(error.to_string().contains("newer stentor"), "{error}");
    db.end().await;
}
