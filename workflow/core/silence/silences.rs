//! The silences that a decision may know: those in force or to come, and those that were cancelled before their end. Made
//! from the standing records; nothing is decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::matcher::{Compiled, Matcher, compile};
use crate::standing::Stretch;
use crate::time::Timestamp;

/// A silence that matches an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silenced {
    /// Number of the silence.
    pub silence: u64,
    /// Its end, unless it is cancelled before.
    pub until: Timestamp,
}

/// Silences by number.
#[derive(Debug, Clone, Default)]
pub struct Silences {
    known: BTreeMap<u64, Arc<Known>>,
    /// Cancelled, though by their stretch they would not be over.
    cancelled: BTreeSet<u64>,
}

#[derive(Debug)]
struct Known {
    at: Stretch,
    matchers: Compiled,
}

impl Silences {
    /// None at all.
    pub const NONE: &'static Silences = &Silences { known: BTreeMap::new(), cancelled: BTreeSet::new() };

    /// Adds one that is not cancelled. What `before` has compiled already is taken from there.
    pub(crate) fn add(&mut self, id: u64, at: Stretch, sets: &[Vec<Matcher>], before: &Silences) {
        // What is on record was compiled before it was taken; were it none now, it would match nothing.
        let compiled = |sets| Some(Arc::new(Known { at, matchers: compile(sets).ok()? }));
        let known = before.known.get(&id).cloned().or_else(|| compiled(sets));
        self.known.extend(known.map(|known| (id, known)));
    }

    /// Adds one that was cancelled.
    pub(crate) fn add_cancelled(&mut self, id: u64) {
        self.cancelled.insert(id);
    }

    /// Whether there is nothing to know.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.cancelled.is_empty()
    }

    /// The silences in force that match, by number.
    pub fn matching(&self, labels: &BTreeMap<String, String>, now: Timestamp) -> Vec<Silenced> {
        let in_force = self.known.iter().filter(|(_, s)| s.at.from <= now && now < s.at.to);
        let matching = in_force.filter(|(_, s)| s.matchers.matches(labels));
        matching.map(|(id, s)| Silenced { silence: *id, until: s.at.to }).collect()
    }

    /// Whether what an alert is silenced by is over. One that is not known here is not: it may be newer than what is
    /// known.
    pub fn is_over(&self, s: &Silenced, now: Timestamp) -> bool {
        s.until <= now || self.cancelled.contains(&s.silence)
    }

    /// Whether a silence was cancelled.
    pub fn has_cancelled(&self) -> bool {
        !self.cancelled.is_empty()
    }

    /// Numbers of those in force.
    pub fn in_force(&self, now: Timestamp) -> BTreeSet<u64> {
        let in_force = self.known.iter().filter(|(_, s)| s.at.from <= now && now < s.at.to);
        in_force.map(|(id, _)| *id).collect()
    }

    /// When the next one begins.
    pub fn next_start(&self, now: Timestamp) -> Option<Timestamp> {
        self.known.values().map(|s| s.at.from).filter(|from| *from > now).min()
    }
}
