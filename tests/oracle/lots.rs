//! Draws lots that come out the same for the same seed, so that whatever fails can be seen failing again.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A source of lots.
pub(crate) struct Lots(StdRng);

impl Lots {
    pub(crate) fn new(seed: u64) -> Lots {
        Lots(StdRng::seed_from_u64(seed))
    }

    /// A number from `from` up to but not including `to`.
    pub(crate) fn of(&mut self, from: i64, to: i64) -> i64 {
        self.0.random_range(from..to)
    }

    /// True in one of `n` cases.
    pub(crate) fn one_in(&mut self, n: i64) -> bool {
        self.of(0, n) == 0
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.of(0, among.len() as i64) as usize]
    }
}
