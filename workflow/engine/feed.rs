//! The change feed: every transition, per partition in the order of the commits. Live by broadcast, older ones from the
//! table; a cursor neither skips nor repeats.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::instance::Event;
use stentor_core::time::Timestamp;
use tokio::sync::broadcast;

use crate::committer::entry;
use crate::engine::Shared;
use crate::error::Error;
use crate::observe::Origin;
use crate::store::rows::EventRow;
use crate::{inhibit, limits};

/// One transition of an instance.
#[derive(Debug, Clone)]
pub struct Transition {
    /// Number of its first event.
    pub first: u64,
    /// Number of its last event: the instance's version after it.
    pub version: u64,
    pub at: Timestamp,
    pub actor: Actor,
    /// The span that it came from, if its command was traced.
    pub origin: Option<Origin>,
    pub events: Arc<[Event]>,
}

/// A transition with its place in the feed.
#[derive(Debug, Clone)]
pub struct FeedItem {
    pub partition: u16,
    /// Grows along the partition's feed; positions may be missing, never reordered.
    pub pos: i64,
    pub id: InstanceId,
    pub transition: Transition,
}

/// The live end of the feed.
#[derive(Debug)]
pub(crate) struct Feed {
    tail: broadcast::Sender<Arc<FeedItem>>,
    /// How far this replica has read what others committed, by partition; nothing where it writes alone.
    seen: Mutex<HashMap<u16, i64>>,
}

impl Feed {
    pub(crate) fn new() -> Feed {
        Feed { tail: broadcast::Sender::new(limits::TAIL), seen: Mutex::default() }
    }

    /// Tells everyone who follows; costs nothing while nobody does.
    pub(crate) fn tell(&self, item: impl FnOnce() -> FeedItem) {
        if self.tail.receiver_count() > 0 {
            // An error means that the last follower has just left.
            let _ = self.tail.send(Arc::new(item()));
        }
    }

    /// How far a partition has been read.
    pub(crate) fn seen(&self, partition: u16) -> i64 {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&partition).copied().unwrap_or(0)
    }

    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<FeedItem>> {
        self.tail.subscribe()
    }
}

/// A row of the history as a transition.
///
/// # Errors
/// [`Error::Internal`] if the row cannot be read.
pub(crate) fn transition(row: &EventRow) -> Result<Transition, Error> {
    let events: Vec<Event> = serde_json::from_str(&row.data).map_err(|e| {
        Error::Internal(format!("the history of {} cannot be read at {}: {e}", row.id, row.first))
    })?;
    Ok(Transition {
        first: row.first as u64,
        version: row.version as u64,
        at: Timestamp(row.at),
        actor: row.actor.parse().unwrap_or(Actor::System),
        origin: Origin::of(&row.cause),
        events: events.into(),
    })
}

/// With several writers on one store: reads what was committed, by whom ever, and brings it to memory, wheel and
/// followers.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut positions: HashMap<u16, i64> = HashMap::new();
    if let Ok(heads) = shared.store.heads().await {
        positions.extend(heads.iter().map(|h| (h.partition, h.head)));
    }
    let mut wait = limits::TAIL_EVERY;
    loop {
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        match catch_up(&shared, &mut positions).await {
            Ok(0) => wait = (wait * 2).min(limits::TAIL_IDLE),
            Ok(_) => wait = limits::TAIL_EVERY,
            Err(e) => {
                tracing::warn!(error = %e, "the feed cannot be read");
                wait = limits::TAIL_IDLE;
            }
        }
        shared.beat("feed");
    }
}

async fn catch_up(shared: &Shared, positions: &mut HashMap<u16, i64>) -> Result<usize, Error> {
    let mut count = 0;
    for head in shared.store.heads().await? {
        let seen = positions.entry(head.partition).or_insert(head.head);
        while *seen < head.head {
            let rows = shared.store.feed(head.partition, *seen, head.head, limits::OUTBOX_PAGE).await?;
            let full = rows.len() as u32 == limits::OUTBOX_PAGE;
            for row in &rows {
                take(shared, head.partition, row)?;
                *seen = row.pos;
                count += 1;
            }
            if !full {
                // Positions of lost rows are holes.
                *seen = head.head;
            }
        }
        shared.observer.lag(head.partition, head.head - *seen);
        let mut read = shared.feed.seen.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(head.partition, *seen);
    }
    shared.policies.load(shared.store.as_ref()).await?;
    inhibit::heed(shared);
    shared.load_standing().await?;
    Ok(count)
}

fn take(shared: &Shared, partition: u16, row: &EventRow) -> Result<(), Error> {
    let id = InstanceId(row.id.clone());
    let known = shared.cache(partition).get(&id).map(|e| e.version());
    if known.is_none_or(|v| v < row.version as u64) {
        // Another replica moved it: the next use reads the row.
        shared.cache(partition).forget(&id);
        // Its effects are ours to send if we lead.
        shared.dispatch(partition).look();
    }
    if known.is_none_or(|v| v <= row.version as u64) {
        // Also when a read was faster than the feed: the state is known then, its deadline is not.
        shared.wheel(partition).arm(vec![(id.clone(), row.wake_at.map(Timestamp))]);
    }
    let transition = transition(row)?;
    shared.inhibitions.heard(&id, transition.version, &transition.events);
    shared.feed.tell(|| FeedItem { partition, pos: row.pos, id, transition });
    Ok(())
}

/// Reads the newest state of an instance from the store.
pub(crate) async fn load_state(
    shared: &Shared,
    id: &InstanceId,
) -> Result<Option<(InstanceId, crate::cache::Entry)>, Error> {
    let rows = shared.store.load(vec![id.0.clone()]).await?;
    rows.into_iter().next().map(entry).transpose()
}
