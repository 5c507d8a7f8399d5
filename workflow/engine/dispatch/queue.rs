//! Effects that wait in memory. Those of one instance to one destination keep their order; those of different instances
//! do not wait for each other, and one destination never takes all places, nor costs anything while it has none.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use stentor_core::time::{Duration, Timestamp};
use tokio::sync::Notify;

use crate::limits;
use crate::store::rows::OutboxRow;

use super::throttle::Throttle;

/// One partition's effects that are waiting.
#[derive(Debug, Default)]
pub(crate) struct Dispatch {
    waiting: Mutex<Waiting>,
    changed: Notify,
    pub(super) throttle: Throttle,
    /// The outbox holds nothing that this process could not know of.
    seen: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    destinations: HashMap<String, Destination>,
    /// Destinations that have something to send and a place to send it, by the instant at which they may go on.
    ready: BTreeSet<(i64, String)>,
    /// Effects known here, so that a scan of the outbox does not queue them twice.
    known: HashSet<String>,
}

/// What waits for one destination.
#[derive(Debug, Default)]
struct Destination {
    /// By instance.
    lines: HashMap<String, Line>,
    /// Instances whose line is not sending, by the instant at which its head may go.
    heads: BTreeSet<(i64, String)>,
    /// Effects on their way.
    sending: usize,
    /// Its entry among those that are ready.
    listed: Option<i64>,
}

#[derive(Debug, Default)]
struct Line {
    queue: VecDeque<OutboxRow>,
    sending: bool,
}

impl Destination {
    /// When it may go on: there is a head, and a place to send it.
    fn ready_at(&self) -> Option<i64> {
        let free = self.sending < limits::SENDING_PER_DESTINATION;
        self.heads.first().filter(|_| free).map(|(at, _)| *at)
    }

    /// Takes the head that has waited longest.
    fn pop(&mut self) -> Option<OutboxRow> {
        let (_, instance) = self.heads.pop_first()?;
        let line = self.lines.get_mut(&instance)?;
        let row = line.queue.pop_front()?;
        line.sending = true;
        self.sending += 1;
        Some(row)
    }
}

impl Waiting {
    /// Keeps the list of ready destinations true after one of them changed.
    fn list(&mut self, dest: &str) {
        let Some(destination) = self.destinations.get_mut(dest) else { return };
        let ready = destination.ready_at();
        if destination.listed != ready {
            if let Some(at) = destination.listed {
                self.ready.remove(&(at, dest.to_owned()));
            }
            if let Some(at) = ready {
                self.ready.insert((at, dest.to_owned()));
            }
            destination.listed = ready;
        }
        if destination.lines.is_empty() && destination.sending == 0 {
            self.destinations.remove(dest);
        }
    }
}

impl Dispatch {
    /// Queues an effect.
    pub(crate) fn offer(&self, row: OutboxRow) {
        let mut w = self.lock();
        if !w.known.insert(row.effect_id.clone()) {
            return;
        }
        let dest = row.dest.clone();
        let destination = w.destinations.entry(dest.clone()).or_default();
        let line = destination.lines.entry(row.id.clone()).or_default();
        if line.queue.is_empty() && !line.sending {
            destination.heads.insert((row.due_at, row.id.clone()));
        }
        line.queue.push_back(row);
        w.list(&dest);
        drop(w);
        self.changed.notify_one();
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
        let lines = w.destinations.values_mut().flat_map(|d| d.lines.values_mut());
        for row in lines.flat_map(|line| line.queue.drain(..)) {
            w.known.remove(&row.effect_id);
        }
        w.ready.clear();
        w.destinations.retain(|_, destination| {
            destination.lines.retain(|_, line| line.sending);
            destination.heads.clear();
            destination.listed = None;
            destination.sending > 0
        });
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

    /// The earliest instant at which a waiting effect is due, whether or not there is a place to send it.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let w = self.lock();
        w.destinations.values().filter_map(|d| d.heads.first()).map(|(at, _)| Timestamp(*at)).min()
    }

    /// The earliest instant at which an effect can be sent.
    pub(super) fn next_ready(&self) -> Option<Timestamp> {
        self.lock().ready.first().map(|(at, _)| Timestamp(*at))
    }

    /// Takes what may be sent now, at most `limit`; a destination with too many on their way waits.
    pub(super) fn take(&self, now: Timestamp, limit: usize) -> Vec<OutboxRow> {
        let mut w = self.lock();
        let mut taken = Vec::new();
        while taken.len() < limit {
            let Some((_, dest)) = w.ready.first().filter(|(at, _)| *at <= now.0).cloned() else { break };
            if let Some(destination) = w.destinations.get_mut(&dest) {
                taken.extend(destination.pop());
            }
            w.list(&dest);
        }
        taken
    }

    /// An effect is settled, or comes back for another attempt.
    pub(super) fn done(&self, row: &OutboxRow, again: Option<OutboxRow>) {
        let mut guard = self.lock();
        let w = &mut *guard;
        if again.is_none() {
            w.known.remove(&row.effect_id);
        }
        if let Some(destination) = w.destinations.get_mut(&row.dest) {
            destination.sending = destination.sending.saturating_sub(1);
            if let Some(line) = destination.lines.get_mut(&row.id) {
                line.sending = false;
                if let Some(row) = again {
                    line.queue.push_front(row);
                }
                match line.queue.front() {
                    Some(next) => drop(destination.heads.insert((next.due_at, row.id.clone()))),
                    None => drop(destination.lines.remove(&row.id)),
                }
            }
        }
        w.list(&row.dest);
        drop(guard);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(dest: &str, instance: &str, n: i64) -> OutboxRow {
        OutboxRow {
            effect_id: format!("{instance}.{n}"),
            id: instance.to_owned(),
            due_at: n,
            dest: dest.to_owned(),
            ..OutboxRow::default()
        }
    }

    fn ids(rows: &[OutboxRow]) -> Vec<&str> {
        rows.iter().map(|r| r.effect_id.as_str()).collect()
    }

    #[test]
    fn effects_of_one_instance_to_one_destination_keep_their_order() {
        let queue = Dispatch::default();
        queue.offer(row("people/ana", "inc-1", 1));
        queue.offer(row("people/ana", "inc-1", 2));
        let first = queue.take(Timestamp(10), 10);
        assert_eq!(ids(&first), ["inc-1.1"]);
        assert!(queue.take(Timestamp(10), 10).is_empty(), "the second waits for the first");
        queue.done(&first[0], None);
        assert_eq!(ids(&queue.take(Timestamp(10), 10)), ["inc-1.2"]);
    }

    #[test]
    fn a_full_destination_leaves_the_places_to_others_and_goes_on_when_one_is_done() {
        let queue = Dispatch::default();
        for i in 0..100 {
            queue.offer(row("people/ana", &format!("inc-{i:03}"), 1));
        }
        queue.offer(row("people/bo", "inc-200", 2));
        let taken = queue.take(Timestamp(10), 256);
        assert_eq!(taken.len(), limits::SENDING_PER_DESTINATION + 1);
        assert_eq!(taken.last().unwrap().dest, "people/bo");
        assert_eq!(queue.next_ready(), None, "nothing to do until a place is free");
        assert_eq!(queue.next_due(), Some(Timestamp(1)), "and yet something is due");
        queue.done(&taken[0], None);
        assert_eq!(queue.take(Timestamp(10), 256).len(), 1);
    }

    #[test]
    fn what_comes_back_waits_for_its_instant_before_what_follows_it() {
        let queue = Dispatch::default();
        queue.offer(row("people/ana", "inc-1", 1));
        queue.offer(row("people/ana", "inc-1", 2));
        let first = queue.take(Timestamp(10), 10).remove(0);
        queue.done(&first, Some(OutboxRow { due_at: 50, attempt: 1, ..first.clone() }));
        assert!(queue.take(Timestamp(10), 10).is_empty());
        assert_eq!(queue.next_ready(), Some(Timestamp(50)));
        assert_eq!(ids(&queue.take(Timestamp(50), 10)), ["inc-1.1"]);
    }

    #[test]
    fn what_is_known_is_not_queued_twice_and_what_was_let_go_can_come_again() {
        let queue = Dispatch::default();
        queue.offer(row("people/ana", "inc-1", 1));
        queue.offer(row("people/ana", "inc-1", 1));
        assert_eq!(queue.len(), 1);
        queue.let_go();
        assert_eq!((queue.len(), queue.next_due()), (0, None));
        queue.offer(row("people/ana", "inc-1", 1));
        assert_eq!(queue.take(Timestamp(10), 10).len(), 1);
    }
}
