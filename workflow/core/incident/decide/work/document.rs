//! The closure checklist being filled. Whether the incident may close is asked of the checklist itself.

use crate::limits;
use crate::refusal::Refusal;

use crate::incident::checklist;
use crate::incident::draft::Draft;
use crate::incident::event::LifeEvent;
use crate::incident::kinds::Phase;
use crate::incident::work::{ChecklistField, ChecklistItem};
use crate::incident::work_event::WorkEvent;

/// Fills an item, replacing what it held.
pub(super) fn fill(draft: &mut Draft<'_>, field: ChecklistField, text: &str) -> Result<(), Refusal> {
    limits::required(text, "text", limits::NOTE)?;
    if field == ChecklistField::RootCause {
        let parts = text.split_once(':').map(|(category, cause)| (category.trim(), cause.trim()));
        if !matches!(parts, Some((category, cause)) if !category.is_empty() && !cause.is_empty()) {
            let problem = "must be `category: cause`, or `unknown: reason`".to_owned();
            return Err(limits::bad("text", problem));
        }
    }
    record(draft, field, ChecklistItem::Done(text.to_owned()));
    Ok(())
}

pub(super) fn waive(draft: &mut Draft<'_>, field: ChecklistField, reason: &str) -> Result<(), Refusal> {
    limits::reason(reason, "reason")?;
    let by = draft.cx.actor.clone();
    record(draft, field, ChecklistItem::Waived { reason: reason.to_owned(), by });
    Ok(())
}

fn record(draft: &mut Draft<'_>, field: ChecklistField, item: ChecklistItem) {
    if draft.state.work.checklist.get(&field) != Some(&item) {
        draft.emit(WorkEvent::ChecklistFilled { field, item });
    }
}

/// Records once that the checklist is complete, whatever completed it: a resolve, a correction of times, a word.
pub(in crate::incident) fn note_documented(draft: &mut Draft<'_>) {
    let ended = draft.state.phase == Phase::Resolved || draft.state.phase == Phase::Closed;
    if !ended || draft.state.times.documented.is_some() {
        return;
    }
    if checklist::missing(&draft.state, draft.rules().closure).is_empty() {
        draft.emit(LifeEvent::Documented);
    }
}
