//! Windows of the day and sets of weekdays, as the policy writes them: `mon-fri: ["09:00-17:00"]`. Only their text and
//! their place on the wall clock; which instants they are is decided where a zone is at hand.

use std::collections::BTreeMap;

use super::{DAY, digits};
use crate::fault::{Fault, FaultCode};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A window of the wall clock, in seconds since the midnight at which its day begins. The end is later than the start
/// and may lie on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Window {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// Windows by weekday, Monday first; each day's are sorted by start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Weekly([Vec<Window>; 7]);

impl Weekly {
    /// Reads `{weekdays: [windows]}`; every mistake is reported below `path`.
    pub(crate) fn parse(path: &str, spec: &BTreeMap<String, Vec<String>>, faults: &mut Vec<Fault>) -> Weekly {
        let mut weekly = Weekly::default();
        for (key, texts) in spec {
            let path = format!("{path}.{key}");
            let windows = parse_windows(&path, texts, faults);
            let Some(days) = parse_days(key) else {
                faults.push(Fault::new(
                    path,
                    FaultCode::BadCivilTime,
                    format!("{key:?} is not a set of weekdays: write mon-fri, sat, mon,wed or daily"),
                ));
                continue;
            };
            for (windows_of_day, _) in weekly.0.iter_mut().zip(days).filter(|(_, chosen)| *chosen) {
                windows_of_day.extend_from_slice(&windows);
            }
        }
        for windows in &mut weekly.0 {
            windows.sort_unstable();
        }
        weekly
    }

    /// The same windows every day.
    pub(crate) fn daily(windows: &[Window]) -> Weekly {
        Weekly(std::array::from_fn(|_| windows.to_vec()))
    }

    /// The windows that start on a day, given by its number since 1970-01-01, which was a Thursday.
    pub(crate) fn on(&self, day: i64) -> &[Window] {
        &self.0[(day + 3).rem_euclid(7) as usize]
    }

    /// Whether no day has a window.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }
}

/// Reads a list of windows, sorted by start.
pub(crate) fn parse_windows(path: &str, texts: &[String], faults: &mut Vec<Fault>) -> Vec<Window> {
    let mut windows = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        match parse_window(text) {
            Some(window) => windows.push(window),
            None => faults.push(Fault::new(
                format!("{path}[{index}]"),
                FaultCode::BadCivilTime,
                format!("{text:?} is not a window: write 09:00-17:00, 22:00-06:00 or 00:00-24:00"),
            )),
        }
    }
    windows.sort_unstable();
    windows
}

/// `09:00-17:00`; an end not after its start lies on the next day, and `24:00` is the next midnight.
fn parse_window(text: &str) -> Option<Window> {
    let (start, end) = text.split_once('-')?;
    let seconds = |(hour, minute): (i64, i64)| hour * 3600 + minute * 60;
    let start = seconds(parse_time(start)?);
    let end = if end == "24:00" { DAY } else { seconds(parse_time(end)?) };
    Some(Window { start, end: if end <= start { end + DAY } else { end } })
}

/// Hour and minute of `09:00`.
pub(super) fn parse_time(text: &str) -> Option<(i64, i64)> {
    let [hour, minute] = digits(text, [2, 2], b':')?;
    (hour < 24 && minute < 60).then_some((hour, minute))
}

/// `daily`, or days and ranges of days between commas. A range may run over Sunday: `fri-mon`.
fn parse_days(text: &str) -> Option<[bool; 7]> {
    if text == "daily" {
        return Some([true; 7]);
    }
    let number = |name: &str| DAYS.iter().position(|day| *day == name);
    let mut chosen = [false; 7];
    for part in text.split(',') {
        let (from, to) = part.trim().split_once('-').unwrap_or((part.trim(), part.trim()));
        let (mut day, to) = (number(from)?, number(to)?);
        chosen[day] = true;
        while day != to {
            day = (day + 1) % 7;
            chosen[day] = true;
        }
    }
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> Option<String> {
        parse_days(text).map(|days| days.map(|chosen| if chosen { 'x' } else { '.' }).into_iter().collect())
    }

    #[test]
    fn weekdays_are_names_ranges_and_lists() {
        for (text, expected) in [
            ("mon-fri", "xxxxx.."),
            ("sat", ".....x."),
            ("mon,wed", "x.x...."),
            ("mon, thu-fri", "x..xx.."),
            ("fri-mon", "x...xxx"),
            ("daily", "xxxxxxx"),
        ] {
            assert_eq!(days(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "Mon", "monday", "mon-", "mon,,tue", "daily,mon", "1-5"] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    #[test]
    fn a_window_may_end_on_the_next_day() {
        let window = |text| parse_window(text).map(|w| (w.start / 60, w.end / 60));
        assert_eq!(window("09:00-17:00"), Some((540, 1020)));
        assert_eq!(window("22:00-07:30"), Some((1320, 1440 + 450)));
        assert_eq!(window("00:00-24:00"), Some((0, 1440)));
        assert_eq!(window("09:00-09:00"), Some((540, 1440 + 540)));
        for text in [
            "9:00-17:00",
            "09:00",
            "24:00-09:00",
            "09:00-24:01",
            "09:60-10:00",
            "09:00-17:00-18:00",
            "09:00 - 17:00",
        ] {
            assert_eq!(window(text), None, "{text}");
        }
    }

    #[test]
    fn every_mistake_names_its_field() {
        let spec = BTreeMap::from([
            ("monday".to_owned(), vec!["09:00-17:00".to_owned()]),
            ("tue".to_owned(), vec!["09:00-17:00".to_owned(), "nine".to_owned()]),
        ]);
        let mut faults = Vec::new();
        Weekly::parse("weekly", &spec, &mut faults);
        let paths: Vec<&str> = faults.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["weekly.monday", "weekly.tue[1]"]);
        assert!(faults.iter().all(|f| f.code == FaultCode::BadCivilTime));
    }

    #[test]
    fn windows_stand_on_their_weekdays() {
        let spec = BTreeMap::from([
            ("thu".to_owned(), vec!["12:00-13:00".to_owned(), "09:00-10:00".to_owned()]),
            ("daily".to_owned(), vec!["11:00-11:30".to_owned()]),
        ]);
        let weekly = Weekly::parse("weekly", &spec, &mut Vec::new());
        assert_eq!(weekly.on(0).iter().map(|w| w.start / 3600).collect::<Vec<_>>(), [9, 11, 12]);
        assert_eq!(weekly.on(-1).len(), 1);
        assert!(Weekly::default().is_empty() && !weekly.is_empty());
    }
}
