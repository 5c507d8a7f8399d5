//! The open time of a calendar from an instant on, piece by piece. Pieces are disjoint and in order but may touch;
//! whoever needs them merged merges them.

use super::compile::Hours;
use crate::civil::{DAY, Wall, clamp, first, last, wall_at};
use crate::time::{Duration, Timestamp};

/// From one instant to another, the second excluded.
pub(super) type Span = (Timestamp, Timestamp);

/// How far ahead an opening is looked for.
pub(super) const HORIZON: Duration = Duration::days(400);

/// The widest fold known to the tz database (24 h, at the date line) and an hour: a window whose end lies so far behind
/// on the wall clock is over.
const SETTLED: Wall = 25 * 3600;

/// Walks the windows in the order of their starts. Both ends of a window grow with their wall-clock times, so cutting
/// each window at the latest end so far makes the pieces disjoint.
pub(super) struct Walk<'c> {
    hours: &'c Hours,
    day: i64,
    index: usize,
    last_day: i64,
    /// Windows ending before this on the wall clock are over.
    settled: Wall,
    cursor: Timestamp,
    until: Timestamp,
}

impl<'c> Walk<'c> {
    /// The pieces that start before `until`, cut at `from`. The last one may end later than `until`.
    pub(super) fn new(hours: &'c Hours, from: Timestamp, until: Timestamp) -> Walk<'c> {
        let wall = wall_at(&hours.zone, from);
        let last_day = (clamp(until).seconds()).div_euclid(DAY) + 2;
        let settled = wall - SETTLED;
        // A window is at most 24 h long, so it ends at the latest two midnights after its day began.
        let day = settled.div_euclid(DAY) - 1;
        Walk { hours, day, index: 0, last_day, settled, cursor: clamp(from), until }
    }

    /// As `new`, with openings looked for until nothing opens for 400 days.
    pub(super) fn open_ended(hours: &'c Hours, from: Timestamp) -> Walk<'c> {
        let mut walk = Walk::new(hours, from, from);
        walk.extend();
        walk
    }

    /// Sets the end of the search anew: 400 days after the last piece.
    pub(super) fn extend(&mut self) {
        self.until = self.cursor + HORIZON + Duration(1);
        self.last_day = self.until.seconds().div_euclid(DAY) + 2;
    }
}

impl Iterator for Walk<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        while self.day <= self.last_day {
            let midnight = self.day * DAY;
            while let Some(window) = self.hours.on(self.day).get(self.index) {
                self.index += 1;
                if midnight + window.end < self.settled {
                    continue;
                }
                let end = last(&self.hours.zone, midnight + window.end);
                if end <= self.cursor {
                    continue;
                }
                let start = first(&self.hours.zone, midnight + window.start).max(self.cursor);
                if start >= self.until {
                    self.day = self.last_day;
                    break;
                }
                if start < end {
                    self.cursor = end;
                    return Some((start, end));
                }
            }
            self.day += 1;
            self.index = 0;
        }
        None
    }
}
