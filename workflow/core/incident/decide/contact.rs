//! How one person is reached: the steps of their contact rule, taken at their instants, brought forward when one fails.

use crate::id::PersonId;
use crate::incident::draft::Draft;
use crate::incident::event::{EscalateReason, PagingEvent};
use crate::incident::paging::{NextStep, PendingKind, Step};
use crate::policy::document::{ContactStep, Person, Target};
use crate::time::Timestamp;

use super::levels;

/// Whether a person can be paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Usable,
    /// Not in the newest policy.
    Gone,
    /// No step of their rules has a contact.
    NoContact,
}

pub(super) fn reach(draft: &Draft<'_>, person: &PersonId) -> Reach {
    match draft.cx.newest.person(person) {
        None => Reach::Gone,
        Some(p) if rule(draft, person, p, draft.now()).is_empty() => Reach::NoContact,
        Some(_) => Reach::Usable,
    }
}

pub(super) fn usable(draft: &Draft<'_>, person: &PersonId) -> bool {
    reach(draft, person) == Reach::Usable
}

/// The contact rule in force: urgent or normal by priority, replaced in quiet hours where that is allowed.
fn rule<'p>(draft: &Draft<'_>, id: &PersonId, person: &'p Person, at: Timestamp) -> Vec<&'p ContactStep> {
    let steps = if draft.rules().urgent {
        &person.urgent
    } else {
        match &person.quiet {
            Some(quiet) if draft.cx.newest.quiet_hours(id).is_some_and(|c| c.is_open(at)) => &quiet.normal,
            _ => &person.normal,
        }
    };
    steps.iter().filter(|s| person.contacts.contains_key(&s.channel)).collect()
}

/// The steps of a person's rule with their instants; waits count from `from`.
pub(super) fn steps(draft: &Draft<'_>, id: &PersonId, from: Timestamp) -> Vec<Step> {
    let Some(person) = draft.cx.newest.person(id) else { return Vec::new() };
    let mut steps: Vec<Step> = rule(draft, id, person, from)
        .into_iter()
        .map(|s| Step { channel: s.channel.clone(), at: from + s.wait })
        .collect();
    steps.sort_by_key(|s| s.at);
    steps
}

/// Pages a person, unless their contact rule is still running in this epoch.
pub(super) fn page(draft: &mut Draft<'_>, person: PersonId, level: u32, all: bool, via: Option<Target>) {
    let running = draft.state.contacts.iter().any(|c| c.person == person && !c.steps.is_empty());
    let told_now = draft
        .state
        .contacts
        .iter()
        .any(|c| c.person == person && c.paged_at == draft.now() && !c.unreachable);
    if running || told_now {
        return;
    }
    let steps = steps(draft, &person, draft.now());
    if steps.is_empty() {
        return draft.emit(PagingEvent::PersonUnreachable { person });
    }
    let urgent = draft.rules().urgent;
    draft.emit(PagingEvent::Paged { person, level, urgent, all, via, steps });
}

/// A contact step is due.
pub(super) fn step(draft: &mut Draft<'_>, person: &PersonId, summons: bool) {
    let first = if summons {
        draft.state.summonses.iter().find(|s| &s.person == person).and_then(|s| s.steps.first())
    } else {
        draft.state.contacts.iter().find(|c| &c.person == person).and_then(|c| c.steps.first())
    };
    if let Some(channel) = first.map(|s| s.channel.clone()) {
        draft.emit(PagingEvent::ContactStepped { person: person.clone(), channel, summons });
    }
}

/// A channel gave up: the person's next step is taken now. Nothing left: the person is unreachable, and if everyone of
/// the level is, the next level is called at once.
pub(super) fn failed(draft: &mut Draft<'_>, person: &PersonId) {
    let now = draft.now();
    let Some(contact) = draft.state.contacts.iter().find(|c| &c.person == person) else { return };
    if !contact.steps.is_empty() {
        let mut steps = contact.steps.clone();
        steps[0].at = steps[0].at.min(now);
        draft.emit(PagingEvent::ContactMoved { person: person.clone(), steps, withdrawn: false });
        return step(draft, person, false);
    }
    let waiting = draft
        .state
        .pending
        .values()
        .any(|p| p.kind == PendingKind::Page && p.person.as_ref() == Some(person));
    if contact.reached || contact.unreachable || waiting {
        return;
    }
    let level = contact.level;
    draft.emit(PagingEvent::PersonUnreachable { person: person.clone() });
    let all = draft.state.contacts.iter().filter(|c| c.level == level).all(|c| c.unreachable);
    let current = draft.state.escalation.as_ref().is_some_and(|e| e.level == level && e.due.is_some());
    if all && current && draft.state.is_pageable() {
        next_level_now(draft);
    }
}

/// Calls what comes next in the escalation at once.
fn next_level_now(draft: &mut Draft<'_>) {
    let Some(e) = draft.state.escalation.as_ref() else { return };
    let now = draft.now();
    match e.next {
        NextStep::Level { level, round } => {
            levels::call(draft, level, round, now, EscalateReason::Unreachable);
        }
        next @ NextStep::Exhaust => draft.emit(PagingEvent::EscalationArmed { due: now, next, level: None }),
    }
}
