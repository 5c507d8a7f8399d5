//! Where windows begin and end around an instant, in both directions, for those who need to know how long an answer
//! holds. Windows stand here as written: overlapping ones are not merged.

use super::compile::{Calendar, Hours};
use super::walk::{HORIZON, Span};
use crate::civil::{DAY, first, last, wall_at};
use crate::time::{Duration, Timestamp};

/// Days searched: 400, and a margin for clock changes.
const DAYS: i64 = HORIZON.0 / Duration::days(1).0 + 3;

impl Calendar {
    /// From the first start to the last end of the windows that hold an instant; None if it is closed. The calendar is
    /// open throughout, and may be open beyond.
    pub(crate) fn around(&self, at: Timestamp) -> Option<Span> {
        let Some(hours) = &self.hours else {
            return Some((Timestamp(i64::MIN), Timestamp(i64::MAX)));
        };
        let today = hours.today(at);
        (today - 3..=today + 1)
            .flat_map(|day| hours.spans(day))
            .filter(|(start, end)| *start <= at && at < *end)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// The next instant after `at` at which a window starts, within 400 days.
    pub(crate) fn next_start(&self, at: Timestamp) -> Option<Timestamp> {
        let hours = self.hours.as_ref().filter(|hours| hours.ever_opens())?;
        let today = hours.today(at);
        // Starts grow with the day, so the first found is the least.
        (today - 1..today + DAYS)
            .flat_map(|day| hours.spans(day))
            .map(|span| span.0)
            .find(|start| *start > at)
    }

    /// The last instant up to `at` at which a window ended, within 400 days.
    pub(crate) fn previous_end(&self, at: Timestamp) -> Option<Timestamp> {
        let hours = self.hours.as_ref().filter(|hours| hours.ever_opens())?;
        let today = hours.today(at);
        let latest = |day: i64| hours.spans(day).map(|span| span.1).filter(|end| *end <= at).max();
        // A window over midnight may end after those of the next day, never after those of the day after.
        (today - DAYS..=today + 1)
            .rev()
            .find_map(|day| latest(day).map(|end| latest(day - 1).map_or(end, |e| e.max(end))))
    }
}

impl Hours {
    fn today(&self, at: Timestamp) -> i64 {
        wall_at(&self.zone, at).div_euclid(DAY)
    }

    fn ever_opens(&self) -> bool {
        !self.weekly.is_empty() || !self.dated.is_empty()
    }

    /// The windows of a day as instants.
    fn spans(&self, day: i64) -> impl Iterator<Item = Span> {
        let midnight = day * DAY;
        self.on(day).iter().map(move |window| {
            (first(&self.zone, midnight + window.start), last(&self.zone, midnight + window.end))
        })
    }
}
