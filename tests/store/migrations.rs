//! How a schema comes into being, is upgraded, and is refused by a binary that does not know it.

use stentor_engine::store::sqlite::SqliteStore;
use stentor_engine::store::{self, DatabaseUrl, Error, OpenOptions};
use stentor_tests::support::postgres;

use crate::harness::{Database, Place, postgres_options};
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
    let Place::Sqlite { path, .. } = &db.place else { panic!("a file was asked for") };

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

#[tokio::test]
async fn a_new_server_database_is_migrated_once_and_only_when_asked() {
    let database = postgres::Server::shared().await.database().await;
    let url = DatabaseUrl::Postgres(database.url());

    let unasked = store::open(&database.url(), OpenOptions::default()).await.unwrap_err();
    let (first, second) = tokio::join!(store::migrate(&url), store::migrate(&url));

    assert!(unasked.to_string().contains("stentor migrate"), "{unasked}");
    let (first, second) = (first.unwrap(), second.unwrap());
    let mut applied = [&first, &second].map(|report| report.applied.len() as i64);
    applied.sort_unstable();
    assert_eq!(applied, [0, first.to.max(second.to)], "the two take turns");
    let store = store::open(&database.url(), OpenOptions::default()).await.unwrap();
    assert_eq!((store.kind(), store.partitions()), ("postgres", 1));
    assert_eq!(store.heads().await.unwrap().len(), 1);
    store.close().await;
    database.end().await;
}

#[tokio::test]
async fn migrating_without_the_advisory_lock_works_too() {
    let database = postgres::Server::shared().await.database().await;
    let options = OpenOptions { advisory_lock: false, ..postgres_options() };

    let report = store::migrate_with(&DatabaseUrl::Postgres(database.url()), &options).await.unwrap();

    assert_eq!(report.from, 0);
    database.end().await;
}

#[tokio::test]
async fn a_server_database_marked_too_new_is_refused() {
    let db = Database::postgres().await;
    db.execute("UPDATE meta SET value = '999' WHERE name = 'min_schema'").await;

    for migrate in [true, false] {
        let Place::Postgres { database } = &db.place else { panic!("a server was asked for") };
        let options = OpenOptions { migrate, ..postgres_options() };
        let error = store::open(&database.url(), options).await.unwrap_err();
        assert!(matches!(error, Error::Fatal(_)), "{error}");
        assert!(error.to_string().contains("newer stentor"), "{error}");
    }
    db.end().await;
}
