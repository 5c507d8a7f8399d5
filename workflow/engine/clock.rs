//! The one place where time is read. Tests bring a clock of their own that stands until it is told to move.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::BoxFuture;
use stentor_core::time::Timestamp;

/// Where instants come from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The current instant; never before an instant given earlier.
    fn now(&self) -> Timestamp;

    /// Completes at or soon after the instant; may complete early, so callers look again.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()>;
}

/// The machine's clock, kept from running backwards.
#[derive(Debug, Default)]
pub struct SystemClock {
    last: Mutex<i64>,
}

/// Sleeps are cut to this, so that a step of the machine's clock is noticed within it.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64);
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = wall.max(*last);
        Timestamp(*last)
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let wait = at.since(self.now()).millis().max(0) as u64;
        Box::pin(tokio::time::sleep(Duration::from_millis(wait).min(LONGEST_SLEEP)))
    }
}

/// A clock for tests: it stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    now: tokio::sync::watch::Sender<i64>,
}

impl ManualClock {
    /// Begins at an instant.
    pub fn new(at: Timestamp) -> ManualClock {
        ManualClock { now: tokio::sync::watch::Sender::new(at.0) }
    }

    /// Moves forward to an instant; never back.
    pub fn set(&self, at: Timestamp) {
        self.now.send_if_modified(|now| {
            let moved = at.0 > *now;
            *now = at.0.max(*now);
            moved
        });
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(*self.now.borrow())
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            // The sender lives as long as the clock, which outlives this borrow.
            let _ = now.wait_for(|n| *n >= at.0).await;
        })
    }
}
