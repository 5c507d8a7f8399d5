//! Mitigating, resolving, reopening, closing and cancelling, by people and by themselves.

use crate::incident::command::Resolve;
use crate::incident::draft::{Draft, require_reason};
use crate::incident::event::{AlertEvent, EndWhy, LifeEvent, Notice, PagingEvent, ReopenReason};
use crate::incident::kinds::{CancelReason, FixState, Phase, Priority, ResolutionCode, SuppressReason};
use crate::refusal::Refusal;
use crate::time::Duration;

use super::work::verification_gate;
use super::{ack, clocks, notify};
use crate::incident::checklist::{missing, open_recovery, open_tasks};
use crate::incident::effects::review_id;

/// For so long after its end an incident that is closed or cancelled can be opened again.
const REOPEN_WITHIN: Duration = Duration::days(14);

/// How often an undocumented P1 or P2 is brought to mind.
const DOCUMENT_EVERY: Duration = Duration::hours(24);

/// An incident that people act on is one.
pub(super) fn declare_first(draft: &mut Draft<'_>) {
    if draft.state.phase == Phase::Triage {
        draft.emit(LifeEvent::Declared);
    }
}

pub(super) fn mitigate(draft: &mut Draft<'_>, how: &str) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.phase == Phase::Mitigated {
        return Err(Refusal::AlreadyMitigated);
    }
    declare_first(draft);
    ack::imply(draft);
    draft.emit(LifeEvent::Mitigated { how: how.to_owned(), all_clear: false });
    Ok(())
}

pub(super) fn relapse(draft: &mut Draft<'_>, reason: &str) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.phase != Phase::Mitigated {
        return Err(Refusal::NotMitigated);
    }
    require_reason(reason, "reason")?;
    relapsed(draft, reason);
    Ok(())
}

/// Users suffer again.
pub(super) fn relapsed(draft: &mut Draft<'_>, reason: &str) {
    draft.emit(LifeEvent::Relapsed { reason: reason.to_owned() });
}

pub(super) fn resolve(draft: &mut Draft<'_>, r: &Resolve) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.merge.is_some() {
        return Err(Refusal::MergeRunning);
    }
    let code = r.code.ok_or_else(|| Refusal::ReasonRequired { field: "code".to_owned() })?;
    let firing = firing(draft);
    let forced = (firing > 0).then(|| r.force_reason.trim().to_owned());
    if forced.as_ref().is_some_and(String::is_empty) {
        return Err(Refusal::AlertsFiring { count: firing });
    }
    verification_gate(draft, r)?;
    declare_first(draft);
    let note = if r.how_verified.is_empty() {
        r.note.clone()
    } else {
        format!("{} (checked: {})", r.note, r.how_verified).trim_start().to_owned()
    };
    draft.emit(LifeEvent::Resolved { code, note, forced });
    after_resolve(draft);
    Ok(())
}

/// Every refusal that a resolve would meet, for those who ask before they try.
pub(crate) fn firing(draft: &Draft<'_>) -> u32 {
    draft.state.alerts.values().filter(|a| a.counts_as_firing()).count() as u32
}

/// The incident ends by itself.
pub(super) fn auto_resolve(draft: &mut Draft<'_>, code: ResolutionCode) {
    declare_first(draft);
    draft.emit(LifeEvent::AutoResolved { code });
    after_resolve(draft);
}

fn after_resolve(draft: &mut Draft<'_>) {
    let rules = draft.rules();
    let excluded = matches!(
        draft.state.resolution.as_ref().map(|r| r.code),
        Some(ResolutionCode::Transient | ResolutionCode::Maintenance)
    );
    if rules.review && !excluded && !draft.state.exercise {
        request_review(draft, "required by priority");
    }
    let at = match rules.close_after {
        Some(after) => Some(draft.now() + after),
        None if draft.state.priority <= Priority::P2 => Some(draft.now() + DOCUMENT_EVERY),
        None => None,
    };
    draft.emit(LifeEvent::ClosingArmed { at });
}

fn request_review(draft: &mut Draft<'_>, reason: &str) {
    if draft.state.review.as_ref().is_some_and(|r| r.published) {
        return;
    }
    let review = review_id(&draft.state.id);
    draft.emit(LifeEvent::ReviewRequested { review, reason: reason.to_owned() });
}

pub(super) fn reopen(draft: &mut Draft<'_>, reason: &str) -> Result<(), Refusal> {
    if draft.state.is_open() {
        return Err(Refusal::AlreadyOpen);
    }
    if let Some(m) = draft.state.merge.as_ref().filter(|m| m.done) {
        return Err(Refusal::IncidentMerged { into: m.into.to_string() });
    }
    require_reason(reason, "reason")?;
    if draft.state.phase != Phase::Resolved {
        if draft.state.review.as_ref().is_some_and(|r| r.published) {
            return Err(Refusal::ReviewPublished);
        }
        let ended =
            draft.state.times.closed.or(draft.state.times.cancelled).unwrap_or(draft.state.times.activity);
        let until = ended + REOPEN_WITHIN;
        if draft.now() > until {
            return Err(Refusal::ReopenTooLate { until });
        }
    }
    draft.emit(LifeEvent::Reopened { reason: ReopenReason::Requested, note: reason.to_owned() });
    clocks::on_reopen(draft);
    keep_quiet(draft);
    Ok(())
}

/// A priority that pages nobody does not begin to by being open again.
pub(super) fn keep_quiet(draft: &mut Draft<'_>) {
    if !draft.rules().paged {
        draft.emit(AlertEvent::Suppressed { reason: SuppressReason::NotPaged, until: None });
    }
}

pub(super) fn close(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.require_not_ended()?;
    if draft.state.phase != Phase::Resolved {
        return Err(Refusal::NotResolved);
    }
    close_gate(draft)?;
    draft.emit(LifeEvent::Closed { automatic: false });
    Ok(())
}

fn close_gate(draft: &Draft<'_>) -> Result<(), Refusal> {
    let lacks = missing(&draft.state, draft.rules().closure);
    if !lacks.is_empty() {
        return Err(Refusal::ChecklistIncomplete { missing: lacks });
    }
    match open_recovery(&draft.state, true) {
        0 => {}
        count => return Err(Refusal::RecoveryOpen { count }),
    }
    match open_tasks(&draft.state) {
        0 => {}
        count => return Err(Refusal::TasksOpen { count }),
    }
    let firing = draft.state.alerts.values().filter(|a| a.counts_as_firing() && !a.muted).count() as u32;
    if firing > 0 { Err(Refusal::AlertsFiring { count: firing }) } else { Ok(()) }
}

/// The instant to close by itself, or to bring the documentation to mind.
pub(super) fn closing(draft: &mut Draft<'_>) {
    let rules = draft.rules();
    if rules.close_after.is_some() {
        if close_gate(draft).is_ok() {
            draft.emit(LifeEvent::Closed { automatic: true });
        } else {
            // At the first instant that the gate is met: see `close_when_met`.
            draft.emit(LifeEvent::ClosingArmed { at: None });
        }
        return;
    }
    draft.emit(LifeEvent::ClosingArmed { at: Some(draft.now() + DOCUMENT_EVERY) });
    let commander = draft.state.work.roles.get("commander").map(|r| r.holder.clone());
    let people = commander.map_or_else(|| notify::responsible(draft), |p| vec![p]);
    notify::tell(draft, Notice::DocumentIt, people);
}

/// Closes an incident whose time to close has passed once its gate is met.
pub(super) fn close_when_met(draft: &mut Draft<'_>) {
    if draft.state.phase != Phase::Resolved || draft.state.closing_at.is_some() {
        return;
    }
    let Some(after) = draft.rules().close_after else { return };
    let due = draft.state.times.resolved.is_some_and(|at| at + after <= draft.now());
    if due && close_gate(draft).is_ok() {
        draft.emit(LifeEvent::Closed { automatic: true });
    }
}

pub(super) fn cancel(draft: &mut Draft<'_>, reason: CancelReason, note: &str) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.merge.is_some() {
        return Err(Refusal::MergeRunning);
    }
    require_reason(note, "note")?;
    let tried = |s: FixState| matches!(s, FixState::Applied | FixState::Verified);
    if draft.state.work.fixes.values().any(|f| tried(f.state)) {
        return Err(Refusal::FixRecorded);
    }
    if draft.state.hold.is_some() {
        draft.emit(PagingEvent::Resumed { why: EndWhy::Overtaken });
    }
    draft.emit(LifeEvent::Cancelled { reason, note: note.to_owned() });
    Ok(())
}
