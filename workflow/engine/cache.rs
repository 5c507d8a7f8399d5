//! States kept in memory. Stale is allowed, for every write is conditional on the version; forgetting writes nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stentor_core::id::InstanceId;
use stentor_core::instance::Instance;
use stentor_core::time::Timestamp;

/// A state with what the next commit needs of its row.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) state: Arc<Instance>,
    pub(crate) chain: Arc<str>,
    pub(crate) logic: i32,
    /// The state's earliest deadline.
    pub(crate) wake: Option<Timestamp>,
}

impl Entry {
    pub(crate) fn version(&self) -> u64 {
        self.state.version()
    }
}

/// One partition's cache: two generations, so that what was not used for a whole generation goes.
#[derive(Debug)]
pub(crate) struct Cache {
    inner: Mutex<Generations>,
    limit: usize,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<InstanceId, Entry>,
    old: HashMap<InstanceId, Entry>,
}

impl Cache {
    pub(crate) fn new(limit: usize) -> Cache {
        Cache { inner: Mutex::default(), limit: limit / 2 }
    }

    pub(crate) fn get(&self, id: &InstanceId) -> Option<Entry> {
        let mut g = self.lock();
        if let Some(entry) = g.young.get(id) {
            return Some(entry.clone());
        }
        let entry = g.old.remove(id)?;
        g.young.insert(id.clone(), entry.clone());
        Some(entry)
    }

    /// Keeps a state unless a newer one is known.
    pub(crate) fn put(&self, id: &InstanceId, entry: Entry) {
        let mut g = self.lock();
        let known = g.young.get(id).or_else(|| g.old.get(id)).map_or(0, Entry::version);
        if known > entry.version() {
            return;
        }
        g.old.remove(id);
        g.young.insert(id.clone(), entry);
        if g.young.len() >= self.limit {
            g.old = std::mem::take(&mut g.young);
        }
    }

    pub(crate) fn forget(&self, id: &InstanceId) {
        let mut g = self.lock();
        g.young.remove(id);
        g.old.remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
