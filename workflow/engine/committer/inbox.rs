//! Three lanes into a committer: deadlines and delivery results, people, signals. Each of the first two is guaranteed a
//! quarter of a batch, so that a storm of alerts delays neither an acknowledgement nor a deadline.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use crate::error::Error;
use crate::limits;

use super::work::{Item, Work};

/// Which lane an item takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    System,
    People,
    Signals,
}

/// What the lane of signals carries.
#[derive(Debug)]
#[expect(clippy::vec_box, reason = "each goes on by itself as a boxed item")]
enum Arrival {
    One(Item),
    Many(Vec<Box<Work>>),
}

/// Sending ends, shared by everyone.
#[derive(Debug, Clone)]
pub(crate) struct Senders {
    system: mpsc::Sender<Item>,
    people: mpsc::Sender<Item>,
    signals: mpsc::Sender<Arrival>,
    waiting: Arc<AtomicUsize>,
}

/// Receiving ends, owned by the committer.
#[derive(Debug)]
pub(crate) struct Inbox {
    system: mpsc::Receiver<Item>,
    people: mpsc::Receiver<Item>,
    signals: mpsc::Receiver<Arrival>,
    /// Commands that came together and are not taken yet.
    waiting: Arc<AtomicUsize>,
    /// The rest of what came together, for the next batch.
    rest: VecDeque<Box<Work>>,
    /// What [`Inbox::ready`] found.
    first: Option<Arrival>,
}

/// The lanes of one partition.
pub(crate) fn lanes() -> (Senders, Inbox) {
    let (system, system_rx) = mpsc::channel(limits::SYSTEM_QUEUE);
    let (people, people_rx) = mpsc::channel(limits::PEOPLE_QUEUE);
    let (signals, signals_rx) = mpsc::channel(limits::SIGNAL_QUEUE);
    let waiting = Arc::default();
    let inbox = Inbox {
        system: system_rx,
        people: people_rx,
        signals: signals_rx,
        waiting: Arc::clone(&waiting),
        rest: VecDeque::new(),
        first: None,
    };
    (Senders { system, people, signals, waiting }, inbox)
}

impl Senders {
    /// Queues an item, or hands it back refused if its lane is full.
    pub(crate) fn offer(&self, lane: Lane, item: Item) -> Result<(), Error> {
        match lane {
            Lane::System => self.system.try_send(item).map_err(refused),
            Lane::People => self.people.try_send(item).map_err(refused),
            Lane::Signals => self.signals.try_send(Arrival::One(item)).map_err(refused),
        }
    }

    /// Queues signals that came together: all of them, or none.
    #[expect(clippy::vec_box, reason = "each goes on by itself as a boxed item")]
    pub(crate) fn offer_many(&self, works: Vec<Box<Work>>) -> Result<(), Error> {
        let many = works.len();
        let waiting = self.waiting.fetch_add(many, Ordering::Relaxed) + many;
        let sent = match waiting > limits::SIGNAL_QUEUE {
            true => Err(Error::Overloaded { retry_after_ms: limits::RETRY_AFTER_MS }),
            false => self.signals.try_send(Arrival::Many(works)).map_err(refused),
        };
        if sent.is_err() {
            self.waiting.fetch_sub(many, Ordering::Relaxed);
        }
        sent
    }

    /// Queues an item of the system lane, waiting for room: deadlines and results are never dropped.
    pub(crate) async fn push(&self, item: Item) -> Result<(), Error> {
        self.system.send(item).await.map_err(|_| Error::Unavailable("shutting down".to_owned()))
    }
}

fn refused<T>(e: mpsc::error::TrySendError<T>) -> Error {
    match e {
        mpsc::error::TrySendError::Full(_) => Error::Overloaded { retry_after_ms: limits::RETRY_AFTER_MS },
        mpsc::error::TrySendError::Closed(_) => Error::Unavailable("shutting down".to_owned()),
    }
}

impl Inbox {
    /// Waits until there is something; `false` once all senders are gone and all is taken. May be given up at any time.
    pub(crate) async fn ready(&mut self) -> bool {
        if !self.has_some() {
            self.first = tokio::select! {
                biased;
                Some(item) = self.system.recv() => Some(Arrival::One(item)),
                Some(item) = self.people.recv() => Some(Arrival::One(item)),
                Some(arrival) = self.signals.recv() => Some(arrival),
                else => None,
            };
        }
        self.has_some()
    }

    /// Whether something is known to be there.
    pub(crate) fn has_some(&self) -> bool {
        self.first.is_some() || !self.rest.is_empty()
    }

    /// What has arrived, at most `limit`.
    pub(crate) async fn take(&mut self, limit: usize) -> Vec<Item> {
        let mut items = Vec::with_capacity(64);
        if let Some(first) = self.first.take() {
            self.sort_in(first, &mut items);
        }
        // What earlier work in this process is about to queue joins the batch.
        tokio::task::yield_now().await;
        drain(&mut self.system, &mut items, limit / 2);
        let room = items.len() + limit / 4;
        drain(&mut self.people, &mut items, room.max(limit / 2).min(limit * 3 / 4));
        self.drain_signals(&mut items, limit);
        items
    }

    /// What came together stays together as far as the batch has room for it.
    fn drain_signals(&mut self, items: &mut Vec<Item>, upto: usize) {
        loop {
            while items.len() < upto
                && let Some(work) = self.rest.pop_front()
            {
                items.push(Item::Command(work));
            }
            if items.len() >= upto {
                return;
            }
            match self.signals.try_recv() {
                Ok(item) => self.sort_in(item, items),
                Err(_) => return,
            }
        }
    }

    fn sort_in(&mut self, arrival: Arrival, items: &mut Vec<Item>) {
        match arrival {
            Arrival::One(item) => items.push(item),
            Arrival::Many(works) => {
                self.waiting.fetch_sub(works.len(), Ordering::Relaxed);
                self.rest.extend(works);
            }
        }
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
