//! On call as readers see it: shifts, hand-overs, gaps, shares, overrides and swaps. Who is on call is decided by the
//! rules.

pub mod ask;
pub mod ical;

use stentor_core::id::{PersonId, ScheduleId};
use stentor_core::oncall::{HORIZON, HandOver, Load, Shift};
use stentor_core::standing::{OverrideRecord, Remark, Stretch, SwapRecord};
use stentor_core::time::Timestamp;
use stentor_proto::v1;

use super::clocks::{count, duration, instant};
use super::enums;

/// A shift that was asked for at an instant; `numbers` are those of the overrides that it was asked with.
pub fn shift(schedule: &ScheduleId, shift: &Shift, numbers: &[u64], asked: Timestamp) -> v1::Shift {
    v1::Shift {
        schedule: schedule_name(schedule),
        people: names(&shift.people),
        layer_id: shift.layer.clone().unwrap_or_default(),
        overrides: overrides_of(shift, numbers).collect(),
        start_time: begun(shift, asked).map(instant),
        end_time: shift.until.map(instant),
    }
}

/// The overrides that made a shift what it is.
pub fn overrides_of<'a>(shift: &'a Shift, numbers: &'a [u64]) -> impl Iterator<Item = String> + 'a {
    shift.overrides.iter().filter_map(|index| numbers.get(*index)).map(|number| override_name(*number))
}

/// When a shift began; None if that is longer ago than is looked for.
pub fn begun(shift: &Shift, asked: Timestamp) -> Option<Timestamp> {
    (shift.since > asked - HORIZON).then_some(shift.since)
}

pub fn handover(schedule: &ScheduleId, over: &HandOver) -> v1::ScheduleHandover {
    v1::ScheduleHandover {
        schedule: schedule_name(schedule),
        handover_time: Some(instant(over.at)),
        leaving_people: names(&over.leaving),
        coming_people: names(&over.coming),
        staying_people: names(&over.staying),
    }
}

pub fn gap(schedule: &ScheduleId, (from, to): (Timestamp, Timestamp)) -> v1::CoverageGap {
    v1::CoverageGap {
        schedule: schedule_name(schedule),
        start_time: Some(instant(from)),
        end_time: Some(instant(to)),
    }
}

pub fn share(schedule: &ScheduleId, person: &PersonId, load: &Load) -> v1::OnCallShare {
    v1::OnCallShare {
        schedule: schedule_name(schedule),
        person: person_name(person),
        stretch_count: count(load.stretches),
        on_call_duration: Some(duration(load.on_call)),
        night_count: count(load.nights),
        night_duration: Some(duration(load.at_night)),
        weekend_count: count(load.weekends),
        weekend_duration: Some(duration(load.on_weekends)),
    }
}

/// An override as it stands at an instant.
pub fn record(o: &OverrideRecord, now: Timestamp) -> v1::Override {
    let cancelled = o.cancelled.as_ref();
    v1::Override {
        name: override_name(o.id),
        schedule: schedule_name(&o.schedule),
        start_time: Some(instant(o.at.from)),
        end_time: Some(instant(o.at.to)),
        replaced_person: o.replaces.as_ref().map(person_name).unwrap_or_default(),
        person: person_name(&o.by),
        reason: o.created.reason.clone(),
        swap: o.swap.map(swap_name).unwrap_or_default(),
        state: enums::override_state(o.state(now)),
        create_time: Some(instant(o.created.at)),
        creator: o.created.actor.to_string(),
        cancel_time: cancelled.map(|deed| instant(deed.at)),
        canceller: cancelled.map(|deed| deed.actor.to_string()).unwrap_or_default(),
        cancel_reason: cancelled.map(|deed| deed.reason.clone()).unwrap_or_default(),
    }
}

/// A swap as it stands at an instant.
pub fn swap(s: &SwapRecord, now: Timestamp) -> v1::Swap {
    let answered = s.answered.as_ref().map(|(_, deed)| deed);
    let part =
        |at: Stretch| v1::ShiftPart { start_time: Some(instant(at.from)), end_time: Some(instant(at.to)) };
    v1::Swap {
        name: swap_name(s.id),
        schedule: schedule_name(&s.schedule),
        requester: person_name(&s.requester),
        person: person_name(&s.with),
        give: Some(part(s.gives)),
        take: Some(part(s.takes)),
        reason: s.requested.reason.clone(),
        state: enums::swap_state(s.state(now)),
        create_time: Some(instant(s.requested.at)),
        creator: s.requested.actor.to_string(),
        answer_time: answered.map(|deed| instant(deed.at)),
        answer_reason: answered.map(|deed| deed.reason.clone()).unwrap_or_default(),
        overrides: s.overrides.iter().map(|number| override_name(*number)).collect(),
    }
}

/// What the maker of an override is told.
pub fn warning(remark: &Remark) -> String {
    match remark {
        Remark::NobodyReplaced(person) => {
            format!("people/{person} is not on call at any time of it: as things stand it changes nothing")
        }
        Remark::Overlaps(number) => format!("overlaps overrides/{number}; the later made of the two wins"),
    }
}

fn names(people: &[PersonId]) -> Vec<String> {
    people.iter().map(person_name).collect()
}

fn person_name(id: &PersonId) -> String {
    format!("people/{id}")
}

pub fn schedule_name(id: &ScheduleId) -> String {
    format!("schedules/{id}")
}

pub fn override_name(number: u64) -> String {
    format!("overrides/{number}")
}

pub fn swap_name(number: u64) -> String {
    format!("swaps/{number}")
}
