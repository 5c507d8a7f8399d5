//! Remembers the batches that are committed. It changes nothing in them.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use stentor_engine::store::rows::{Batch, Committed};
use stentor_engine::store::{Result, Store};
use stentor_tests::support::around::Hands;

/// Remembers what is committed through it.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    batches: Mutex<Vec<Batch>>,
}

impl Recorder {
    /// The batches so far, oldest first.
    pub(crate) fn batches(&self) -> Vec<Batch> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Hands for Recorder {
    fn commit(
        &self,
        store: Arc<dyn Store>,
        partition: u16,
        batch: Batch,
    ) -> BoxFuture<'static, Result<Committed>> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).push(batch.clone());
        Box::pin(async move { store.commit(partition, batch).await })
    }
}
