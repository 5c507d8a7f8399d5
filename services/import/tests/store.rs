//! Storing: once, closed to commands, out of every ordinary list; again changes nothing.

use std::sync::Arc;

use stentor_core::history_log::Record;
use stentor_engine::import::{Importer, Taken};
use stentor_engine::store::rows::ListQuery;
use stentor_engine::store::{self, OpenOptions, Store};

use super::{LOG, servicenow};

struct Case {
    _folder: tempfile::TempDir,
    store: Arc<dyn Store>,
    importer: Importer,
}

async fn case() -> Case {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("s.db").display());
    let store = store::open(&address, OpenOptions::default()).await.unwrap();
    let importer = Importer::open(Arc::clone(&store)).await.unwrap();
    Case { _folder: folder, store, importer }
}

fn records() -> Vec<Record> {
    servicenow(LOG).unwrap().records
}

/// Everything that a store holds of its instances, as text.
async fn content(store: &dyn Store) -> String {
    let mut content = String::new();
    for kind in ["incident", "imported"] {
        let query =
            ListQuery { kind: kind.to_owned(), filter: None, order: Vec::new(), after: None, limit: 1000 };
        for row in store.list(query).await.unwrap() {
            content += &format!("{row:?}\n{:?}\n", store.load(vec![row.id.clone()]).await.unwrap());
            content += &format!("{:?}\n", store.history(row.id, 0, 1000).await.unwrap());
        }
    }
    content + &format!("{:?}", store.heads().await.unwrap())
}

#[tokio::test]
async fn importing_again_changes_nothing() {
    let case = case().await;
    let first = case.importer.take(&records()).await.unwrap();
    assert_eq!((first.stored, first.known), (8, 0));
    let before = content(case.store.as_ref()).await;

    let again = case.importer.take(&records()).await.unwrap();

    assert_eq!(again, Taken { known: 8, ..Taken::default() });
    assert_eq!(content(case.store.as_ref()).await, before);
}

#[tokio::test]
async fn two_stores_hold_the_same_bytes() {
    let (one, other) = (case().await, case().await);
    one.importer.take(&records()).await.unwrap();
    for batch in records().chunks(3) {
        other.importer.take(batch).await.unwrap();
    }
    assert_eq!(content(one.store.as_ref()).await, content(other.store.as_ref()).await);
}

#[tokio::test]
async fn another_history_of_the_same_incident_is_told_and_left() {
    let case = case().await;
    case.importer.take(&records()).await.unwrap();
    let before = content(case.store.as_ref()).await;
    let mut changed = records();
    changed[0].entries.pop();

    let taken = case.importer.take(&changed).await.unwrap();

    assert_eq!((taken.known, taken.differing.as_slice()), (7, ["0000045".to_owned()].as_slice()));
    assert_eq!(content(case.store.as_ref()).await, before);
}

#[tokio::test]
async fn a_record_that_stands_twice_is_stored_once() {
    let case = case().await;
    let twice: Vec<Record> = records().into_iter().take(2).chain(records()).collect();
    let taken = case.importer.take(&twice).await.unwrap();
    assert_eq!((taken.stored, taken.known), (8, 2));
}

#[tokio::test]
async fn what_is_imported_is_in_no_ordinary_list_and_has_no_deadline() {
    let case = case().await;
    let mut records = records();
    // One that was never ended in the file.
    records[1].entries.truncate(2);
    case.importer.take(&records).await.unwrap();

    let list = |kind: &str| ListQuery {
        kind: kind.to_owned(),
        filter: None,
        order: Vec::new(),
        after: None,
        limit: 1000,
    };
    assert!(case.store.list(list("incident")).await.unwrap().is_empty());
    assert_eq!(case.store.list(list("imported")).await.unwrap().len(), 8);
    assert!(case.store.open_counts().await.unwrap().is_empty());
    assert!(case.store.wakes(0, (0, String::new()), i64::MAX, 10).await.unwrap().is_empty());
    assert!(case.store.overdue(0, i64::MAX, 10).await.unwrap().is_empty());
    assert!(case.store.outbox_due(0, i64::MAX, 10).await.unwrap().is_empty());
}
