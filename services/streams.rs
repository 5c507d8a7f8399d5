//! How many streams each caller has, and when a stream has lived long enough. It knows nothing of what they carry.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::Rng as _;
use stentor_engine::Error;
use tonic::Status;

use crate::wire::status;

/// Streams that one caller may have: a browser per responder, with room.
const PER_CALLER: usize = 100;

/// Open streams by caller.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    open: Mutex<BTreeMap<String, usize>>,
}

/// A place among a caller's streams, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    streams: Arc<Streams>,
    caller: String,
}

impl Streams {
    /// Takes a place.
    pub(crate) fn enter(self: &Arc<Streams>, caller: &str) -> Result<Place, Status> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(caller.to_owned()).or_default();
        if *count >= PER_CALLER {
            return Err(status::of_engine(Error::Overloaded { retry_after_ms: 10_000 }));
        }
        *count += 1;
        Ok(Place { streams: Arc::clone(self), caller: caller.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.caller);
            }
        }
    }
}

/// After which a stream ends by itself; spread, so that not all come back at once.
pub(crate) fn lifetime() -> Duration {
    Duration::from_secs(rand::rng().random_range(30 * 60..60 * 60))
}

/// After how much silence a heartbeat is sent.
pub(crate) fn heartbeat() -> Duration {
    Duration::from_secs(rand::rng().random_range(15..=30))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_a_hundred_streams_and_gets_a_place_back() {
        let streams = Arc::new(Streams::default());
        let mut places: Vec<Place> = (0..PER_CALLER).map(|_| streams.enter("ana").unwrap()).collect();
        assert!(streams.enter("ana").is_err());
        assert!(streams.enter("bo").is_ok());
        places.pop();
        assert!(streams.enter("ana").is_ok());
    }
}
