//! Clocks: elapsed time, due instants and thresholds, over calendars with holidays and overnight windows, with pauses
//! across closing time, and with another calendar and target from some instant on, as a change of priority brings.

use std::collections::BTreeMap;

use stentor_core::calendar::Calendar;
use stentor_core::policy::document::CalendarSpec;
use stentor_core::sla::meter::{Meter, Pause};
use stentor_core::time::{Duration, Timestamp};

use crate::campaign::{Place, over_every_zone};
use crate::lots::Lots;
use crate::seconds::Seconds;
use crate::walk::{DAY, HOUR, Walk, date};
use crate::windows::{Minutes, Week, open, special, texts};

/// Days that a case looks at.
pub(crate) const LENGTH: i64 = 10;
/// Samples that share a set of pauses.
const SHARED: u64 = 60;

/// A calendar with what the walk finds of it.
pub(crate) struct Hours {
    calendar: Calendar,
    /// As the policy writes it; none for `always`.
    pub(crate) spec: Option<CalendarSpec>,
    /// When it is open.
    pub(crate) open: Seconds,
}

impl Hours {
    pub(crate) fn draw(lots: &mut Lots, place: &Place, walk: &Walk) -> Hours {
        if lots.one_in(12) {
            let mut all = Seconds::new(place.at, LENGTH * 1440);
            all.mark(i64::MIN, i64::MAX, true);
            return Hours { calendar: Calendar::always(), spec: None, open: all };
        }
        let week = Week::draw(lots);
        let own = special(lots, walk.day(place.at) - 1, LENGTH);
        let windows = |day| own.get(&day).map_or_else(|| week.of(day), Vec::as_slice);
        let open = open(walk, place.at, LENGTH * 1440, windows);
        let spec = spec(place, &week, &own);
        let calendar = Calendar::compile(&spec).unwrap_or_else(|faults| panic!("{faults:?}"));
        Hours { calendar, spec: Some(spec), open }
    }
}

fn spec(place: &Place, week: &Week, own: &BTreeMap<i64, Vec<Minutes>>) -> CalendarSpec {
    let (special, closed): (Vec<_>, Vec<_>) = own.iter().partition(|(_, windows)| !windows.is_empty());
    CalendarSpec {
        zone: place.name.clone(),
        weekly: week.spec(),
        closed: closed.into_iter().map(|(day, _)| date(*day)).collect(),
        special: special.into_iter().map(|(day, windows)| (date(*day), texts(windows))).collect(),
    }
}

/// Pauses in order: short ones, nights, and some across several days; they may touch and overlap.
fn pauses(lots: &mut Lots, from: i64) -> Vec<(i64, i64)> {
    let count = lots.of(0, 5);
    let mut pauses: Vec<(i64, i64)> = (0..count)
        .map(|_| {
            let start = from + lots.of(0, LENGTH * DAY);
            let longest = *lots.pick(&[60, HOUR, 16 * HOUR, 3 * DAY]);
            (start, start + lots.of(0, longest))
        })
        .collect();
    pauses.sort_unstable();
    pauses
}

/// An instant.
pub(crate) fn at(second: i64, millis: i64) -> Timestamp {
    Timestamp(second * 1000 + millis)
}

/// One clock, asked at one instant.
struct Sample<'a> {
    place: &'a Place,
    hours: &'a Hours,
    pauses: &'a [(i64, i64)],
    /// What counts of the case: open and not paused.
    counted: &'a Seconds,
}

impl Sample<'_> {
    fn ask(&self, lots: &mut Lots) {
        let (from, to) = (self.counted.from, self.counted.to());
        let start = lots.of(from, to - DAY);
        let asked = lots.of(start, to);
        let longest = *lots.pick(&[HOUR, 8 * HOUR, 3 * DAY]);
        let target = lots.of(1, longest);
        let percent = lots.of(1, 200);
        let millis = lots.of(0, 1000);
        let given: Vec<Pause> = self
            .pauses
            .iter()
            .map(|(from, to)| Pause { from: at(*from, 0), to: Some(at(*to, millis)) })
            .collect();
        let meter = Meter { calendar: &self.hours.calendar, start: at(start, millis), pauses: &given };

        let used = self.counted.upto(asked) - self.counted.upto(start);
        let told = || {
            format!("{:?} start {start} asked {asked} target {target} pauses {:?}", self.place, self.pauses)
        };
        assert_eq!(meter.elapsed(at(asked, millis)), Duration::seconds(used), "elapsed: {}", told());
        self.agree(meter.due(Duration::seconds(target)), start, target, || format!("due: {}", told()));
        let share = (target * percent + 99) / 100;
        let threshold = meter.threshold(Duration::seconds(target), percent as u32);
        self.agree(threshold, start, share, || format!("{percent} %: {}", told()));
        if asked < to - 1 {
            let paused = self.pauses.iter().any(|(from, to)| (*from..*to).contains(&asked));
            assert_eq!(meter.paused(at(asked, millis)), paused, "paused: {}", told());
            assert_eq!(
                self.hours.calendar.is_open(at(asked, millis)),
                self.hours.open.counts(asked),
                "open: {}",
                told()
            );
        }
    }

    /// The product's instant is the oracle's, or lies beyond what the oracle has seen.
    fn agree(&self, found: Option<Timestamp>, start: i64, target: i64, told: impl Fn() -> String) {
        match self.counted.reaches(self.counted.upto(start) + target) {
            Some(due) => assert_eq!(found, Some(at(due, 0)), "{}", told()),
            None => {
                assert!(found.is_none_or(|found| found > at(self.counted.to(), 0)), "{}: {found:?}", told())
            }
        }
    }
}

fn round(place: &Place, samples: u64) -> u64 {
    let mut lots = Lots::new(place.seed);
    let walk = Walk::new(&place.zone, place.at - 4 * DAY, place.at + (LENGTH + 4) * DAY);
    let both = [Hours::draw(&mut lots, place, &walk), Hours::draw(&mut lots, place, &walk)];
    let mut asked = 0;
    while asked < samples {
        // The same start and the same pauses under one definition and then under the other: a change of priority.
        let pauses = pauses(&mut lots, place.at);
        for hours in &both {
            let mut counted = hours.open.clone();
            pauses.iter().for_each(|(from, to)| counted.mark(*from, *to, false));
            let counted = counted.count();
            let sample = Sample { place, hours, pauses: &pauses, counted: &counted };
            (0..SHARED / 2).for_each(|_| sample.ask(&mut lots));
        }
        asked += SHARED;
    }
    asked
}

#[test]
fn clocks_agree_with_a_count_of_seconds_in_every_zone() {
    over_every_zone("clocks", 1, 4, round);
}
