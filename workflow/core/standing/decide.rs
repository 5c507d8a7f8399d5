//! Whether a standing record may be made or ended. Overrides may overlap: which of them wins is the schedule's rule.

use super::book::{Book, OverrideState};
use super::command::{Circumstances, Command};
use super::event::{Event, Stretch};
use super::{LONGEST, OPEN_PER_SCHEDULE, silence, subscription, swap, window};
use crate::id::{PersonId, ScheduleId};
use crate::limits::{REASON, bad, room, within};
use crate::oncall::Schedule;
use crate::refusal::Refusal;
use crate::time::{Duration, Timestamp};

/// What a command changes, all of it in one entry of the log.
///
/// # Errors
/// Why it changes nothing: `UNKNOWN_RESOURCE`, `INVALID_FIELD` naming the field, `WRONG_STATE`, `NOT_YOURS`,
/// `LIMIT_REACHED`.
pub fn decide(book: &Book, cx: &Circumstances<'_>, command: &Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::CreateOverride { schedule, from, to, replaces, by, reason } => {
            schedule_of(cx, schedule)?;
            known_person(cx, by)?;
            if let Some(replaced) = replaces {
                known_person(cx, replaced)?;
                if replaced == by {
                    return Err(bad("by", "replaces themselves".to_owned()));
                }
            }
            within(reason, "reason", REASON)?;
            let at =
                stretch(cx, from.unwrap_or(cx.now), *to, &Lasting { longest: LONGEST, field: "end_time" })?;
            fits(book, cx, schedule, 1)?;
            Ok(vec![Event::OverrideCreated {
                id: next_override(book),
                schedule: schedule.clone(),
                at,
                replaces: replaces.clone(),
                by: by.clone(),
                reason: reason.clone(),
                swap: None,
            }])
        }
        Command::CancelOverride { id, reason } => {
            within(reason, "reason", REASON)?;
            let record = book.override_of(*id).ok_or_else(|| unknown("override", *id))?;
            let state = match record.state(cx.now) {
                OverrideState::Pending | OverrideState::Active => {
                    return Ok(vec![Event::OverrideCancelled { id: *id, reason: reason.clone() }]);
                }
                OverrideState::Ended => "over",
                OverrideState::Cancelled => "cancelled",
            };
            Err(wrong_state("override", *id, state))
        }
        Command::RequestSwap(request) => swap::request(book, cx, request),
        Command::AcceptSwap { id } => swap::accept(book, cx, *id),
        Command::DeclineSwap { id, reason } => swap::decline(book, cx, *id, reason),
        Command::WithdrawSwap { id, reason } => swap::withdraw(book, cx, *id, reason),
        Command::CreateSilence { sets, from, to, comment } => {
            silence::create(book, cx, sets, (*from, *to), comment)
        }
        Command::CancelSilence { id, reason } => silence::cancel(book, cx, *id, reason),
        Command::CreateWindow { plan, comment } => window::create(book, cx, plan, comment),
        Command::CancelWindow { id, reason } => window::cancel(book, cx, *id, reason),
        Command::Subscribe(wants) => subscription::create(book, cx, wants),
        Command::CancelSubscription { id, reason } => subscription::cancel(book, *id, reason),
    }
}

/// How long something may last, and the field that says until when.
pub(super) struct Lasting<'a> {
    pub(super) longest: Duration,
    pub(super) field: &'a str,
}

/// The part of a stretch that is not over yet. Nobody is made to have been on call.
pub(super) fn stretch(
    cx: &Circumstances<'_>,
    from: Timestamp,
    to: Timestamp,
    lasting: &Lasting<'_>,
) -> Result<Stretch, Refusal> {
    let Lasting { longest, field } = *lasting;
    let from = from.max(cx.now);
    if to <= cx.now {
        return Err(bad(field, "is not in the future".to_owned()));
    }
    if to <= from {
        return Err(bad(field, "is not after the start".to_owned()));
    }
    if to.since(from) > longest {
        return Err(bad(field, format!("is more than {longest} after the start")));
    }
    Ok(Stretch { from, to })
}

/// Refuses more overrides of a schedule than may be open at once.
pub(super) fn fits(
    book: &Book,
    cx: &Circumstances<'_>,
    schedule: &ScheduleId,
    more: usize,
) -> Result<(), Refusal> {
    let open = book.overrides().filter(|o| o.schedule == *schedule && o.end() > cx.now).count();
    room(open + more - 1, "overrides", OPEN_PER_SCHEDULE)
}

/// The number of the next override.
pub(super) fn next_override(book: &Book) -> u64 {
    book.overrides().next_back().map_or(1, |record| record.id + 1)
}

pub(super) fn schedule_of<'a>(cx: &Circumstances<'a>, id: &ScheduleId) -> Result<&'a Schedule, Refusal> {
    let absent = || Refusal::Unknown { what: "schedule".to_owned(), name: format!("schedules/{id}") };
    cx.policy.schedule(id).ok_or_else(absent)
}

pub(super) fn known_person(cx: &Circumstances<'_>, id: &PersonId) -> Result<(), Refusal> {
    let absent = || Refusal::Unknown { what: "person".to_owned(), name: format!("people/{id}") };
    cx.policy.person(id).map(|_| ()).ok_or_else(absent)
}

pub(super) fn unknown(what: &str, id: u64) -> Refusal {
    Refusal::Unknown { what: what.to_owned(), name: format!("{what}s/{id}") }
}

pub(super) fn wrong_state(what: &str, id: u64, state: &str) -> Refusal {
    Refusal::WrongState { what: what.to_owned(), name: id.to_string(), state: state.to_owned() }
}
