//! Schedules against the walk: who is on call in each second, by rotation, windows, layers and overrides; and how
//! shifts and gaps cover an interval.

use proptest::prelude::*;
use stentor_core::id::PersonId;
use stentor_core::oncall::{Override, Schedule};
use stentor_core::policy::document::{LayerMode, LayerSpec, ScheduleSpec, Slot};
use stentor_core::time::{Duration, Timestamp};

use crate::given::{Week, cases, date, place, week, zone};
use crate::walk::{DAY, MINUTE, Walk, instant, weekday};

const LENGTH: i64 = 6 * DAY;
const AROUND: i64 = 5 * DAY;
const TURNS: [i64; 9] = [1, 2, 3, 4, 6, 8, 12, 24, 48];

#[derive(Debug, Clone)]
struct Layer {
    members: usize,
    hours: i64,
    /// Days from the beginning of the case, and minutes of the day.
    anchor: (i64, i64),
    only: Option<Week>,
    add: bool,
}

#[derive(Debug, Clone)]
struct Case {
    zone: &'static str,
    from: i64,
    layers: Vec<Layer>,
    /// Start and length in seconds, whose place, and when created. A stand-in is never replaced here.
    overrides: Vec<(i64, i64, Option<String>, i64)>,
}

fn case() -> impl Strategy<Value = Case> {
    let anchor = (-400..400_i64, (0..96_i64).prop_map(|quarter| quarter * 15));
    let layer = (
        1..4_usize,
        proptest::sample::select(&TURNS[..]),
        anchor,
        proptest::option::of(week()),
        any::<bool>(),
    )
        .prop_map(|(members, hours, anchor, only, add)| Layer { members, hours, anchor, only, add });
    let whose =
        proptest::option::of((0..3_usize, 0..3_usize).prop_map(|(layer, member)| name(layer, member)));
    let overrides = proptest::collection::vec((-DAY..LENGTH, -DAY / 4..2 * DAY, whose, 0..3_i64), 0..4);
    (place(), proptest::collection::vec(layer, 0..4), overrides)
        .prop_map(|((zone, from), layers, overrides)| Case { zone, from, layers, overrides })
}

fn name(layer: usize, member: usize) -> String {
    format!("l{layer}m{member}")
}

impl Case {
    fn at(&self, second: i64) -> Timestamp {
        instant(self.from + second)
    }

    fn anchor(&self, layer: &Layer) -> i64 {
        (self.from.div_euclid(DAY) + layer.anchor.0) * DAY + layer.anchor.1 * MINUTE
    }

    fn schedule(&self) -> Schedule {
        let spec = |(index, layer): (usize, &Layer)| LayerSpec {
            id: format!("l{index}"),
            members: (0..layer.members).map(|member| Slot::One(name(index, member).into())).collect(),
            turn: Duration::hours(layer.hours),
            anchor: format!(
                "{}T{:02}:{:02}",
                date(self.anchor(layer).div_euclid(DAY)),
                layer.anchor.1 / 60,
                layer.anchor.1 % 60
            ),
            only: layer.only.as_ref().map(Week::spec),
            mode: if layer.add { LayerMode::Add } else { LayerMode::Replace },
        };
        let layers = self.layers.iter().enumerate().map(spec).collect();
        Schedule::compile(&ScheduleSpec { zone: self.zone.to_owned(), layers }).unwrap()
    }

    fn overrides(&self) -> Vec<Override> {
        let made =
            |(index, (start, length, whose, created)): (usize, &(i64, i64, Option<String>, i64))| Override {
                from: self.at(*start),
                to: self.at(start + length),
                replaces: whose.as_deref().map(PersonId::from),
                by: stand_in(index),
                created_at: Timestamp(*created),
            };
        self.overrides.iter().enumerate().map(made).collect()
    }

    /// For each layer and each second of the case: whose turn it is; none where the layer does not cover.
    fn turns(&self, walk: &Walk) -> Vec<Vec<Option<usize>>> {
        let seconds = AROUND as usize..(AROUND + LENGTH) as usize;
        let turns_of = |layer: &Layer| {
            let covered = match &layer.only {
                Some(week) => walk.open(|day| week.0[weekday(day)].clone()),
                None => vec![true; (walk.to() - walk.from) as usize],
            };
            let anchor = self.anchor(layer);
            let days = walk.days();
            let turn = layer.hours * 3600;
            let mut hand_offs = (((days.start * DAY - anchor) / turn - 1)..)
                .map(|k| (k, anchor + k * turn))
                .skip_while(|(_, wall)| *wall < days.start * DAY)
                .take_while(|(_, wall)| *wall < days.end * DAY)
                .map(|(k, wall)| (k, walk.occurrences(wall).unwrap().0))
                .peekable();
            let mut current = None;
            let mut member_at = |second: i64| {
                while let Some((k, _)) = hand_offs.next_if(|(_, start)| *start <= second) {
                    current = Some(k);
                }
                current
            };
            let whose: Vec<Option<usize>> = (walk.from..walk.to())
                .map(|second| member_at(second).map(|k| k.rem_euclid(layer.members as i64) as usize))
                .collect();
            seconds.clone().map(|second| whose[second].filter(|_| covered[second])).collect()
        };
        self.layers.iter().map(turns_of).collect()
    }

    /// Whether anything that decides who is on call differs from the second before.
    fn changes(&self, turns: &[Vec<Option<usize>>], second: i64) -> bool {
        let now = second as usize;
        turns.iter().any(|whose| whose[now] != whose[now - 1])
            || self.overrides.iter().any(|o| o.0 == second || o.0 + o.1 == second)
    }

    /// By the words of the rules: the last `replace` layer that covers, all `add` layers that do, then for each person
    /// the latest created override that names them or everyone.
    fn people(&self, turns: &[Vec<Option<usize>>], second: i64) -> Vec<PersonId> {
        let on = |layer: usize| turns[layer][second as usize].map(|member| name(layer, member));
        let layers = 0..self.layers.len();
        let winner = layers.clone().rev().find(|layer| !self.layers[*layer].add && on(*layer).is_some());
        let added = layers.filter(|layer| self.layers[*layer].add);
        let rostered: Vec<String> = winner.into_iter().chain(added).filter_map(on).collect();
        let active = || {
            let holds = move |o: &(i64, i64, Option<String>, i64)| (o.0..o.0 + o.1).contains(&second);
            self.overrides.iter().enumerate().filter(move |(_, o)| holds(o))
        };
        let latest = |person: Option<&String>| {
            let naming = active().filter(|(_, o)| o.2.is_none() || o.2.as_ref() == person);
            naming.max_by_key(|(index, o)| (o.3, *index)).map(|(index, _)| stand_in(index))
        };
        if rostered.is_empty() {
            return latest(None).into_iter().collect();
        }
        let mut people: Vec<PersonId> = Vec::new();
        for person in &rostered {
            let by = latest(Some(person)).unwrap_or_else(|| person.as_str().into());
            if !people.contains(&by) {
                people.push(by);
            }
        }
        people
    }
}

fn stand_in(index: usize) -> PersonId {
    format!("s{index}").into()
}

proptest! {
    #![proptest_config(cases(28))]

    #[test]
    fn shifts_name_the_people_of_every_second_and_tile_the_interval_with_the_gaps(case in case()) {
        let walk = Walk::new(&zone(case.zone), case.from - AROUND, case.from + LENGTH + AROUND);
        let (turns, schedule, overrides) = (case.turns(&walk), case.schedule(), case.overrides());
        let (from, to) = (case.at(0), case.at(LENGTH));
        let shifts = schedule.shifts(from, to, &overrides);
        let gaps = schedule.gaps(from, to, &overrides);

        let mut tiles: Vec<(Timestamp, Timestamp, Vec<PersonId>)> = shifts
            .iter()
            .map(|s| (s.since.max(from), s.until.map_or(to, |until| until.min(to)), s.people.clone()))
            .chain(gaps.iter().map(|gap| (gap.0, gap.1, Vec::new())))
            .collect();
        tiles.sort_by_key(|tile| tile.0);
        prop_assert_eq!(tiles.first().map(|tile| tile.0), Some(from));
        prop_assert_eq!(tiles.last().map(|tile| tile.1), Some(to));
        prop_assert!(tiles.windows(2).all(|pair| pair[0].1 == pair[1].0), "{:?}", tiles);
        prop_assert!(tiles.iter().all(|tile| tile.0 < tile.1), "{:?}", tiles);

        let mut tile = tiles.iter().peekable();
        let mut expected = Vec::new();
        for second in 0..LENGTH {
            let at = case.at(second);
            while tile.next_if(|tile| tile.1 <= at).is_some() {}
            if second == 0 || case.changes(&turns, second) {
                expected = case.people(&turns, second);
            }
            prop_assert_eq!(&tile.peek().unwrap().2, &expected, "at {}", at);
        }
    }
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn every_instant_of_a_shift_gives_the_same_answer(case in case(), share in 0..1000_i64) {
        let (schedule, overrides) = (case.schedule(), case.overrides());
        for shift in schedule.shifts(case.at(0), case.at(LENGTH), &overrides) {
            let Some(until) = shift.until else { continue };
            let within = Timestamp(shift.since.0 + (until.0 - shift.since.0) * share / 1000);
            for at in [shift.since, within, until - Duration(1)] {
                prop_assert_eq!(&schedule.on_call(at, &overrides), &shift, "at {}", at);
                prop_assert_eq!(schedule.people_at(at, &overrides), shift.people.clone());
            }
            prop_assert_ne!(schedule.on_call(until, &overrides).since, shift.since);
        }
    }
}
