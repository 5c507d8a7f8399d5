//! Where a world's data lies: a temporary folder or a database of its own. It outlives the processes that use it.

use std::sync::Arc;

use stentor_engine::store::{self, Error, OpenOptions, Store};
use tempfile::TempDir;

use crate::support::postgres;

/// The kind of store that a scenario runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A fresh place for data.
#[derive(Debug)]
pub enum Place {
    Sqlite(TempDir),
    Postgres(postgres::Database),
}

impl Place {
    pub async fn new(backend: Backend) -> Place {
        match backend {
            Backend::Sqlite => Place::Sqlite(tempfile::tempdir().expect("a temporary folder")),
            Backend::Postgres => Place::Postgres(postgres::Server::shared().await.database().await),
        }
    }

    /// The address under which the store is opened.
    pub fn address(&self) -> String {
        match self {
            Place::Sqlite(folder) => format!("sqlite:{}", folder.path().join("stentor.db").display()),
            Place::Postgres(database) => database.url(),
        }
    }

    /// Waits until a dead process has let go of the data: what it had sent to the database may still take effect after
    /// its end. (A file's lock does the same for SQLite.)
    pub async fn released_by(&self, replica: &str) {
        if let Place::Postgres(database) = self {
            database.left_by(replica).await;
        }
    }

    /// Drops the data.
    pub async fn end(self) {
        if let Place::Postgres(database) = self {
            database.end().await;
        }
    }
}

/// Opens the store at an address; few connections, because many worlds run at once.
pub(crate) async fn open(address: &str, replica: &str) -> Arc<dyn Store> {
    let replica = replica.to_owned();
    let options = OpenOptions { migrate: true, partitions: 1, readers: 3, replica, ..OpenOptions::default() };
    // A process that was killed a moment ago may still hold the file's lock.
    for _ in 0..500 {
        match store::open(address, options.clone()).await {
            Ok(store) => return store,
            Err(Error::Fatal(why)) if why.contains("lock file") => {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            Err(e) => panic!("the store does not open: {e}"),
        }
    }
    panic!("the file stays locked")
}
