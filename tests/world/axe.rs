//! What cuts a server off at one of its commits, just before or just after it reached the store: as a kill there would.
//! What was cut off hangs until its process is killed.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use stentor_engine::store::rows::{Batch, Committed};
use stentor_engine::store::{Result, Store};
use tokio::sync::Notify;

use crate::support::around::Hands;

/// On which side of a commit the axe falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// The store never hears of it.
    Before,
    /// The store has it, and the server never hears so.
    After,
}

/// An axe that hangs, until it is told where to fall.
#[derive(Debug, Default)]
pub struct Axe {
    /// How many commits go through before it, and its side.
    falls: Mutex<Option<(usize, Edge)>>,
    fell: Arc<Notify>,
}

impl Axe {
    /// Falls at a commit from now on, counted from 0.
    pub fn arm(&self, commit: usize, edge: Edge) {
        *self.falls.lock().unwrap_or_else(PoisonError::into_inner) = Some((commit, edge));
    }

    /// Whatever it was told, it falls no more.
    pub fn disarm(&self) {
        self.falls.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Waits until it has fallen.
    pub async fn fell(&self) {
        self.fell.notified().await;
    }

    /// Whether it falls at this commit.
    fn falls(&self) -> Option<Edge> {
        let mut falls = self.falls.lock().unwrap_or_else(PoisonError::into_inner);
        match *falls {
            Some((0, edge)) => Some(edge),
            Some((n, edge)) => {
                *falls = Some((n - 1, edge));
                None
            }
            None => None,
        }
    }
}

impl Hands for Axe {
    fn commit(
        &self,
        store: Arc<dyn Store>,
        partition: u16,
        batch: Batch,
    ) -> BoxFuture<'static, Result<Committed>> {
        let Some(edge) = self.falls() else {
            return Box::pin(async move { store.commit(partition, batch).await });
        };
        if edge == Edge::Before {
            self.fell.notify_one();
            return Box::pin(std::future::pending());
        }
        let fell = Arc::clone(&self.fell);
        Box::pin(async move {
            store.commit(partition, batch).await?;
            fell.notify_one();
            std::future::pending().await
        })
    }
}
