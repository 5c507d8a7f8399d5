//! Clocks that attach: at the opening or release, late after a change, anew after a reopening.

use crate::incident::clock::{Clock, PauseSpan};
use crate::incident::draft::Draft;
use crate::incident::event::{SlaCancelWhy, SlaEvent};
use crate::incident::kinds::{Audience, ClockState};
use crate::policy::document::{SlaDefinition, SlaKind};
use crate::time::{Duration, Timestamp};

use super::{conditions, due, find, next_mark, record, resume};

/// Attaches every definition that matches, may start, and has no clock yet.
pub(super) fn attach(draft: &mut Draft<'_>) {
    if draft.state.exercise && !draft.state.is_open() {
        return;
    }
    let policy = draft.cx.policy;
    // Clocks whose definitions no longer match give way first, so that their starts and pauses are taken over.
    give_way(draft);
    for definition in policy.document().sla.iter().filter(|d| conditions::is_ours(d.kind)) {
        if !is_wanted(draft, definition) {
            continue;
        }
        let cycle = cycles(draft, definition) + 1;
        match replaced(draft, definition) {
            Some(old) => begin(draft, definition, cycle, old.start, old.pauses),
            None => {
                let from = natural_start(draft, definition);
                begin(draft, definition, cycle, from, Vec::new());
            }
        }
    }
}

/// Cancels live clocks whose definition matches no more.
fn give_way(draft: &mut Draft<'_>) {
    let policy = draft.cx.policy;
    let subject = conditions::subject(draft);
    let gone: Vec<String> = draft
        .state
        .clocks
        .iter()
        .filter(|c| c.is_live() && draft.state.is_open())
        .filter(|c| super::definition(policy, c).is_some_and(|d| !policy.sla_matches(d, &subject)))
        .map(Clock::name)
        .collect();
    for clock in gone {
        draft.emit(SlaEvent::SlaCancelled { clock, why: SlaCancelWhy::Priority });
    }
}

/// Whether a clock of the definition is to attach now. What costs little is asked first: most transitions find every
/// clock in its place.
fn is_wanted(draft: &Draft<'_>, definition: &SlaDefinition) -> bool {
    !has_one(draft, definition)
        && conditions::starts(draft, definition)
        && !conditions::stops(draft, definition, draft.now())
        && conditions::cancels(draft, definition, false).is_none()
        && draft.cx.policy.sla_matches(definition, &conditions::subject(draft))
}

/// Whether there is a clock that stands against another one: a live one of the same definition, or a completed one of
/// the same kind.
fn has_one(draft: &Draft<'_>, definition: &SlaDefinition) -> bool {
    let since = draft.state.times.reopened.unwrap_or(draft.state.opened_at);
    let stands = |c: &Clock| match definition.kind {
        SlaKind::NextUpdate => false,
        SlaKind::FirstUpdate => c.state != ClockState::Cancelled,
        _ => {
            matches!(c.state, ClockState::Met | ClockState::Breached)
                && c.stopped_at.is_some_and(|at| at >= since)
        }
    };
    draft.state.clocks.iter().any(|c| match c.is_live() {
        true => c.definition == definition.id,
        false => c.kind == definition.kind && stands(c),
    })
}

/// Whether a clock that began now would have to stop now, and the next one again.
pub(super) fn stops_at_once(draft: &Draft<'_>, definition: &SlaDefinition) -> bool {
    conditions::stops(draft, definition, draft.now().whole_second())
}

fn cycles(draft: &Draft<'_>, definition: &SlaDefinition) -> u32 {
    draft.state.clocks.iter().filter(|c| c.definition == definition.id).map(|c| c.cycle).max().unwrap_or(0)
}

/// The clock of the same kind that gave way in this transition.
fn replaced(draft: &Draft<'_>, definition: &SlaDefinition) -> Option<Clock> {
    if !definition.retroactive {
        return None;
    }
    let now = draft.now();
    draft
        .state
        .clocks
        .iter()
        .rev()
        .find(|c| c.kind == definition.kind && c.state == ClockState::Cancelled && c.stopped_at == Some(now))
        .cloned()
}

/// When a clock that replaces none starts.
fn natural_start(draft: &Draft<'_>, definition: &SlaDefinition) -> Timestamp {
    let s = &draft.state;
    match definition.kind {
        SlaKind::Close => s.times.resolved.unwrap_or(draft.now()),
        SlaKind::NextUpdate => s.times.reopened.max(conditions::newest_update(draft)).unwrap_or(draft.now()),
        _ if !definition.retroactive => draft.now(),
        _ => s.times.reopened.or(s.times.triggered).unwrap_or(draft.now()),
    }
}

/// Attaches another cycle that starts now.
pub(super) fn cycle(draft: &mut Draft<'_>, definition: &SlaDefinition, cycle: u32, start: Timestamp) {
    begin(draft, definition, cycle, start, Vec::new());
}

fn begin(
    draft: &mut Draft<'_>,
    definition: &SlaDefinition,
    cycle: u32,
    start: Timestamp,
    mut pauses: Vec<PauseSpan>,
) {
    let Some(target) = target(draft, definition) else { return };
    for pause in &mut pauses {
        pause.to = pause.to.or(Some(draft.now()));
    }
    let mut clock = Clock {
        definition: definition.id.clone(),
        cycle,
        kind: definition.kind,
        calendar: definition.calendar.clone(),
        target,
        start: start.whole_second(),
        state: ClockState::Running,
        due: None,
        next: None,
        recorded: 0,
        breached: None,
        stopped_at: None,
        pauses,
        excuse: None,
        pause_cap_at: None,
        capped: false,
    };
    let policy = draft.cx.policy;
    clock.due = due(policy, &clock);
    clock.next = next_mark(policy, definition, &clock, 0);
    let name = clock.name();
    draft.emit(SlaEvent::SlaStarted { clock: Box::new(clock) });
    if start < draft.now() {
        skip_past(draft, &name);
    }
}

/// What lies before the instant at which a clock attaches, or gets another target, is recorded and triggers nothing.
pub(super) fn skip_past(draft: &mut Draft<'_>, name: &str) {
    while let Some(clock) = find(draft, name) {
        match clock.next.filter(|m| m.at <= draft.now()) {
            Some(mark) => record(draft, &clock, mark, true),
            None => break,
        }
    }
}

/// The definition's target; for the next update the one that the newest update promised.
fn target(draft: &Draft<'_>, definition: &SlaDefinition) -> Option<Duration> {
    let promised = draft
        .state
        .work
        .updates
        .values()
        .rfind(|u| u.audience >= Audience::Stakeholders)
        .and_then(|u| u.next_in)
        .filter(|_| definition.kind == SlaKind::NextUpdate);
    promised.or(definition.target)
}

/// A reopened incident resumes its mitigate and resolve clocks; the time between is paused. Other kinds start anew when
/// the transition settles.
pub(in crate::incident::decide) fn on_reopen(draft: &mut Draft<'_>) {
    let policy = draft.cx.policy;
    let stopped: Vec<Clock> = draft
        .state
        .clocks
        .iter()
        .filter(|c| matches!(c.kind, SlaKind::Mitigate | SlaKind::Resolve))
        .filter(|c| matches!(c.state, ClockState::Met | ClockState::Breached))
        .filter(|c| {
            super::definition(policy, c).is_some_and(|d| policy.sla_matches(d, &conditions::subject(draft)))
        })
        .cloned()
        .collect();
    for clock in stopped {
        resume(draft, &clock, false);
    }
}
