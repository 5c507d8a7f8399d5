//! Schedules: who is on call at an instant, and for how long, by layers with restrictions, several people at a time,
//! rotations of all lengths, overrides and swaps.

use stentor_core::id::PersonId;
use stentor_core::oncall::{Override, Schedule};
use stentor_core::policy::document::{LayerMode, LayerSpec, ScheduleSpec, Slot};
use stentor_core::time::{Duration, Timestamp};

use crate::campaign::{Place, over_every_zone};
use crate::lots::Lots;
use crate::seconds::Seconds;
use crate::shares;
use crate::walk::{DAY, HOUR, MINUTE, Walk, date};
use crate::windows::{Week, open};

/// Days that a case looks at, and days around it in which turns may begin that reach into it.
pub(crate) const LENGTH: i64 = 9;
const AROUND: i64 = 17;
/// Samples that share a schedule.
const SHARED: u64 = 210;
const TURNS: [i64; 12] = [1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 168, 336];

struct Layer {
    members: Vec<Vec<String>>,
    hours: i64,
    /// On the wall clock, in seconds since 1970 as if every day had 24 hours.
    anchor: i64,
    only: Option<Week>,
    add: bool,
    /// When each turn begins, in order.
    begins: Vec<(i64, i64)>,
    covers: Option<Seconds>,
}

struct Stand {
    from: i64,
    to: i64,
    replaces: Option<String>,
    by: String,
    created: i64,
}

pub(crate) struct Case<'a> {
    pub(crate) place: &'a Place,
    layers: Vec<Layer>,
    stands: Vec<Stand>,
    pub(crate) schedule: Schedule,
    pub(crate) overrides: Vec<Override>,
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second)
}

fn layer(lots: &mut Lots, place: &Place, walk: &Walk, index: i64) -> Layer {
    let slots = lots.of(1, 4);
    let member = |slot: i64, n: i64| format!("l{index}m{slot}{n}");
    let members: Vec<Vec<String>> =
        (0..slots).map(|slot| (0..lots.of(1, 3)).map(|n| member(slot, n)).collect()).collect();
    let hours = *lots.pick(&TURNS);
    let anchor = (walk.day(place.at) + lots.of(-400, 400)) * DAY + lots.of(0, 96) * 15 * MINUTE;
    let only = lots.one_in(2).then(|| Week::draw(lots));
    let turn = hours * HOUR;
    let first = ((walk.day(place.at) - 1) * DAY - anchor).div_euclid(turn);
    let last = ((walk.day(place.at) + LENGTH + 2) * DAY - anchor).div_euclid(turn) + 1;
    let begins = (first..=last).map(|k| (walk.shows(anchor + k * turn).0, k)).collect();
    let covers = only.as_ref().map(|week| open(walk, place.at, LENGTH * 1440, |day| week.of(day)));
    Layer { members, hours, anchor, only, add: index > 0 && lots.one_in(2), begins, covers }
}

impl Layer {
    fn spec(&self, index: usize) -> LayerSpec {
        let slot = |people: &Vec<String>| match &people[..] {
            [one] => Slot::One(one.as_str().into()),
            all => Slot::Together(all.iter().map(|person| person.as_str().into()).collect()),
        };
        let (hour, minute) = (self.anchor.rem_euclid(DAY) / HOUR, self.anchor.rem_euclid(HOUR) / MINUTE);
        LayerSpec {
            id: format!("l{index}"),
            members: self.members.iter().map(slot).collect(),
            turn: Duration::hours(self.hours),
            anchor: format!("{}T{hour:02}:{minute:02}", date(self.anchor.div_euclid(DAY))),
            only: self.only.as_ref().map(Week::spec),
            mode: if self.add { LayerMode::Add } else { LayerMode::Replace },
        }
    }

    /// Whose turn it is at a second, if the layer covers it: the last turn that has begun.
    fn on(&self, second: i64) -> Option<&[String]> {
        if self.covers.as_ref().is_some_and(|covers| !covers.counts(second)) {
            return None;
        }
        let begun = self.begins.partition_point(|(begins, _)| *begins <= second);
        let (_, turn) = self.begins.get(begun.checked_sub(1)?)?;
        Some(&self.members[turn.rem_euclid(self.members.len() as i64) as usize])
    }
}

impl Case<'_> {
    fn draw<'a>(place: &'a Place, walk: &Walk) -> (Case<'a>, Lots) {
        let mut lots = Lots::new(place.seed);
        let layers: Vec<Layer> =
            (0..lots.of(1, 5)).map(|index| layer(&mut lots, place, walk, index)).collect();
        let everybody: Vec<String> =
            layers.iter().flat_map(|l| l.members.iter().flatten().cloned()).collect();
        let mut stands = Vec::new();
        for n in 0..lots.of(0, 6) {
            let from = place.at + lots.of(-DAY, LENGTH * DAY);
            let (to, created) = (from + lots.of(-HOUR, 3 * DAY), lots.of(0, 3));
            let replaced = (!lots.one_in(4)).then(|| lots.pick(&everybody).clone());
            // A stand-in from outside, or somebody of the rotation, as in a swap.
            let by = if lots.one_in(2) { format!("s{n}") } else { lots.pick(&everybody).clone() };
            if replaced.as_ref() != Some(&by) {
                stands.push(Stand { from, to, replaces: replaced, by, created });
            }
        }
        let specs = layers.iter().enumerate().map(|(index, layer)| layer.spec(index)).collect();
        let spec = ScheduleSpec { zone: place.name.clone(), layers: specs };
        let schedule = Schedule::compile(&spec).unwrap_or_else(|faults| panic!("{faults:?}"));
        let overrides = stands.iter().map(|stand| Override {
            from: at(stand.from),
            to: at(stand.to),
            replaces: stand.replaces.as_deref().map(Into::into),
            by: stand.by.as_str().into(),
            created_at: Timestamp(stand.created),
        });
        let overrides = overrides.collect();
        (Case { place, layers, stands, schedule, overrides }, lots)
    }

    /// By the words of the rules. Of the layers that replace the last one that covers; every added one that does. Then
    /// the overrides in the order in which they were made: a person means their own place, and only without one the
    /// places that they hold for others.
    fn people(&self, second: i64) -> Vec<PersonId> {
        let winner = self.layers.iter().rev().filter(|layer| !layer.add).find_map(|layer| layer.on(second));
        let added = self.layers.iter().filter(|layer| layer.add).filter_map(|layer| layer.on(second));
        let mut places: Vec<(String, String)> =
            winner.into_iter().chain(added).flatten().map(|p| (p.clone(), p.clone())).collect();
        let mut stands: Vec<&Stand> =
            self.stands.iter().filter(|stand| (stand.from..stand.to).contains(&second)).collect();
        stands.sort_by_key(|stand| stand.created);
        for stand in stands {
            let Some(replaced) = &stand.replaces else {
                if places.is_empty() {
                    places.push((String::new(), String::new()));
                }
                // Whoever was replaced by name has no place of their own any more.
                places.iter_mut().for_each(|place| place.1.clone_from(&stand.by));
                continue;
            };
            let own = places.iter().any(|(own, _)| own == replaced);
            for place in &mut places {
                if if own { place.0 == *replaced } else { place.1 == *replaced } {
                    place.1.clone_from(&stand.by);
                }
            }
        }
        let mut people: Vec<PersonId> = Vec::new();
        for (_, person) in places {
            if !people.iter().any(|known| known.as_str() == person) {
                people.push(person.into());
            }
        }
        people
    }

    /// The case from one instant at which anything may change to the next.
    pub(crate) fn stretches(&self) -> Vec<(i64, i64, Vec<PersonId>)> {
        let (from, to) = (self.place.at, self.place.at + LENGTH * DAY);
        let mut cuts = vec![from, to];
        for layer in &self.layers {
            cuts.extend(layer.begins.iter().map(|(begins, _)| *begins));
            cuts.extend(layer.covers.iter().flat_map(|covers| &covers.edges));
        }
        cuts.extend(self.stands.iter().flat_map(|stand| [stand.from, stand.to]));
        cuts.retain(|cut| (from..=to).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|pair| (pair[0], pair[1], self.people(pair[0]))).collect()
    }

    fn ask(&self, lots: &mut Lots, gaps: &[(Timestamp, Timestamp)], deep: bool) {
        let (from, to) = (self.place.at, self.place.at + LENGTH * DAY);
        let second = self.instant(lots).clamp(from, to - 1);
        let millis = Duration(lots.of(0, 1000));
        let expected = self.people(second);
        let told = || format!("{:?} at {second}", self.place);
        let found = self.schedule.people_at(at(second) + millis, &self.overrides);
        assert_eq!(found, expected, "who: {}", told());
        let in_gap = gaps.iter().any(|(from, to)| (*from..*to).contains(&(at(second) + millis)));
        assert_eq!(in_gap, expected.is_empty(), "gap: {}", told());
        if deep {
            let shift = self.schedule.on_call(at(second), &self.overrides);
            assert_eq!(shift.people, expected, "shift: {}", told());
            let since = shift.since.seconds().max(from);
            let until = shift.until.map_or(to, |until| until.seconds().min(to));
            for within in [since, lots.of(since, until.max(since + 1)), until - 1] {
                assert_eq!(self.people(within), expected, "{within} within the shift: {}", told());
            }
        }
    }

    /// Any instant, or one at an edge, where mistakes are made.
    fn instant(&self, lots: &mut Lots) -> i64 {
        let edge = match lots.of(0, 4) {
            0 => lots.pick(&hardest(&self.layers, self.place).begins).0,
            1 if !self.stands.is_empty() => {
                let stand = lots.pick(&self.stands);
                if lots.one_in(2) { stand.from } else { stand.to }
            }
            _ => return self.place.at + lots.of(0, LENGTH * DAY),
        };
        edge + lots.of(-1, 2)
    }
}

/// The layer at whose hand-offs a case looks hardest.
fn hardest<'a>(layers: &'a [Layer], place: &Place) -> &'a Layer {
    &layers[place.seed as usize % layers.len()]
}

fn round(place: &Place, samples: u64) -> u64 {
    let walk = Walk::new(&place.zone, place.at - AROUND * DAY, place.at + (LENGTH + AROUND) * DAY);
    let mut asked = 0;
    while asked < samples {
        let place = Place { seed: place.seed.wrapping_add(asked), ..place.clone() };
        let (case, mut lots) = Case::draw(&place, &walk);
        let gaps = case.schedule.gaps(at(place.at), at(place.at + LENGTH * DAY), &case.overrides);
        shares::check(&case, &walk);
        (0..SHARED).for_each(|n| case.ask(&mut lots, &gaps, n % 16 == 0));
        asked += SHARED;
    }
    asked
}

#[test]
fn schedules_agree_with_a_walk_over_turns_in_every_zone() {
    over_every_zone("schedules", 1, 4, round);
}
