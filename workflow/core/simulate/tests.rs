//! The worked example as a golden file, and what a scenario's people change. Whether the rules are right is tested with
//! them.

use super::*;
use crate::history_log::{Action, LoggedSignal};
use crate::incident::kinds::{Priority, Severity};
use crate::policy::samples;
use crate::time::Duration;

fn critical() -> Step {
    let mut signal = LoggedSignal::alert("prom", "a", "a fires");
    signal.severity = Some(Severity::Critical);
    signal.labels.insert("service".to_owned(), "checkout".to_owned());
    Step { after: Duration::ZERO, who: None, incident: 1, what: Do::Signal(Box::new(signal)) }
}

fn does(after: Duration, who: &str, action: Action) -> Step {
    Step { after, who: Some(who.to_owned()), incident: 1, what: Do::Action(action) }
}

fn played(length: Duration, steps: Vec<Step>) -> Vec<Line> {
    let scenario = Scenario { at: samples::WEDNESDAY, length, steps };
    simulate(&samples::policy(), &Default::default(), &scenario).unwrap()
}

#[test]
fn the_worked_example_is_as_its_golden_file_says() {
    let text = table(&played(Duration::minutes(270), vec![critical()]));
    let golden = include_str!("../tests/golden/simulate-checkout-p1.txt");
    assert!(text == golden, "the golden file differs; it is now:\n{text}");
}

#[test]
fn the_same_scenario_gives_the_same_bytes() {
    let once = || serde_json::to_string(&played(Duration::hours(24), vec![critical()])).unwrap();
    assert_eq!(once(), once());
}

#[test]
fn lines_are_sorted_and_sorting_the_text_changes_nothing() {
    let text = table(&played(Duration::hours(24), vec![critical()]));
    let mut keys: Vec<&str> = text.lines().map(|line| &line[..51]).collect();
    let as_written = keys.clone();
    keys.sort_unstable();
    assert_eq!(keys, as_written);
}

#[test]
fn who_acknowledges_ends_the_paging_and_meets_the_clock() {
    let lines = played(
        Duration::minutes(29),
        vec![does(Duration::seconds(90), "ana", Action::Acknowledge), critical()],
    );
    let pages: Vec<&str> = lines.iter().filter(|l| l.kind == Kind::Page).map(|l| l.who.as_str()).collect();
    assert_eq!(pages, ["ana", "ana"], "{}", table(&lines));
    assert!(lines.iter().any(|l| l.what == "p1-ack.1 met"), "{}", table(&lines));
}

#[test]
fn a_step_at_a_deadlines_instant_comes_before_it() {
    let lines = played(
        Duration::minutes(9),
        vec![critical(), does(Duration::minutes(4), "ana", Action::Acknowledge)],
    );
    assert!(!lines.iter().any(|l| l.kind == Kind::Page && l.who == "bo"), "{}", table(&lines));
}

#[test]
fn what_is_refused_is_a_line_too() {
    let lines =
        played(Duration::minutes(1), vec![critical(), does(Duration::seconds(5), "bo", Action::Wake)]);
    let refused = lines.iter().find(|l| l.kind == Kind::Action).unwrap();
    assert!(refused.what.starts_with("wake: refused NOT_SNOOZED"), "{}", refused.what);
}

#[test]
fn a_stated_priority_is_what_it_opens_with() {
    let mut signal = LoggedSignal::report("the till is slow");
    (signal.service, signal.priority) = (Some("checkout".into()), Some(Priority::P2));
    let what = Do::Signal(Box::new(signal));
    let lines = played(
        Duration::minutes(1),
        vec![Step { after: Duration::ZERO, who: Some("ana".to_owned()), incident: 1, what }],
    );
    assert!(lines.iter().any(|l| l.kind == Kind::State && l.what.starts_with("P2 ")), "{}", table(&lines));
}

#[test]
fn a_second_alert_of_the_group_joins_and_one_of_another_opens() {
    let mut other = critical();
    let Do::Signal(signal) = &mut other.what else { unreachable!() };
    signal.key = "b".to_owned();
    let mut joined = other.clone();
    joined.after = Duration::seconds(10);
    let mut apart = joined.clone();
    let Do::Signal(signal) = &mut apart.what else { unreachable!() };
    signal.key = "c".to_owned();
    signal.labels.insert("region".to_owned(), "eu".to_owned());
    let lines = played(Duration::minutes(1), vec![critical(), joined, apart]);
    let of = |n: usize| lines.iter().filter(|l| l.kind == Kind::Signal).nth(n).unwrap();
    let heard: Vec<&str> = (0..3).map(|n| of(n).incident.as_str()).collect();
    assert_eq!(heard, ["INC-1", "INC-1", "INC-2"], "{}", table(&lines));
}

#[test]
fn what_would_never_end_is_refused() {
    let scenario = Scenario { at: samples::WEDNESDAY, length: Duration::days(367), steps: vec![critical()] };
    let policy = samples::policy();
    assert_eq!(simulate(&policy, &Default::default(), &scenario), Err(Overrun::TooLong));
}

#[test]
fn a_script_reads_as_people_write_it() {
    let text = "[{after: 90s, who: ana, action: acknowledge},
      {after: 5m, who: ana, action: {hold: {reason: AWAITING_VENDOR, length: 1h}}},
      {signal: {kind: report, title: hello, service: checkout, priority: P1}}]";
    let steps: Vec<Step> = serde_saphyr::from_str(text).unwrap();
    assert_eq!(steps[0], does(Duration::seconds(90), "ana", Action::Acknowledge));
    assert!(matches!(&steps[2].what, Do::Signal(s) if s.priority == Some(Priority::P1)));
}

#[test]
fn what_another_alert_inhibits_pages_nobody_until_that_one_clears() {
    let step = |key: &str, labels: &[(&str, &str)], after: i64| {
        let mut step = critical();
        step.after = Duration::seconds(after);
        let Do::Signal(signal) = &mut step.what else { unreachable!() };
        signal.key = key.to_owned();
        signal.labels.extend(labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        step
    };
    let down = [("alertname", "RegionDown"), ("region", "eu")];
    let mut over = step("down", &down, 300);
    let Do::Signal(signal) = &mut over.what else { unreachable!() };
    signal.clear = true;
    let slow = step("slow", &[("severity", "warning"), ("region", "eu")], 10);
    let lines = played(Duration::minutes(6), vec![step("down", &down, 0), slow, over]);
    let pages = lines.iter().filter(|l| l.kind == Kind::Page && l.incident == "INC-2");
    let first: Vec<_> = pages.map(|l| l.at.since(samples::WEDNESDAY).millis() / 1000).take(1).collect();
    assert_eq!(first, [300], "{}", table(&lines));
}
