//! Follows pages from the alert that was sent to the receiver that got them. It knows numbers and instants only.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::turn::Turn;

/// Pages under way and arrived.
#[derive(Debug)]
pub(crate) struct Delivered {
    pages: Mutex<Pages>,
    /// Bounds what is under way: open loops of pages would only measure a queue.
    window: Semaphore,
}

#[derive(Debug, Default)]
struct Pages {
    waiting: HashMap<u64, Instant>,
    turn: Turn,
    repeated: u64,
}

impl Delivered {
    /// At most `window` pages are under way.
    pub(crate) fn new(window: usize) -> Delivered {
        Delivered { pages: Mutex::default(), window: Semaphore::new(window) }
    }

    /// A page begins its way, as soon as there is room.
    pub(crate) async fn begin(&self, n: u64) {
        let permit = self.window.acquire().await.expect("the window is never closed");
        permit.forget();
        self.lock().waiting.insert(n, Instant::now());
    }

    /// Its alert was not accepted.
    pub(crate) fn give_up(&self, n: u64) {
        if self.lock().waiting.remove(&n).is_some() {
            self.window.add_permits(1);
        }
    }

    /// A page arrived.
    pub(crate) fn arrived(&self, n: u64) {
        let mut pages = self.lock();
        match pages.waiting.remove(&n) {
            Some(begun) => {
                pages.turn.record(begun.elapsed(), Ok(1));
                drop(pages);
                self.window.add_permits(1);
            }
            None => pages.repeated += 1,
        }
    }

    /// Waits until nothing is under way any more, or gives up. What arrived since the last time, and how much did not.
    pub(crate) async fn drain(&self, patience: Duration) -> (Turn, u64) {
        let begun = Instant::now();
        while !self.lock().waiting.is_empty() && begun.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let mut pages = self.lock();
        let lost = pages.waiting.len();
        pages.waiting.clear();
        self.window.add_permits(lost);
        (std::mem::take(&mut pages.turn), lost as u64)
    }

    /// Pages that arrived more than once, or that nobody waited for.
    pub(crate) fn repeated(&self) -> u64 {
        self.lock().repeated
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
