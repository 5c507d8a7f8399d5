//! The wall clock of a zone, minute by minute over some weeks, and what follows from it for windows. All zones and
//! years used here have offsets of whole minutes, so no edge lies between two minutes.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use stentor_core::time::Timestamp;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const DAY: i64 = 86_400;

/// Some weeks of a zone.
pub(crate) struct Walk {
    /// First second, a whole minute.
    pub(crate) from: i64,
    /// What the wall clock shows at each minute.
    walls: Vec<i64>,
    /// First and last second at which the wall clock shows a minute.
    shown: BTreeMap<i64, (i64, i64)>,
}

impl Walk {
    pub(crate) fn new(zone: &TimeZone, from: i64, to: i64) -> Walk {
        let mut walk = Walk { from, walls: Vec::new(), shown: BTreeMap::new() };
        for second in (from..to).step_by(MINUTE as usize) {
            let civil = zone.to_datetime(jiff::Timestamp::from_second(second).unwrap());
            let wall = civil.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
            walk.walls.push(wall);
            walk.shown.entry(wall).or_insert((second, second)).1 = second;
        }
        walk
    }

    pub(crate) fn to(&self) -> i64 {
        self.from + self.walls.len() as i64 * MINUTE
    }

    /// First and last occurrence of a wall-clock minute; the end of the gap if there is none. None outside the walk.
    pub(crate) fn occurrences(&self, wall: i64) -> Option<(i64, i64)> {
        self.shown.get(&wall).copied().or_else(|| {
            let jump = self.walls.windows(2).position(|pair| pair[0] < wall && wall < pair[1])?;
            let second = self.from + (jump as i64 + 1) * MINUTE;
            Some((second, second))
        })
    }

    /// The civil days that lie wholly in the walk, by number since 1970.
    pub(crate) fn days(&self) -> std::ops::Range<i64> {
        self.walls[0].div_euclid(DAY) + 1..self.walls[self.walls.len() - 1].div_euclid(DAY) - 1
    }

    /// For each second of the walk whether a window holds it. `windows` gives each day's, in minutes since its midnight.
    pub(crate) fn open(&self, windows: impl Fn(i64) -> Vec<(i64, i64)>) -> Vec<bool> {
        let mut open = vec![false; (self.to() - self.from) as usize];
        for day in self.days() {
            for (start, end) in windows(day) {
                let start = self.occurrences(day * DAY + start * MINUTE).unwrap().0;
                let end = self.occurrences(day * DAY + end * MINUTE).unwrap().1;
                for second in start..end {
                    open[(second - self.from) as usize] = true;
                }
            }
        }
        open
    }
}

/// The weekday of a day: 0 is Monday.
pub(crate) fn weekday(day: i64) -> usize {
    // 1970-01-05 was a Monday.
    (day - 4).rem_euclid(7) as usize
}

pub(crate) fn instant(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}
