//! A fresh database for one case, and the macro that runs a case on each kind. It knows no case.

use std::path::PathBuf;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use stentor_engine::store::sqlite::SqliteStore;
use stentor_engine::store::{self, Error, OpenOptions, Store};
use stentor_tests::support::postgres;
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
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let db = crate::harness::Database::postgres().await;
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
    Postgres { database: postgres::Database },
}

/// How the cases open PostgreSQL: few connections, because many cases run at once.
pub(crate) fn postgres_options() -> OpenOptions {
    OpenOptions { migrate: true, partitions: 2, readers: 3, ..OpenOptions::default() }
}

impl Database {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stentor.db");
        let store = Arc::new(SqliteStore::open(&path).unwrap());
        Self { store, place: Place::Sqlite { path, _folder: folder } }
    }

    pub(crate) async fn postgres() -> Self {
        let database = postgres::Server::shared().await.database().await;
        let store = store::open(&database.url(), postgres_options()).await.unwrap();
        Self { store, place: Place::Postgres { database } }
    }

    /// A second store on the same data: another replica on PostgreSQL, a restart on SQLite.
    pub(crate) async fn reopened(&self) -> Result<Arc<dyn Store>, Error> {
        match &self.place {
            Place::Sqlite { path, .. } => {
                self.store.close().await;
                Ok(Arc::new(SqliteStore::open(path)?))
            }
            Place::Postgres { database } => store::open(&database.url(), postgres_options()).await,
        }
    }

    /// Runs statements that no store offers: damage, statistics, plans.
    pub(crate) async fn execute(&self, sql: &str) {
        match &self.place {
            Place::Sqlite { path, .. } => {
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            Place::Postgres { database } => {
                let mut conn = PgConnection::connect(&database.url()).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
            }
        }
    }

    /// Takes the wake-up of an open instance away, which no store would do.
    pub(crate) async fn lose_wake_up(&self, id: &str) {
        let unguard = match &self.place {
            Place::Sqlite { .. } => "PRAGMA ignore_check_constraints = ON",
            Place::Postgres { .. } => "ALTER TABLE instance DROP CONSTRAINT instance_open_has_wake",
        };
        self.execute(&format!("{unguard}; UPDATE instance SET wake_at = NULL WHERE id = '{id}'")).await;
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
            Place::Postgres { database } => {
                let mut conn = PgConnection::connect(&database.url()).await.unwrap();
                // Without parameters the simple protocol answers in text, whatever the types are.
                let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap();
                rows.iter().map(|row| row.try_get_unchecked(column).unwrap()).collect()
            }
        }
    }

    /// PostgreSQL's generic plan of a statement with parameters, under the settings of the store's own sessions.
    pub(crate) async fn generic_plan(&self, sql: &str) -> String {
        let Place::Postgres { database } = &self.place else { panic!("only PostgreSQL has generic plans") };
        let options = stentor_engine::store::postgres::session_options(&database.url()).unwrap();
        let mut conn = PgConnection::connect_with(&options).await.unwrap();
        let prepare = format!("PREPARE planned AS {sql}");
        sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut conn).await.unwrap();
        let highest = (1..=200).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
        let nulls = vec!["NULL"; highest].join(", ");
        let explain = format!("EXPLAIN EXECUTE planned ({nulls})");
        let rows = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut conn).await.unwrap();
        let lines: Vec<String> = rows.iter().map(|row| row.try_get_unchecked(0).unwrap()).collect();
        lines.join("\n")
    }

    pub(crate) async fn end(self) {
        self.store.close().await;
        if let Place::Postgres { database } = self.place {
            database.end().await;
        }
    }
}
