//! What holds alerts back that a decision may know: silences and maintenance windows in force or to come, and those that
//! were cancelled before their end. Made from the standing records; nothing is decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::matcher::{Compiled, Matcher, compile};
use super::window::{Mode, Plan, Window};
use crate::id::ServiceId;
use crate::standing::Stretch;
use crate::time::Timestamp;

type Labels = BTreeMap<String, String>;

/// What holds an alert back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silenced {
    /// Number of the silence or the window.
    pub number: u64,
    /// A window, and what becomes of alerts in it; None: a silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Mode>,
    /// Its end, unless it is cancelled before. None: held back for good, by a window that mutes and is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Silenced {
    /// Whether both are of one silence, or one window.
    pub fn same(&self, other: &Silenced) -> bool {
        self.number == other.number && self.window.is_some() == other.window.is_some()
    }
}

/// Silences and windows by number.
#[derive(Debug, Clone, Default)]
pub struct Silences {
    known: BTreeMap<u64, Arc<Known>>,
    /// Cancelled, though by their stretch they would not be over.
    cancelled: BTreeSet<u64>,
    windows: BTreeMap<u64, Arc<Window>>,
    cancelled_windows: BTreeSet<u64>,
}

#[derive(Debug)]
struct Known {
    at: Stretch,
    matchers: Compiled,
}

impl Silences {
    /// None at all.
    pub const NONE: &'static Silences = &Silences {
        known: BTreeMap::new(),
        cancelled: BTreeSet::new(),
        windows: BTreeMap::new(),
        cancelled_windows: BTreeSet::new(),
    };

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

    /// Adds a window; see [`Silences::add`].
    pub(crate) fn add_window(&mut self, id: u64, plan: &Plan, cancelled: bool, before: &Silences) {
        if cancelled {
            self.cancelled_windows.insert(id);
            return;
        }
        let compiled = || plan.compile().ok().map(Arc::new);
        let window = before.windows.get(&id).cloned().or_else(compiled);
        self.windows.extend(window.map(|window| (id, window)));
    }

    /// Whether there is nothing to know.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
            && self.cancelled.is_empty()
            && self.windows.is_empty()
            && self.cancelled_windows.is_empty()
    }

    /// The silences in force that match, by number.
    pub fn matching(&self, labels: &Labels, now: Timestamp) -> Vec<Silenced> {
        let in_force = self.known.iter().filter(|(_, s)| s.at.from <= now && now < s.at.to);
        let matching = in_force.filter(|(_, s)| s.matchers.matches(labels));
        matching.map(|(id, s)| Silenced { number: *id, window: None, until: Some(s.at.to) }).collect()
    }

    /// The windows in force that an alert falls under, by number. One that drops holds nothing back: what it drops never
    /// comes so far, and what was attached before it goes on.
    pub fn windows(&self, labels: &Labels, service: &ServiceId, now: Timestamp) -> Vec<Silenced> {
        let holding = self.covering(labels, service, now).filter(|(_, mode, _)| *mode != Mode::Drop);
        let silenced =
            holding.map(|(id, mode, at)| Silenced { number: id, window: Some(mode), until: Some(at.to) });
        silenced.collect()
    }

    /// The window that decides what becomes of a new alert, and its occurrence.
    pub fn window(
        &self,
        labels: &Labels,
        service: &ServiceId,
        now: Timestamp,
    ) -> Option<(u64, Mode, Stretch)> {
        self.covering(labels, service, now).min_by_key(|(id, mode, _)| (*mode, *id))
    }

    fn covering<'a>(
        &'a self,
        labels: &'a Labels,
        service: &'a ServiceId,
        now: Timestamp,
    ) -> impl Iterator<Item = (u64, Mode, Stretch)> + 'a {
        let held = self.windows.iter().filter_map(move |(id, w)| Some((*id, w, w.occurrence(now)?)));
        held.filter(|(_, w, _)| w.covers(labels, service)).map(|(id, w, at)| (id, w.mode(), at))
    }

    /// Whether what an alert is held back by is over. One that is not known here is not: it may be newer than what is
    /// known.
    pub fn is_over(&self, s: &Silenced, now: Timestamp) -> bool {
        s.until.is_some_and(|until| until <= now) || self.has_cancelled(s)
    }

    /// Whether a silence or a window was cancelled.
    pub fn has_cancelled(&self, s: &Silenced) -> bool {
        let cancelled = if s.window.is_some() { &self.cancelled_windows } else { &self.cancelled };
        cancelled.contains(&s.number)
    }

    /// Numbers of the silences in force.
    pub fn in_force(&self, now: Timestamp) -> BTreeSet<u64> {
        let in_force = self.known.iter().filter(|(_, s)| s.at.from <= now && now < s.at.to);
        in_force.map(|(id, _)| *id).collect()
    }

    /// When the next silence begins.
    pub fn next_start(&self, now: Timestamp) -> Option<Timestamp> {
        self.known.values().map(|s| s.at.from).filter(|from| *from > now).min()
    }
}
