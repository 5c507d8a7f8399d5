//! The worked examples of clock arithmetic, as tables: what is promised to people who plan with due instants. Only the
//! arithmetic; which events a clock writes is tested where clocks are decided.

use super::meter::{IntervalKind, Meter, Pause};
use crate::calendar::Calendar;
use crate::time::{Duration, Timestamp};

fn calendar(yaml: &str) -> Calendar {
    Calendar::compile(&serde_saphyr::from_str(yaml).unwrap()).unwrap()
}

fn office() -> Calendar {
    calendar(
        r#"{zone: Europe/Berlin, weekly: {mon-fri: ["09:00-17:00"]}, closed: ["2026-12-25", "2027-01-01"],
            special: {"2026-12-24": ["09:00-12:00"]}}"#,
    )
}

fn working_days() -> Calendar {
    calendar(r#"{zone: Europe/Berlin, weekly: {mon-fri: ["09:00-17:00"]}, closed: ["2026-12-25"]}"#)
}

fn nights(zone: &str) -> Calendar {
    calendar(&format!(r#"{{zone: {zone}, weekly: {{daily: ["22:00-06:00"]}}}}"#))
}

fn at(text: &str) -> Timestamp {
    let text = if text.contains('Z') || text.rfind('+') > text.find('T') || text.rfind('-') > text.find('T') {
        text.to_owned()
    } else {
        format!("{text}:00+02:00")
    };
    text.parse().unwrap()
}

fn long(text: &str) -> Duration {
    text.parse().unwrap()
}

fn pause(from: &str, to: &str) -> Pause {
    Pause { from: at(from), to: Some(at(to)) }
}

fn meter<'a>(calendar: &'a Calendar, start: &str, pauses: &'a [Pause]) -> Meter<'a> {
    Meter { calendar, start: at(start), pauses }
}

#[test]
fn due_instants_without_pauses() {
    let always = Calendar::always();
    let (office, working_days) = (office(), working_days());
    let (night, lhi) = (nights("Europe/Berlin"), nights("Australia/Lord_Howe"));
    let gap = calendar(r#"{zone: Europe/Berlin, weekly: {sun: ["02:30-04:00"]}}"#);
    for (case, calendar, start, target, due) in [
        ("spring change", &office, "2026-03-27T16:00+01:00", "4h", "2026-03-30T10:00Z"),
        ("always, gap", &always, "2026-03-29T00:30+01:00", "4h", "2026-03-29T03:30Z"),
        ("always, fold", &always, "2026-10-31T23:00-04:00", "4h", "2026-11-01T07:00Z"),
        ("unpaused", &office, "2026-06-01T10:00", "8h", "2026-06-02T10:00"),
        ("special day and holiday", &office, "2026-12-24T11:00+01:00", "2h", "2026-12-28T09:00Z"),
        ("holiday", &working_days, "2026-12-24T15:00+01:00", "4h", "2026-12-28T11:00+01:00"),
        ("short night", &night, "2026-03-28T23:00+01:00", "6h", "2026-03-29T04:00Z"),
        ("long night", &night, "2026-10-24T23:00+02:00", "8h", "2026-10-25T05:00Z"),
        ("half an hour short", &lhi, "2026-10-03T23:00+10:30", "6h30m", "2026-10-03T19:00Z"),
        ("half an hour long", &lhi, "2026-04-04T23:00+11:00", "7h", "2026-04-04T19:00Z"),
        ("start in the gap", &gap, "2026-03-29T00:00+01:00", "30m", "2026-03-29T01:30Z"),
        ("started at closing", &office, "2026-06-05T17:00", "1h", "2026-06-08T10:00"),
        ("exact fit", &office, "2026-06-01T09:00", "8h", "2026-06-01T17:00"),
        ("review", &office, "2026-12-17T15:00+01:00", "40h", "2026-12-28T11:00Z"),
    ] {
        let meter = meter(calendar, start, &[]);
        let (target, due) = (long(target), at(due));
        assert_eq!(meter.due(target), Some(due), "{case}");
        assert_eq!(meter.elapsed(due), target, "{case}");
        assert!(meter.elapsed(due - Duration::seconds(1)) < target, "{case}");
    }
}

#[test]
fn pauses_move_the_due_instant_by_the_open_time_in_them() {
    let office = office();
    for (case, start, target, from, to, due) in [
        (
            "over closing time",
            "2026-06-01T10:00",
            "8h",
            "2026-06-01T12:00",
            "2026-06-02T11:00",
            "2026-06-02T17:00",
        ),
        (
            "closed anyway",
            "2026-06-05T15:00",
            "4h",
            "2026-06-05T18:00",
            "2026-06-08T08:00",
            "2026-06-08T11:00",
        ),
        ("two hours", "2026-06-05T15:00", "4h", "2026-06-05T16:00", "2026-06-08T10:00", "2026-06-08T13:00"),
        (
            "resolved meanwhile",
            "2026-06-01T09:00",
            "8h",
            "2026-06-01T12:00",
            "2026-06-01T14:00",
            "2026-06-02T11:00",
        ),
    ] {
        let pauses = [pause(from, to)];
        let meter = meter(&office, start, &pauses);
        assert_eq!(meter.due(long(target)), Some(at(due)), "{case}");
        assert_eq!(meter.elapsed(at(due)), long(target), "{case}");
    }
}

#[test]
fn thresholds_are_shares_of_calendar_time() {
    let office = office();
    let meter = meter(&office, "2026-03-27T16:00+01:00", &[]);
    for (percent, due) in [(50, "10:00"), (75, "11:00"), (90, "11:36"), (100, "12:00"), (200, "16:00")] {
        let due = at(&format!("2026-03-30T{due}:00+02:00"));
        assert_eq!(meter.threshold(long("4h"), percent), Some(due), "{percent} %");
    }
}

#[test]
fn a_share_of_a_target_is_rounded_up_to_the_second() {
    let always = Calendar::always();
    let meter = meter(&always, "2026-06-01T09:00:00.999Z", &[]);
    let due =
        |target, percent| meter.threshold(long(target), percent).unwrap().since(at("2026-06-01T09:00:00Z"));
    assert_eq!(due("10s", 75), Duration::seconds(8));
    assert_eq!(due("1s", 1), Duration::seconds(1));
    assert_eq!(due("3s", 100), Duration::seconds(3));
    assert_eq!(due("7s", 1000), Duration::seconds(70));
}

#[test]
fn a_raised_priority_measures_from_the_old_start() {
    let always = Calendar::always();
    let raised = meter(&always, "2026-06-01T09:00", &[]);
    let noon = at("2026-06-01T12:00");
    assert_eq!((raised.due(long("4h")), raised.elapsed(noon)), (Some(at("2026-06-01T13:00")), long("3h")));
    let later_than_noon: Vec<u32> = [50, 75, 90]
        .into_iter()
        .filter(|percent| raised.threshold(long("4h"), *percent) > Some(noon))
        .collect();
    assert_eq!(later_than_noon, [90]);
    assert_eq!(raised.threshold(long("4h"), 90), Some(at("2026-06-01T12:36")));
    assert_eq!(raised.elapsed(at("2026-06-01T14:00")), long("5h"));

    let pauses = [pause("2026-06-01T10:00", "2026-06-01T11:00")];
    let carried = meter(&always, "2026-06-01T09:00", &pauses);
    assert_eq!((carried.due(long("4h")), carried.elapsed(noon)), (Some(at("2026-06-01T14:00")), long("2h")));
    assert!(carried.threshold(long("4h"), 50) <= Some(noon));
    assert_eq!(carried.threshold(long("4h"), 75), Some(at("2026-06-01T13:00")));
}

#[test]
fn a_paused_clock_has_no_due_instant_unless_it_was_due_before() {
    let always = Calendar::always();
    let pauses = [Pause { from: at("2026-06-01T10:00"), to: None }];
    let meter = meter(&always, "2026-06-01T09:00", &pauses);
    assert_eq!(meter.due(long("2h")), None);
    assert_eq!(meter.due(long("1h1s")), None);
    assert_eq!(meter.due(long("1h")), Some(at("2026-06-01T10:00")));
    assert_eq!(meter.elapsed(at("2026-06-03T10:00")), long("1h"));
    assert!(meter.paused(at("2026-06-01T10:00")) && !meter.paused(at("2026-06-01T09:59")));
}

#[test]
fn touching_overlapping_and_early_pauses_count_once() {
    let always = Calendar::always();
    let pauses = [
        pause("2026-06-01T08:00", "2026-06-01T09:30"),
        pause("2026-06-01T10:00", "2026-06-01T11:00"),
        pause("2026-06-01T10:30", "2026-06-01T10:45"),
        pause("2026-06-01T11:00", "2026-06-01T11:15"),
        Pause { from: at("2026-06-01T11:20:00.100+02:00"), to: Some(at("2026-06-01T11:20:00.900+02:00")) },
    ];
    let meter = meter(&always, "2026-06-01T09:00", &pauses);
    assert_eq!(meter.elapsed(at("2026-06-01T12:00")), long("1h15m"));
    assert_eq!(meter.due(long("30m")), Some(at("2026-06-01T10:00")));
    assert_eq!(meter.due(long("31m")), Some(at("2026-06-01T11:16")));
    assert_eq!(meter.due(Duration::ZERO), Some(at("2026-06-01T09:00")));
}

#[test]
fn an_explanation_puts_paused_before_closed() {
    let office = office();
    let pauses = [pause("2026-06-01T10:00:00Z", "2026-06-02T09:00:00Z")];
    let life = meter(&office, "2026-06-01T08:00:00Z", &pauses).explain(at("2026-06-02T16:00:00Z"));
    let told: Vec<(String, String, IntervalKind, String)> =
        life.iter().map(|i| (i.from.to_string(), i.to.to_string(), i.kind, i.counted.to_string())).collect();
    let line = |from: &str, to: &str, kind, counted: &str| {
        (format!("2026-06-{from}:00:00Z"), format!("2026-06-{to}:00:00Z"), kind, counted.to_owned())
    };
    assert_eq!(
        told,
        [
            line("01T08", "01T10", IntervalKind::Counted, "2h"),
            line("01T10", "02T09", IntervalKind::Paused, "0s"),
            line("02T09", "02T15", IntervalKind::Counted, "6h"),
            line("02T15", "02T16", IntervalKind::Closed, "0s"),
        ]
    );
}

#[test]
fn a_calendar_that_never_opens_again_has_no_due_instant() {
    let once = calendar(r#"{zone: UTC, weekly: {}, special: {"2026-06-01": ["09:00-10:00"]}}"#);
    let meter = meter(&once, "2026-06-01T08:00:00Z", &[]);
    assert_eq!(meter.due(long("1h")), Some(at("2026-06-01T10:00:00Z")));
    assert_eq!(meter.due(long("1h1s")), None);
    assert_eq!(once.closes_for_good(), Some(at("2026-06-01T10:00:00Z")));
    assert_eq!(office().closes_for_good(), None);
}
