//! What follows from a state whatever led to it: everything clear, clocks that attach, stop or pause, escalation that
//! must run. Settling a settled state does nothing.

use crate::incident::draft::{Draft, Restart};
use crate::incident::event::Notice;

use super::{clear, clocks, ending, escalate, levels, marks, notify, work};

pub(super) fn settle(draft: &mut Draft<'_>) {
    clear::settle(draft);
    marks::settle(draft);
    clocks::evaluate(draft);
    let seen = draft.events.len();
    escalation(draft);
    work::note_documented(draft);
    ending::close_when_met(draft);
    if draft.events.len() > seen {
        clocks::evaluate(draft);
    }
    if !draft.breached_at_attach.is_empty() {
        let clocks = std::mem::take(&mut draft.breached_at_attach);
        let people = notify::concerned(draft);
        notify::tell(draft, Notice::SlaBreached { clocks }, people);
    }
}

/// A pageable incident escalates or is exhausted; an escalation that a threshold owes is paid when it can be.
fn escalation(draft: &mut Draft<'_>) {
    let owed = draft.state.escalation.as_ref().is_some_and(|e| e.owed);
    if owed && draft.state.is_open() && !escalate::must_wait(draft) {
        escalate::by_threshold(draft);
    }
    if !draft.state.is_pageable() || draft.state.exhausted.is_some() {
        return;
    }
    if draft.state.escalation.as_ref().is_none_or(|e| e.due.is_none()) {
        levels::start(draft);
        draft.restart = Restart::Usual;
    }
}
