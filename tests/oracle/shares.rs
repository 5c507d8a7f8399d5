//! What everybody has of a schedule, and its hand-overs, added up from stretch to stretch.

use std::collections::{BTreeMap, BTreeSet};

use stentor_core::id::PersonId;
use stentor_core::oncall::Load;
use stentor_core::time::{Duration, Timestamp};

use crate::schedules::{Case, LENGTH, at};
use crate::walk::{DAY, HOUR, Walk, weekday};

/// Compares both for the whole case.
pub(crate) fn check(case: &Case<'_>, walk: &Walk) {
    let (from, to) = (case.place.at, case.place.at + LENGTH * DAY);
    let stretches = case.stretches();
    let mut times: BTreeMap<PersonId, Vec<(i64, i64)>> = BTreeMap::new();
    for (from, to, people) in &stretches {
        for person in people {
            let of_person = times.entry(person.clone()).or_default();
            match of_person.last_mut() {
                Some(last) if last.1 == *from => last.1 = *to,
                _ => of_person.push((*from, *to)),
            }
        }
    }
    let days = walk.day(from) - 2..=walk.day(to - 1) + 1;
    let spans = |begins: i64, ends: i64, on: &dyn Fn(i64) -> bool| -> Vec<(i64, i64)> {
        let days = days.clone().filter(|day| on(*day));
        days.map(|day| (walk.shows(day * DAY + begins).0, walk.shows(day * DAY + ends).1)).collect()
    };
    let nights = spans(22 * HOUR, 30 * HOUR, &|_| true);
    let weekends = spans(0, 2 * DAY, &|day| weekday(day) == 5);
    let expected: BTreeMap<PersonId, Load> =
        times.into_iter().map(|(person, times)| (person, load(&times, &nights, &weekends))).collect();
    let found = case.schedule.fairness(at(from), at(to), &case.overrides);
    assert_eq!(found, expected, "{:?}", case.place);
    hand_overs(case, &stretches, (from, to));
}

fn load(times: &[(i64, i64)], nights: &[(i64, i64)], weekends: &[(i64, i64)]) -> Load {
    let had = |span: &(i64, i64)| -> i64 {
        times.iter().map(|time| (time.1.min(span.1) - time.0.max(span.0)).max(0)).sum()
    };
    let halves =
        |spans: &[(i64, i64)]| spans.iter().filter(|s| had(s) > 0 && had(s) * 2 >= s.1 - s.0).count() as u32;
    let sum = |spans: &[(i64, i64)]| Duration::seconds(spans.iter().map(had).sum());
    Load {
        stretches: times.len() as u32,
        on_call: Duration::seconds(times.iter().map(|(from, to)| to - from).sum()),
        nights: halves(nights),
        at_night: sum(nights),
        weekends: halves(weekends),
        on_weekends: sum(weekends),
    }
}

fn hand_overs(case: &Case<'_>, stretches: &[(i64, i64, Vec<PersonId>)], (from, to): (i64, i64)) {
    type Over = (Timestamp, BTreeSet<PersonId>, BTreeSet<PersonId>);
    let set = |people: &[PersonId]| people.iter().cloned().collect::<BTreeSet<_>>();
    let expected: Vec<Over> = stretches
        .windows(2)
        .map(|pair| (at(pair[1].0), set(&pair[0].2), set(&pair[1].2)))
        .map(|(at, before, after)| (at, &before - &after, &after - &before))
        .filter(|(_, leaving, coming)| !leaving.is_empty() || !coming.is_empty())
        .collect();
    let found: Vec<Over> = case
        .schedule
        .hand_overs(at(from) + Duration(1), at(to), &case.overrides)
        .iter()
        .map(|over| (over.at, set(&over.leaving), set(&over.coming)))
        .collect();
    assert_eq!(found, expected, "{:?}", case.place);
}
