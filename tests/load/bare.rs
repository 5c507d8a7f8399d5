//! The scenario `store`: a bare loop over the store's commit, with the rows of real reports and nothing around it. Only
//! the commits are timed; making the copies is not.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use stentor_engine::store::{self, OpenOptions, Store};
use stentor_tests::support::postgres;
use stentor_tests::support::server::own_cpu;

use crate::args::StoreKind;
use crate::rows::Rows;
use crate::turn::Turn;
use crate::{Failure, args::Args};

/// Reports in one transaction.
const BATCH: usize = 256;

/// A store of its own, and the rows to commit.
#[derive(Debug)]
pub(crate) struct Bare {
    store: Arc<dyn Store>,
    pub(crate) rows: Rows,
    database: Option<postgres::Database>,
}

impl Bare {
    /// Opens an empty store of the asked kind; a file lies in the folder.
    pub(crate) async fn open(args: &Args, folder: &Path) -> Result<Bare, Failure> {
        let rows = Rows::capture(args.services, args.request_ids).await?;
        let (address, database) = match args.store {
            StoreKind::Sqlite => (format!("sqlite:{}", folder.join("bare.db").display()), None),
            StoreKind::Postgres => {
                let database = postgres::Server::shared().await.database().await;
                (database.url(), Some(database))
            }
        };
        let options = OpenOptions { migrate: true, ..OpenOptions::default() };
        let store = store::open(&address, options).await?;
        store.check().await?;
        Ok(Bare { store, rows, database })
    }

    /// Commits batch after batch until the commits have taken this long.
    pub(crate) async fn run(&mut self, length: Duration) -> Result<Turn, Failure> {
        let partition = self.rows.partition(self.store.partitions());
        let mut turn = Turn::default();
        while turn.elapsed < length {
            let batch = self.rows.batch(BATCH);
            let (begun, cpu) = (Instant::now(), own_cpu());
            let committed = self.store.commit(partition, batch).await?;
            let took = begun.elapsed();
            turn.client_cpu += own_cpu().saturating_sub(cpu);
            if !committed.won.iter().all(|won| *won) {
                return Err("a copy of a report lost against another".into());
            }
            turn.elapsed += took;
            turn.record(took, Ok(BATCH as u64));
        }
        Ok(turn)
    }

    /// Closes the store and removes a database.
    pub(crate) async fn end(self) {
        self.store.close().await;
        if let Some(database) = self.database {
            database.end().await;
        }
    }
}
