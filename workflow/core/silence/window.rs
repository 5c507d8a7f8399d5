//! Maintenance windows: when they hold, what they cover, and which of several decides. What becomes of an alert in one
//! stands with the incident.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::matcher::{Compiled, Matcher, compile};
use crate::civil::{self, DAY};
use crate::id::ServiceId;
use crate::refusal::Refusal;
use crate::standing::Stretch;
use crate::time::Timestamp;

/// What becomes of alerts that come in a window. Of overlapping windows the first in this order decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// Not taken in: a repeat after the end opens an incident.
    Drop,
    /// All in one incident, paged at the end if it still fires.
    Collect,
    /// Incidents as usual, paged at the end if they still fire.
    Hold,
    /// Incidents as usual, not paged at the end either.
    Mute,
}

/// The same stretch of the wall clock every week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weekly {
    /// IANA name of the zone whose clock it is.
    pub zone: String,
    /// No occurrence begins at or after this instant; None: it goes on until it is cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What a window covers and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The first occurrence.
    pub at: Stretch,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekly: Option<Weekly>,
    /// Alerts of these services; empty: of all.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub services: BTreeSet<ServiceId>,
    /// And whose labels one of these sets matches; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sets: Vec<Vec<Matcher>>,
    pub mode: Mode,
}

/// A window, ready to be asked.
#[derive(Debug, Clone)]
pub struct Window {
    at: Stretch,
    weekly: Option<(TimeZone, Option<Timestamp>)>,
    services: BTreeSet<ServiceId>,
    matchers: Option<Compiled>,
    mode: Mode,
}

impl Plan {
    /// Makes it ready to be asked.
    ///
    /// # Errors
    /// `INVALID_FIELD` for matchers that are none, a zone that is none, or a window over everything.
    pub fn compile(&self) -> Result<Window, Refusal> {
        let weekly = self.weekly.as_ref().map(|weekly| {
            let wrong = || {
                let problem = format!("{:?} is not an IANA time zone such as Europe/Berlin", weekly.zone);
                crate::limits::bad("weekly_zone", problem)
            };
            Ok::<_, Refusal>((civil::zone(&weekly.zone).ok_or_else(wrong)?, weekly.until))
        });
        let matchers = if self.sets.is_empty() { None } else { Some(compile(&self.sets)?) };
        if self.services.is_empty() && matchers.is_none() {
            let problem = "is required unless matcher_sets say what is covered".to_owned();
            return Err(crate::limits::bad("services", problem));
        }
        let (services, mode) = (self.services.clone(), self.mode);
        Ok(Window { at: self.at, weekly: weekly.transpose()?, services, matchers, mode })
    }
}

impl Window {
    /// What becomes of alerts in it.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The occurrence that holds at an instant.
    pub fn occurrence(&self, now: Timestamp) -> Option<Stretch> {
        let Some((zone, until)) = &self.weekly else { return Some(self.at).filter(|at| holds(*at, now)) };
        let weeks = now.since(self.at.from).millis().div_euclid(DAY * 7 * 1000);
        // The clock may have been set forward or back since, and one may reach into the next week.
        let near = (weeks - 1..=weeks + 1).filter(|week| *week >= 0).map(|week| self.shifted(zone, week));
        near.filter(|at| until.is_none_or(|until| at.from < until)).find(|at| holds(*at, now))
    }

    /// The next occurrence that begins after an instant.
    pub fn next(&self, now: Timestamp) -> Option<Stretch> {
        let Some((zone, until)) = &self.weekly else { return Some(self.at).filter(|at| at.from > now) };
        let weeks = now.since(self.at.from).millis().div_euclid(DAY * 7 * 1000).max(0);
        let near =
            (weeks.saturating_sub(1)..=weeks + 1).filter(|week| *week >= 0).map(|w| self.shifted(zone, w));
        near.filter(|at| until.is_none_or(|until| at.from < until)).find(|at| at.from > now)
    }

    /// Whether an alert of a service falls under it, whenever that is.
    pub fn covers(&self, labels: &BTreeMap<String, String>, service: &ServiceId) -> bool {
        (self.services.is_empty() || self.services.contains(service))
            && self.matchers.as_ref().is_none_or(|matchers| matchers.matches(labels))
    }

    /// The occurrence so many weeks after the first, by the wall clock.
    fn shifted(&self, zone: &TimeZone, weeks: i64) -> Stretch {
        let days = 7 * weeks * DAY;
        Stretch {
            from: civil::first(zone, civil::wall_at(zone, self.at.from) + days),
            to: civil::last(zone, civil::wall_at(zone, self.at.to) + days),
        }
    }
}

fn holds(at: Stretch, now: Timestamp) -> bool {
    at.from <= now && now < at.to
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn plan(from: &str, to: &str, weekly: Option<Weekly>) -> Plan {
        let at = Stretch { from: instant(from), to: instant(to) };
        Plan { at, weekly, services: ["checkout".into()].into(), sets: Vec::new(), mode: Mode::Hold }
    }

    fn berlin(until: Option<&str>) -> Option<Weekly> {
        Some(Weekly { zone: "Europe/Berlin".to_owned(), until: until.map(instant) })
    }

    #[test]
    fn a_window_that_repeats_keeps_to_the_wall_clock_when_the_clock_changes() {
        // Sundays from 22:00 to 02:00 in Berlin, before and after the end of summer time on 25 October 2026.
        let window = plan("2026-10-18T20:00:00Z", "2026-10-19T00:00:00Z", berlin(None)).compile().unwrap();
        let held = |at: &str| window.occurrence(instant(at)).map(|s| (s.from, s.to));
        let second = Some((instant("2026-10-25T21:00:00Z"), instant("2026-10-26T01:00:00Z")));
        assert_eq!(held("2026-10-25T20:30:00Z"), None);
        assert_eq!(held("2026-10-25T21:00:00Z"), second);
        assert_eq!(held("2026-10-26T00:59:59Z"), second);
        assert_eq!(held("2026-10-26T01:00:00Z"), None);
        assert_eq!(held("2026-10-18T19:59:59Z"), None, "nothing before the first one");
        assert_eq!(
            window.next(instant("2026-10-26T01:00:00Z")).unwrap().from,
            instant("2026-11-01T21:00:00Z")
        );
        assert_eq!(
            window.next(instant("2026-10-01T00:00:00Z")).unwrap().from,
            instant("2026-10-18T20:00:00Z")
        );
    }

    #[test]
    fn no_occurrence_begins_after_the_last() {
        let window =
            plan("2026-10-18T20:00:00Z", "2026-10-19T00:00:00Z", berlin(Some("2026-10-25T21:00:00Z")));
        let window = window.compile().unwrap();
        assert!(window.occurrence(instant("2026-10-18T21:00:00Z")).is_some());
        assert!(window.occurrence(instant("2026-10-25T22:00:00Z")).is_none());
        assert!(window.next(instant("2026-10-19T00:00:00Z")).is_none());
    }

    #[test]
    fn it_covers_its_services_and_what_its_matchers_say() {
        let matcher = Matcher {
            label: "host".to_owned(),
            operator: super::super::Operator::Equal,
            value: "db".to_owned(),
        };
        let plan =
            Plan { sets: vec![vec![matcher]], ..plan("2026-10-18T20:00:00Z", "2026-10-19T00:00:00Z", None) };
        let window = plan.compile().unwrap();
        let db = [("host".to_owned(), "db".to_owned())].into();
        assert!(window.covers(&db, &"checkout".into()));
        assert!(!window.covers(&db, &"payments".into()));
        assert!(!window.covers(&BTreeMap::new(), &"checkout".into()));
    }

    #[test]
    fn a_window_over_everything_or_in_no_zone_is_refused() {
        let good = plan("2026-10-18T20:00:00Z", "2026-10-19T00:00:00Z", None);
        let refused = |plan: Plan| match plan.compile().unwrap_err() {
            Refusal::BadField { field, .. } => field,
            other => panic!("{other}"),
        };
        assert_eq!(refused(Plan { services: BTreeSet::new(), ..good.clone() }), "services");
        let weekly = Some(Weekly { zone: "Mars/Base".to_owned(), until: None });
        assert_eq!(refused(Plan { weekly, ..good }), "weekly_zone");
    }
}
