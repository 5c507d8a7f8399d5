//! The shifts and gaps of an interval. Together they cover it without overlapping; nothing is decided about what a gap
//! means.

use super::answer::{HORIZON, Shift};
use super::compile::Schedule;
use super::overrides::Override;
use crate::time::Timestamp;

impl Schedule {
    /// The shifts that touch `[from, to)`, in order, with their true edges: the first may begin before `from`, the last
    /// end after `to`.
    pub fn shifts(&self, from: Timestamp, to: Timestamp, overrides: &[Override]) -> Vec<Shift> {
        let mut stretches = self.stretches(from, to, overrides);
        stretches.retain(|shift| !shift.people.is_empty());
        stretches
    }

    /// The stretches of `[from, to)` in which nobody is on call, in order, cut at the interval's edges.
    pub fn gaps(
        &self,
        from: Timestamp,
        to: Timestamp,
        overrides: &[Override],
    ) -> Vec<(Timestamp, Timestamp)> {
        self.stretches(from, to, overrides)
            .into_iter()
            .filter(|shift| shift.people.is_empty())
            .map(|gap| (gap.since.max(from), gap.until.map_or(to, |until| until.min(to))))
            .collect()
    }

    /// Shifts and gaps without holes between them.
    pub(super) fn stretches(&self, from: Timestamp, to: Timestamp, overrides: &[Override]) -> Vec<Shift> {
        let mut stretches = Vec::new();
        if from >= to {
            return stretches;
        }
        let limit = |at: Timestamp| to.max(at + HORIZON);
        let mut current = self.shift(from, self.since(from, overrides), limit(from), overrides);
        loop {
            let next = current.until.filter(|until| *until < to);
            stretches.push(current);
            match next {
                Some(at) => current = self.shift(at, at, limit(at), overrides),
                None => return stretches,
            }
        }
    }
}
