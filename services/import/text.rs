//! Texts of other tools as they are taken: cut to our limits, instants read in the forms that exports use.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use stentor_core::time::Timestamp;

/// Characters of a title.
const TITLE: usize = 250;
/// Characters of a description.
const DESCRIPTION: usize = 15_000;
/// Characters of a note.
const NOTE: usize = 32_000;
/// Characters of a label's value.
const LABEL: usize = 1_024;

pub(super) fn title(text: &str) -> String {
    cut(text.trim(), TITLE)
}

pub(super) fn description(text: &str) -> String {
    cut(text, DESCRIPTION)
}

pub(super) fn note(text: &str) -> String {
    cut(text, NOTE)
}

pub(super) fn label(text: &str) -> String {
    cut(text, LABEL)
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most - 1) {
        Some((at, _)) if text[at..].chars().count() > 1 => format!("{}…", &text[..at]),
        _ => text.to_owned(),
    }
}

/// An instant with an offset: RFC 3339.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    let wrong = || format!("{text:?} is no RFC 3339 instant, such as 2024-05-01T08:30:00Z");
    text.trim().parse().map_err(|_| wrong())
}

/// Civil formats, day before month; the first that fits is taken.
const CIVIL: [&str; 8] = [
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%d/%b/%y %I:%M %p",
    "%d/%b/%Y %H:%M",
    "%d/%b/%y %H:%M",
    "%d/%b/%Y %I:%M %p",
];

/// A civil time in a zone; whether it stands in a gap or a fold of the zone. In a fold the first is meant, in a gap the
/// instant of the change.
pub(super) fn civil(text: &str, zone: &TimeZone) -> Result<(Timestamp, bool), String> {
    let trimmed = text.trim();
    if let Ok(instant) = trimmed.parse::<jiff::Timestamp>() {
        return Ok((Timestamp::from_jiff(instant), false));
    }
    let parsed = CIVIL.iter().find_map(|format| DateTime::strptime(format, trimmed).ok());
    let civil: DateTime = parsed.ok_or_else(|| {
        format!("{text:?} is no date: write 29/2/2016 01:16, 2016-02-29 01:16:00 or 2016-02-29T01:16:00Z")
    })?;
    let out_of_range = |_| format!("{text:?} is out of range");
    let (offset, odd, gap) = match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, false, false),
        AmbiguousOffset::Fold { before, .. } => (before, true, false),
        AmbiguousOffset::Gap { after, .. } => (after, true, true),
    };
    let mut at = offset.to_timestamp(civil).map_err(out_of_range)?;
    if gap {
        at = zone.following(at).next().map_or(at, |change| change.timestamp());
    }
    Ok((Timestamp::from_jiff(at), odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_their_zone() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let read = |text| civil(text, &berlin).map(|(at, odd)| (at.to_string(), odd));
        assert_eq!(read("29/2/2016 01:16").unwrap(), ("2016-02-29T00:16:00Z".to_owned(), false));
        assert_eq!(read("2016-02-29T01:16:00Z").unwrap().0, "2016-02-29T01:16:00Z");
        assert_eq!(read("05/Mar/24 3:07 PM").unwrap().0, "2024-03-05T14:07:00Z");
        assert_eq!(read("30/10/2016 02:30").unwrap(), ("2016-10-30T00:30:00Z".to_owned(), true));
        assert_eq!(read("27/3/2016 02:30").unwrap(), ("2016-03-27T01:00:00Z".to_owned(), true));
        assert!(read("31/2/2016 01:16").unwrap_err().contains("is no date"));
        assert!(read("2/29/2016 01:16").is_err());
    }

    #[test]
    fn long_texts_are_cut_and_marked() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
    }
}
