//! How much on-call time each person has in an interval, and how much of it at night and on weekends. It counts; what
//! is fair is for people to say.

use std::collections::BTreeMap;

use super::compile::Schedule;
use super::overrides::Override;
use crate::civil::{DAY, Wall, first, last, wall_at};
use crate::id::PersonId;
use crate::time::{Duration, Timestamp};

/// A night begins at 22:00 and ends at 06:00 of the schedule's zone.
const NIGHT: (Wall, Wall) = (22 * 3600, 30 * 3600);
/// A weekend is the whole of Saturday and Sunday.
const WEEKEND: (Wall, Wall) = (0, 2 * DAY);
/// 1970-01-03, a Saturday.
const SATURDAY: i64 = 2;

/// One person's share of an interval.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// Unbroken stretches on call, however many turns they are made of.
    pub stretches: u32,
    pub on_call: Duration,
    /// Nights of which the person has at least half.
    pub nights: u32,
    pub at_night: Duration,
    /// Weekends of which the person has at least half.
    pub weekends: u32,
    pub on_weekends: Duration,
}

impl Schedule {
    /// What everybody who is on call in `[from, to)` has of it. People on call together have it both.
    pub fn fairness(
        &self,
        from: Timestamp,
        to: Timestamp,
        overrides: &[Override],
    ) -> BTreeMap<PersonId, Load> {
        let mut times: BTreeMap<PersonId, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
        for shift in self.shifts(from, to, overrides) {
            let cut = (shift.since.max(from), shift.until.map_or(to, |until| until.min(to)));
            for person in shift.people {
                let stretches = times.entry(person).or_default();
                match stretches.last_mut() {
                    Some(before) if before.1 == cut.0 => before.1 = cut.1,
                    _ => stretches.push(cut),
                }
            }
        }
        times.into_iter().map(|(person, stretches)| (person, self.load(&stretches))).collect()
    }

    fn load(&self, stretches: &[(Timestamp, Timestamp)]) -> Load {
        let sum =
            |lengths: &mut dyn Iterator<Item = Duration>| Duration(lengths.map(|length| length.0).sum());
        let nights = self.shares(stretches, NIGHT, |_| true);
        let weekends = self.shares(stretches, WEEKEND, |day| (day - SATURDAY).rem_euclid(7) == 0);
        let halves = |shares: &BTreeMap<i64, (Duration, Duration)>| {
            shares.values().filter(|(had, whole)| had.0 * 2 >= whole.0).count() as u32
        };
        Load {
            stretches: stretches.len() as u32,
            on_call: sum(&mut stretches.iter().map(|(from, to)| to.since(*from))),
            nights: halves(&nights),
            at_night: sum(&mut nights.values().map(|(had, _)| *had)),
            weekends: halves(&weekends),
            on_weekends: sum(&mut weekends.values().map(|(had, _)| *had)),
        }
    }

    /// By the civil day on which a span begins: how much of it the stretches have, and how long it is.
    fn shares(
        &self,
        stretches: &[(Timestamp, Timestamp)],
        span: (Wall, Wall),
        begins: impl Fn(i64) -> bool,
    ) -> BTreeMap<i64, (Duration, Duration)> {
        let mut shares = BTreeMap::new();
        for (from, to) in stretches {
            let day = |at: Timestamp| wall_at(&self.zone, at).div_euclid(DAY);
            // A span reaches at most two days on, and a clock change moves neither by one more.
            for day in (day(*from) - 3..=day(*to) + 1).filter(|day| begins(*day)) {
                let start = first(&self.zone, day * DAY + span.0);
                let end = last(&self.zone, day * DAY + span.1);
                let had = (*to).min(end).since((*from).max(start));
                if had > Duration::ZERO {
                    shares.entry(day).or_insert((Duration::ZERO, end.since(start))).0.0 += had.0;
                }
            }
        }
        shares
    }
}
