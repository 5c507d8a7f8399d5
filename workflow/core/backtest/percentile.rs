//! Half, nine tenths and the most of a list of lengths, by nearest rank. No averages: one long night hides in them.

use serde::{Deserialize, Serialize};

/// A spread in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spread {
    /// How many there are; without any the rest is 0.
    pub n: u64,
    pub p50: i64,
    pub p90: i64,
    pub max: i64,
}

impl Spread {
    /// Of lengths in any order.
    pub(super) fn of(lengths: &[i64]) -> Spread {
        let mut sorted = lengths.to_vec();
        sorted.sort_unstable();
        let rank = |percent: usize| {
            let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted.get(place).copied().unwrap_or(0)
        };
        Spread { n: sorted.len() as u64, p50: rank(50), p90: rank(90), max: rank(100) }
    }
}
