//! Moves an incident to another version of the policy, explicitly. Nothing else ever does.

use crate::incident::draft::{Draft, Restart};
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

/// Keeps the level where its escalation policy still exists, else starts at level 1.
fn keep_place(draft: &mut Draft<'_>) {
    let Some(e) = draft.state.escalation.clone() else { return };
    let Some(spec) = draft.cx.policy.escalation(&e.policy) else {
        if draft.state.is_pageable() {
            draft.restart = Restart::FirstLevel;
            levels::start(draft);
        }
        return;
    };
    let count = spec.levels.len() as u32;
    let Some(due) = e.due else { return };
    if let NextStep::Level { level, round } = e.next
        && (level > count + 1 || round > spec.repeat + 1)
    {
        let next = NextStep::Exhaust;
        draft.emit(PagingEvent::EscalationArmed { due: due.max(draft.now()), next });
    }
}
