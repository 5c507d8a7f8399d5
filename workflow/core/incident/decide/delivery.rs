//! What became of an effect. A page that could not be delivered brings the person's next step forward; a refused merge
//! releases its source.

use crate::incident::draft::Draft;
use crate::incident::event::{DeliveryOutcome, PagingEvent};
use crate::incident::paging::PendingKind;
use crate::refusal::Refusal;
use crate::time::Timestamp;

use super::{contact, link};

/// A page is held back; nothing else follows from it.
pub(super) fn delayed(draft: &mut Draft<'_>, effect: &str, until: Timestamp) {
    let Some(pending) = draft.state.pending.get(effect).cloned() else { return };
    if let (PendingKind::Page, Some(person), Some(channel)) = (pending.kind, pending.person, pending.channel)
    {
        draft.emit(PagingEvent::PageDelayed { effect: effect.to_owned(), person, channel, until });
    }
}

pub(super) fn record(
    draft: &mut Draft<'_>,
    effect: &str,
    attempt: i32,
    outcome: DeliveryOutcome,
    detail: &str,
) -> Result<(), Refusal> {
    let pending = draft.state.pending.get(effect).cloned();
    let (outcome, kind) = match &pending {
        Some(p) => (outcome, Some(p.kind)),
        // Withdrawn meanwhile: it was on the wire.
        None if outcome == DeliveryOutcome::Sent => (DeliveryOutcome::InFlight, None),
        None => return Ok(()),
    };
    let (person, channel) = pending.map_or((None, None), |p| (p.person, p.channel));
    draft.emit(PagingEvent::DeliveryRecorded {
        effect: effect.to_owned(),
        outcome,
        attempt,
        person: person.clone(),
        channel,
        detail: detail.to_owned(),
    });
    match (kind, outcome) {
        (Some(PendingKind::Page), DeliveryOutcome::Failed) => {
            if let Some(person) = person {
                contact::failed(draft, &person);
            }
        }
        (Some(PendingKind::Summons), DeliveryOutcome::Failed) => {
            if let Some(person) = person {
                contact::step(draft, &person, true);
            }
        }
        (Some(PendingKind::Submit), DeliveryOutcome::Failed) => {
            let merge = draft.state.merge.clone().filter(|m| !m.done && m.effect == effect);
            if let Some(m) = merge {
                link::finish_merge(draft, &m.into, Some(detail));
            }
        }
        _ => {}
    }
    Ok(())
}
