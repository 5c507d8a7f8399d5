//! A calendar as it is asked, made from the calendar as it is written. Every mistake in the text is found here; asking
//! cannot fail.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::civil::{Weekly, Window, parse_date, parse_windows, zone_at};
use crate::fault::{Fault, FaultCode};
use crate::policy::document::CalendarSpec;

/// When it is open. Made once per policy version; immutable.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// None for `always`.
    pub(super) hours: Option<Hours>,
}

/// Opening hours on the wall clock of a zone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hours {
    pub(super) zone: TimeZone,
    pub(super) weekly: Weekly,
    /// Days with windows of their own, by day number; none if closed.
    pub(super) dated: BTreeMap<i64, Vec<Window>>,
}

impl Calendar {
    /// The built-in calendar that never closes: all absolute time.
    pub fn always() -> Calendar {
        Calendar { hours: None }
    }

    /// Reads a calendar of the policy. A date both `closed` and `special` has its special windows. Errors: every
    /// mistake, with the path of its field below the calendar.
    pub fn compile(spec: &CalendarSpec) -> Result<Calendar, Vec<Fault>> {
        let mut faults = Vec::new();
        let zone = zone_at("zone", &spec.zone).map_err(|fault| faults.push(fault));
        let weekly = Weekly::parse("weekly", &spec.weekly, &mut faults);
        let mut dated = BTreeMap::new();
        for (index, text) in spec.closed.iter().enumerate() {
            if let Some(day) = day_at(format!("closed[{index}]"), text, &mut faults) {
                dated.insert(day, Vec::new());
            }
        }
        for (text, windows) in &spec.special {
            let path = format!("special.{text}");
            let windows = parse_windows(&path, windows, &mut faults);
            if let Some(day) = day_at(path, text, &mut faults) {
                dated.insert(day, windows);
            }
        }
        match zone {
            Ok(zone) if faults.is_empty() => Ok(Calendar { hours: Some(Hours { zone, weekly, dated }) }),
            _ => Err(faults),
        }
    }

    /// The same windows every day, as a person's quiet hours are written. Errors: faults at `zone` and `hours[i]`.
    pub fn daily(zone: &str, hours: &[String]) -> Result<Calendar, Vec<Fault>> {
        let mut faults = Vec::new();
        let windows = parse_windows("hours", hours, &mut faults);
        match zone_at("zone", zone) {
            Ok(zone) if faults.is_empty() => Ok(Calendar::weekly(zone, Weekly::daily(&windows))),
            Ok(_) => Err(faults),
            Err(fault) => {
                faults.push(fault);
                Err(faults)
            }
        }
    }

    /// Weekly windows without exceptions.
    pub(crate) fn weekly(zone: TimeZone, weekly: Weekly) -> Calendar {
        Calendar { hours: Some(Hours { zone, weekly, dated: BTreeMap::new() }) }
    }
}

impl Hours {
    /// The windows that start on a day.
    pub(super) fn on(&self, day: i64) -> &[Window] {
        if self.dated.is_empty() {
            return self.weekly.on(day);
        }
        self.dated.get(&day).map_or_else(|| self.weekly.on(day), Vec::as_slice)
    }
}

fn day_at(path: String, text: &str, faults: &mut Vec<Fault>) -> Option<i64> {
    let day = parse_date(text);
    if day.is_none() {
        faults.push(Fault::new(
            path,
            FaultCode::BadCivilTime,
            format!("{text:?} is not a date from 1900 to 2999: write 2026-12-25"),
        ));
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_of_a_calendar_is_reported_at_its_field() {
        let spec = CalendarSpec {
            zone: "Europe/Nowhere".to_owned(),
            weekly: BTreeMap::from([("mon-fri".to_owned(), vec!["9-17".to_owned()])]),
            closed: vec!["2026-12-25".to_owned(), "2026-13-01".to_owned()],
            special: BTreeMap::from([(
                "tomorrow".to_owned(),
                vec!["09:00-12:00".to_owned(), "x".to_owned()],
            )]),
        };
        let faults = Calendar::compile(&spec).unwrap_err();
        let found: Vec<(&str, &str)> = faults.iter().map(|f| (f.path.as_str(), f.code.as_str())).collect();
        assert_eq!(
            found,
            [
                ("zone", "BAD_ZONE"),
                ("weekly.mon-fri[0]", "BAD_CIVIL_TIME"),
                ("closed[1]", "BAD_CIVIL_TIME"),
                ("special.tomorrow[1]", "BAD_CIVIL_TIME"),
                ("special.tomorrow", "BAD_CIVIL_TIME"),
            ]
        );
    }

    #[test]
    fn daily_hours_report_zone_and_windows() {
        assert!(Calendar::daily("Europe/Berlin", &["22:00-07:00".to_owned()]).is_ok());
        let faults = Calendar::daily("Berlin", &["22-7".to_owned()]).unwrap_err();
        assert_eq!(faults.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["hours[0]", "zone"]);
    }
}
