//! Effects that wait in memory. Those of one instance to one destination keep their order; those of different instances
//! do not wait for each other, and one destination never takes all places.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use stentor_core::time::{Duration, Timestamp};
use tokio::sync::Notify;

use crate::limits;
use crate::store::rows::OutboxRow;

/// One partition's effects that are waiting.
#[derive(Debug, Default)]
pub(crate) struct Dispatch {
    waiting: Mutex<Waiting>,
    changed: Notify,
    /// The outbox holds nothing that this process could not know of.
    seen: AtomicBool,
}

/// Destination and instance.
type LineKey = (String, String);

#[derive(Debug, Default)]
struct Waiting {
    lines: HashMap<LineKey, Line>,
    /// Heads of the lines that are not sending, by the instant at which they may go.
    heads: BTreeSet<(i64, LineKey)>,
    /// Effects known here, so that a scan of the outbox does not queue them twice.
    known: HashSet<String>,
    /// Effects on their way, by destination.
    sending: HashMap<String, usize>,
}

#[derive(Debug, Default)]
struct Line {
    queue: VecDeque<OutboxRow>,
    sending: bool,
}

impl Dispatch {
    /// Queues an effect.
    pub(crate) fn offer(&self, row: OutboxRow) {
        let mut w = self.lock();
        if !w.known.insert(row.effect_id.clone()) {
            return;
        }
        let key = (row.dest.clone(), row.id.clone());
        let due = row.due_at;
        let line = w.lines.entry(key.clone()).or_default();
        line.queue.push_back(row);
        if line.queue.len() == 1 && !line.sending {
            w.heads.insert((due, key));
            drop(w);
            self.changed.notify_one();
        }
    }

    /// Has the outbox read again soon: another replica may have put something there.
    pub(crate) fn look(&self) {
        self.seen.store(false, Ordering::SeqCst);
        self.changed.notify_one();
    }

    /// Whether the outbox was read since it may have changed without us.
    pub(crate) fn has_looked(&self) -> bool {
        self.seen.load(Ordering::SeqCst)
    }

    /// The outbox is about to be read.
    pub(super) fn looked(&self) {
        self.seen.store(true, Ordering::SeqCst);
    }

    /// Lets go of what waits: whoever leads now reads it from the outbox.
    pub(super) fn let_go(&self) {
        let mut guard = self.lock();
        let w = &mut *guard;
        for row in w.lines.values_mut().flat_map(|line| line.queue.drain(..)) {
            w.known.remove(&row.effect_id);
        }
        w.lines.retain(|_, line| line.sending);
        w.heads.clear();
    }

    /// Waits until there may be something to do.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Number of effects waiting or being sent.
    pub(crate) fn len(&self) -> usize {
        self.lock().known.len()
    }

    /// For how long the longest-waiting effect has been due; none waits: zero.
    pub(crate) fn oldest_age(&self, now: Timestamp) -> Duration {
        self.next_due().map_or(Duration::ZERO, |at| now.since(at))
    }

    /// The earliest instant at which a waiting effect may be sent.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.lock().heads.first().map(|(at, _)| Timestamp(*at))
    }

    /// Takes what may be sent now, at most `limit`; a destination with too many on their way waits.
    pub(super) fn take(&self, now: Timestamp, limit: usize) -> Vec<OutboxRow> {
        let mut guard = self.lock();
        let w = &mut *guard;
        let due: Vec<(i64, LineKey)> = w
            .heads
            .iter()
            .take_while(|(at, _)| *at <= now.0)
            .filter(|(_, key)| {
                // Counted as taken while filtering, so that one look does not take too many of one destination.
                let on_way = w.sending.entry(key.0.clone()).or_default();
                let free = *on_way < limits::SENDING_PER_DESTINATION;
                *on_way += usize::from(free);
                free
            })
            .take(limit)
            .cloned()
            .collect();
        let mut taken = Vec::with_capacity(due.len());
        for head in due {
            w.heads.remove(&head);
            if let Some(line) = w.lines.get_mut(&head.1)
                && let Some(row) = line.queue.pop_front()
            {
                line.sending = true;
                taken.push(row);
            }
        }
        taken
    }

    /// An effect is settled, or comes back for another attempt.
    pub(super) fn done(&self, row: &OutboxRow, again: Option<OutboxRow>) {
        let mut guard = self.lock();
        let w = &mut *guard;
        if let Some(on_way) = w.sending.get_mut(&row.dest) {
            *on_way = on_way.saturating_sub(1);
            if *on_way == 0 {
                w.sending.remove(&row.dest);
            }
        }
        if again.is_none() {
            w.known.remove(&row.effect_id);
        }
        let key = (row.dest.clone(), row.id.clone());
        if let Some(line) = w.lines.get_mut(&key) {
            line.sending = false;
            if let Some(row) = again {
                line.queue.push_front(row);
            }
            match line.queue.front() {
                Some(next) => drop(w.heads.insert((next.due_at, key))),
                None => drop(w.lines.remove(&key)),
            }
        }
        drop(guard);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
