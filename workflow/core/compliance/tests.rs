//! Periods against a calendar on the wall, and which line a clock falls into.

use super::{Compliance, Group, Period, periods};
use crate::civil;
use crate::incident::command::Command;
use crate::incident::kinds::{CancelReason, Phase, Priority};
use crate::policy::samples;
use crate::testing::{Story, at};
use crate::time::Timestamp;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn starts(period: Period, zone: &str, from: &str, to: &str) -> Vec<String> {
    let zone = civil::zone(zone).unwrap();
    let starts = periods::starts(period, &zone, (instant(from), instant(to)), 400).unwrap();
    starts.iter().map(ToString::to_string).collect()
}

#[test]
fn periods_begin_at_midnight_of_the_zone_and_the_first_where_the_interval_does() {
    let spring = |period, to| starts(period, "Europe/Berlin", "2026-03-27T12:00:00Z", to);
    let days =
        ["2026-03-27T12:00:00Z", "2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"];
    assert_eq!(spring(Period::Day, "2026-03-30T00:00:00Z"), days, "Sunday has 23 hours");
    assert_eq!(
        spring(Period::Week, "2026-04-05T22:00:00Z"),
        ["2026-03-27T12:00:00Z", "2026-03-29T22:00:00Z"]
    );
    let months = ["2026-03-27T12:00:00Z", "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z"];
    assert_eq!(spring(Period::Month, "2026-05-31T22:00:00Z"), months, "the end belongs to nobody");
    let quarters = ["2026-03-27T12:00:00Z", "2026-03-31T22:00:00Z", "2026-06-30T22:00:00Z"];
    assert_eq!(spring(Period::Quarter, "2026-07-01T00:00:00Z"), quarters);
    assert_eq!(
        spring(Period::Year, "2027-06-01T00:00:00Z"),
        ["2026-03-27T12:00:00Z", "2026-12-31T23:00:00Z"]
    );
    assert_eq!(spring(Period::Whole, "2029-01-01T00:00:00Z"), ["2026-03-27T12:00:00Z"]);
}

#[test]
fn a_day_that_the_zone_skips_is_no_period() {
    let apia = starts(Period::Day, "Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z");
    assert_eq!(apia, ["2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"]);
}

#[test]
fn too_many_periods_are_refused() {
    let zone = civil::zone("UTC").unwrap();
    let year = (instant("2026-01-01T00:00:00Z"), instant("2027-02-06T00:00:00Z"));
    assert!(Compliance::of(year, Period::Day, &zone, Group::Nothing).is_none());
    assert!(Compliance::of(year, Period::Week, &zone, Group::Nothing).is_some());
}

/// A P1 reported on Monday 2026-06-01 at 09:00 in Berlin: acknowledge within 5 minutes.
fn monday() -> Story {
    let story = Story::under(samples::policy()).at("06-01T07:00");
    story.opened(samples::report("slow"), Phase::Active, Priority::P1).when(tick())
}

/// A look at what is due; the first one lets the clocks attach.
fn tick() -> Command {
    Command::Tick { heard: Vec::new() }
}

/// What is told of the acknowledge clock over two days: met, breached and cancelled of each day it is in.
fn told(story: &Story, group: Group) -> Vec<(String, String, [u32; 3])> {
    let zone = civil::zone("Europe/Berlin").unwrap();
    let days = (at("05-31T22:00"), at("06-02T22:00"));
    let mut tally = Compliance::of(days, Period::Day, &zone, group).unwrap();
    tally.count(story.state.as_ref().unwrap());
    let lines = tally.lines().into_iter().filter(|line| line.definition.as_str() == "p1-ack");
    lines.map(|l| (l.from.to_string(), l.group, [l.met, l.breached, l.cancelled])).collect()
}

#[test]
fn a_clock_counts_once_where_the_first_of_stop_and_breach_lies() {
    let day = |from: &str, counts| vec![(from.to_owned(), String::new(), counts)];
    assert_eq!(told(&monday(), Group::Nothing), [], "it runs and has not breached");
    let met = monday().at("06-01T07:04").when(Command::Acknowledge);
    assert_eq!(told(&met, Group::Nothing), day("2026-05-31T22:00:00Z", [1, 0, 0]));
    let late = monday().at("06-01T22:30").when(Command::Acknowledge);
    assert_eq!(told(&late, Group::Nothing), day("2026-05-31T22:00:00Z", [0, 1, 0]), "when it breached");
    let overdue = monday().at("06-01T07:05").when(tick());
    assert_eq!(told(&overdue, Group::Nothing), day("2026-05-31T22:00:00Z", [0, 1, 0]), "although it runs on");
}

#[test]
fn clocks_are_told_apart_by_what_was_asked() {
    let met = monday().at("06-01T07:04").when(Command::Acknowledge);
    let group = |by| told(&met, by).into_iter().map(|(_, group, _)| group).collect::<Vec<_>>();
    let incident = met.incident_state();
    assert_eq!(group(Group::Priority), ["P1"]);
    assert_eq!(group(Group::Service), [incident.service.to_string()]);
    assert_eq!(group(Group::Team), [incident.team.to_string()]);
}

#[test]
fn false_alarms_prove_nothing() {
    let cancelled = monday().at("06-01T07:04").when(Command::Acknowledge);
    let cancelled = cancelled
        .when(Command::Cancel { reason: CancelReason::FalseAlarm, note: "a test of the sensor".to_owned() });
    assert_eq!(told(&cancelled, Group::Nothing), []);
}
