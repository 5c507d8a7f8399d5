//! An interval in civil periods: where days, weeks, months, quarters and years begin in a zone.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::civil;
use crate::time::Timestamp;

/// How an interval is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Not at all.
    Whole,
    Day,
    /// From Monday on.
    Week,
    Month,
    /// From January, April, July and October on.
    Quarter,
    Year,
}

/// The first instants of the periods that touch `[from, to)`, in order; the first of them is `from`. `None` if there are
/// more than `most`.
pub(super) fn starts(
    period: Period,
    zone: &TimeZone,
    (from, to): (Timestamp, Timestamp),
    most: usize,
) -> Option<Vec<Timestamp>> {
    let mut starts = vec![from];
    let mut day = civil::date_at(zone, from);
    loop {
        let Some(next) = following(period, day) else { return Some(starts) };
        day = next;
        let at = civil::midnight(zone, day);
        if at >= to {
            return Some(starts);
        }
        // A day that the zone skips as a whole begins with the one after it.
        if starts.last().is_some_and(|last| *last < at) {
            starts.push(at);
        }
        if starts.len() > most {
            return None;
        }
    }
}

/// The first day of the next period; none after the last one that there are dates for.
fn following(period: Period, day: Date) -> Option<Date> {
    let month = |months: i32| day.first_of_month().checked_add(months.months()).ok();
    match period {
        Period::Whole => None,
        Period::Day => day.tomorrow().ok(),
        Period::Week => day.nth_weekday(1, Weekday::Monday).ok(),
        Period::Month => month(1),
        Period::Quarter => month(3 - i32::from((day.month() - 1) % 3)),
        Period::Year => month(13 - i32::from(day.month())),
    }
}
