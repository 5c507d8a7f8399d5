//! A signal that belongs to an existing incident: a new alert joins, a known one repeats, changes, fires anew or
//! clears, a report is added. Which incident it belongs to was decided in `place`.

use crate::incident::alerts::AlertState;
use crate::incident::draft::Draft;
use crate::incident::event::{AlertEvent, LifeEvent, Notice, ReopenReason};
use crate::incident::heard::{Heard, Outcome, Prepared};
use crate::incident::kinds::{Phase, Severity, SuppressReason};
use crate::instance::Answer;
use crate::refusal::Refusal;
use crate::signal::SignalKind;
use crate::time::Duration;

use super::work;
use super::{clear, ending, marks, notify, priority, storm};

/// After a forced resolve an alert that still repeats opens the incident again, once so much time has passed.
const STILL_FIRING_AFTER: Duration = Duration::minutes(30);

pub(super) fn hear(draft: &mut Draft<'_>, p: &Prepared) -> Result<(), Refusal> {
    if p.signal.kind == SignalKind::Report {
        return report(draft, p);
    }
    let identity = p.signal.identity();
    let known = draft.state.alerts.iter().find(|(_, a)| a.identity == identity && !a.moved).map(|(n, _)| *n);
    let muted = known.is_some_and(|n| draft.state.alerts[&n].muted);
    if !p.signal.clear && !muted {
        draft.require_not_ended()?;
    }
    match known {
        Some(n) if p.signal.clear => clear::by_source(draft, n, &p.signal),
        Some(n) if draft.state.alerts[&n].firing => repeat(draft, n, p),
        Some(n) => refire(draft, n, p),
        None if p.signal.clear => answer(draft, Heard::new(Outcome::Cleared, 0)),
        None => join(draft, p)?,
    }
    Ok(())
}

fn answer(draft: &mut Draft<'_>, heard: Heard) {
    draft.answer = Answer::Heard(heard);
}

/// Joined or, while nobody is paged for the incident or for the alert, suppressed.
fn joined(draft: &Draft<'_>, n: u32) -> Outcome {
    let mark = draft.state.alerts.get(&n).and_then(|a| a.mark);
    match &draft.state.suppressed {
        Some(s) if draft.state.is_open() => Outcome::Suppressed(s.reason),
        _ => mark.map_or(Outcome::Joined, Outcome::Suppressed),
    }
}

fn report(draft: &mut Draft<'_>, p: &Prepared) -> Result<(), Refusal> {
    draft.require_open()?;
    draft.emit(AlertEvent::ReportJoined { signal: Box::new(p.signal.clone()) });
    // A person says that something is wrong: no alert's silence stands against that.
    let kept = [SuppressReason::NotPaged, SuppressReason::Merging];
    if draft.state.suppressed.as_ref().is_some_and(|s| !kept.contains(&s.reason)) {
        draft.emit(AlertEvent::Released { note: String::new() });
    }
    priority::raise_by_signal(draft, &p.assessment);
    let outcome = joined(draft, 0);
    answer(draft, Heard::new(outcome, 0));
    Ok(())
}

fn join(draft: &mut Draft<'_>, p: &Prepared) -> Result<(), Refusal> {
    let count = draft.state.alerts.len();
    if count >= crate::limits::ALERTS_PER_INCIDENT {
        let limit = crate::limits::ALERTS_PER_INCIDENT as u64;
        return Err(Refusal::LimitReached { field: "alerts".to_owned(), limit });
    }
    let reopened = reopen_if_resolved(draft, ReopenReason::Retriggered);
    let n = draft.state.alerts.keys().next_back().map_or(1, |n| n + 1);
    let alert = Box::new(AlertState::first(&p.signal, draft.now(), 0));
    draft.emit(AlertEvent::AlertJoined { n, alert, signal: Box::new(p.signal.clone()) });
    marks::mark(draft, n, &p.signal.labels, &p.routed.service);
    marks::settle(draft);
    release_if_cleared(draft);
    raise(draft, n, p);
    if p.routed.storm {
        storm::joined(draft);
    }
    let outcome = joined(draft, n);
    answer(draft, Heard { reopened, storm: p.routed.storm, ..Heard::new(outcome, n) });
    Ok(())
}

fn repeat(draft: &mut Draft<'_>, n: u32, p: &Prepared) {
    let alert = &draft.state.alerts[&n];
    let mut heard = Heard::new(Outcome::Repeated, n);
    if p.signal.observed_at < alert.observed_at {
        return answer(draft, Heard { stale: true, ..heard });
    }
    if alert.muted {
        let long_enough =
            draft.state.times.resolved.is_some_and(|at| {
                draft.state.phase == Phase::Resolved && draft.now() >= at + STILL_FIRING_AFTER
            });
        if !long_enough {
            return answer(draft, Heard { muted: true, ..heard });
        }
        let resolved = draft.state.phase == Phase::Resolved;
        if resolved && marks::is_held(draft.cx, &p.signal.labels, &p.routed.service) {
            return answer(draft, Heard { muted: true, ..heard });
        }
        heard.reopened = reopen_if_resolved(draft, ReopenReason::StillFiring);
        return answer(draft, heard);
    }
    let worse = rank(p.signal.severity) < rank(alert.severity);
    if alert.severity != p.signal.severity || alert.title != p.signal.title {
        draft.emit(AlertEvent::AlertChanged {
            n,
            title: p.signal.title.clone(),
            severity: p.signal.severity,
            observed_at: p.signal.observed_at,
            ends_at: p.signal.ends_at.max(draft.state.alerts[&n].ends_at),
        });
        if worse {
            raise(draft, n, p);
        }
    }
    answer(draft, heard);
}

/// What is silenced raises no priority while somebody is paged for something else.
fn raise(draft: &mut Draft<'_>, n: u32, p: &Prepared) {
    if draft.state.alerts[&n].mark.is_none() || draft.state.suppressed.is_some() {
        priority::raise_by_signal(draft, &p.assessment);
    }
}

fn rank(severity: Option<Severity>) -> usize {
    severity.map_or(Severity::ALL.len(), |s| s as usize)
}

fn refire(draft: &mut Draft<'_>, n: u32, p: &Prepared) {
    let alert = &draft.state.alerts[&n];
    if p.signal.observed_at < alert.observed_at {
        return answer(draft, Heard { stale: true, ..Heard::new(Outcome::Cleared, n) });
    }
    let flapping = alert.flapping.is_some();
    let was_mitigated = draft.state.phase == Phase::Mitigated;
    let reopened = reopen_if_resolved(draft, ReopenReason::Retriggered);
    draft.emit(AlertEvent::AlertRefired { n, observed_at: p.signal.observed_at, ends_at: p.signal.ends_at });
    clear::note_flapping(draft, n);
    work::refute_fixes(draft, n);
    marks::mark(draft, n, &p.signal.labels, &p.routed.service);
    marks::settle(draft);
    if !flapping && draft.state.alerts[&n].mark.is_none() {
        if was_mitigated {
            ending::relapsed(draft, "an alert fired again");
        }
        if draft.state.ack.is_some() {
            let holder = notify::holder(draft);
            notify::tell(draft, Notice::Refired, holder);
        }
        release_if_cleared(draft);
    }
    raise(draft, n, p);
    let outcome = joined(draft, n);
    answer(draft, Heard { refired: true, reopened, ..Heard::new(outcome, n) });
}

/// A resolved incident is open again.
fn reopen_if_resolved(draft: &mut Draft<'_>, reason: ReopenReason) -> bool {
    if draft.state.phase != Phase::Resolved {
        return false;
    }
    draft.emit(LifeEvent::Reopened { reason, note: String::new() });
    super::clocks::on_reopen(draft);
    let hold = draft.state.grouping.transient_hold;
    ending::keep_quiet(draft);
    if draft.state.suppressed.is_none()
        && hold.millis() > 0
        && draft.state.priority != crate::incident::kinds::Priority::P1
    {
        let until = Some(draft.now() + hold);
        draft.emit(AlertEvent::Suppressed { reason: SuppressReason::Transient, until });
    }
    true
}

/// What cleared, and nobody had acknowledged, is back: the level reached is paged at once.
pub(super) fn release_if_cleared(draft: &mut Draft<'_>) {
    if draft.state.suppressed.as_ref().is_some_and(|s| s.reason == SuppressReason::Cleared) {
        draft.emit(AlertEvent::Released { note: String::new() });
    }
}
