//! Who is on call at one instant, and from when until when that answer holds. One answer at a time; whole intervals
//! are put together from these.

use super::compile::Schedule;
use super::overrides::{Override, Place, active, apply};
use super::rotation::{Stretch, Turn};
use crate::id::PersonId;
use crate::time::{Duration, Timestamp};

/// How far an answer's edges are looked for.
pub const HORIZON: Duration = Duration::days(400);

/// One turn on call, or a stretch of it between overrides; a gap if nobody is on call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// In the order of layers and slots, each person once.
    pub people: Vec<PersonId>,
    /// The layer that gives the answer: the winning `replace` layer, else the first `add` layer; None in a gap and
    /// where an override replaces everyone.
    pub layer: Option<String>,
    /// The overrides that made the answer, by their places in the list that was asked with.
    pub overrides: Vec<usize>,
    /// First instant; 400 days back if a gap is older.
    pub since: Timestamp,
    /// First instant after it; None if nothing changes within 400 days.
    pub until: Option<Timestamp>,
}

/// What two instants of one shift have in common: the turns and the overrides that made the answer. The same person
/// in two turns has two shifts.
#[derive(Debug, PartialEq, Eq)]
struct Cause {
    turns: Vec<Turn>,
    overrides: Vec<usize>,
}

impl Schedule {
    /// Who is on call at an instant, each person once. Cheaper than [`Schedule::on_call`]: nothing is asked about how
    /// long it holds.
    pub fn people_at(&self, at: Timestamp, overrides: &[Override]) -> Vec<PersonId> {
        self.answer(at, &self.turns(at), overrides).1
    }

    /// Who is on call at an instant, by which layer or override, since when and until when.
    pub fn on_call(&self, at: Timestamp, overrides: &[Override]) -> Shift {
        let since = self.since(at, overrides);
        self.shift(at, since, at + HORIZON, overrides)
    }

    /// The shift that holds at `at`, which is known to begin at `since`; its end is looked for up to `limit`.
    pub(super) fn shift(
        &self,
        at: Timestamp,
        since: Timestamp,
        limit: Timestamp,
        overrides: &[Override],
    ) -> Shift {
        let turns = self.turns(at);
        let (cause, people) = self.answer(at, &turns, overrides);
        let layer = cause.turns.first().map(|(index, _)| self.layers[*index].id.clone());
        let mut edge = self.constant(at, &turns, overrides).to;
        let until = loop {
            if edge == Stretch::ALWAYS.to {
                break None;
            }
            let turns = self.turns(edge);
            if self.answer(edge, &turns, overrides).0 != cause {
                break Some(edge);
            }
            if edge > limit {
                break None;
            }
            edge = self.constant(edge, &turns, overrides).to;
        };
        Shift { people, layer, overrides: cause.overrides, since, until }
    }

    /// The mirror image of the search for the end in [`Schedule::shift`].
    pub(super) fn since(&self, at: Timestamp, overrides: &[Override]) -> Timestamp {
        let limit = at - HORIZON;
        let turns = self.turns(at);
        let (cause, _) = self.answer(at, &turns, overrides);
        let mut edge = self.constant(at, &turns, overrides).from;
        loop {
            if edge == Stretch::ALWAYS.from {
                return limit;
            }
            let before = edge - Duration(1);
            let turns = self.turns(before);
            if self.answer(before, &turns, overrides).0 != cause {
                return edge;
            }
            if edge < limit {
                return limit;
            }
            edge = self.constant(before, &turns, overrides).from;
        }
    }

    /// The stretch in which neither turns nor overrides change.
    fn constant(&self, at: Timestamp, turns: &[Turn], overrides: &[Override]) -> Stretch {
        let mut stretch = self.stretch(at, turns);
        for change in overrides.iter().filter(|change| change.from < change.to) {
            stretch.cut(change.from, at);
            stretch.cut(change.to, at);
        }
        stretch
    }

    fn answer(&self, at: Timestamp, turns: &[Turn], overrides: &[Override]) -> (Cause, Vec<PersonId>) {
        let active = active(overrides, at);
        // Under an override of everyone that nothing later amends, it does not matter whose turn it is.
        let turns = if matches!(active[..], [(_, only)] if only.replaces.is_none()) { &[] } else { turns };
        let mut places: Vec<Place<'_>> = turns
            .iter()
            .flat_map(|(index, turn)| {
                let slots = &self.layers[*index].slots;
                // The remainder is less than the number of slots, so it is a place in the list.
                &slots[turn.rem_euclid(slots.len() as i64) as usize]
            })
            .map(|person| Place { of: Some(person), by: person })
            .collect();
        let applied =
            active.into_iter().filter(|(_, change)| apply(&mut places, change)).map(|(index, _)| index);
        let cause = Cause { overrides: applied.collect(), turns: turns.to_vec() };
        let mut people: Vec<PersonId> = Vec::with_capacity(places.len());
        for place in places {
            if !people.contains(place.by) {
                people.push(place.by.clone());
            }
        }
        (cause, people)
    }
}
