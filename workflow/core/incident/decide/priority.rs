//! What a change of priority does to paging and to the acknowledgement. Clocks follow in `clocks`.

use crate::incident::draft::{Draft, Restart};
use crate::incident::event::{AlertEvent, LifeEvent, PagingEvent, UnackWhy};
use crate::incident::kinds::{Priority, SuppressReason};
use crate::incident::paging::Escalation;
use crate::time::Duration;
use crate::triage::Assessment;

use super::{ack, contact, levels};

/// After a change of priority an acknowledgement lasts at least so long.
const AT_LEAST: Duration = Duration::minutes(5);

/// More alerts, or worse ones, only ever raise the priority.
pub(super) fn raise_by_signal(draft: &mut Draft<'_>, assessment: &Assessment) {
    if !draft.state.is_open() || assessment.priority >= draft.state.priority {
        return;
    }
    change(draft, assessment.priority, "");
    if draft.state.ack.is_some() && draft.state.hold.is_none() && draft.state.priority <= Priority::P2 {
        draft.restart = Restart::FirstLevel;
        ack::end_snooze(draft, crate::incident::event::EndWhy::Overtaken);
        ack::take_back(draft, UnackWhy::PriorityRaised);
    }
}

/// Changes the priority, with all that follows for paging.
pub(super) fn change(draft: &mut Draft<'_>, to: Priority, reason: &str) {
    let from = draft.state.priority;
    if from == to {
        return;
    }
    let was_urgent = draft.rules().urgent;
    draft.emit(LifeEvent::PriorityChanged { from, to, reason: reason.to_owned() });
    let quiet = draft.state.suppressed.as_ref().is_some_and(|s| s.reason == SuppressReason::NotPaged);
    // The most urgent ones do not wait for a moment in case they clear by themselves.
    let held = draft.state.suppressed.as_ref().is_some_and(|s| s.reason == SuppressReason::Transient);
    if (quiet && draft.rules().paged) || (held && to == Priority::P1) {
        draft.emit(AlertEvent::Released { note: format!("priority {to}") });
    }
    follow(draft, from, was_urgent);
}

/// What follows for escalation and acknowledgement from another priority or service.
pub(super) fn follow(draft: &mut Draft<'_>, from: Priority, was_urgent: bool) {
    if draft.state.ack.is_some() {
        let (terms, not_before) = (ack::terms(draft), draft.now() + AT_LEAST);
        draft.emit(PagingEvent::AckRetimed { terms, not_before });
        return;
    }
    let Some(e) = draft.state.escalation.as_ref() else { return };
    if !draft.state.is_pageable() || !draft.rules().paged {
        return;
    }
    let wanted = draft.policy_of_service().map(|(id, _)| id);
    if wanted.is_some_and(|id| *id != e.policy) {
        draft.restart = Restart::FirstLevel;
        levels::start(draft);
    } else if draft.state.priority < from {
        raised(draft, was_urgent);
    } else {
        lowered(draft);
    }
}

/// People of the current level are paged again, and the next level comes no later than the level's delay from now.
fn raised(draft: &mut Draft<'_>, was_urgent: bool) {
    let Some(e) = draft.state.escalation.clone() else { return };
    if e.level == 0 {
        return first_level_sooner(draft, &e);
    }
    let replace = draft.rules().urgent && !was_urgent;
    let people: Vec<_> = draft.state.contacts.iter().filter(|c| c.level == e.level).cloned().collect();
    for c in people {
        let steps = contact::steps(draft, &c.person, draft.now());
        let done = c.steps.is_empty();
        if !steps.is_empty() && (replace || done) {
            let urgent = draft.rules().urgent;
            let (person, level, all) = (c.person, c.level, c.all);
            draft.emit(PagingEvent::Paged { person, level, urgent, all, via: None, steps });
        }
    }
    let delay = draft
        .escalation_spec()
        .and_then(|s| s.levels.get(e.level as usize - 1).or(s.levels.last()))
        .map_or(Duration::ZERO, |l| l.delay);
    if let Some(due) = e.due.filter(|due| *due > draft.now() + delay) {
        let due = due.min(draft.now() + delay);
        draft.emit(PagingEvent::EscalationArmed { due, next: e.next, level: None });
    }
}

/// Nobody has been called yet: the first level comes when it would for the new priority, if that is sooner.
fn first_level_sooner(draft: &mut Draft<'_>, e: &Escalation) {
    let first = draft.escalation_spec().map(|spec| levels::first_due(draft, spec));
    if let (Some(first), Some(due)) = (first, e.due)
        && first < due
    {
        draft.emit(PagingEvent::EscalationArmed { due: first, next: e.next, level: None });
    }
}

/// Dues stay; contact steps not yet taken follow the new rules.
fn lowered(draft: &mut Draft<'_>) {
    for c in draft.state.contacts.clone() {
        if !c.steps.is_empty() {
            let mut steps = contact::steps(draft, &c.person, c.paged_at);
            steps.retain(|s| s.at > draft.now());
            draft.emit(PagingEvent::ContactMoved { person: c.person, steps, withdrawn: false });
        }
    }
}
