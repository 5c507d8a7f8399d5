//! Where signals find their incidents: identity and group key to instance, remembered from reads and commits. A memory,
//! not the truth: what it says is confirmed by the commit.

use std::collections::HashMap;

use stentor_core::id::InstanceId;

/// One partition's memory of keys.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    identities: HashMap<String, InstanceId>,
    groups: HashMap<String, InstanceId>,
    limit: usize,
}

impl Directory {
    pub(crate) fn new(limit: usize) -> Directory {
        Directory { limit, ..Directory::default() }
    }

    pub(crate) fn identity(&self, key: &str) -> Option<&InstanceId> {
        self.identities.get(key)
    }

    pub(crate) fn group(&self, key: &str) -> Option<&InstanceId> {
        self.groups.get(key)
    }

    pub(crate) fn set_identity(&mut self, key: String, id: InstanceId) {
        self.identities.insert(key, id);
    }

    pub(crate) fn set_group(&mut self, key: String, id: InstanceId) {
        self.groups.insert(key, id);
    }

    /// Forgets a key whose owner turned out to be another.
    pub(crate) fn forget(&mut self, key: &str) {
        self.identities.remove(key);
        self.groups.remove(key);
    }

    /// Whether there is too much of it.
    pub(crate) fn is_full(&self) -> bool {
        self.identities.len() + self.groups.len() > self.limit
    }

    /// Forgets everything once there is too much of it. Called between batches, never while one is decided or committed.
    pub(crate) fn trim(&mut self) {
        if self.is_full() {
            self.identities.clear();
            self.groups.clear();
        }
    }
}
