//! How often one person is paged through one channel. A page that comes too soon waits, and all that wait for the same
//! service go within the next one. It is kept in memory alone: a restart forgets how often somebody was paged, never a
//! page.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use stentor_core::time::{Duration, Timestamp};

use crate::store::rows::OutboxRow;

/// So many pages within so long.
type Rate = (usize, Duration);

const VOICE: &[Rate] = &[(1, Duration::minutes(1)), (3, Duration::minutes(15)), (7, Duration::hours(1))];
const SMS: &[Rate] = &[(1, Duration::minutes(1)), (5, Duration::minutes(15)), (11, Duration::hours(1))];
const OTHERS: &[Rate] = &[(10, Duration::minutes(1))];

/// The first page of a service within this time goes at once, whatever went before.
const FIRST_OF_SERVICE: Duration = Duration::minutes(15);

/// A page that waits for longer is told in the timeline.
const TOLD: Duration = Duration::seconds(30);

/// Nothing older decides anything.
const REMEMBERED: Duration = Duration::hours(1);

/// The pages of a partition's people.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    destinations: HashMap<String, Destination>,
    /// When a person was last paged for a service, through whatever channel.
    last: HashMap<(String, String), Timestamp>,
    swept: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Destination {
    /// Newest last, none older than an hour.
    sent: VecDeque<Timestamp>,
    /// By service and effect: what waits, since when, and whether that was told.
    held: HashMap<String, BTreeMap<String, Held>>,
}

#[derive(Debug)]
struct Held {
    row: OutboxRow,
    since: Timestamp,
    told: bool,
}

/// Whether a page goes now.
#[derive(Debug, PartialEq)]
pub(super) enum Turn {
    /// Yes, and these with it.
    Go(Vec<OutboxRow>),
    /// Not before the instant; `tell` if that is long, and was not told yet.
    Wait { until: Timestamp, tell: bool },
}

/// A page's destination in parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct To<'a> {
    pub(super) person: &'a str,
    pub(super) channel: &'a str,
    pub(super) service: &'a str,
    /// Pages in a minute that the policy allows, instead of the usual rates.
    pub(super) per_minute: Option<u32>,
}

impl Throttle {
    /// Asks for a page's turn; one that goes is counted. A further attempt at the same page is not asked for.
    pub(super) fn turn(&self, row: &OutboxRow, to: To<'_>, now: Timestamp) -> Turn {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *guard;
        inner.sweep(now);
        let pair = (to.person.to_owned(), to.service.to_owned());
        let first = inner.last.get(&pair).is_none_or(|at| now.since(*at) >= FIRST_OF_SERVICE);
        let destination = inner.destinations.entry(row.dest.clone()).or_default();
        let own = to.per_minute.map(|most| (most.max(1) as usize, Duration::minutes(1)));
        let rates = own.as_ref().map_or_else(|| rates(to.channel), std::slice::from_ref);
        match destination.free_at(rates, now).filter(|_| !first) {
            Some(until) => destination.hold(row, to.service, now, until),
            None => {
                destination.sent.push_back(now);
                inner.last.insert(pair, now);
                let mut riders = destination.held.remove(to.service).unwrap_or_default();
                riders.remove(&row.effect_id);
                Turn::Go(riders.into_values().map(|held| held.row).collect())
            }
        }
    }

    /// The page is not wanted any more.
    pub(super) fn forget(&self, row: &OutboxRow) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(destination) = inner.destinations.get_mut(&row.dest) {
            destination.held.retain(|_, held| {
                held.remove(&row.effect_id);
                !held.is_empty()
            });
        }
    }
}

impl Inner {
    /// Lets go of what no longer decides anything, once a minute.
    fn sweep(&mut self, now: Timestamp) {
        if self.swept.is_some_and(|at| now.since(at) < Duration::minutes(1)) {
            return;
        }
        self.swept = Some(now);
        self.last.retain(|_, at| now.since(*at) < FIRST_OF_SERVICE);
        self.destinations.retain(|_, destination| {
            destination.sent.retain(|at| now.since(*at) < REMEMBERED);
            !destination.sent.is_empty() || !destination.held.is_empty()
        });
    }
}

impl Destination {
    /// When the rates let another page go; `None`: now.
    fn free_at(&self, rates: &[Rate], now: Timestamp) -> Option<Timestamp> {
        let free = |(most, within): &Rate| {
            let oldest = self.sent.len().checked_sub(*most).and_then(|place| self.sent.get(place));
            oldest.map(|at| *at + *within)
        };
        rates.iter().filter_map(free).max().filter(|at| *at > now)
    }

    fn hold(&mut self, row: &OutboxRow, service: &str, now: Timestamp, until: Timestamp) -> Turn {
        let held = self.held.entry(service.to_owned()).or_default();
        let held = held.entry(row.effect_id.clone()).or_insert_with(|| Held {
            row: row.clone(),
            since: now,
            told: false,
        });
        let tell = !held.told && until.since(held.since) > TOLD;
        held.told |= tell;
        Turn::Wait { until, tell }
    }
}

fn rates(channel: &str) -> &'static [Rate] {
    match channel {
        "voice" => VOICE,
        "sms" => SMS,
        _ => OTHERS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: u32, channel: &str) -> OutboxRow {
        OutboxRow {
            effect_id: format!("inc-{n}.1"),
            dest: format!("people/ana/{channel}"),
            ..OutboxRow::default()
        }
    }

    fn ask(throttle: &Throttle, n: u32, channel: &str, service: &str, at: i64) -> Turn {
        let to = To { person: "ana", channel, service, per_minute: None };
        throttle.turn(&row(n, channel), to, Timestamp(at * 1000))
    }

    fn until(seconds: i64, tell: bool) -> Turn {
        Turn::Wait { until: Timestamp(seconds * 1000), tell }
    }

    #[test]
    fn a_second_call_waits_for_its_minute_and_takes_along_what_waits_with_it() {
        let throttle = Throttle::default();
        assert_eq!(ask(&throttle, 1, "voice", "shop", 0), Turn::Go(Vec::new()));
        assert_eq!(ask(&throttle, 2, "voice", "shop", 10), until(60, true));
        assert_eq!(ask(&throttle, 3, "voice", "shop", 40), until(60, false), "20 s are not worth telling");
        assert_eq!(ask(&throttle, 2, "voice", "shop", 50), until(60, false), "told once");
        assert_eq!(ask(&throttle, 2, "voice", "shop", 60), Turn::Go(vec![row(3, "voice")]));
        assert_eq!(ask(&throttle, 4, "voice", "shop", 61), until(120, true));
    }

    #[test]
    fn the_first_page_of_a_service_goes_at_once() {
        let throttle = Throttle::default();
        ask(&throttle, 1, "sms", "shop", 0);
        assert_eq!(ask(&throttle, 2, "sms", "bank", 1), Turn::Go(Vec::new()));
        assert_eq!(ask(&throttle, 3, "sms", "bank", 2), until(61, true));
        assert_eq!(ask(&throttle, 4, "sms", "shop", 901), Turn::Go(Vec::new()), "a quarter of an hour later");
    }

    #[test]
    fn the_longer_windows_count_too() {
        let throttle = Throttle::default();
        for n in 0..3 {
            let turn = ask(&throttle, n, "voice", "shop", i64::from(n) * 60);
            assert_eq!(turn, Turn::Go(Vec::new()), "{n}");
        }
        assert_eq!(ask(&throttle, 3, "voice", "shop", 200), until(900, true), "three in 15 minutes");
        for n in 10..20 {
            assert_eq!(ask(&throttle, n, "push", "shop", 200), Turn::Go(Vec::new()), "{n}");
        }
        assert_eq!(ask(&throttle, 20, "push", "shop", 210), until(260, true), "ten in a minute");
    }

    #[test]
    fn the_policy_may_allow_more_or_less() {
        let throttle = Throttle::default();
        let ask = |n, at: i64| {
            let to = To { person: "ana", channel: "voice", service: "shop", per_minute: Some(2) };
            throttle.turn(&row(n, "voice"), to, Timestamp(at * 1000))
        };
        assert_eq!([ask(1, 0), ask(2, 5)], [Turn::Go(Vec::new()), Turn::Go(Vec::new())]);
        assert_eq!(ask(3, 6), until(60, true));
    }

    #[test]
    fn what_is_forgotten_is_not_taken_along() {
        let throttle = Throttle::default();
        ask(&throttle, 1, "voice", "shop", 0);
        ask(&throttle, 2, "voice", "shop", 1);
        throttle.forget(&row(2, "voice"));
        assert_eq!(ask(&throttle, 3, "voice", "shop", 60), Turn::Go(Vec::new()));
    }
}
