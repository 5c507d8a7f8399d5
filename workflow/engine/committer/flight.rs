//! Overlap: while one batch is being committed, the next one is decided on the states that the first will leave. Only
//! where this process is the only writer, for there a commit either succeeds whole or is known to have failed.
//!
//! Nothing is answered early: a batch is published after its commit, and the next one is committed after that. Should
//! a commit fail, what was decided on top of it is forgotten and decided again.

use std::time::Instant;

use stentor_core::id::InstanceId;
use tokio::task::{JoinError, JoinHandle};

use crate::cache::Entry;
use crate::limits;
use crate::store::rows::Committed;
use crate::store::{self, Error};

use super::plan::Plan;
use super::work::Item;
use super::{Committer, refuse_all};

/// A batch on its way into the store.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(super) plan: Plan,
    begun: Instant,
    answer: JoinHandle<store::Result<Committed>>,
    /// The answer, once it is in.
    done: Option<Answered>,
}

type Answered = Result<store::Result<Committed>, JoinError>;

impl Committer {
    /// Works until every sender is gone, one batch in the store and one in hand.
    pub(super) async fn overlap(&mut self) {
        let mut again = Vec::new();
        loop {
            if again.is_empty() && !self.wait().await {
                break;
            }
            if self.directory.is_full() || self.clears.is_full() {
                // What is under way is not in the store yet, so its keys must not be forgotten.
                again.extend(self.land().await);
                self.trim();
            }
            let mut items = std::mem::take(&mut again);
            if items.is_empty() && self.inbox.has_some() {
                items = self.inbox.take(limits::BATCH).await;
            }
            again = self.advance(items).await;
        }
        let rest = self.land().await;
        self.work_off(rest).await;
    }

    /// Waits for work or for the end of the commit under way; `false` once there will be neither.
    async fn wait(&mut self) -> bool {
        match &mut self.flight {
            None => self.inbox.ready().await,
            Some(flight) => tokio::select! {
                biased;
                ready = self.inbox.ready() => ready,
                answered = &mut flight.answer, if flight.done.is_none() => {
                    flight.done = Some(answered);
                    true
                }
            },
        }
    }

    /// Decides items, lands what is under way, and sends the new batch after it. Returns what has to be decided again.
    async fn advance(&mut self, items: Vec<Item>) -> Vec<Item> {
        if items.is_empty() {
            return self.land().await;
        }
        if let Err(e) = self.prepare(&items).await {
            refuse_all(items, &e);
            return Vec::new();
        }
        let plan = self.plan(items);
        let Some(flight) = self.flight.take() else { return self.launch(plan) };
        match self.landed(flight).await {
            Ok(mut again) => {
                again.extend(self.launch(plan));
                again
            }
            Err((e, failed)) => {
                let on_top = self.take_back(plan);
                let mut items = self.recover(e, failed, &mut 0).await;
                items.extend(on_top);
                self.work_off(items).await;
                Vec::new()
            }
        }
    }

    /// Sends a batch to the store; one that writes nothing is answered at once.
    fn launch(&mut self, mut plan: Plan) -> Vec<Item> {
        let batch = plan.take_batch();
        if batch.is_empty() {
            return self.publish(plan, None);
        }
        let (store, partition) = (std::sync::Arc::clone(&self.shared.store), self.partition);
        let answer = tokio::spawn(async move { store.commit(partition, batch).await });
        self.flight = Some(Flight { plan, begun: Instant::now(), answer, done: None });
        Vec::new()
    }

    /// Waits for the batch under way and publishes it. Returns what has to be decided again.
    async fn land(&mut self) -> Vec<Item> {
        let Some(flight) = self.flight.take() else { return Vec::new() };
        match self.landed(flight).await {
            Ok(again) => again,
            Err((e, plan)) => {
                let items = self.recover(e, plan, &mut 0).await;
                self.work_off(items).await;
                Vec::new()
            }
        }
    }

    async fn landed(&mut self, flight: Flight) -> Result<Vec<Item>, (Error, Plan)> {
        let Flight { plan, begun, answer, done } = flight;
        let answered = match done {
            Some(answered) => answered,
            None => answer.await,
        };
        match answered {
            Ok(Ok(committed)) => {
                self.shared.observer.committed(plan.len(), begun.elapsed(), &plan.origins());
                Ok(self.publish(plan, Some(committed)))
            }
            Ok(Err(Error::Unknown(why))) => self.ask(plan, why).await,
            Ok(Err(e)) => Err((e, plan)),
            Err(e) => self.ask(plan, e.to_string()).await,
        }
    }

    /// An instance as it will be once what is under way is committed, else as it is.
    pub(super) fn entry(&self, id: &InstanceId) -> Option<Entry> {
        let flying = self.flight.as_ref().and_then(|flight| flight.plan.entry(id));
        flying.or_else(|| self.shared.cache(self.partition).get(id))
    }
}
