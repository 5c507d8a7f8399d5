//! Mitigating, resolving, reopening, closing and cancelling, by people and by themselves.

use crate::incident::command::Resolve;
use crate::incident::draft::{Draft, none_of, require_reason};
use crate::incident::event::{AlertEvent, EndWhy, LifeEvent, Notice, PagingEvent, ReopenReason};
use crate::incident::kinds::{CancelReason, FixState, Phase, Priority, ResolutionCode, SuppressReason};
use crate::refusal::Refusal;
use crate::time::Duration;

use super::work::{tell_the_end, verification_unmet};
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
    none_of(resolve_unmet(draft, r))?;
    let Some(code) = r.code else { return Err(code_required()) };
    let forced = (firing(draft) > 0).then(|| r.force_reason.trim().to_owned());
    declare_first(draft);
    let (note, how_verified) = (r.note.clone(), r.how_verified.clone());
    let by_itself = r.recovered_by_itself;
    draft.emit(LifeEvent::Resolved { code, note, how_verified, by_itself, forced });
    after_resolve(draft);
    Ok(())
}

/// Everything that stands against a resolve, in the order in which it is asked for.
pub(super) fn resolve_unmet(draft: &Draft<'_>, r: &Resolve) -> Vec<Refusal> {
    if let Err(ended) = draft.require_open() {
        return vec![ended];
    }
    let firing = firing(draft);
    let unforced = firing > 0 && r.force_reason.trim().is_empty();
    let before =
        [r.code.is_none().then(code_required), unforced.then_some(Refusal::AlertsFiring { count: firing })];
    before.into_iter().flatten().chain(verification_unmet(draft, r)).collect()
}

fn code_required() -> Refusal {
    Refusal::ReasonRequired { field: "code".to_owned() }
}

/// How many alerts stand against an end.
fn firing(draft: &Draft<'_>) -> u32 {
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
    // What is being merged is reviewed with its target; if the target refuses, see `review_after_merge`.
    if draft.state.merge.is_none() {
        review_if_required(draft);
    }
    let at = match rules.close_after {
        Some(after) => Some(draft.now() + after),
        None if draft.state.priority <= Priority::P2 => Some(draft.now() + DOCUMENT_EVERY),
        None => None,
    };
    draft.emit(LifeEvent::ClosingArmed { at });
    tell_the_end(draft);
}

/// The target of a merge refused what was resolved meanwhile: it is reviewed by itself.
pub(super) fn review_after_merge(draft: &mut Draft<'_>) {
    if draft.state.phase == Phase::Resolved {
        review_if_required(draft);
    }
}

fn review_if_required(draft: &mut Draft<'_>) {
    let excluded = matches!(
        draft.state.resolution.as_ref().map(|r| r.code),
        Some(ResolutionCode::Transient | ResolutionCode::Maintenance)
    );
    if draft.rules().review && !excluded && !draft.state.exercise {
        request_review(draft, "required by priority");
    }
}

fn request_review(draft: &mut Draft<'_>, reason: &str) {
    if draft.state.review.as_ref().is_some_and(|r| r.published) {
        return;
    }
    let review = review_id(&draft.state.id);
    draft.emit(LifeEvent::ReviewRequested { review, reason: reason.to_owned() });
}

pub(super) fn reopen(draft: &mut Draft<'_>, reason: &str) -> Result<(), Refusal> {
    none_of(reopen_unmet(draft, reason))?;
    draft.emit(LifeEvent::Reopened { reason: ReopenReason::Requested, note: reason.to_owned() });
    clocks::on_reopen(draft);
    keep_quiet(draft);
    Ok(())
}

/// Everything that stands against opening it again.
pub(super) fn reopen_unmet(draft: &Draft<'_>, reason: &str) -> Vec<Refusal> {
    let i = &draft.state;
    if i.is_open() {
        return vec![Refusal::AlreadyOpen];
    }
    if let Some(m) = i.merge.as_ref().filter(|m| m.done) {
        return vec![Refusal::IncidentMerged { into: m.into.to_string() }];
    }
    let ended = i.phase != Phase::Resolved;
    let published = ended && i.review.as_ref().is_some_and(|r| r.published);
    let until = i.times.closed.or(i.times.cancelled).unwrap_or(i.times.activity) + REOPEN_WITHIN;
    let late = ended && draft.now() > until;
    [
        require_reason(reason, "reason").err(),
        published.then_some(Refusal::ReviewPublished),
        late.then_some(Refusal::ReopenTooLate { until }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A priority that pages nobody does not begin to by being open again.
pub(super) fn keep_quiet(draft: &mut Draft<'_>) {
    if !draft.rules().paged {
        draft.emit(AlertEvent::Suppressed { reason: SuppressReason::NotPaged, until: None });
    }
}

pub(super) fn close(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    none_of(close_unmet(draft))?;
    draft.emit(LifeEvent::Closed { automatic: false });
    Ok(())
}

/// Everything that stands against closing.
pub(super) fn close_unmet(draft: &Draft<'_>) -> Vec<Refusal> {
    match draft.require_not_ended() {
        Err(ended) => vec![ended],
        Ok(()) if draft.state.phase != Phase::Resolved => vec![Refusal::NotResolved],
        Ok(()) => close_gate(draft),
    }
}

/// What a resolved incident lacks to be closed.
fn close_gate(draft: &Draft<'_>) -> Vec<Refusal> {
    let i = &draft.state;
    let missing = missing(i, draft.rules().closure);
    let (recovery, tasks) = (open_recovery(i, true), open_tasks(i));
    let firing = i.alerts.values().filter(|a| a.counts_as_firing() && !a.muted).count() as u32;
    [
        (!missing.is_empty()).then_some(Refusal::ChecklistIncomplete { missing }),
        (recovery > 0).then_some(Refusal::RecoveryOpen { count: recovery }),
        (tasks > 0).then_some(Refusal::TasksOpen { count: tasks }),
        (firing > 0).then_some(Refusal::AlertsFiring { count: firing }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The instant to close by itself, or to bring the documentation to mind.
pub(super) fn closing(draft: &mut Draft<'_>) {
    let rules = draft.rules();
    if rules.close_after.is_some() {
        if close_gate(draft).is_empty() {
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
    if due && close_gate(draft).is_empty() {
        draft.emit(LifeEvent::Closed { automatic: true });
    }
}

pub(super) fn cancel(draft: &mut Draft<'_>, reason: CancelReason, note: &str) -> Result<(), Refusal> {
    none_of(cancel_unmet(draft, note))?;
    if draft.state.hold.is_some() {
        draft.emit(PagingEvent::Resumed { why: EndWhy::Overtaken });
    }
    draft.emit(LifeEvent::Cancelled { reason, note: note.to_owned() });
    tell_the_end(draft);
    Ok(())
}

/// Everything that stands against a cancel.
pub(super) fn cancel_unmet(draft: &Draft<'_>, note: &str) -> Vec<Refusal> {
    if let Err(ended) = draft.require_open() {
        return vec![ended];
    }
    let tried = |s: FixState| matches!(s, FixState::Applied | FixState::Verified);
    let fixed = draft.state.work.fixes.values().any(|f| tried(f.state));
    [require_reason(note, "note").err(), fixed.then_some(Refusal::FixRecorded)]
        .into_iter()
        .flatten()
        .collect()
}
