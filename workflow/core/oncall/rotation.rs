//! Which turn of which layer holds at an instant, before anybody overrides it, and until when that cannot change.
//! Turns are counted on the wall clock, so hand-offs keep their time of day across clock changes.

use super::compile::{Layer, Schedule};
use crate::civil::{clamp, first, wall_at};
use crate::policy::document::LayerMode;
use crate::time::Timestamp;

/// A layer by its place in the schedule, and the number of its turn.
pub(super) type Turn = (usize, i64);

/// The stretch around an instant in which nothing changes, as far as is known at once: it may hold for longer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

impl Stretch {
    /// All time.
    pub(super) const ALWAYS: Stretch = Stretch { from: Timestamp(i64::MIN), to: Timestamp(i64::MAX) };

    /// Cut at an edge: what lies beyond it, seen from `at`, is no longer known.
    pub(super) fn cut(&mut self, edge: Timestamp, at: Timestamp) {
        if edge <= at {
            self.from = self.from.max(edge);
        } else {
            self.to = self.to.min(edge);
        }
    }
}

impl Schedule {
    /// The turns that hold: the last listed `replace` layer that covers the instant, then every `add` layer that does.
    pub(super) fn turns(&self, at: Timestamp) -> Vec<Turn> {
        let covering = |index: &usize| self.layers[*index].covers(at);
        let of_mode =
            |mode: LayerMode| (0..self.layers.len()).filter(move |index| self.layers[*index].mode == mode);
        let winner = of_mode(LayerMode::Replace).rev().find(covering);
        winner
            .into_iter()
            .chain(of_mode(LayerMode::Add).filter(covering))
            .map(|index| (index, self.turn_at(&self.layers[index], at)))
            .collect()
    }

    /// The stretch in which these turns, which hold at `at`, are bound to hold.
    pub(super) fn stretch(&self, at: Timestamp, turns: &[Turn]) -> Stretch {
        let mut stretch = Stretch::ALWAYS;
        let winner = turns.iter().find(|(index, _)| self.layers[*index].mode == LayerMode::Replace);
        for (index, layer) in self.layers.iter().enumerate() {
            if layer.mode == LayerMode::Replace && winner.is_some_and(|winner| index < winner.0) {
                continue;
            }
            if let Some((_, turn)) = turns.iter().find(|turn| turn.0 == index) {
                stretch.cut(self.hand_off(layer, *turn), at);
                stretch.cut(self.hand_off(layer, turn + 1), at);
                if let Some((start, end)) = layer.only.as_ref().and_then(|only| only.around(at)) {
                    stretch.cut(start, at);
                    stretch.cut(end, at);
                }
            } else if let Some(only) = &layer.only {
                only.previous_end(at)
                    .into_iter()
                    .chain(only.next_start(at))
                    .for_each(|edge| stretch.cut(edge, at));
            }
        }
        stretch
    }

    /// When turn `turn` begins.
    fn hand_off(&self, layer: &Layer, turn: i64) -> Timestamp {
        first(&self.zone, layer.anchor + turn * layer.turn)
    }

    /// The last turn that has begun. The wall clock gives it but for an instant after a clock change, where a later
    /// hand-off may have passed already.
    fn turn_at(&self, layer: &Layer, at: Timestamp) -> i64 {
        let at = clamp(at);
        let mut turn = (wall_at(&self.zone, at) - layer.anchor).div_euclid(layer.turn);
        while self.hand_off(layer, turn) > at {
            turn -= 1;
        }
        while self.hand_off(layer, turn + 1) <= at {
            turn += 1;
        }
        turn
    }
}

impl Layer {
    fn covers(&self, at: Timestamp) -> bool {
        self.only.as_ref().is_none_or(|only| only.is_open(at))
    }
}
