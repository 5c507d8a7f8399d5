//! Deadlines of investigation and fixing: a fix that proves itself, an overdue task, a hand-over nobody confirmed. Each
//! removes or moves itself when it fires, so that firing twice is firing once.

use crate::id::PersonId;
use crate::time::{Duration, Timestamp};

use crate::incident::Incident;
use crate::incident::decide::notify;
use crate::incident::draft::Draft;
use crate::incident::event::Notice;
use crate::incident::kinds::{FixState, Phase};
use crate::incident::work::Fix;
use crate::incident::work_event::WorkEvent;

/// How often the commander hears of an overdue task.
const AGAIN: Duration = Duration::hours(1);

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::incident) enum Due {
    /// A fix has been quiet for long enough.
    FixProven(u32),
    /// A hand-over lapses.
    HandoverLapsed(String),
    /// A task is overdue, or still is.
    TaskOverdue(u32),
}

/// The earliest deadline of this family.
pub(in crate::incident) fn next_due(state: &Incident) -> Option<(Timestamp, Due)> {
    if matches!(state.phase, Phase::Closed | Phase::Cancelled) {
        return None;
    }
    let work = &state.work;
    let fixes = work.fixes.iter().filter_map(|(n, fix)| Some((proven_at(state, fix)?, Due::FixProven(*n))));
    let lapses = work.roles.iter().filter_map(|(role, held)| {
        let handover = held.handover.as_ref()?;
        Some((handover.expires_at, Due::HandoverLapsed(role.clone())))
    });
    let tasks = work.tasks.iter().filter_map(|(n, task)| Some((task.remind_at?, Due::TaskOverdue(*n))));
    fixes.chain(lapses).chain(tasks).min()
}

/// When an applied fix proves itself: once everything has been clear for as long as the service asks. While an alert
/// fires there is no such instant; its clear will set one.
fn proven_at(state: &Incident, fix: &Fix) -> Option<Timestamp> {
    let (applied_at, verifies_at) = (fix.applied_at?, fix.verifies_at?);
    if fix.state != FixState::Applied || !state.is_open() {
        return None;
    }
    let attached = || state.alerts.values().filter(|a| !a.moved);
    if attached().any(|a| a.counts_as_firing()) {
        return None;
    }
    let quiet_since = attached().map(|a| a.since).max().unwrap_or(applied_at).max(applied_at);
    Some(quiet_since + verifies_at.since(applied_at))
}

/// Lets a deadline happen.
pub(in crate::incident) fn fire(draft: &mut Draft<'_>, due: &Due) {
    match due {
        Due::FixProven(n) => {
            let clear = draft.state.work.fixes.get(n).and_then(|f| Some(f.verifies_at?.since(f.applied_at?)));
            let how = format!("no alert fired for {}", clear.unwrap_or_default());
            draft.emit(WorkEvent::FixVerified { n: *n, how, automatic: true });
        }
        Due::HandoverLapsed(role) => {
            draft.emit(WorkEvent::HandoverCancelled { role: role.clone(), expired: true });
        }
        Due::TaskOverdue(n) => overdue(draft, *n),
    }
}

/// The owner hears of it first, the commander every hour from then on.
fn overdue(draft: &mut Draft<'_>, n: u32) {
    let Some(task) = draft.state.work.tasks.get(&n) else { return };
    let Some(was) = task.remind_at else { return };
    let first = task.due == Some(was);
    let owner = task.owner.clone().filter(|_| first);
    let missed = draft.now().since(was).millis() / AGAIN.millis();
    let remind_at = was + Duration(AGAIN.millis() * (missed + 1));
    draft.emit(WorkEvent::TaskOverdue { n, remind_at });
    let person = owner.or_else(|| leader(draft.state.work.roles.get("commander").map(|r| &r.holder), draft));
    notify::tell(draft, Notice::TaskOverdue { task: n }, person.into_iter().collect());
}

/// The commander, else who is responsible, else the lead of the team.
fn leader(commander: Option<&PersonId>, draft: &Draft<'_>) -> Option<PersonId> {
    let lead = || draft.cx.newest.team(&draft.state.team).map(|t| &t.lead);
    commander.or_else(|| draft.state.responsible()).or_else(lead).cloned()
}
