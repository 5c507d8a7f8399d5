//! Moves an incident to another version of the policy, explicitly. Nothing else ever does.

use crate::incident::draft::Draft;
use crate::incident::event::{LifeEvent, PagingEvent, SlaCancelWhy, SlaEvent};
use crate::incident::paging::NextStep;
use crate::refusal::Refusal;

use super::{clocks, levels};

/// The context's policy is already the one moved to; the state names the one moved from.
pub(super) fn move_policy(draft: &mut Draft<'_>, to: u64, expected: Option<u64>) -> Result<(), Refusal> {
    draft.require_not_ended()?;
    let from = draft.state.policy;
    if let Some(expected) = expected.filter(|e| *e != from) {
        let _ = expected;
        return Err(Refusal::PolicyMoved { current: from });
    }
    if to != draft.cx.policy.number() {
        return Err(Refusal::Unknown { what: "policy".to_owned(), name: to.to_string() });
    }
    if from == to {
        return Ok(());
    }
    draft.emit(LifeEvent::PolicyMoved { from, to });
    let gone: Vec<String> = draft
        .state
        .clocks
        .iter()
        .filter(|c| c.is_live() && !draft.cx.policy.document().sla.iter().any(|d| d.id == c.definition))
        .map(|c| c.name())
        .collect();
    for clock in gone {
        draft.emit(SlaEvent::SlaCancelled { clock, why: SlaCancelWhy::Policy });
    }
    clocks::recompute(draft);
    keep_place(draft);
    Ok(())
}

/// Keeps the level where its escalation policy still exists, else starts anew.
fn keep_place(draft: &mut Draft<'_>) {
    let Some(e) = draft.state.escalation.clone() else { return };
    let Some(spec) = draft.cx.policy.escalation(&e.policy) else {
        if draft.state.is_pageable() {
            levels::start(draft);
        }
        return;
    };
    let Some(due) = e.due.filter(|_| draft.state.is_pageable()) else { return };
    let (level, last) = (levels::level_in(spec, &e), levels::last(spec));
    let again = NextStep::Level { level: 1, round: e.round + 1 };
    let next = match level {
        0 => NextStep::Level { level: 1, round: e.round },
        level if level < last => NextStep::Level { level: level + 1, round: e.round },
        _ if e.round <= spec.repeat => again,
        _ => NextStep::Exhaust,
    };
    let delay = spec.levels.get((level as usize).saturating_sub(1)).map(|l| l.delay);
    let kept = spec.levels.iter().any(|l| Some(&l.id) == e.level_id.as_ref());
    let due = match (e.level_due, delay) {
        (Some(level_due), Some(delay)) if kept => level_due + delay,
        _ => due,
    };
    let due = due.max(draft.now());
    if level != e.level || next != e.next || Some(due) != e.due {
        draft.emit(PagingEvent::EscalationArmed { due, next, level: Some(level) });
    }
}
