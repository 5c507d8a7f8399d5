//! Where a world's data lies: a temporary folder or a database of its own. It outlives the processes that use it.

use std::sync::Arc;

use stentor_engine::store::{self, OpenOptions, Store};
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

    /// Drops the data.
    pub async fn end(self) {
        if let Place::Postgres(database) = self {
            database.end().await;
        }
    }
}

/// Opens the store at an address; few connections and partitions, because many worlds run at once.
pub(crate) async fn open(address: &str, replica: &str) -> Arc<dyn Store> {
    let replica = replica.to_owned();
    let options = OpenOptions { migrate: true, partitions: 2, readers: 3, replica, ..OpenOptions::default() };
    store::open(address, options).await.expect("the store opens")
}
