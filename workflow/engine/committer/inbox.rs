//! Three lanes into a committer: deadlines and delivery results, people, signals. Each of the first two is guaranteed a
//! quarter of a batch, so that a storm of alerts delays neither an acknowledgement nor a deadline.

use tokio::sync::mpsc;

use crate::error::Error;
use crate::limits;

use super::work::Item;

/// Which lane an item takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    System,
    People,
    Signals,
}

/// Sending ends, shared by everyone.
#[derive(Debug, Clone)]
pub(crate) struct Senders {
    system: mpsc::Sender<Item>,
    people: mpsc::Sender<Item>,
    signals: mpsc::Sender<Item>,
}

/// Receiving ends, owned by the committer.
#[derive(Debug)]
pub(crate) struct Inbox {
    system: mpsc::Receiver<Item>,
    people: mpsc::Receiver<Item>,
    signals: mpsc::Receiver<Item>,
}

/// The lanes of one partition.
pub(crate) fn lanes() -> (Senders, Inbox) {
    let (system, system_rx) = mpsc::channel(limits::SYSTEM_QUEUE);
    let (people, people_rx) = mpsc::channel(limits::PEOPLE_QUEUE);
    let (signals, signals_rx) = mpsc::channel(limits::SIGNAL_QUEUE);
    let inbox = Inbox { system: system_rx, people: people_rx, signals: signals_rx };
    (Senders { system, people, signals }, inbox)
}

impl Senders {
    /// Queues an item, or hands it back refused if its lane is full.
    pub(crate) fn offer(&self, lane: Lane, item: Item) -> Result<(), Error> {
        let sender = match lane {
            Lane::System => &self.system,
            Lane::People => &self.people,
            Lane::Signals => &self.signals,
        };
        sender.try_send(item).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => {
                Error::Overloaded { retry_after_ms: limits::RETRY_AFTER_MS }
            }
            mpsc::error::TrySendError::Closed(_) => Error::Unavailable("shutting down".to_owned()),
        })
    }

    /// Queues an item of the system lane, waiting for room: deadlines and results are never dropped.
    pub(crate) async fn push(&self, item: Item) -> Result<(), Error> {
        self.system.send(item).await.map_err(|_| Error::Unavailable("shutting down".to_owned()))
    }
}

impl Inbox {
    /// What has arrived, at least one item and at most `limit`; `None` once all senders are gone and all is taken.
    pub(crate) async fn next(&mut self, limit: usize) -> Option<Vec<Item>> {
        let first = tokio::select! {
            biased;
            Some(item) = self.system.recv() => item,
            Some(item) = self.people.recv() => item,
            Some(item) = self.signals.recv() => item,
            else => return None,
        };
        let mut items = Vec::with_capacity(64);
        items.push(first);
        // What earlier work in this process is about to queue joins the batch.
        tokio::task::yield_now().await;
        drain(&mut self.system, &mut items, limit / 2);
        let room = items.len() + limit / 4;
        drain(&mut self.people, &mut items, room.max(limit / 2).min(limit * 3 / 4));
        drain(&mut self.signals, &mut items, limit);
        Some(items)
    }
}

fn drain(lane: &mut mpsc::Receiver<Item>, items: &mut Vec<Item>, upto: usize) {
    while items.len() < upto {
        match lane.try_recv() {
            Ok(item) => items.push(item),
            Err(_) => return,
        }
    }
}
