//! A fresh database for one case, and the macro that runs a case on each kind. It knows no case.

use std::path::PathBuf;
use std::sync::Arc;

use stentor_engine::store::sqlite::SqliteStore;
use stentor_engine::store::{Error, Store};
use tempfile::TempDir;

/// Runs each case on every kind of store.
macro_rules! on_both_stores {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let db = crate::harness::Database::sqlite().await;
                super::$case(&db).await;
                db.end().await;
            })+
        }
    };
}
pub(crate) use on_both_stores;

/// One database and an open store on it.
pub(crate) struct Database {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    Sqlite { path: PathBuf, _folder: TempDir },
}

impl Database {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stentor.db");
        let store = Arc::new(SqliteStore::open(&path).unwrap());
        Self { store, place: Place::Sqlite { path, _folder: folder } }
    }

    /// A second store on the same data: another replica on PostgreSQL, a restart on SQLite.
    pub(crate) async fn reopened(&self) -> Result<Arc<dyn Store>, Error> {
        match &self.place {
            Place::Sqlite { path, .. } => {
                self.store.close().await;
                Ok(Arc::new(SqliteStore::open(path)?))
            }
        }
    }

    /// Runs statements that no store offers: damage, statistics, plans.
    pub(crate) async fn execute(&self, sql: &str) {
        match &self.place {
            Place::Sqlite { path, .. } => {
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap()
            }
        }
    }

    /// Takes the wake-up of an open instance away, which no store would do.
    pub(crate) async fn lose_wake_up(&self, id: &str) {
        let update = format!("UPDATE instance SET wake_at = NULL WHERE id = '{id}'");
        match &self.place {
            Place::Sqlite { .. } => {
                self.execute(&format!("PRAGMA ignore_check_constraints = ON; {update}")).await
            }
        }
    }

    /// First column of a query, as text.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        self.column_of(0, sql).await
    }

    /// A column of a query, as text.
    pub(crate) async fn column_of(&self, column: usize, sql: &str) -> Vec<String> {
        match &self.place {
            Place::Sqlite { path, .. } => {
                let conn = rusqlite::Connection::open(path).unwrap();
                let mut statement = conn.prepare(sql).unwrap();
                let text = |row: &rusqlite::Row<'_>| {
                    Ok(match row.get_ref(column)? {
                        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                        other => other.as_str()?.to_owned(),
                    })
                };
                // Unbound parameters are NULL, which is all that a plan needs.
                statement.raw_query().mapped(text).map(Result::unwrap).collect()
            }
        }
    }

    pub(crate) async fn end(self) {
        self.store.close().await;
    }
}
