//! Fixes and recovery steps: planned, applied, proven or not, undone. Whether a resolve may count on them is decided in
//! `gate`.

use crate::limits;
use crate::refusal::Refusal;

use super::{number, unknown};
use crate::incident::draft::Draft;
use crate::incident::event::LifeEvent;
use crate::incident::kinds::{FixState, Phase};
use crate::incident::work::Fix;
use crate::incident::work_event::{FixFailure, WorkEvent};

pub(super) fn plan(draft: &mut Draft<'_>, summary: &str) -> Result<(), Refusal> {
    limits::required(summary, "summary", limits::DESCRIPTION)?;
    limits::room(draft.state.work.fixes.len(), "fixes", limits::OF_EACH)?;
    declare(draft);
    let n = number(draft, |w| &w.fixes);
    draft.emit(WorkEvent::FixPlanned { n, summary: summary.to_owned() });
    Ok(())
}

/// A planned fix keeps its words unless the command brings new ones; an unplanned one must bring them.
pub(super) fn apply(draft: &mut Draft<'_>, n: Option<u32>, summary: &str) -> Result<(), Refusal> {
    let summary = match n {
        Some(n) => {
            let fix = fix(draft, n)?;
            require_state(n, fix, fix.state == FixState::Planned)?;
            if summary.trim().is_empty() { fix.summary.clone() } else { summary.to_owned() }
        }
        None => {
            limits::room(draft.state.work.fixes.len(), "fixes", limits::OF_EACH)?;
            summary.to_owned()
        }
    };
    limits::required(&summary, "summary", limits::DESCRIPTION)?;
    declare(draft);
    let n = match n {
        Some(n) => n,
        None => number(draft, |w| &w.fixes),
    };
    draft.answer = crate::instance::Answer::Added(n);
    let soak = draft.rules().soak;
    let alerts_clear = draft.cx.policy.service(&draft.state.service).and_then(|s| s.alerts_clear);
    draft.emit(WorkEvent::FixApplied {
        n,
        summary,
        ready_at: draft.now() + soak,
        // Nothing proves itself before a person could prove it.
        verifies_at: alerts_clear.map(|clear| draft.now() + clear.max(soak)),
    });
    Ok(())
}

/// Only a success has to wait for the soak and for a second person: that a fix does not help may be said by anyone, at
/// once.
pub(super) fn verify(draft: &mut Draft<'_>, n: u32, passed: bool, how: &str) -> Result<(), Refusal> {
    let fix = fix(draft, n)?;
    require_state(n, fix, fix.state == FixState::Applied)?;
    if passed {
        if let Some(ready_at) = fix.ready_at.filter(|ready_at| draft.now() < *ready_at) {
            return Err(Refusal::FixSoaking { fix: n, ready_at });
        }
        let two_person = draft.cx.policy.service(&draft.state.service).is_some_and(|s| s.two_person);
        if two_person && fix.applied_by.as_ref() == Some(draft.cx.actor) {
            return Err(Refusal::SamePerson);
        }
    }
    limits::required(how, "how", limits::DESCRIPTION)?;
    declare(draft);
    let how = how.to_owned();
    draft.emit(match passed {
        true => WorkEvent::FixVerified { n, how, automatic: false },
        false => WorkEvent::FixFailed { n, reason: FixFailure::Verification, how },
    });
    Ok(())
}

pub(super) fn roll_back(draft: &mut Draft<'_>, n: u32, reason: &str) -> Result<(), Refusal> {
    let fix = fix(draft, n)?;
    require_state(n, fix, fix.state != FixState::RolledBack)?;
    limits::reason(reason, "reason")?;
    declare(draft);
    draft.emit(WorkEvent::FixRolledBack { n, reason: reason.to_owned() });
    Ok(())
}

/// An alert attached before a fix was applied fires anew: the fix did not help. To be called once the alert's event is
/// recorded.
pub(in crate::incident) fn refute_fixes(draft: &mut Draft<'_>, alert: u32) {
    let Some(attached_at) = draft.state.alerts.get(&alert).map(|a| a.attached_at) else {
        return;
    };
    let counts = |fix: &Fix| {
        matches!(fix.state, FixState::Applied | FixState::Verified)
            && fix.applied_at.is_some_and(|applied_at| attached_at <= applied_at)
    };
    let refuted: Vec<u32> =
        draft.state.work.fixes.iter().filter(|(_, fix)| counts(fix)).map(|(n, _)| *n).collect();
    for n in refuted {
        draft.emit(WorkEvent::FixFailed { n, reason: FixFailure::AlertFired, how: String::new() });
    }
}

pub(super) fn add_step(draft: &mut Draft<'_>, summary: &str, after_resolution: bool) -> Result<(), Refusal> {
    limits::required(summary, "summary", limits::DESCRIPTION)?;
    limits::room(draft.state.work.recovery.len(), "recovery_steps", limits::OF_EACH)?;
    let n = number(draft, |w| &w.recovery);
    draft.emit(WorkEvent::RecoveryStepAdded { n, summary: summary.to_owned(), after_resolution });
    Ok(())
}

pub(super) fn complete_step(draft: &mut Draft<'_>, n: u32, checked: bool) -> Result<(), Refusal> {
    let step = draft.state.work.recovery.get(&n).ok_or_else(|| unknown("recovery step", n))?;
    if step.done {
        let (what, name) = ("recovery step".to_owned(), n.to_string());
        return Err(Refusal::WrongState { what, name, state: "DONE".to_owned() });
    }
    draft.emit(WorkEvent::RecoveryStepDone { n, checked });
    Ok(())
}

/// Whoever works on a fix has declared the incident.
fn declare(draft: &mut Draft<'_>) {
    if draft.state.phase == Phase::Triage {
        draft.emit(LifeEvent::Declared);
    }
}

fn fix<'a>(draft: &'a Draft<'_>, n: u32) -> Result<&'a Fix, Refusal> {
    draft.state.work.fixes.get(&n).ok_or_else(|| unknown("fix", n))
}

fn require_state(n: u32, fix: &Fix, met: bool) -> Result<(), Refusal> {
    if met { Ok(()) } else { Err(Refusal::FixState { fix: n, state: fix.state.to_string() }) }
}
