//! Swaps: asked for by one person, answered by the other, and then two overrides in one entry. Both must be on call in
//! what they give away, when it is asked for and still when it is agreed.

use super::book::{Book, SwapRecord, SwapState};
use super::command::{Circumstances, Part, SwapRequest};
use super::decide::{Lasting, fits, known_person, next_override, schedule_of, stretch, unknown, wrong_state};
use super::event::{Event, Stretch};
use super::{LONGEST, OPEN_PER_SCHEDULE};
use crate::id::{PersonId, ScheduleId};
use crate::limits::{REASON, bad, room, within};
use crate::refusal::Refusal;

/// Asks for an exchange.
pub(super) fn request(
    book: &Book,
    cx: &Circumstances<'_>,
    request: &SwapRequest,
) -> Result<Vec<Event>, Refusal> {
    let SwapRequest { schedule, with, reason, .. } = request;
    let requester = requester_of(cx, request.requester.as_ref())?;
    known_person(cx, &requester)?;
    known_person(cx, with)?;
    if *with == requester {
        return Err(bad("person", "would swap with themselves".to_owned()));
    }
    within(reason, "reason", REASON)?;
    let asked = Asked { book, cx, schedule };
    let gives = asked.part(&requester, &request.gives, "give")?;
    let takes = asked.part(with, &request.takes, "take")?;
    let open = book.swaps().filter(|s| s.schedule == *schedule && s.state(cx.now) == SwapState::Open);
    room(open.count(), "swaps", OPEN_PER_SCHEDULE)?;
    Ok(vec![Event::SwapRequested {
        id: book.swaps().next_back().map_or(1, |swap| swap.id + 1),
        schedule: schedule.clone(),
        requester,
        with: with.clone(),
        gives,
        takes,
        reason: reason.clone(),
    }])
}

/// The other person does not agree.
pub(super) fn decline(
    book: &Book,
    cx: &Circumstances<'_>,
    id: u64,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    only(cx, &open(book, cx, id)?.with)?;
    within(reason, "reason", REASON)?;
    Ok(vec![Event::SwapDeclined { id, reason: reason.to_owned() }])
}

/// The requester, or a tool that may act for anybody, takes it back.
pub(super) fn withdraw(
    book: &Book,
    cx: &Circumstances<'_>,
    id: u64,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    let swap = open(book, cx, id)?;
    if cx.actor.is_person() {
        only(cx, &swap.requester)?;
    }
    within(reason, "reason", REASON)?;
    Ok(vec![Event::SwapWithdrawn { id, reason: reason.to_owned() }])
}

/// People ask for themselves; a tool says for whom.
fn requester_of(cx: &Circumstances<'_>, named: Option<&PersonId>) -> Result<PersonId, Refusal> {
    match (cx.actor.person(), named) {
        (Some(actor), Some(named)) if actor != named => {
            Err(Refusal::NotYours { allowed: format!("people/{named}") })
        }
        (Some(actor), _) => Ok(actor.clone()),
        (None, Some(named)) => Ok(named.clone()),
        (None, None) => Err(bad("requester", "is required of those who are no person".to_owned())),
    }
}

/// The other person agrees.
pub(super) fn accept(book: &Book, cx: &Circumstances<'_>, id: u64) -> Result<Vec<Event>, Refusal> {
    let swap = open(book, cx, id)?;
    only(cx, &swap.with)?;
    known_person(cx, &swap.requester)?;
    known_person(cx, &swap.with)?;
    let asked = Asked { book, cx, schedule: &swap.schedule };
    let whole = |at: Stretch| Part { from: at.from, to: Some(at.to) };
    let gives = asked.part(&swap.requester, &whole(swap.gives), "give")?;
    let takes = asked.part(&swap.with, &whole(swap.takes), "take")?;
    fits(book, cx, &swap.schedule, 2)?;
    let first = next_override(book);
    let stands_in = |id: u64, at: Stretch, replaced: &PersonId, by: &PersonId| Event::OverrideCreated {
        id,
        schedule: swap.schedule.clone(),
        at,
        replaces: Some(replaced.clone()),
        by: by.clone(),
        reason: swap.requested.reason.clone(),
        swap: Some(swap.id),
    };
    Ok(vec![
        Event::SwapAccepted { id },
        stands_in(first, gives, &swap.requester, &swap.with),
        stands_in(first + 1, takes, &swap.with, &swap.requester),
    ])
}

fn open<'a>(book: &'a Book, cx: &Circumstances<'_>, id: u64) -> Result<&'a SwapRecord, Refusal> {
    let swap = book.swap(id).ok_or_else(|| unknown("swap", id))?;
    let state = match swap.state(cx.now) {
        SwapState::Open => return Ok(swap),
        SwapState::Accepted => "accepted",
        SwapState::Declined => "declined",
        SwapState::Withdrawn => "withdrawn",
        SwapState::Lapsed => "lapsed",
    };
    Err(wrong_state("swap", id, state))
}

fn only(cx: &Circumstances<'_>, person: &PersonId) -> Result<(), Refusal> {
    match cx.actor.person() == Some(person) {
        true => Ok(()),
        false => Err(Refusal::NotYours { allowed: format!("people/{person}") }),
    }
}

/// A schedule that something is asked of.
struct Asked<'a> {
    book: &'a Book,
    cx: &'a Circumstances<'a>,
    schedule: &'a ScheduleId,
}

impl Asked<'_> {
    /// The stretch that is meant. Its person must be on call at some instant of it, or it would change nothing.
    fn part(&self, person: &PersonId, part: &Part, field: &str) -> Result<Stretch, Refusal> {
        let schedule = schedule_of(self.cx, self.schedule)?;
        let overrides = self.book.known(self.schedule, self.cx.now).1;
        let from = part.from.max(self.cx.now);
        let idle = || bad(&format!("{field}.start_time"), format!("people/{person} is not on call then"));
        let to = match part.to {
            Some(to) => to,
            None => {
                let shift = schedule.on_call(from, &overrides);
                if !shift.people.contains(person) {
                    return Err(idle());
                }
                let endless =
                    || bad(&format!("{field}.end_time"), "is required: the shift has no end".to_owned());
                shift.until.ok_or_else(endless)?
            }
        };
        let lasting = Lasting { longest: LONGEST, field: &format!("{field}.end_time") };
        let at = stretch(self.cx, from, to, &lasting)?;
        let on_call = schedule.shifts(at.from, at.to, &overrides).iter().any(|s| s.people.contains(person));
        if on_call { Ok(at) } else { Err(idle()) }
    }
}
