//! The worked examples of schedules, as tables: hand-offs around clock changes, layers over one another, overrides.
//! Only answers to "who"; pages and notices are tested where they are decided.

use super::{Override, Schedule};
use crate::time::Timestamp;

fn schedule(zone: &str, layers: &str) -> Schedule {
    Schedule::compile(&serde_saphyr::from_str(&format!("{{zone: {zone}, layers: [{layers}]}}")).unwrap())
        .unwrap()
}

fn shop_primary() -> Schedule {
    schedule(
        "Europe/Berlin",
        r#"{id: week, members: [ana, bo, chi], turn: 7d, anchor: "2026-01-05T09:00"},
           {id: sunday, members: [gus, hal], turn: 7d, anchor: "2026-01-04T00:00", only: {sun: ["00:00-24:00"]}}"#,
    )
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The shifts of an interval as `people since until`.
fn told(schedule: &Schedule, from: &str, to: &str, overrides: &[Override]) -> Vec<String> {
    let people = |shift: &super::Shift| shift.people.iter().map(|p| p.as_str()).collect::<Vec<_>>().join("+");
    let until = |shift: &super::Shift| shift.until.map_or("-".to_owned(), |until| until.to_string());
    let shifts = schedule.shifts(at(from), at(to), overrides);
    shifts.iter().map(|s| format!("{} {} {}", people(s), s.since, until(s)).replace(":00Z", "Z")).collect()
}

fn override_of(from: &str, to: &str, replaces: Option<&str>, by: &str, created: i64) -> Override {
    Override {
        from: at(from),
        to: at(to),
        replaces: replaces.map(Into::into),
        by: by.into(),
        created_at: Timestamp(created),
    }
}

#[test]
fn a_later_layer_wins_and_hand_offs_keep_their_wall_clock_time() {
    assert_eq!(
        told(&shop_primary(), "2026-03-22T23:00Z", "2026-03-30T12:00Z", &[]),
        [
            "bo 2026-03-22T23:00Z 2026-03-23T08:00Z",
            "chi 2026-03-23T08:00Z 2026-03-28T23:00Z",
            "gus 2026-03-28T23:00Z 2026-03-29T22:00Z",
            "chi 2026-03-29T22:00Z 2026-03-30T07:00Z",
            "ana 2026-03-30T07:00Z 2026-04-04T22:00Z",
        ]
    );
    assert_eq!(
        told(&shop_primary(), "2026-10-25T00:00Z", "2026-10-26T08:30Z", &[]),
        [
            "gus 2026-10-24T22:00Z 2026-10-25T23:00Z",
            "chi 2026-10-25T23:00Z 2026-10-26T08:00Z",
            "ana 2026-10-26T08:00Z 2026-10-31T23:00Z",
        ]
    );
}

#[test]
fn hand_offs_in_gaps_and_folds_are_the_gaps_end_and_the_first_occurrence() {
    for (zone, turn, hand_off, around) in [
        (
            "Europe/Berlin",
            "2026-03-28T02:30",
            "2026-03-29T01:00:00Z",
            ("2026-03-29T00:30Z", "2026-03-29T03:00Z"),
        ),
        (
            "Europe/Berlin",
            "2026-10-24T02:30",
            "2026-10-25T00:30:00Z",
            ("2026-10-25T00:00Z", "2026-10-25T02:00Z"),
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-03T02:15",
            "2026-10-03T15:30:00Z",
            ("2026-10-03T15:00Z", "2026-10-03T17:00Z"),
        ),
    ] {
        let daily = schedule(zone, &format!(r#"{{id: d, members: [a, b], turn: 1d, anchor: "{turn}"}}"#));
        let (before, after) = (daily.on_call(at(around.0), &[]), daily.on_call(at(around.1), &[]));
        assert_eq!((before.until, after.since), (Some(at(hand_off)), at(hand_off)), "{zone} {turn}");
        assert_ne!(before.people, after.people, "{zone} {turn}");
    }
}

#[test]
fn windows_that_meet_in_a_fold_overlap_and_the_later_layer_has_the_hour() {
    let layers = |mode: &str| {
        format!(
            r#"{{id: late, members: [a], turn: 365d, anchor: "2026-01-01T12:00", only: {{daily: ["22:00-02:30"]}}}},
               {{id: early, members: [b], turn: 365d, anchor: "2026-01-01T12:00", only: {{daily: ["02:30-06:00"]}}, mode: {mode}}}"#
        )
    };
    let night = ("2026-10-24T20:00Z", "2026-10-25T05:00Z");
    assert_eq!(
        told(&schedule("Europe/Berlin", &layers("replace")), night.0, night.1, &[]),
        ["a 2026-10-24T20:00Z 2026-10-25T00:30Z", "b 2026-10-25T00:30Z 2026-10-25T05:00Z"]
    );
    assert_eq!(
        told(&schedule("Europe/Berlin", &layers("add")), night.0, night.1, &[]),
        [
            "a 2026-10-24T20:00Z 2026-10-25T00:30Z",
            "a+b 2026-10-25T00:30Z 2026-10-25T01:30Z",
            "b 2026-10-25T01:30Z 2026-10-25T05:00Z",
        ]
    );
}

#[test]
fn a_window_ending_in_a_fold_of_half_an_hour_ends_at_its_last_occurrence() {
    let howe = schedule(
        "Australia/Lord_Howe",
        r#"{id: x, members: [a], turn: 365d, anchor: "2026-01-01T12:00", only: {daily: ["01:00-01:45"]}}"#,
    );
    assert_eq!(
        told(&howe, "2026-04-04T14:00Z", "2026-04-04T16:00Z", &[]),
        ["a 2026-04-04T14:00Z 2026-04-04T15:15Z"]
    );
    assert_eq!(
        howe.gaps(at("2026-04-04T14:00Z"), at("2026-04-04T16:00Z"), &[]),
        [(at("2026-04-04T15:15Z"), at("2026-04-04T16:00Z"))]
    );
}

#[test]
fn a_day_that_the_zone_skips_has_a_turn_of_what_is_left_of_it() {
    let apia = |time: &str| {
        let layers = format!(r#"{{id: d, members: [a, b, c], turn: 1d, anchor: "2011-12-29T{time}"}}"#);
        told(&schedule("Pacific/Apia", &layers), "2011-12-29T20:00Z", "2011-12-30T20:00Z", &[])
    };
    assert_eq!(
        apia("09:00"),
        [
            "a 2011-12-29T19:00Z 2011-12-30T10:00Z",
            "b 2011-12-30T10:00Z 2011-12-30T19:00Z",
            "c 2011-12-30T19:00Z 2011-12-31T19:00Z",
        ]
    );
    assert_eq!(
        apia("00:00"),
        ["a 2011-12-29T10:00Z 2011-12-30T10:00Z", "c 2011-12-30T10:00Z 2011-12-31T10:00Z"]
    );
}

#[test]
fn short_turns_grow_and_shrink_with_the_clock_change() {
    let york =
        schedule("America/New_York", r#"{id: h, members: [a, b, c], turn: 2h, anchor: "2026-01-01T00:00"}"#);
    let shift = |text: &str| {
        let shift = york.on_call(at(text), &[]);
        (shift.since.to_string(), shift.until.unwrap().to_string())
    };
    let hours = |from: &str, to: &str| (format!("{from}:00:00Z"), format!("{to}:00:00Z"));
    assert_eq!(shift("2026-11-01T05:59Z"), hours("2026-11-01T04", "2026-11-01T07"));
    assert_eq!(shift("2026-03-08T07:30Z"), hours("2026-03-08T07", "2026-03-08T08"));
}

#[test]
fn rotation_runs_backwards_before_its_anchor() {
    let weekly = schedule("UTC", r#"{id: w, members: [a, b, [c, d]], turn: 7d, anchor: "2026-01-05T09:00"}"#);
    let people =
        |text: &str| weekly.people_at(at(text), &[]).iter().map(|p| p.to_string()).collect::<Vec<_>>();
    assert_eq!(people("2026-01-05T09:00Z"), ["a"]);
    assert_eq!(people("2026-01-05T08:59:59.999Z"), ["c", "d"]);
    assert_eq!(people("2025-12-29T08:00Z"), ["b"]);
}

#[test]
fn the_latest_created_override_wins() {
    let shop = shop_primary();
    let (from, to) = ("2026-03-24T00:00Z", "2026-03-25T00:00Z");
    let who = |overrides: &[Override]| told(&shop, from, "2026-03-24T01:00Z", overrides).remove(0);
    let chi_by = |by, created| override_of(from, to, Some("chi"), by, created);
    assert_eq!(who(&[chi_by("ana", 2), chi_by("bo", 1)]), "ana 2026-03-24T00:00Z 2026-03-25T00:00Z");
    assert!(who(&[chi_by("ana", 1), override_of(from, to, None, "bo", 2)]).starts_with("bo "));
    assert!(who(&[chi_by("ana", 2), override_of(from, to, None, "bo", 1)]).starts_with("ana "));
    // A stand-in can be stood in for, and the place can be taken back.
    assert!(who(&[chi_by("ana", 1), override_of(from, to, Some("ana"), "gus", 2)]).starts_with("gus "));
    assert!(who(&[chi_by("ana", 1), override_of(from, to, Some("ana"), "chi", 2)]).starts_with("chi "));
}

#[test]
fn an_override_of_somebody_who_is_not_on_call_changes_nothing() {
    let shop = shop_primary();
    let idle = [override_of("2026-03-24T00:00Z", "2026-03-25T00:00Z", Some("hal"), "bo", 1)];
    assert_eq!(shop.on_call(at("2026-03-24T12:00Z"), &idle), shop.on_call(at("2026-03-24T12:00Z"), &[]));
    let empty = [override_of("2026-03-24T12:00Z", "2026-03-24T12:00Z", None, "bo", 1)];
    assert_eq!(shop.on_call(at("2026-03-24T12:00Z"), &empty), shop.on_call(at("2026-03-24T12:00Z"), &[]));
}

#[test]
fn an_override_cuts_the_shift_and_names_no_layer_if_it_replaces_everyone() {
    let shop = shop_primary();
    let everyone = [override_of("2026-03-27T00:00Z", "2026-03-31T00:00Z", None, "hal", 1)];
    let shift = shop.on_call(at("2026-03-29T12:00Z"), &everyone);
    assert_eq!((shift.layer, shift.overrides), (None, vec![0]));
    assert_eq!((shift.since, shift.until), (everyone[0].from, Some(everyone[0].to)));
    assert_eq!(
        told(&shop, "2026-03-26T00:00Z", "2026-03-31T01:00Z", &everyone),
        [
            "chi 2026-03-23T08:00Z 2026-03-27T00:00Z",
            "hal 2026-03-27T00:00Z 2026-03-31T00:00Z",
            "ana 2026-03-31T00:00Z 2026-04-04T22:00Z",
        ]
    );
}

#[test]
fn people_on_call_together_can_swap_places() {
    let both = schedule("UTC", r#"{id: w, members: [[a, b]], turn: 7d, anchor: "2026-01-05T09:00"}"#);
    let (from, to) = ("2026-01-06T00:00Z", "2026-01-07T00:00Z");
    let swap = [override_of(from, to, Some("a"), "b", 1), override_of(from, to, Some("b"), "a", 1)];
    assert_eq!(both.people_at(at("2026-01-06T12:00Z"), &swap), ["b".into(), "a".into()]);
}

#[test]
fn a_gap_is_filled_by_an_override_of_everyone() {
    let none = Schedule::compile(&serde_saphyr::from_str("{zone: UTC, layers: []}").unwrap()).unwrap();
    let (from, to) = (at("2026-01-01T00:00Z"), at("2026-01-10T00:00Z"));
    let fill = [override_of("2026-01-03T00:00Z", "2026-01-04T00:00Z", None, "a", 1)];
    assert_eq!(none.gaps(from, to, &[]), [(from, to)]);
    assert_eq!(none.gaps(from, to, &fill), [(from, fill[0].from), (fill[0].to, to)]);
    assert_eq!(none.on_call(from, &[]).until, None);
    assert_eq!(none.on_call(from, &fill).until, Some(fill[0].from));
    assert!(none.people_at(from, &fill).is_empty());
}

#[test]
fn a_shift_begins_where_the_night_before_ended_not_where_a_shorter_window_did() {
    let layers = r#"{id: base, members: [a], turn: 7d, anchor: "2026-03-30T00:00"},
        {id: more, members: [b], turn: 7d, anchor: "2026-03-30T00:00", mode: add,
         only: {wed: ["22:45-00:30"], thu: ["00:00-00:15"]}}"#;
    let shift = schedule("UTC", layers).on_call(at("2026-04-02T12:00Z"), &[]);
    assert_eq!((shift.people, shift.since), (vec!["a".into()], at("2026-04-02T00:30Z")));
}

#[test]
fn the_end_of_time_is_answered_too() {
    let shop = shop_primary();
    for instant in [i64::MIN, i64::MAX] {
        assert_eq!(shop.people_at(Timestamp(instant), &[]).len(), 1);
        assert_eq!(shop.on_call(Timestamp(instant), &[]).people.len(), 1);
    }
}
