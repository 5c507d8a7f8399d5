//! Tests of hand-overs and of what everybody has: by hand-counted weeks.

use super::{Load, Override, Schedule};
use crate::time::{Duration, Timestamp};

fn schedule(zone: &str, layers: &str) -> Schedule {
    Schedule::compile(&serde_saphyr::from_str(&format!("{{zone: {zone}, layers: [{layers}]}}")).unwrap())
        .unwrap()
}

fn weekly() -> Schedule {
    schedule("Europe/Berlin", r#"{id: w, members: [a, [b, c]], turn: 7d, anchor: "2026-03-02T09:00"}"#)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_hand_over_names_who_leaves_comes_and_stays() {
    let both = schedule("UTC", r#"{id: w, members: [[a, b], [b, c]], turn: 1d, anchor: "2026-03-02T09:00"}"#);
    let overs = both.hand_overs(at("2026-03-03T09:00Z"), at("2026-03-04T09:00Z"), &[]);
    assert_eq!(overs.len(), 1, "the first instant counts, the last does not");
    assert_eq!(overs[0].at, at("2026-03-03T09:00Z"));
    assert_eq!(overs[0].leaving, ["a".into()]);
    assert_eq!(overs[0].coming, ["c".into()]);
    assert_eq!(overs[0].staying, ["b".into()]);
}

#[test]
fn nothing_is_handed_over_where_the_same_person_goes_on() {
    let alone = schedule("UTC", r#"{id: w, members: [a], turn: 1d, anchor: "2026-03-02T09:00"}"#);
    assert_eq!(alone.hand_overs(at("2026-03-02T00:00Z"), at("2026-04-02T00:00Z"), &[]), []);
    let cover = [Override {
        from: at("2026-03-05T00:00Z"),
        to: at("2026-03-06T00:00Z"),
        replaces: Some("a".into()),
        by: "b".into(),
        created_at: Timestamp(0),
    }];
    let overs = alone.hand_overs(at("2026-03-02T00:00Z"), at("2026-04-02T00:00Z"), &cover);
    assert_eq!(overs.iter().map(|o| o.at).collect::<Vec<_>>(), [cover[0].from, cover[0].to]);
}

#[test]
fn a_week_has_seven_nights_one_weekend_and_its_hours_even_when_the_clock_changes() {
    let shares = weekly().fairness(at("2026-03-16T08:00Z"), at("2026-03-30T07:00Z"), &[]);
    let plain = Load {
        stretches: 1,
        on_call: Duration::hours(168),
        nights: 7,
        at_night: Duration::hours(56),
        weekends: 1,
        on_weekends: Duration::hours(48),
    };
    assert_eq!(shares["a"], plain);
    let short = Load {
        on_call: Duration::hours(167),
        at_night: Duration::hours(55),
        on_weekends: Duration::hours(47),
        ..plain
    };
    assert_eq!(shares["b"], short);
    assert_eq!(shares["c"], short, "people on call together have it both");
}

#[test]
fn a_night_counts_for_whom_has_half_of_it() {
    let half = schedule("UTC", r#"{id: w, members: [a, b], turn: 12h, anchor: "2026-03-02T01:00"}"#);
    let shares = half.fairness(at("2026-03-02T13:00Z"), at("2026-03-03T13:00Z"), &[]);
    assert_eq!((shares["b"].nights, shares["b"].at_night), (0, Duration::hours(3)));
    assert_eq!((shares["a"].nights, shares["a"].at_night), (1, Duration::hours(5)));
}
