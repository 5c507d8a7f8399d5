//! Alerts that clear, flap and expire, and what follows from all of them being clear.

use crate::incident::draft::Draft;
use crate::incident::event::{AlertEvent, ClearCause, LifeEvent, Notice};
use crate::incident::heard::{Heard, Outcome};
use crate::incident::kinds::{Phase, ResolutionCode, SuppressReason};
use crate::incident::state::{ClearStep, ClearThen};
use crate::instance::Answer;
use crate::policy::{AllClearAcked, AllClearUnacked};
use crate::refusal::Refusal;
use crate::signal::Signal;
use crate::time::{Duration, Timestamp};

use super::{ending, notify};

/// Changes between firing and clear within 15 minutes that make an alert count as flapping.
const FLAPS: usize = 6;

/// How long an incident that returned to normal waits for somebody to confirm it.
const CONFIRM_WITHIN: Duration = Duration::hours(24);

/// The alert's source says that it is over.
pub(super) fn by_source(draft: &mut Draft<'_>, n: u32, signal: &Signal) {
    let alert = &draft.state.alerts[&n];
    let stale = signal.observed_at < alert.observed_at;
    if alert.firing && !stale {
        cleared(draft, n, ClearCause::Source, signal.observed_at);
    }
    draft.answer = Answer::Heard(Heard { stale, ..Heard::new(Outcome::Cleared, n) });
}

/// A person says that an alert is over.
pub(super) fn by_person(draft: &mut Draft<'_>, n: u32) -> Result<(), Refusal> {
    draft.require_not_ended()?;
    match draft.state.alerts.get(&n) {
        Some(a) if !a.moved => {
            if a.firing {
                cleared(draft, n, ClearCause::Person, draft.now());
            }
            Ok(())
        }
        _ => Err(Refusal::AlertUnknown { key: n.to_string() }),
    }
}

/// Its `ends_at` passed. If it was heard meanwhile, or nobody was listening, the deadline moves instead.
pub(super) fn expire(draft: &mut Draft<'_>, n: u32, due: Timestamp) {
    let alert = &draft.state.alerts[&n];
    let heard = draft.heard.iter().find(|h| h.identity == alert.identity);
    let newest = heard.and_then(|h| h.ends_at).unwrap_or(due).max(due);
    if newest > draft.now() {
        return draft.emit(AlertEvent::DeadlinePostponed { n, ends_at: newest });
    }
    let last = heard.map_or(alert.observed_at, |h| h.last_at);
    let deaf_until = draft.cx.listening_since + newest.since(last);
    if newest < draft.cx.listening_since && deaf_until > draft.now() {
        return draft.emit(AlertEvent::DeadlinePostponed { n, ends_at: deaf_until });
    }
    cleared(draft, n, ClearCause::Expired, newest);
}

fn cleared(draft: &mut Draft<'_>, n: u32, cause: ClearCause, observed_at: Timestamp) {
    draft.emit(AlertEvent::AlertCleared { n, cause, observed_at });
    note_flapping(draft, n);
}

/// Starts counting an alert as flapping once it changed too often.
pub(super) fn note_flapping(draft: &mut Draft<'_>, n: u32) {
    let alert = &draft.state.alerts[&n];
    if alert.flapping.is_none() && alert.flaps.len() >= FLAPS {
        draft.emit(AlertEvent::FlappingStarted { n });
    }
}

/// Once the last alert is clear: nobody is paged any more, and after a quiet time the incident ends or is mitigated.
pub(super) fn settle(draft: &mut Draft<'_>) {
    if !draft.state.is_open() || !draft.state.is_all_clear() {
        return;
    }
    if draft.state.all_clear_at.is_none() {
        let step = ClearStep { at: draft.now() + draft.rules().quiet_time, then: ClearThen::Quiet };
        draft.emit(AlertEvent::AllCleared { step: Some(step) });
        if never_pageable(draft) {
            let code = match draft.state.suppressed.as_ref().map(|s| s.reason) {
                Some(SuppressReason::Transient) => ResolutionCode::Transient,
                Some(
                    SuppressReason::MaintenanceHold
                    | SuppressReason::MaintenanceMute
                    | SuppressReason::MaintenanceCollect,
                ) => ResolutionCode::Maintenance,
                _ => ResolutionCode::Recovered,
            };
            return ending::auto_resolve(draft, code);
        }
    }
    if draft.state.is_pageable() {
        let paged = draft.state.contacts.iter().map(|c| c.person.clone()).collect();
        draft.emit(AlertEvent::Suppressed { reason: SuppressReason::Cleared, until: None });
        if draft.state.clear_step.is_none() {
            // It was acknowledged when it cleared, and is not any more.
            let step = ClearStep { at: draft.now() + draft.rules().quiet_time, then: ClearThen::Quiet };
            draft.emit(AlertEvent::ClearStepArmed { step: Some(step) });
        }
        notify::tell(draft, Notice::Cleared, paged);
    }
}

fn never_pageable(draft: &Draft<'_>) -> bool {
    draft.state.times.triggered.is_none() && draft.state.suppressed.is_some()
}

/// The step after all cleared is due.
pub(super) fn step(draft: &mut Draft<'_>, then: ClearThen) {
    let acknowledged = draft.state.ack.is_some();
    let rules = draft.rules();
    match then {
        ClearThen::Unconfirmed if acknowledged => draft.emit(AlertEvent::ClearStepArmed { step: None }),
        ClearThen::Unconfirmed => ending::auto_resolve(draft, ResolutionCode::ClearedUnconfirmed),
        ClearThen::Quiet => {
            let resolves = if acknowledged {
                rules.on_all_clear_acked == AllClearAcked::Resolved
            } else {
                rules.all_clear_unacked == AllClearUnacked::Resolve
            };
            if resolves {
                return ending::auto_resolve(draft, ResolutionCode::Recovered);
            }
            if draft.state.phase != Phase::Mitigated {
                ending::declare_first(draft);
                draft.emit(LifeEvent::Mitigated { how: String::new(), all_clear: true });
            }
            let cleared_at = draft.state.all_clear_at.unwrap_or(draft.now());
            let next = (!acknowledged)
                .then(|| ClearStep { at: cleared_at + CONFIRM_WITHIN, then: ClearThen::Unconfirmed });
            draft.emit(AlertEvent::ClearStepArmed { step: next });
        }
    }
}
