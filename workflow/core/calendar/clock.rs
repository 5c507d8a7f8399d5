//! Questions to a calendar about open time. Exact to the millisecond; rounding to seconds is the business of clocks.

use super::compile::Calendar;
use super::walk::{HORIZON, Span, Walk};
use crate::civil::DAY;
use crate::time::{Duration, Timestamp};

impl Calendar {
    /// Whether it is open at an instant. A closing instant is closed.
    pub fn is_open(&self, at: Timestamp) -> bool {
        match &self.hours {
            None => true,
            Some(hours) => Walk::new(hours, at, at + Duration(1)).next().is_some(),
        }
    }

    /// The open time in `[a, b)`; zero if `b` is not after `a`. Takes time in proportion to the days between.
    pub fn open_between(&self, a: Timestamp, b: Timestamp) -> Duration {
        match &self.hours {
            None => b.since(a),
            Some(hours) if a < b => Walk::new(hours, a, b)
                .map(|(from, to)| to.min(b).since(from))
                .fold(Duration::ZERO, |sum, piece| Duration(sum.0 + piece.0)),
            Some(_) => Duration::ZERO,
        }
    }

    /// The least instant at or after `start` by which `time` was open: an exact fit is the closing instant. None if it
    /// would take a closed stretch of more than 400 days.
    pub fn advance(&self, start: Timestamp, time: Duration) -> Option<Timestamp> {
        if time <= Duration::ZERO {
            return Some(start);
        }
        let Some(hours) = &self.hours else {
            return Some(start + time);
        };
        let mut rest = time;
        let mut walk = Walk::open_ended(hours, start);
        while let Some((from, to)) = walk.next() {
            let open = to.since(from);
            if open >= rest {
                return Some(from + rest);
            }
            rest = Duration(rest.0 - open.0);
            walk.extend();
        }
        None
    }

    /// The least open instant at or after `at`; None if nothing opens for 400 days.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        match &self.hours {
            None => Some(at),
            Some(hours) => Walk::open_ended(hours, at).next().map(|(from, _)| from),
        }
    }

    /// The open time in `[from, to)` as intervals: in order, disjoint, not touching.
    pub fn intervals(&self, from: Timestamp, to: Timestamp) -> Vec<Span> {
        if from >= to {
            return Vec::new();
        }
        let Some(hours) = &self.hours else {
            return vec![(from, to)];
        };
        let mut merged: Vec<Span> = Vec::new();
        for (start, end) in Walk::new(hours, from, to) {
            match merged.last_mut() {
                Some(previous) if previous.1 == start => previous.1 = end,
                _ => merged.push((start, end)),
            }
        }
        if let Some(last) = merged.last_mut() {
            last.1 = last.1.min(to);
        }
        merged
    }

    /// An instant after which it stays closed for more than 400 days although it was open before, or the year 1970 if
    /// it never opens at all. None for a calendar that can be relied on.
    pub fn closes_for_good(&self) -> Option<Timestamp> {
        let hours = self.hours.as_ref()?;
        let day = |number: i64| Timestamp::from_seconds(number * DAY);
        let exceptions = hours.dated.first_key_value().zip(hours.dated.last_key_value());
        let Some(((first, _), (last, _))) = exceptions else {
            return hours.weekly.is_empty().then_some(Timestamp(0));
        };
        // Only a run of exceptions can interrupt the weekly windows, and without those nothing follows the last one.
        let mut closed_since = day(first - 8);
        let mut opened = false;
        for (from, to) in Walk::new(hours, closed_since, day(last + 402)) {
            if opened && from.since(closed_since) > HORIZON {
                return Some(closed_since);
            }
            (closed_since, opened) = (to, true);
        }
        match opened {
            true => hours.weekly.is_empty().then_some(closed_since),
            false => Some(Timestamp(0)),
        }
    }
}
