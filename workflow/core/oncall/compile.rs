//! A schedule as it is asked, made from the schedule as it is written. Every mistake in the text is found here; asking
//! cannot fail.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::calendar::Calendar;
use crate::civil::{Wall, Weekly, parse_wall, zone_at};
use crate::fault::{Fault, FaultCode};
use crate::id::PersonId;
use crate::policy::document::{LayerMode, LayerSpec, ScheduleSpec, Slot};
use crate::time::Duration;

const MAX_LAYERS: usize = 20;
const MAX_MEMBERS: usize = 100;
/// A turn longer than a year is a mistake, and shifts are looked for within 400 days.
const MAX_TURN_DAYS: i64 = 366;
const HOURS: [i64; 7] = [1, 2, 3, 4, 6, 8, 12];

/// Who is on call when. Made once per policy version; immutable.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    pub(super) zone: TimeZone,
    pub(super) layers: Vec<Layer>,
}

/// One rotation.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layer {
    pub(super) id: String,
    /// At least one, none of them empty.
    pub(super) slots: Vec<Vec<PersonId>>,
    /// Seconds on the wall clock, at least an hour.
    pub(super) turn: i64,
    /// When turn 0 begins on the wall clock.
    pub(super) anchor: Wall,
    pub(super) only: Option<Calendar>,
    pub(super) mode: LayerMode,
}

impl Schedule {
    /// Reads a schedule of the policy. Errors: every mistake, with the path of its field below the schedule, where a
    /// layer is named by its id.
    pub fn compile(spec: &ScheduleSpec) -> Result<Schedule, Vec<Fault>> {
        let mut faults = Vec::new();
        let zone = zone_at("zone", &spec.zone).map_err(|fault| faults.push(fault)).ok();
        if spec.layers.len() > MAX_LAYERS {
            faults.push(Fault::new(
                "layers",
                FaultCode::LimitExceeded,
                format!("{} layers: a schedule has at most {MAX_LAYERS}", spec.layers.len()),
            ));
        }
        let mut seen = BTreeSet::new();
        let mut layers = Vec::with_capacity(spec.layers.len());
        for layer in &spec.layers {
            let path = format!("layers.{}", layer.id);
            if !seen.insert(&layer.id) {
                let message = format!("two layers have the id {:?}", layer.id);
                faults.push(Fault::new(&path, FaultCode::DuplicateId, message));
            }
            layers.extend(compile_layer(&path, layer, zone.as_ref(), &mut faults));
        }
        match zone {
            Some(zone) if faults.is_empty() => Ok(Schedule { zone, layers }),
            _ => Err(faults),
        }
    }
}

fn compile_layer(
    path: &str,
    spec: &LayerSpec,
    zone: Option<&TimeZone>,
    faults: &mut Vec<Fault>,
) -> Option<Layer> {
    let slots = slots(path, &spec.members, faults);
    let turn = turn_seconds(spec.turn);
    if turn.is_none() {
        faults.push(Fault::new(
            format!("{path}.turn"),
            FaultCode::BadDuration,
            format!(
                "a turn of {}: it is 1h, 2h, 3h, 4h, 6h, 8h, 12h or whole days up to {MAX_TURN_DAYS}d",
                spec.turn
            ),
        ));
    }
    let anchor = parse_wall(&spec.anchor);
    if anchor.is_none() {
        faults.push(Fault::new(
            format!("{path}.anchor"),
            FaultCode::BadCivilTime,
            format!("{:?} is not a civil date-time: write 2026-01-05T09:00", spec.anchor),
        ));
    }
    let only = spec.only.as_ref().map(|windows| Weekly::parse(&format!("{path}.only"), windows, faults));
    let only = match (only, zone) {
        (Some(windows), Some(zone)) => Some(Calendar::weekly(zone.clone(), windows)),
        _ => None,
    };
    Some(Layer { id: spec.id.clone(), slots, turn: turn?, anchor: anchor?, only, mode: spec.mode })
}

fn slots(path: &str, members: &[Slot], faults: &mut Vec<Fault>) -> Vec<Vec<PersonId>> {
    let slots: Vec<Vec<PersonId>> = members
        .iter()
        .map(|slot| match slot {
            Slot::One(person) => vec![person.clone()],
            Slot::Together(people) => people.clone(),
        })
        .collect();
    let people: usize = slots.iter().map(Vec::len).sum();
    if slots.is_empty() || people > MAX_MEMBERS {
        let message = format!("{people} members: a layer has 1 to {MAX_MEMBERS}");
        faults.push(Fault::new(format!("{path}.members"), FaultCode::LimitExceeded, message));
    }
    for (index, _) in slots.iter().enumerate().filter(|(_, slot)| slot.is_empty()) {
        let message = "a slot without people: it has at least one";
        faults.push(Fault::new(format!("{path}.members[{index}]"), FaultCode::LimitExceeded, message));
    }
    slots
}

fn turn_seconds(turn: Duration) -> Option<i64> {
    let hour = Duration::hours(1).0;
    let hours = (turn.0 % hour == 0).then_some(turn.0 / hour)?;
    let days = hours % 24 == 0 && (1..=MAX_TURN_DAYS).contains(&(hours / 24));
    (days || HOURS.contains(&hours)).then_some(hours * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(layers: Vec<serde_json::Value>) -> Vec<(String, &'static str)> {
        let spec = serde_json::from_value(serde_json::json!({"zone": "Europe/Berlin", "layers": layers}));
        match Schedule::compile(&spec.unwrap()) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.into_iter().map(|f| (f.path, f.code.as_str())).collect(),
        }
    }

    #[test]
    fn every_mistake_of_a_schedule_is_reported_at_its_field() {
        let layers = vec![
            serde_json::json!({"id": "a", "members": [], "turn": "5h", "anchor": "2026-01-05"}),
            serde_json::json!({"id": "a", "members": ["x", []], "turn": "7d", "anchor": "2026-01-05T09:00",
                "only": {"sun": ["00:00-24:30"]}}),
        ];
        let expected = [
            ("layers.a.members", "LIMIT_EXCEEDED"),
            ("layers.a.turn", "BAD_DURATION"),
            ("layers.a.anchor", "BAD_CIVIL_TIME"),
            ("layers.a", "DUPLICATE_ID"),
            ("layers.a.members[1]", "LIMIT_EXCEEDED"),
            ("layers.a.only.sun[0]", "BAD_CIVIL_TIME"),
        ];
        assert_eq!(found(layers), expected.map(|(path, code)| (path.to_owned(), code)));
    }

    #[test]
    fn turns_are_parts_of_a_day_or_whole_days() {
        let turn = |text: &str| turn_seconds(text.parse().unwrap()).is_some();
        assert!(["1h", "2h", "3h", "4h", "6h", "8h", "12h", "1d", "24h", "7d", "366d"].into_iter().all(turn));
        assert!(!["0s", "5h", "90m", "36h", "367d", "1h1ms"].into_iter().any(turn));
    }

    #[test]
    fn a_layer_has_at_most_a_hundred_members_and_a_schedule_twenty_layers() {
        let layer = |id: usize, members: usize| {
            serde_json::json!({"id": format!("l{id}"), "members": vec!["x"; members], "turn": "1d",
                "anchor": "2026-01-05T09:00"})
        };
        assert_eq!(found(vec![layer(0, 100)]), []);
        assert_eq!(found(vec![layer(0, 101)]).len(), 1);
        assert_eq!(found((0..20).map(|id| layer(id, 1)).collect()), []);
        assert_eq!(
            found((0..21).map(|id| layer(id, 1)).collect()),
            [("layers".to_owned(), "LIMIT_EXCEEDED")]
        );
    }
}
