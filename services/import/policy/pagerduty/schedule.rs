//! PagerDuty's schedules: layers of a rotation each, restricted to times of the day or of the week.

use jiff::tz::TimeZone;
use stentor_core::policy::document::{LayerMode, LayerSpec, ScheduleSpec, Slot};

use crate::import::bad::Bad;
use crate::import::names::slug;
use crate::import::policy::draft::{Draft, Kind, turn};
use crate::import::policy::windows::{Windows, second_of};
use crate::import::snapshot::Object;
use crate::import::text;

use super::{either, ids};

pub(super) fn schedules(schedules: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    for schedule in schedules {
        let theirs = schedule.need("id")?;
        let name = schedule.text("name")?.or(schedule.text("summary")?).unwrap_or_else(|| theirs.clone());
        let id = draft.name(Kind::Schedule, &theirs, &name);
        let zone_name = schedule.text("time_zone")?.unwrap_or_else(|| draft.zone());
        let zone = stentor_core::civil::zone(&zone_name)
            .ok_or_else(|| schedule.bad("time_zone", &format!("{zone_name:?} is no time zone")))?;
        let mut layers = either(schedule, "schedule_layers", "layer")?;
        if schedule.at("schedule_layers").is_some() {
            // The API lists the layer that wins first; here the last one wins, as in Terraform.
            layers.reverse();
        }
        let mut spec = ScheduleSpec { zone: zone_name, layers: Vec::new() };
        for layer in &layers {
            let made = layer_of(layer, &id, &zone, &spec, draft)?;
            spec.layers.extend(made);
        }
        let overridden = schedule.at("overrides_subschedule.rendered_schedule_entries");
        if overridden.and_then(|o| o.as_array()).is_some_and(|o| !o.is_empty()) {
            draft.leave(format!("schedule {id}"), "its overrides: they stand beside a policy, not in it");
        }
        draft.add_schedule(&id, spec);
    }
    Ok(())
}

fn layer_of(
    layer: &Object,
    schedule: &str,
    zone: &TimeZone,
    spec: &ScheduleSpec,
    draft: &mut Draft,
) -> Result<Option<LayerSpec>, Bad> {
    let name = layer.text("name")?.unwrap_or_else(|| format!("layer {}", spec.layers.len() + 1));
    let mut id = slug(&name, "layer-");
    if spec.layers.iter().any(|l| l.id == id) {
        id = format!("{id}-{}", spec.layers.len() + 1);
    }
    let what = format!("schedule {schedule}, layer {id}");
    if let Some(end) = layer.text("end")? {
        draft.leave(what, format!("it ends at {end}: a layer of a policy has no end, so it was left out"));
        return Ok(None);
    }
    let length = layer.number("rotation_turn_length_seconds")?;
    let length = length.ok_or_else(|| layer.bad("rotation_turn_length_seconds", "is missing"))?;
    let Some(turn) = turn(length) else {
        draft.leave(what, format!("turns of {length} s: they are hours that divide a day, or whole days"));
        return Ok(None);
    };
    let mut members = Vec::new();
    for user in ids(layer, "users") {
        match draft.known(Kind::Person, &user) {
            Some(person) => members.push(Slot::One(person.into())),
            None => draft.leave(&what, format!("user {user} is not in the export")),
        }
    }
    if members.is_empty() {
        draft.leave(what, "nobody of it is in the export, so it was left out");
        return Ok(None);
    }
    let begin = layer.text("rotation_virtual_start")?.or(layer.text("start")?);
    let begin = begin.ok_or_else(|| layer.bad("rotation_virtual_start", "is missing"))?;
    let begin = text::instant(&begin).map_err(|why| layer.bad("rotation_virtual_start", &why))?;
    let civil = begin.to_jiff().to_zoned(zone.clone()).datetime();
    if civil.second() != 0 {
        draft.leave(&what, format!("the seconds of its hand-off at {civil}"));
    }
    let anchor = civil.strftime("%Y-%m-%dT%H:%M").to_string();
    let only = restrictions(layer, &what, draft)?;
    Ok(Some(LayerSpec { id, members, turn, anchor, only, mode: LayerMode::Replace }))
}

fn restrictions(
    layer: &Object,
    what: &str,
    draft: &mut Draft,
) -> Result<Option<std::collections::BTreeMap<String, Vec<String>>>, Bad> {
    let mut windows = Windows::default();
    for restriction in either(layer, "restrictions", "restriction")? {
        let start = restriction.need("start_time_of_day")?;
        let Some(start) = second_of(&start) else {
            draft.leave(what, format!("a restriction from {start}: it begins at a whole minute"));
            continue;
        };
        let length = restriction.number("duration_seconds")?;
        let length =
            length.filter(|l| *l > 0).ok_or_else(|| restriction.bad("duration_seconds", "is missing"))?;
        if length % 60 != 0 {
            draft.leave(what, format!("the seconds of a restriction that lasts {length} s"));
        }
        let length = length / 60 * 60;
        match restriction.text("type")?.as_deref() {
            Some("daily_restriction") => windows.daily(start, length.min(86_400)),
            Some("weekly_restriction") => {
                let day = restriction.number("start_day_of_week")?.filter(|d| (1..=7).contains(d));
                let day = day.ok_or_else(|| restriction.bad("start_day_of_week", "is none of 1 to 7"))?;
                windows.add(day as usize - 1, start, length);
            }
            other => {
                let other = other.unwrap_or("nothing");
                return Err(restriction.bad("type", &format!("{other:?} is no restriction that is known")));
            }
        }
    }
    Ok(windows.only())
}
