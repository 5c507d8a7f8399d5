//! Calendars and SLA clocks against the walk, and the laws of elapsed time.

use std::collections::BTreeMap;

use proptest::prelude::*;
use stentor_core::calendar::Calendar;
use stentor_core::policy::document::CalendarSpec;
use stentor_core::sla::meter::{IntervalKind, Meter, Pause};
use stentor_core::time::{Duration, Timestamp};

use crate::given::{Minutes, Week, cases, date, place, texts, week, window, zone};
use crate::walk::{DAY, Walk, instant, weekday};

/// Weeks that a case looks at, and days around it in which windows may begin that reach into them.
const LENGTH: i64 = 9 * DAY;
const AROUND: i64 = 5 * DAY;

#[derive(Debug, Clone)]
struct Case {
    zone: &'static str,
    from: i64,
    week: Week,
    /// Days from the beginning of the case, and the windows they have instead; none: closed.
    dated: BTreeMap<i64, Vec<Minutes>>,
    /// Seconds from the beginning of the case: start of a clock, and its pauses.
    start: i64,
    pauses: Vec<(i64, i64)>,
    target: i64,
}

fn case() -> impl Strategy<Value = Case> {
    let dated = proptest::collection::btree_map(-1..9_i64, proptest::collection::vec(window(), 0..3), 0..3);
    let pauses = proptest::collection::vec((0..LENGTH, 0..DAY), 0..4);
    (place(), week(), dated, 0..DAY, pauses, 1..4 * DAY).prop_map(
        |(place, week, dated, start, pauses, target)| {
            let (zone, from) = place;
            let mut pauses: Vec<(i64, i64)> =
                pauses.into_iter().map(|(at, length)| (at, at + length)).collect();
            pauses.sort_unstable();
            Case { zone, from, week, dated, start, pauses, target }
        },
    )
}

impl Case {
    fn first_day(&self) -> i64 {
        self.from.div_euclid(DAY)
    }

    fn calendar(&self) -> Calendar {
        let day = |offset: &i64| date(self.first_day() + offset);
        let (special, closed): (Vec<_>, Vec<_>) =
            self.dated.iter().partition(|(_, windows)| !windows.is_empty());
        Calendar::compile(&CalendarSpec {
            zone: self.zone.to_owned(),
            weekly: self.week.spec(),
            closed: closed.into_iter().map(|(offset, _)| day(offset)).collect(),
            special: special.into_iter().map(|(offset, windows)| (day(offset), texts(windows))).collect(),
        })
        .unwrap()
    }

    /// For each second of the case whether the calendar is open.
    fn open(&self) -> Vec<bool> {
        let walk = Walk::new(&zone(self.zone), self.from - AROUND, self.from + LENGTH + AROUND);
        let open = walk.open(|day| {
            let dated = self.dated.get(&(day - self.first_day()));
            dated.unwrap_or(&self.week.0[weekday(day)]).clone()
        });
        open[AROUND as usize..(AROUND + LENGTH) as usize].to_vec()
    }

    fn pauses(&self) -> Vec<Pause> {
        let pause = |(from, to): &(i64, i64)| Pause { from: self.at(*from), to: Some(self.at(*to)) };
        self.pauses.iter().map(pause).collect()
    }

    fn at(&self, second: i64) -> Timestamp {
        instant(self.from + second)
    }
}

/// The runs of equal values, as seconds from the beginning.
fn runs<T: Copy + PartialEq>(values: impl Iterator<Item = T>) -> Vec<(i64, i64, T)> {
    let mut runs: Vec<(i64, i64, T)> = Vec::new();
    for (second, value) in values.enumerate() {
        let second = second as i64;
        match runs.last_mut() {
            Some(run) if run.2 == value => run.1 = second + 1,
            _ => runs.push((second, second + 1, value)),
        }
    }
    runs
}

proptest! {
    #![proptest_config(cases(28))]

    #[test]
    fn a_calendar_is_open_exactly_when_the_walk_finds_it_open(case in case(), millis in 0..1000_i64) {
        let (calendar, open) = (case.calendar(), case.open());
        let open_runs: Vec<(i64, i64, bool)> = runs(open.iter().copied());
        let expected: Vec<(Timestamp, Timestamp)> =
            open_runs.iter().filter(|run| run.2).map(|run| (case.at(run.0), case.at(run.1))).collect();
        prop_assert_eq!(calendar.intervals(case.at(0), case.at(LENGTH)), expected);
        for (from, to, is_open) in open_runs {
            for at in [case.at(from), case.at(from) + Duration(millis), case.at(to) - Duration(1)] {
                prop_assert_eq!(calendar.is_open(at), is_open, "{}", at);
                let next = if is_open { Some(at) } else { (to < LENGTH).then(|| case.at(to)) };
                if next.is_some() {
                    prop_assert_eq!(calendar.next_open(at), next, "next after {}", at);
                }
            }
        }
    }

    #[test]
    fn a_clock_counts_the_open_seconds_outside_its_pauses(case in case()) {
        let (calendar, open, pauses) = (case.calendar(), case.open(), case.pauses());
        let meter = Meter { calendar: &calendar, start: case.at(case.start), pauses: &pauses };
        let paused = |second: i64| case.pauses.iter().any(|(from, to)| (*from..*to).contains(&second));
        let kind = |second: i64| match open[second as usize] {
            _ if paused(second) => IntervalKind::Paused,
            true => IntervalKind::Counted,
            false => IntervalKind::Closed,
        };
        let life = runs((case.start..LENGTH).map(kind));
        let told: Vec<(Timestamp, Timestamp, IntervalKind)> =
            meter.explain(case.at(LENGTH)).into_iter().map(|i| (i.from, i.to, i.kind)).collect();
        let expected: Vec<(Timestamp, Timestamp, IntervalKind)> =
            life.iter().map(|run| (case.at(case.start + run.0), case.at(case.start + run.1), run.2)).collect();
        prop_assert_eq!(told, expected);

        let (mut counted, mut due) = (0, None);
        for second in case.start..LENGTH {
            if counted == case.target {
                due = due.or(Some(case.at(second)));
            }
            if second % 17_389 == 0 {
                prop_assert_eq!(meter.elapsed(case.at(second)), Duration::seconds(counted), "at {}", second);
            }
            counted += i64::from(kind(second) == IntervalKind::Counted);
        }
        prop_assert_eq!(meter.elapsed(case.at(LENGTH)), Duration::seconds(counted));
        if due.is_some() {
            prop_assert_eq!(meter.due(Duration::seconds(case.target)), due);
        } else if let Some(due) = meter.due(Duration::seconds(case.target)) {
            prop_assert!(due >= case.at(LENGTH));
        }
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn elapsed_time_is_monotone_additive_and_met_at_due(case in case(), cuts in proptest::array::uniform3(0..LENGTH)) {
        let (calendar, pauses) = (case.calendar(), case.pauses());
        let meter = Meter { calendar: &calendar, start: case.at(case.start), pauses: &pauses };
        let mut cuts = cuts;
        cuts.sort_unstable();
        let [a, b, c] = cuts.map(|second| case.at(second));
        prop_assert_eq!(
            calendar.open_between(a, c).0,
            calendar.open_between(a, b).0 + calendar.open_between(b, c).0
        );
        prop_assert!(meter.elapsed(a) <= meter.elapsed(b) && meter.elapsed(b) <= meter.elapsed(c));
        prop_assert_eq!(calendar.open_between(c, a), Duration::ZERO);

        let target = Duration::seconds(case.target);
        let due = meter.due(target);
        if let Some(due) = due {
            prop_assert_eq!(meter.elapsed(due), target);
            prop_assert!(meter.elapsed(due - Duration::seconds(1)) < target);
            prop_assert!(meter.due(Duration::seconds(case.target + 1)).is_none_or(|later| later > due));
        }
        prop_assert_eq!(meter.threshold(target, 100), due);
        let advanced = calendar.advance(a, Duration(case.target));
        prop_assert_eq!(advanced.map(|at| calendar.open_between(a, at)), advanced.map(|_| Duration(case.target)));
    }
}
