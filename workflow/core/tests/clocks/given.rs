//! What the walks start from: places and times where clocks change, windows, weekdays. Chosen so that edges fall into
//! gaps and folds often.

use std::collections::BTreeMap;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// Zones and clock changes: gaps and folds of 15, 30, 60 and 120 minutes, at and around midnight, a skipped day, double
/// summer time, changes a month apart.
const CHANGES: [(&str, &str); 28] = [
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("Europe/Dublin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("Pacific/Chatham", "2026-04-04T14:00:00Z"),
    ("Pacific/Chatham", "2026-09-26T14:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    ("Pacific/Apia", "2012-03-31T14:00:00Z"),
    ("Pacific/Kwajalein", "1993-08-21T12:00:00Z"),
    ("Asia/Kathmandu", "1985-12-31T18:30:00Z"),
    ("Asia/Pyongyang", "2015-08-14T15:00:00Z"),
    ("Asia/Pyongyang", "2018-05-04T15:00:00Z"),
    ("America/Caracas", "2007-12-09T07:00:00Z"),
    ("America/Caracas", "2016-05-01T07:00:00Z"),
    ("America/St_Johns", "2006-10-29T02:31:00Z"),
    ("America/St_Johns", "1988-04-03T03:31:00Z"),
    ("America/St_Johns", "1988-10-30T01:31:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("America/Sao_Paulo", "2018-02-18T02:00:00Z"),
    ("America/Havana", "2026-11-01T05:00:00Z"),
    ("Asia/Beirut", "2026-03-28T22:00:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:00:00Z"),
    ("Antarctica/Troll", "2026-03-29T01:00:00Z"),
    ("Europe/London", "1945-04-02T01:00:00Z"),
    ("Asia/Kolkata", "2026-06-01T00:00:00Z"),
];

pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// As many cases as the environment asks for, else so many.
#[expect(clippy::disallowed_methods, reason = "how long to test, not what to decide")]
pub(crate) fn cases(count: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let standard = Config::default();
    Config { cases: if asked { standard.cases } else { count }, failure_persistence: None, ..standard }
}

/// A zone's name and a second near one of its clock changes.
pub(crate) fn place() -> impl Strategy<Value = (&'static str, i64)> {
    (proptest::sample::select(&CHANGES[..]), -3 * 24 * 60..24 * 60_i64).prop_map(
        |((zone, change), minutes)| {
            let change: jiff::Timestamp = change.parse().unwrap();
            (zone, change.as_second() + minutes * 60)
        },
    )
}

pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

/// Start and end of a window in minutes since midnight, the end up to 24 h later.
pub(crate) type Minutes = (i64, i64);

/// Windows, half of whose edges lie in the small hours, where clocks change.
pub(crate) fn window() -> impl Strategy<Value = Minutes> {
    let time = || prop_oneof![0..16_i64, 0..96_i64, 84..96_i64].prop_map(|quarter| quarter * 15);
    (time(), time()).prop_map(|(start, end)| (start, if end <= start { end + 1440 } else { end }))
}

/// Windows by weekday, Monday first.
#[derive(Debug, Clone)]
pub(crate) struct Week(pub(crate) [Vec<Minutes>; 7]);

pub(crate) fn week() -> impl Strategy<Value = Week> {
    let entry = (0..8_usize, proptest::collection::vec(window(), 1..3));
    proptest::collection::vec(entry, 1..5).prop_map(|entries| {
        let mut week: [Vec<Minutes>; 7] = Default::default();
        for (day, windows) in entries {
            match week.get_mut(day) {
                Some(of_day) => of_day.extend(windows),
                None => week.iter_mut().for_each(|of_day| of_day.extend(&windows)),
            }
        }
        Week(week)
    })
}

impl Week {
    pub(crate) fn spec(&self) -> BTreeMap<String, Vec<String>> {
        let days = DAYS.iter().zip(&self.0).filter(|(_, windows)| !windows.is_empty());
        days.map(|(day, windows)| ((*day).to_owned(), texts(windows))).collect()
    }
}

pub(crate) fn texts(windows: &[Minutes]) -> Vec<String> {
    let time = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let end = |minutes: i64| if minutes == 1440 { "24:00".to_owned() } else { time(minutes % 1440) };
    windows.iter().map(|window| format!("{}-{}", time(window.0), end(window.1))).collect()
}

/// A date as the policy writes it.
pub(crate) fn date(day: i64) -> String {
    jiff::Timestamp::from_second(day * 86_400).unwrap().to_zoned(TimeZone::UTC).date().to_string()
}
