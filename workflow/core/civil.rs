//! From the wall clock to instants and back, by one rule: a start is the first occurrence of its wall-clock time, an
//! end the last, and a time that the clock skips is the end of the skip. Knows neither calendars nor rotations.

use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use crate::fault::{Fault, FaultCode};
use crate::time::Timestamp;

mod weekly;

pub(crate) use weekly::{Weekly, Window, parse_windows};

/// Seconds on a wall clock since its own 1970-01-01T00:00:00, counted as if every day had 24 hours. Civil arithmetic is
/// plain arithmetic on these.
pub(crate) type Wall = i64;

/// A civil day on that line.
pub(crate) const DAY: i64 = 86_400;

/// Beyond these instants (years 1 and 9000) nothing is distinguished, so that no step leaves the range of civil dates.
const FIRST_INSTANT: i64 = -62_000_000_000;
const LAST_INSTANT: i64 = 221_000_000_000;
/// A year and more around them.
const MARGIN: i64 = 100_000_000;

/// The zone of an IANA name, from the tz data inside the binary: every instance of one release decides alike, whatever
/// its host has installed.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The zone of the field `path`, or the fault it is.
pub(crate) fn zone_at(path: &str, name: &str) -> Result<TimeZone, Fault> {
    zone(name).ok_or_else(|| {
        Fault::new(
            path,
            FaultCode::BadZone,
            format!("{name:?} is not an IANA time zone such as Europe/Berlin"),
        )
    })
}

/// An instant within the range in which civil arithmetic holds.
pub(crate) fn clamp(at: Timestamp) -> Timestamp {
    Timestamp(at.0.clamp(FIRST_INSTANT * 1000, LAST_INSTANT * 1000))
}

/// What the wall clock shows at an instant.
pub(crate) fn wall_at(zone: &TimeZone, at: Timestamp) -> Wall {
    let at = clamp(at);
    at.seconds() + i64::from(zone.to_offset(at.to_jiff()).seconds())
}

/// The civil date at an instant.
pub(crate) fn date_at(zone: &TimeZone, at: Timestamp) -> jiff::civil::Date {
    Offset::UTC.to_datetime(Timestamp::from_seconds(wall_at(zone, at)).to_jiff()).date()
}

/// When a civil day begins.
pub(crate) fn midnight(zone: &TimeZone, day: jiff::civil::Date) -> Timestamp {
    let wall = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).map(jiff::Timestamp::as_second);
    first(zone, wall.unwrap_or(LAST_INSTANT))
}

/// The instant of a start or a hand-off: the first occurrence of its wall-clock time, or the end of the gap that
/// swallows it.
pub(crate) fn first(zone: &TimeZone, wall: Wall) -> Timestamp {
    occurrence(zone, wall, true)
}

/// The instant of an end: the last occurrence of its wall-clock time, or the end of the gap that swallows it.
pub(crate) fn last(zone: &TimeZone, wall: Wall) -> Timestamp {
    occurrence(zone, wall, false)
}

fn occurrence(zone: &TimeZone, wall: Wall, earlier: bool) -> Timestamp {
    let wall = wall.clamp(FIRST_INSTANT - MARGIN, LAST_INSTANT + MARGIN);
    let civil = Offset::UTC.to_datetime(Timestamp::from_seconds(wall).to_jiff());
    let ambiguous = zone.to_ambiguous_timestamp(civil);
    let offset = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Fold { before, after } => {
            if earlier {
                before
            } else {
                after
            }
        }
        AmbiguousOffset::Gap { after, .. } => return gap_end(zone, wall, after),
    };
    at_offset(wall, offset)
}

/// The transition that made the gap. With the offset that holds after it, a time in the gap reads as an instant before
/// it.
fn gap_end(zone: &TimeZone, wall: Wall, after: Offset) -> Timestamp {
    let before = at_offset(wall, after);
    zone.following(before.to_jiff())
        .find(|transition| transition.offset() == after)
        .map_or(before, |transition| Timestamp::from_jiff(transition.timestamp()))
}

fn at_offset(wall: Wall, offset: Offset) -> Timestamp {
    Timestamp::from_seconds(wall - i64::from(offset.seconds()))
}

/// The day number of a date written `2026-12-25`; years 1900 to 2999.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    Some(parse_wall(&format!("{text}T00:00"))?.div_euclid(DAY))
}

/// The wall-clock second of a civil date-time written `2026-01-05T09:00`; years 1900 to 2999.
pub(crate) fn parse_wall(text: &str) -> Option<Wall> {
    let (date, time) = text.split_once('T')?;
    let (hour, minute) = weekly::parse_time(time)?;
    let [year, month, day] = digits(date, [4, 2, 2], b'-')?;
    if !(1900..3000).contains(&year) {
        return None;
    }
    let date =
        jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let time = date.ok()?.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0);
    Offset::UTC.to_timestamp(time).ok().map(jiff::Timestamp::as_second)
}

/// Numbers of exactly these widths between separators.
fn digits<const N: usize>(text: &str, widths: [usize; N], separator: u8) -> Option<[i64; N]> {
    let mut parts = text.split(char::from(separator));
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> Wall {
        parse_wall(text).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn edges_around_clock_changes_follow_one_rule() {
        for (name, civil, start, end) in [
            ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"),
            ("Europe/Berlin", "2026-06-01T09:00", "2026-06-01T07:00:00Z", "2026-06-01T07:00:00Z"),
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z"),
            ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"),
            ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"),
            ("Asia/Kathmandu", "1986-01-01T00:10", "1985-12-31T18:30:00Z", "1985-12-31T18:30:00Z"),
        ] {
            let zone = zone(name).unwrap();
            assert_eq!(first(&zone, wall(civil)), at(start), "start {civil} {name}");
            assert_eq!(last(&zone, wall(civil)), at(end), "end {civil} {name}");
        }
    }

    #[test]
    fn the_wall_clock_reads_the_offset_of_the_instant() {
        let zone = zone("Australia/Lord_Howe").unwrap();
        assert_eq!(wall_at(&zone, at("2026-10-03T15:30:00.999Z")), wall("2026-10-04T02:30"));
        assert_eq!(wall_at(&zone, at("2026-10-03T15:29:59Z")), wall("2026-10-04T01:59") + 59);
    }

    #[test]
    fn instants_beyond_the_civil_range_saturate() {
        let zone = zone("Europe/Berlin").unwrap();
        assert_eq!(wall_at(&zone, Timestamp(i64::MAX)), wall_at(&zone, Timestamp(i64::MAX / 2)));
        assert_eq!(first(&zone, i64::MIN), first(&zone, i64::MIN / 2));
    }

    #[test]
    fn what_is_no_date_time_is_refused() {
        assert_eq!(parse_date("1970-01-02"), Some(1));
        assert_eq!(parse_wall("1970-01-01T09:00"), Some(32_400));
        for text in
            ["2026-1-05T09:00", "2026-02-30T09:00", "2026-01-05 09:00", "2026-01-05T24:00", "2026-01-05T9:00"]
        {
            assert_eq!(parse_wall(text), None, "{text}");
        }
        for text in ["2026-01-05T09:00Z", "2026-01-05T09:00:00", "0026-01-05T09:00", "+026-01-05T09:00", ""] {
            assert_eq!(parse_wall(text), None, "{text}");
        }
        assert!(zone("Mars/Olympus").is_none());
    }
}
