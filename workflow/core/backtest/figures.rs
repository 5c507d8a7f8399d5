//! What is counted on each side, and of the differences. Counts only; nothing is judged.

use serde::{Deserialize, Serialize};

use super::percentile::Spread;

/// Figures of one side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Side {
    pub pages: u64,
    /// Between 22:00 and 07:00 where the person is.
    pub pages_at_night: u64,
    pub breaches: u64,
    /// Incidents in which every round went unanswered.
    pub exhausted: u64,
    /// Incidents that paged nobody.
    pub silent: u64,
    /// From the opening, in seconds.
    pub first_page: Spread,
    pub acknowledged: Spread,
    pub acknowledgements: u64,
    /// Of these, by people who had not been paged yet.
    pub unexplained: u64,
    /// Actions and signals that this side refused.
    pub dropped: u64,
}

/// Pages of one person, or of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pages {
    pub baseline: u64,
    pub candidate: u64,
    pub added: u64,
    pub removed: u64,
    pub moved: u64,
    pub night_baseline: u64,
    pub night_candidate: u64,
}

/// Pages by hour of day where the person is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    pub baseline: [u64; 24],
    pub candidate: [u64; 24],
}

/// Breaches of the clocks of one definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Breaches {
    pub baseline: u64,
    pub candidate: u64,
    pub added: u64,
    pub removed: u64,
}

/// Whether an hour of day is night.
pub(super) fn is_night(hour: usize) -> bool {
    !(7..22).contains(&hour)
}
