//! The only writer: one task per partition takes what has arrived, decides it in memory, commits it in one transaction,
//! and only then answers. Nothing else changes an instance.
//!
//! Reading order: `work` (what arrives), `inbox` (three lanes), `load` (what a batch needs), `plan` and `decide` (the
//! batch in memory), `publish` (after the commit), `flight` (one batch in the store, one in hand), `replay` (answers
//! given before).

mod budget;
mod clears;
mod context;
mod decide;
mod flight;
mod inbox;
mod load;
mod opening;
mod plan;
mod publish;
mod replay;
mod rows;
mod work;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use stentor_core::refusal::Refusal;

use crate::directory::Directory;
use crate::engine::Shared;
use crate::error::Error;
use crate::limits;
use crate::store;
use crate::store::rows::RequestRow;

pub(crate) use budget::Budget;
pub(crate) use clears::Clears;
pub(crate) use flight::Flight;
pub(crate) use inbox::{Inbox, Lane, Senders, lanes};
pub(crate) use load::entry;
pub(crate) use plan::Plan;
pub(crate) use work::{Answers, Claimed, Claiming, Done, Heed, Item, Payload, Together, What, Work};

/// One partition's committer.
#[derive(Debug)]
pub(crate) struct Committer {
    pub(crate) partition: u16,
    pub(crate) shared: Arc<Shared>,
    pub(crate) inbox: Inbox,
    pub(crate) directory: Directory,
    /// Clears that came before what they clear.
    pub(crate) clears: Clears,
    pub(crate) budget: Budget,
    /// Requests of the current batch that were answered before.
    pub(crate) requests: HashMap<String, RequestRow>,
    /// Reserved reference numbers: next and end.
    pub(crate) numbers: (i64, i64),
    /// How many were reserved last, and when.
    pub(crate) reserve_next: i64,
    pub(crate) reserved_at: Option<Instant>,
    /// The batch on its way into the store.
    pub(crate) flight: Option<Flight>,
}

impl Committer {
    /// Works until every sender is gone, then finishes what it took.
    pub(crate) async fn run(mut self) {
        if self.shared.single_writer {
            self.overlap().await;
        } else {
            while self.inbox.ready().await {
                let items = self.inbox.take(limits::BATCH).await;
                self.work_off(items).await;
                self.trim();
            }
        }
        let (next, end) = self.numbers;
        if next < end {
            // Best effort: a gap in the references is legal.
            let _ = self.shared.store.unreserve("incident", next, end).await;
        }
    }

    /// Forgets what is too much to remember. Never while a batch is decided or committed.
    fn trim(&mut self) {
        self.directory.trim();
        let now = self.shared.clock.now();
        self.clears.trim(now);
        self.budget.trim(now);
    }

    /// Decides and commits until nothing of these items is left.
    async fn work_off(&mut self, mut items: Vec<Item>) {
        let mut tries = 0;
        while !items.is_empty() {
            if let Err(e) = self.prepare(&items).await {
                return refuse_all(items, &e);
            }
            let plan = self.plan(items);
            items = match self.commit(plan).await {
                Ok(losers) => losers,
                Err((e, plan)) => self.recover(e, plan, &mut tries).await,
            };
        }
    }

    /// What is left to do after a commit failed: the items to decide again.
    async fn recover(&mut self, e: store::Error, plan: Plan, tries: &mut u32) -> Vec<Item> {
        if let store::Error::Data(why) = e {
            return self.bisect(plan, why).await;
        }
        *tries += 1;
        match self.after_failure(&e, *tries).await {
            Ok(()) => self.take_back(plan),
            Err(e) => {
                refuse_all(self.take_back(plan), &e);
                Vec::new()
            }
        }
    }

    /// Commits a plan and answers it; what lost its version comes back to be decided again.
    async fn commit(&mut self, mut plan: Plan) -> Result<Vec<Item>, (store::Error, Plan)> {
        let batch = plan.take_batch();
        if batch.is_empty() {
            return Ok(self.publish(plan, None));
        }
        let begun = Instant::now();
        match self.shared.store.commit(self.partition, batch).await {
            Ok(committed) => {
                self.shared.observer.committed(plan.len(), begun.elapsed(), &plan.origins());
                Ok(self.publish(plan, Some(committed)))
            }
            Err(store::Error::Unknown(why)) => self.ask(plan, why).await,
            Err(e) => Err((e, plan)),
        }
    }

    /// The outcome is unknown: the history is asked whether it has our commands.
    async fn ask(&mut self, plan: Plan, why: String) -> Result<Vec<Item>, (store::Error, Plan)> {
        tracing::warn!(partition = self.partition, why, "the outcome of a commit is unknown; asking");
        let causes = plan.causes();
        match self.shared.store.applied(self.partition, causes).await {
            Ok(applied) if applied.iter().any(|a| *a) => {
                let committed = plan.assume_applied(&applied);
                Ok(self.publish(plan, Some(committed)))
            }
            Ok(_) => Err((store::Error::Transient(why), plan)),
            Err(e) => Err((store::Error::Unavailable(e.to_string()), plan)),
        }
    }

    /// What a failure means for the items: `Ok` to decide them again.
    async fn after_failure(&mut self, e: &store::Error, tries: u32) -> Result<(), Error> {
        tracing::warn!(partition = self.partition, error = %e, tries, "a commit failed");
        match e {
            store::Error::Transient(_) | store::Error::Duplicate(_) if tries <= limits::TRIES => {
                let wait = Duration::from_millis(5 << tries.min(6));
                tokio::time::sleep(wait.mul_f64(0.5 + rand::random::<f64>() / 2.0)).await;
                Ok(())
            }
            store::Error::Fatal(why) => {
                self.shared.fail(why);
                Err(Error::Unavailable(why.clone()))
            }
            other => Err(Error::Unavailable(other.to_string())),
        }
    }

    /// Forgets what a failed batch rested on, and returns its items.
    fn take_back(&mut self, plan: Plan) -> Vec<Item> {
        for key in plan.keys() {
            self.directory.forget(&key);
        }
        for id in plan.ids() {
            self.shared.cache(self.partition).forget(&id);
        }
        self.shared.inhibitions.doubt(plan.ids().iter());
        plan.into_items()
    }

    /// Some row does not fit: halves are tried until the one command that brings it stands alone.
    async fn bisect(&mut self, plan: Plan, why: String) -> Vec<Item> {
        let mut stack = vec![self.take_back(plan)];
        while let Some(mut items) = stack.pop() {
            if items.len() == 1 {
                tracing::error!(
                    partition = self.partition,
                    why,
                    "a command brought a value that the store refuses"
                );
                let problem = format!("the store refuses a value: {why}");
                let refusal = Refusal::BadField { field: "request".to_owned(), problem };
                refuse_all(items, &Error::Refused(refusal));
                continue;
            }
            let half = items.split_off(items.len() / 2);
            for part in [half, items] {
                if let Err(e) = self.prepare(&part).await {
                    refuse_all(part, &e);
                    continue;
                }
                let plan = self.plan(part);
                match self.commit(plan).await {
                    Ok(losers) => stack.push(losers),
                    Err((store::Error::Data(_), plan)) => stack.push(self.take_back(plan)),
                    Err((e, plan)) => refuse_all(plan.into_items(), &Error::from(e)),
                }
            }
            stack.retain(|items| !items.is_empty());
        }
        Vec::new()
    }
}

fn refuse_all(items: Vec<Item>, e: &Error) {
    for item in items {
        item.refuse(e.clone());
    }
}
