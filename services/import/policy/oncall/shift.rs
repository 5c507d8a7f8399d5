//! Grafana OnCall's schedules and the shifts that they are made of. Shifts that come round for ever become layers; what
//! happens once, monthly or by a calendar feed has no place in a policy.

use jiff::civil::DateTime;
use stentor_core::policy::document::{LayerMode, LayerSpec, ScheduleSpec, Slot};
use stentor_core::time::Duration;

use crate::import::bad::Bad;
use crate::import::names::slug;
use crate::import::policy::draft::{Draft, Kind, turn};
use crate::import::policy::windows::Windows;
use crate::import::snapshot::Object;

use super::texts;

const DAY: i64 = 86_400;
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

pub(super) fn schedules(schedules: &[Object], shifts: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    for schedule in schedules {
        let theirs = schedule.need("id")?;
        let name = schedule.text("name")?.unwrap_or_else(|| theirs.clone());
        let id = draft.name(Kind::Schedule, &theirs, &name);
        let what = format!("schedule {id}");
        let zone = schedule.text("time_zone")?.unwrap_or_else(|| draft.zone());
        if stentor_core::civil::zone(&zone).is_none() {
            return Err(schedule.bad("time_zone", &format!("{zone:?} is no time zone")));
        }
        if schedule.text("type")?.as_deref() == Some("ical") || schedule.text("ical_url_primary")?.is_some() {
            draft.leave(&what, "its calendar feed: shifts of a feed are not in the export");
        }
        if schedule.text("ical_url_overrides")?.is_some() {
            draft.leave(&what, "its overrides: they stand beside a policy, not in it");
        }
        let mut own = Vec::new();
        for wanted in texts(schedule, "shifts") {
            let mut found = None;
            for shift in shifts {
                if shift.need("id")? == wanted {
                    found = Some((shift.number("level")?.unwrap_or(0), shift));
                }
            }
            match found {
                Some(found) => own.push(found),
                None => draft.leave(&what, format!("shift {wanted} is not in the export")),
            }
        }
        let mut spec = ScheduleSpec { zone, layers: Vec::new() };
        layers(own, &what, &mut spec, draft)?;
        draft.add_schedule(&id, spec);
    }
    Ok(())
}

/// A higher level wins; shifts of one level are on call together.
fn layers(
    mut own: Vec<(i64, &Object)>,
    what: &str,
    spec: &mut ScheduleSpec,
    draft: &mut Draft,
) -> Result<(), Bad> {
    own.sort_by_key(|(level, _)| *level);
    let highest = own.last().map_or(0, |(level, _)| *level);
    let lowest = own.first().map_or(0, |(level, _)| *level);
    let mut taken = None;
    for (level, shift) in own {
        let Some(mut layer) = layer(shift, what, spec, draft)? else { continue };
        if taken == Some(level) {
            if highest == lowest {
                layer.mode = LayerMode::Add;
            } else {
                let why =
                    "shares its level with another shift: here the later one wins, there both are on call";
                draft.leave(format!("{what}, shift {}", layer.id), why);
            }
        }
        taken = Some(level);
        spec.layers.push(layer);
    }
    Ok(())
}

fn layer(
    shift: &Object,
    schedule: &str,
    spec: &ScheduleSpec,
    draft: &mut Draft,
) -> Result<Option<LayerSpec>, Bad> {
    let name = shift.text("name")?.unwrap_or_default();
    let mut id = slug(&name, "shift-");
    if id.is_empty() || spec.layers.iter().any(|l| l.id == id) {
        id = slug(&format!("{id}-{}", spec.layers.len() + 1), "shift-");
    }
    let what = format!("{schedule}, shift {id}");
    let kind = shift.need("type")?;
    if !matches!(kind.as_str(), "rolling_users" | "recurrent_event") {
        draft.leave(what, format!("a shift of type {kind:?} happens once: make it an override"));
        return Ok(None);
    }
    for (path, why) in [
        ("until", "it ends: a layer has no end"),
        ("by_month", "it is of some months only"),
        ("by_monthday", "it is of some days of the month only"),
    ] {
        if shift.at(path).is_some_and(|v| !v.as_array().is_some_and(Vec::is_empty)) {
            draft.leave(what, format!("{why}, so it was left out"));
            return Ok(None);
        }
    }
    if let Some(zone) = shift.text("time_zone")?.filter(|z| *z != spec.zone) {
        draft.leave(&what, format!("its own time zone {zone}: a schedule has one zone, so it was left out"));
        return Ok(None);
    }
    let members = members(shift, &what, draft)?;
    if members.is_empty() {
        draft.leave(what, "nobody of it is in the export, so it was left out");
        return Ok(None);
    }
    let Some(rhythm) = rhythm(shift, &what, draft)? else { return Ok(None) };
    Ok(Some(LayerSpec {
        id,
        members,
        turn: rhythm.turn,
        anchor: rhythm.anchor.strftime("%Y-%m-%dT%H:%M").to_string(),
        only: rhythm.windows.only(),
        mode: LayerMode::Replace,
    }))
}

fn members(shift: &Object, what: &str, draft: &mut Draft) -> Result<Vec<Slot>, Bad> {
    let rolling = shift.at("rolling_users").and_then(|r| r.as_array());
    let groups: Vec<Vec<String>> = match rolling.filter(|r| !r.is_empty()) {
        Some(groups) => {
            let ids = |group: &serde_json::Value| {
                let ids = group.as_array().into_iter().flatten().filter_map(|id| id.as_str());
                ids.map(str::to_owned).collect()
            };
            groups.iter().map(ids).collect()
        }
        None => vec![texts(shift, "users")],
    };
    let mut slots = Vec::new();
    for group in groups {
        let mut people = Vec::new();
        for user in group {
            match draft.known(Kind::Person, &user) {
                Some(person) => people.push(person.into()),
                None => draft.leave(what, format!("user {user} is not in the export")),
            }
        }
        match people.len() {
            0 => {}
            1 => slots.extend(people.pop().map(Slot::One)),
            _ => slots.push(Slot::Together(people)),
        }
    }
    let first = shift.number("start_rotation_from_user_index")?.unwrap_or(0);
    if let Some(first) = usize::try_from(first).ok().filter(|first| *first < slots.len()) {
        slots.rotate_left(first);
    }
    Ok(slots)
}

/// How a shift comes round.
struct Rhythm {
    turn: Duration,
    anchor: DateTime,
    windows: Windows,
}

fn rhythm(shift: &Object, what: &str, draft: &mut Draft) -> Result<Option<Rhythm>, Bad> {
    let start = civil(shift, "start")?.ok_or_else(|| shift.bad("start", "is missing"))?;
    let begin = civil(shift, "rotation_start")?.unwrap_or(start);
    let length = shift.number("duration")?.filter(|d| *d > 0);
    let length = length.ok_or_else(|| shift.bad("duration", "is missing"))?;
    let interval = shift.number("interval")?.unwrap_or(1).max(1);
    let frequency = shift.text("frequency")?.unwrap_or_default();
    let days: Vec<usize> =
        texts(shift, "by_day").iter().filter_map(|d| DAYS.iter().position(|known| known == d)).collect();
    let second = i64::from(start.hour()) * 3600 + i64::from(start.minute()) * 60;
    let mut windows = Windows::default();
    let anchor_at = |date: jiff::civil::Date| date.to_datetime(start.time());
    let (period, anchor) = match frequency.as_str() {
        "hourly" if length == interval * 3600 && days.is_empty() => {
            (interval * 3600, anchor_at(begin.date()))
        }
        "daily" => {
            match (days.as_slice(), length) {
                ([], DAY) => {}
                ([], _) => windows.daily(second, length.min(DAY)),
                (days, _) => days.iter().for_each(|day| windows.add(*day, second, length)),
            }
            (interval * DAY, anchor_at(begin.date()))
        }
        "weekly" if days.is_empty() => {
            if length < 7 * DAY {
                windows.add(weekday(begin), second, length);
            }
            (interval * 7 * DAY, anchor_at(begin.date()))
        }
        "weekly" => {
            days.iter().for_each(|day| windows.add(*day, second, length));
            let first = texts(shift, "week_start").first().cloned().or(shift.text("week_start")?);
            let first = first.and_then(|d| DAYS.iter().position(|known| *known == d)).unwrap_or(0);
            let back = (weekday(begin) + 7 - first) % 7;
            let monday = begin.date().checked_sub(jiff::Span::new().days(back as i64));
            let monday = monday.map_err(|_| shift.bad("rotation_start", "is out of range"))?;
            (interval * 7 * DAY, monday.to_datetime(jiff::civil::Time::midnight()))
        }
        other => {
            draft.leave(
                what,
                format!("a rotation that is {other:?} every {interval}, for {length} s: left out"),
            );
            return Ok(None);
        }
    };
    let Some(turn) = turn(period) else {
        draft.leave(what, format!("turns of {period} s: they are hours that divide a day, or whole days"));
        return Ok(None);
    };
    if start.second() != 0 || length % 60 != 0 {
        draft.leave(what, "the seconds of its times: whole minutes are kept");
    }
    Ok(Some(Rhythm { turn, anchor, windows }))
}

fn weekday(at: DateTime) -> usize {
    at.weekday().to_monday_zero_offset() as usize
}

/// A civil time; OnCall writes it with or without an offset that means nothing.
fn civil(object: &Object, path: &str) -> Result<Option<DateTime>, Bad> {
    let Some(said) = object.text(path)? else { return Ok(None) };
    let plain = said.trim_end_matches('Z');
    let parsed = plain.parse::<DateTime>();
    parsed
        .map(Some)
        .map_err(|_| object.bad(path, &format!("{said:?} is no time such as 2020-09-05T08:00:00")))
}
