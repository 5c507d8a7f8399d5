//! Where histories are kept: the database itself, or a running server that has it. Batch by batch, and each batch whole.

use std::sync::Arc;

use stentor_core::history_log::{Record, What};
use stentor_core::id::ServiceId;
use stentor_engine::import::{BATCH, Importer};
use stentor_engine::store::{self, OpenOptions, Store};

use crate::cli::GlobalArgs;
use crate::cli::import::{LogArgs, Remote};
use crate::migrate;

use super::bad::ImportError;
use super::progress::Progress;
use super::report::{Read, Stored};

const NO_PLACE: (&str, &str) =
    ("entry_without_place", "an entry that the phase reached has no place for: not stored");
const DIFFERING: (&str, &str) = (
    "stored_differently",
    "imported before from another file, with other services or people: left as it was",
);
const UNKNOWN_SERVICE: (&str, &str) =
    ("service_unknown", "the policy lacks the service: its default service has the incident");

/// What keeps them.
enum Keeper {
    Database { store: Arc<dyn Store>, importer: Importer },
    Server(Remote),
}

/// What became of a batch.
#[derive(Default)]
struct Kept {
    stored: usize,
    unchanged: usize,
    differing: Vec<String>,
    /// The record, and what has no place in it.
    left: Vec<(String, String)>,
}

/// Keeps all histories that were read; what is odd about keeping them joins the other oddities.
pub(super) async fn keep(
    args: &LogArgs,
    global: &GlobalArgs,
    read: &mut Read,
    progress: &Progress,
) -> Result<Stored, ImportError> {
    let keeper = Keeper::open(args, global).await?;
    if let Keeper::Database { importer, .. } = &keeper
        && let Some(policy) = importer.policy()
    {
        unknown_services(read, |service| policy.service(service).is_some());
    }
    progress.storing(read.records.len());
    let mut sum = Stored::default();
    for batch in read.records.chunks(BATCH) {
        let kept = keeper.take(batch).await?;
        sum.stored += kept.stored;
        sum.unchanged += kept.unchanged;
        sum.differing += kept.differing.len();
        for source_ref in &kept.differing {
            read.odd.note(DIFFERING, source_ref, "", "");
        }
        for (source_ref, what) in kept.left {
            read.odd.note(NO_PLACE, &source_ref, "", what);
        }
        progress.advance(batch.len());
    }
    keeper.close().await;
    Ok(sum)
}

impl Keeper {
    async fn open(args: &LogArgs, global: &GlobalArgs) -> Result<Keeper, ImportError> {
        if args.to_server {
            return Remote::new(global).map(Keeper::Server).map_err(ImportError::Server);
        }
        let options = OpenOptions { replica: "stentor-import".to_owned(), ..OpenOptions::default() };
        let store = store::open(&migrate::address(&args.store)?, options).await?;
        let importer = Importer::open(Arc::clone(&store)).await?;
        Ok(Keeper::Database { store, importer })
    }

    async fn take(&self, batch: &[Record]) -> Result<Kept, ImportError> {
        match self {
            Keeper::Database { importer, .. } => {
                let taken = importer.take(batch).await?;
                let left =
                    taken.left.into_iter().map(|(r, left)| (r, format!("{} at {}", left.what, left.at)));
                Ok(Kept {
                    stored: taken.stored,
                    unchanged: taken.known,
                    differing: taken.differing,
                    left: left.collect(),
                })
            }
            Keeper::Server(remote) => {
                let answer = remote.take(batch).await.map_err(ImportError::Server)?;
                let count = |n: i32| usize::try_from(n).unwrap_or(0);
                let left = answer.leftovers.into_iter();
                Ok(Kept {
                    stored: count(answer.stored_count),
                    unchanged: count(answer.unchanged_count),
                    differing: answer.differing_refs,
                    left: left.map(|l| (l.source_ref, format!("{} at {}", l.what, l.time))).collect(),
                })
            }
        }
    }

    async fn close(self) {
        if let Keeper::Database { store, .. } = self {
            store.close().await;
        }
    }
}

/// Services that the policy lacks; its default service has their incidents.
fn unknown_services(read: &mut Read, known: impl Fn(&ServiceId) -> bool) {
    for record in &read.records {
        if let Some(What::Signal(signal)) = record.entries.first().map(|e| &e.what)
            && let Some(service) = signal.service.as_ref().filter(|s| !known(s))
        {
            read.odd.note(UNKNOWN_SERVICE, &record.source_ref, "", service.to_string());
        }
    }
}
