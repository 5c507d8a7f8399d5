//! Acknowledging and waiting: acknowledge, un-acknowledge, release, snooze, hold and their ends.

use crate::actor::Actor;
use crate::incident::draft::{Draft, Restart, require_reason};
use crate::incident::event::{AlertEvent, EndWhy, Notice, PagingEvent, UnackWhy};
use crate::incident::kinds::{HoldReason, SuppressReason};
use crate::incident::state::AckTerms;
use crate::refusal::Refusal;
use crate::time::Duration;

use super::marks;
use super::notify;
use super::work;

/// An immediate re-acknowledgement after an un-acknowledgement pages nobody.
const SECOND_THOUGHTS: Duration = Duration::seconds(10);

/// How long an acknowledgement of this priority lasts.
pub(super) fn terms(draft: &Draft<'_>) -> Option<AckTerms> {
    let rules = draft.rules();
    rules.ack_timeout.map(|timeout| AckTerms {
        timeout,
        mitigated: rules.ack_timeout_mitigated.unwrap_or(timeout).max(timeout),
        cap: rules.ack_cap.unwrap_or(timeout).max(timeout),
    })
}

pub(super) fn acknowledge(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.require_open()?;
    let by = draft.cx.actor.clone();
    match draft.state.ack.as_ref() {
        Some(ack) if ack.holder == by => draft.emit(PagingEvent::AckRenewed),
        Some(ack) if ack.co.contains(&by) => {}
        Some(_) => draft.emit(PagingEvent::CoAcknowledged { by }),
        None => first(draft, by),
    }
    end_snooze(draft, EndWhy::Overtaken);
    Ok(())
}

/// The acknowledgement that ends the paging, unless a level needs everyone's.
fn first(draft: &mut Draft<'_>, by: Actor) {
    let complete = is_complete(draft, &by);
    let repeated = by.person().is_some_and(|p| draft.state.partial_acks.contains(p));
    if !complete && repeated {
        return;
    }
    let terms = terms(draft).filter(|_| complete);
    draft.emit(PagingEvent::Acknowledged { holder: by.clone(), complete, terms });
    if complete && let Some(person) = by.person() {
        work::first_commander(draft, person);
    }
}

/// Complete when everyone paged by one `all` level has acknowledged, or anyone who was not paged by such a level.
fn is_complete(draft: &Draft<'_>, by: &Actor) -> bool {
    let Some(person) = by.person() else { return true };
    let Some(level) = draft.state.contacts.iter().find(|c| &c.person == person && c.all).map(|c| c.level)
    else {
        return true;
    };
    draft
        .state
        .contacts
        .iter()
        .filter(|c| c.all && c.level == level)
        .all(|c| &c.person == person || draft.state.partial_acks.contains(&c.person))
}

/// An acknowledgement that another command implies.
pub(super) fn imply(draft: &mut Draft<'_>) {
    if draft.state.ack.is_none() {
        let holder = draft.cx.actor.clone();
        let terms = terms(draft);
        draft.emit(PagingEvent::Acknowledged { holder: holder.clone(), complete: true, terms });
        if let Some(person) = holder.person() {
            work::first_commander(draft, person);
        }
    }
}

pub(super) fn unacknowledge(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.ack.is_none() {
        return Err(Refusal::NotAcknowledged);
    }
    if draft.state.hold.is_some() {
        return Err(Refusal::IncidentOnHold);
    }
    draft.restart = Restart::LevelReached(SECOND_THOUGHTS);
    end_snooze(draft, EndWhy::Overtaken);
    take_back(draft, UnackWhy::Requested);
    Ok(())
}

/// Ends the acknowledgement for another reason than its expiry.
pub(super) fn take_back(draft: &mut Draft<'_>, why: UnackWhy) {
    if let Some(ack) = draft.state.ack.as_ref() {
        let former = Some(ack.holder.clone());
        draft.emit(PagingEvent::Unacknowledged { why, former });
    }
}

/// The acknowledgement's time is over.
pub(super) fn expire(draft: &mut Draft<'_>) {
    draft.restart = Restart::LevelReached(Duration::ZERO);
    draft.emit(PagingEvent::AckExpired);
}

/// Tells the holder that the acknowledgement is about to end.
pub(super) fn warn(draft: &mut Draft<'_>) {
    if let Some(expires_at) = draft.state.ack_expires_at() {
        draft.emit(PagingEvent::AckExpiryWarned { expires_at });
        let holder = notify::holder(draft);
        notify::tell(draft, Notice::AckExpires { at: expires_at }, holder);
    }
}

pub(super) fn release(draft: &mut Draft<'_>, note: &str) -> Result<(), Refusal> {
    draft.require_open()?;
    match draft.state.suppressed.as_ref().map(|s| s.reason) {
        None => Err(Refusal::NotSuppressed),
        Some(SuppressReason::Merging) => Err(Refusal::MergeRunning),
        Some(_) => {
            marks::overrule(draft);
            draft.emit(AlertEvent::Released { note: note.to_owned() });
            Ok(())
        }
    }
}

pub(super) fn snooze(draft: &mut Draft<'_>, length: Duration) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.hold.is_some() {
        return Err(Refusal::IncidentOnHold);
    }
    let max = draft.rules().snooze_max;
    if length > max {
        return Err(Refusal::SnoozeTooLong { max_seconds: max.whole_seconds() });
    }
    imply(draft);
    let until = draft.now() + length;
    draft.emit(PagingEvent::Snoozed { until });
    Ok(())
}

pub(super) fn wake(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.snoozed_until.is_none() {
        return Err(Refusal::NotSnoozed);
    }
    snooze_over(draft, EndWhy::Requested);
    Ok(())
}

/// The end of a snooze: un-acknowledged, the level reached is paged at once.
pub(super) fn snooze_over(draft: &mut Draft<'_>, why: EndWhy) {
    end_snooze(draft, why);
    draft.restart = Restart::LevelReached(Duration::ZERO);
    take_back(draft, UnackWhy::SnoozeEnded);
}

/// Ends a snooze without un-acknowledging.
pub(super) fn end_snooze(draft: &mut Draft<'_>, why: EndWhy) {
    if draft.state.snoozed_until.is_some() {
        draft.emit(PagingEvent::SnoozeEnded { why });
    }
}

pub(super) fn hold(
    draft: &mut Draft<'_>,
    reason: HoldReason,
    note: &str,
    length: Option<Duration>,
) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.hold.is_some() {
        return Err(Refusal::AlreadyOnHold);
    }
    require_reason(note, "note")?;
    let max = draft.rules().hold_max;
    let length = length.unwrap_or(max);
    if length > max {
        return Err(Refusal::HoldTooLong { max_seconds: max.whole_seconds() });
    }
    imply(draft);
    end_snooze(draft, EndWhy::Overtaken);
    let until = draft.now() + length;
    draft.emit(PagingEvent::Held { reason, note: note.to_owned(), until });
    Ok(())
}

pub(super) fn resume(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.hold.is_none() {
        return Err(Refusal::NotOnHold);
    }
    draft.emit(PagingEvent::Resumed { why: EndWhy::Requested });
    Ok(())
}
