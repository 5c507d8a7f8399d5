//! Marks: alerts that page nobody because they are silenced, and what that makes of their incident. It is suppressed for as
//! long as every alert that fires is marked and nobody has reported it; which silences there are is told by the context.

use std::collections::BTreeMap;

use crate::incident::Incident;
use crate::incident::alerts::AlertState;
use crate::incident::draft::Draft;
use crate::incident::event::AlertEvent;
use crate::incident::kinds::{Phase, SuppressReason};
use crate::silence::Silenced;

use super::ending;

/// An alert came in with these labels.
pub(super) fn mark(draft: &mut Draft<'_>, n: u32, labels: &BTreeMap<String, String>) {
    let Some(alert) = draft.state.alerts.get(&n) else { return };
    if draft.cx.silences.is_empty() && alert.silenced.is_empty() {
        return;
    }
    let kept = in_force(draft, alert);
    let fresh = fresh(draft, alert, labels);
    let marked = !fresh.is_empty() || (alert.mark.is_some() && !kept.is_empty());
    becomes(draft, n, kept.into_iter().chain(fresh).collect(), marked);
}

/// Silences began: alerts that match one they did not know are marked, even if a person has overruled an older one.
pub(super) fn recheck(draft: &mut Draft<'_>, labels: &[(u32, BTreeMap<String, String>)]) {
    if !draft.state.is_open() {
        return;
    }
    for (n, labels) in labels {
        let Some(alert) = draft.state.alerts.get(n) else { continue };
        let fresh = fresh(draft, alert, labels);
        if alert.counts_as_firing() && !fresh.is_empty() {
            let all = in_force(draft, alert).into_iter().chain(fresh).collect();
            becomes(draft, *n, all, true);
        }
    }
}

/// Takes back what silences that are over have marked.
pub(super) fn recall(draft: &mut Draft<'_>) {
    let silenced = |a: &AlertState| !a.silenced.is_empty() && a.counts_as_firing();
    let numbers: Vec<u32> = draft.state.alerts.iter().filter(|(_, a)| silenced(a)).map(|(n, _)| *n).collect();
    for n in numbers {
        let alert = &draft.state.alerts[&n];
        let kept = in_force(draft, alert);
        let marked = alert.mark.is_some() && !kept.is_empty();
        becomes(draft, n, kept, marked);
    }
}

/// A person wants it to page whatever silences there are now.
pub(super) fn overrule(draft: &mut Draft<'_>) {
    let marked = draft.state.alerts.iter().filter(|(_, a)| a.mark.is_some());
    let marked: Vec<_> = marked.map(|(n, a)| (*n, a.silenced.clone())).collect();
    for (n, silenced) in marked {
        draft.emit(AlertEvent::AlertUnmarked { n, silenced });
    }
}

/// The incident as its marks make it.
pub(super) fn settle(draft: &mut Draft<'_>) {
    if !draft.state.is_open() {
        return;
    }
    recall(draft);
    let reason = draft.state.suppressed.as_ref().map(|s| s.reason);
    let suppressed = |reason| AlertEvent::Suppressed { reason, until: None };
    match (of_all(&draft.state), reason) {
        (Some(mark), None) if draft.state.is_pageable() => draft.emit(suppressed(mark)),
        // It was clear, and what fires again is silenced.
        (Some(mark), Some(SuppressReason::Cleared)) => draft.emit(suppressed(mark)),
        (None, Some(SuppressReason::Silenced)) => draft.emit(match draft.state.is_all_clear() {
            true => suppressed(SuppressReason::Cleared),
            false => AlertEvent::Released { note: "it is not silenced any more".to_owned() },
        }),
        _ => {}
    }
}

/// Why nobody is paged for an incident of which every alert that fires is marked, and that nobody reported.
pub(super) fn of_all(incident: &Incident) -> Option<SuppressReason> {
    if incident.reports > 0 {
        return None;
    }
    let mut marks = incident.alerts.values().filter(|a| a.counts_as_firing()).map(|a| a.mark);
    let first = marks.next()??;
    marks.all(|mark| mark.is_some()).then_some(first)
}

/// What still silences an alert of what did.
fn in_force(draft: &Draft<'_>, alert: &AlertState) -> Vec<Silenced> {
    let over = |s: &Silenced| draft.cx.silences.is_over(s, draft.now());
    alert.silenced.iter().filter(|s| !over(s)).copied().collect()
}

/// What silences an alert and is not known to.
fn fresh(draft: &Draft<'_>, alert: &AlertState, labels: &BTreeMap<String, String>) -> Vec<Silenced> {
    let mut fresh = draft.cx.silences.matching(labels, draft.now());
    fresh.retain(|s| alert.silenced.iter().all(|known| known.silence != s.silence));
    fresh
}

fn becomes(draft: &mut Draft<'_>, n: u32, silenced: Vec<Silenced>, marked: bool) {
    let alert = &draft.state.alerts[&n];
    if alert.mark.is_some() == marked && alert.silenced == silenced {
        return;
    }
    if marked {
        return draft.emit(AlertEvent::AlertMarked { n, mark: SuppressReason::Silenced, silenced });
    }
    let (counted, fired) = (alert.mark.is_none(), alert.since);
    draft.emit(AlertEvent::AlertUnmarked { n, silenced });
    // It fired again after the mitigation, which its mark alone kept from ending it.
    if !counted
        && draft.state.phase == Phase::Mitigated
        && draft.state.times.mitigated.is_some_and(|at| at < fired)
    {
        ending::relapsed(draft, "an alert that fired again is not silenced any more");
    }
}
