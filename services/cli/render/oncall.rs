//! On call in tables: shifts, hand-overs, gaps, shares, overrides and swaps.
//! Instants are shown in the reader's zone.

use prost_types::{Duration, Timestamp};
use stentor_proto::v1::{
    CoverageGap, OnCallShare, Override, OverrideState, ScheduleHandover, Shift, ShiftPart, Swap, SwapState,
};

use super::{incident::or_dash, table::table};
use crate::cli::{refs::short, shell::Shell, terminal::Tone, time, words};

/// Who is on call, a line for each shift.
pub(in crate::cli) fn shifts(shell: &Shell, shifts: &[Shift]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = shifts.iter().map(|shift| {
        let (people, tone) = match shift.people.is_empty() {
            true => ("nobody".to_owned(), Tone::Bad),
            false => (names(&shift.people), Tone::Strong),
        };
        let by = match shift.overrides.is_empty() {
            true => or_dash(&shift.layer_id),
            false => shift.overrides.join(", "),
        };
        vec![
            shell.terminal.cell(short(&shift.schedule), Tone::Plain),
            shell.terminal.cell(people, tone),
            cell(at(shell, shift.start_time.as_ref())),
            cell(at(shell, shift.end_time.as_ref())),
            shell.terminal.cell(by, Tone::Dim),
        ]
    });
    table(shell, &["SCHEDULE", "ON CALL", "SINCE", "UNTIL", "BY"], rows.collect())
}

/// Hand-overs, soonest first.
pub(in crate::cli) fn handovers(shell: &Shell, overs: &[ScheduleHandover]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = overs.iter().map(|over| {
        let (coming, tone) = match over.coming_people.is_empty() && over.staying_people.is_empty() {
            true => ("nobody".to_owned(), Tone::Bad),
            false => (or_dash(&names(&over.coming_people)), Tone::Strong),
        };
        let when = over.handover_time.as_ref();
        vec![
            cell(at(shell, when)),
            shell.terminal.cell(when.map(|time| shell.moment.distance(time)).unwrap_or_default(), Tone::Dim),
            cell(short(&over.schedule).to_owned()),
            cell(or_dash(&names(&over.leaving_people))),
            shell.terminal.cell(coming, tone),
            cell(or_dash(&names(&over.staying_people))),
        ]
    });
    table(shell, &["AT", "IN", "SCHEDULE", "LEAVES", "COMES", "STAYS"], rows.collect())
}

/// When nobody is on call.
pub(in crate::cli) fn gaps(shell: &Shell, gaps: &[CoverageGap]) -> String {
    let rows = gaps.iter().map(|gap| {
        let seconds = gap.end_time.unwrap_or_default().seconds - gap.start_time.unwrap_or_default().seconds;
        vec![
            shell.terminal.cell(short(&gap.schedule), Tone::Strong),
            shell.terminal.cell(at(shell, gap.start_time.as_ref()), Tone::Plain),
            shell.terminal.cell(at(shell, gap.end_time.as_ref()), Tone::Plain),
            shell.terminal.cell(time::span(seconds), Tone::Bad),
        ]
    });
    table(shell, &["SCHEDULE", "FROM", "TO", "LENGTH"], rows.collect())
}

/// What everybody has; the share is that of all time on call of the schedule.
pub(in crate::cli) fn shares(shell: &Shell, shares: &[OnCallShare]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let seconds = |length: &Option<Duration>| length.as_ref().map_or(0, |length| length.seconds);
    let rows = shares.iter().map(|share| {
        let of_schedule = shares.iter().filter(|other| other.schedule == share.schedule);
        let all: i64 = of_schedule.map(|other| seconds(&other.on_call_duration)).sum();
        let percent = seconds(&share.on_call_duration) * 100 / all.max(1);
        vec![
            cell(short(&share.schedule).to_owned()),
            shell.terminal.cell(short(&share.person), Tone::Strong),
            cell(hours(seconds(&share.on_call_duration))),
            cell(format!("{percent} %")),
            cell(share.night_count.to_string()),
            cell(hours(seconds(&share.night_duration))),
            cell(share.weekend_count.to_string()),
            cell(hours(seconds(&share.weekend_duration))),
            cell(share.stretch_count.to_string()),
        ]
    });
    let heading = [
        "SCHEDULE",
        "PERSON",
        "HOURS",
        "SHARE",
        "NIGHTS",
        "AT NIGHT",
        "WEEKENDS",
        "ON WEEKENDS",
        "STRETCHES",
    ];
    table(shell, &heading, rows.collect())
}

/// Overrides, a line for each.
pub(in crate::cli) fn overrides(shell: &Shell, overrides: &[Override]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = overrides.iter().map(|o| {
        let tone = match o.state() {
            OverrideState::Active => Tone::Good,
            OverrideState::Pending => Tone::Plain,
            _ => Tone::Dim,
        };
        vec![
            shell.terminal.cell(short(&o.name), Tone::Strong),
            cell(short(&o.schedule).to_owned()),
            shell.terminal.cell(words::prose("OverrideState", o.state), tone),
            cell(short(&o.person).to_owned()),
            cell(replaced(o)),
            cell(at(shell, o.start_time.as_ref())),
            cell(at(shell, o.end_time.as_ref())),
            cell(or_dash(short(&o.creator))),
            cell(or_dash(&o.reason)),
        ]
    });
    let heading = ["NUMBER", "SCHEDULE", "STATE", "BY", "REPLACES", "FROM", "TO", "MADE BY", "REASON"];
    table(shell, &heading, rows.collect())
}

/// An override in words.
pub(in crate::cli) fn override_line(shell: &Shell, o: &Override) -> String {
    format!(
        "{} replaces {} on {} from {} to {}, {}",
        short(&o.person),
        replaced(o),
        short(&o.schedule),
        at(shell, o.start_time.as_ref()),
        at(shell, o.end_time.as_ref()),
        words::prose("OverrideState", o.state)
    )
}

/// Swaps, a line for each.
pub(in crate::cli) fn swaps(shell: &Shell, swaps: &[Swap]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = swaps.iter().map(|swap| {
        let tone = if swap.state() == SwapState::Open { Tone::Warn } else { Tone::Dim };
        vec![
            shell.terminal.cell(short(&swap.name), Tone::Strong),
            cell(short(&swap.schedule).to_owned()),
            shell.terminal.cell(words::prose("SwapState", swap.state), tone),
            cell(short(&swap.requester).to_owned()),
            cell(part(shell, swap.give.as_ref())),
            cell(short(&swap.person).to_owned()),
            cell(part(shell, swap.take.as_ref())),
            cell(or_dash(&swap.reason)),
        ]
    });
    let heading = ["NUMBER", "SCHEDULE", "STATE", "WHO ASKS", "GIVES", "WITH", "TAKES", "REASON"];
    table(shell, &heading, rows.collect())
}

/// A swap in words.
pub(in crate::cli) fn swap_line(shell: &Shell, swap: &Swap) -> String {
    format!(
        "{} gives {} {} and takes {} on {}, {}",
        short(&swap.requester),
        short(&swap.person),
        part(shell, swap.give.as_ref()),
        part(shell, swap.take.as_ref()),
        short(&swap.schedule),
        words::prose("SwapState", swap.state)
    )
}

fn replaced(o: &Override) -> String {
    if o.replaced_person.is_empty() { "everyone".to_owned() } else { short(&o.replaced_person).to_owned() }
}

fn part(shell: &Shell, part: Option<&ShiftPart>) -> String {
    let part = part.copied().unwrap_or_default();
    format!("{} – {}", at(shell, part.start_time.as_ref()), at(shell, part.end_time.as_ref()))
}

fn names(people: &[String]) -> String {
    people.iter().map(|person| short(person)).collect::<Vec<_>>().join(", ")
}

/// Day and minute, as calendars show them.
pub(super) fn at(shell: &Shell, time: Option<&Timestamp>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| shell.moment.minute(time))
}

fn hours(seconds: i64) -> String {
    match (seconds / 3600, seconds % 3600 / 60) {
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}
