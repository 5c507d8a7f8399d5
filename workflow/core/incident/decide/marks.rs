//! Marks: alerts that page nobody because a silence, a maintenance window or another alert holds them back, and what that
//! makes of their incident. It is suppressed for as long as every alert that fires is marked and nobody has reported it; what
//! there is to hold them back is told by the context and by whoever looks at what fires elsewhere.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::id::ServiceId;
use crate::incident::Incident;
use crate::incident::alerts::AlertState;
use crate::incident::draft::Draft;
use crate::incident::event::{AlertEvent, Notice};
use crate::incident::kinds::{Phase, SuppressReason};
use crate::inhibition::Inhibited;
use crate::silence::{Mode, Silenced};

use super::{ending, notify};

type Labels = BTreeMap<String, String>;

/// An alert came in with these labels, for this service.
pub(super) fn mark(draft: &mut Draft<'_>, n: u32, labels: &Labels, service: &ServiceId) {
    let Some(alert) = draft.state.alerts.get(&n) else { return };
    let nothing = draft.cx.silences.is_empty() && draft.cx.inhibited.is_empty();
    if nothing && alert.silenced.is_empty() && alert.inhibited.is_empty() {
        return;
    }
    let mut kept = in_force(draft, alert);
    // It was held back for good while it fired; now it fires again.
    kept.retain(|s| s.until.is_some());
    let fresh = fresh(alert, holding(draft.cx, labels, service));
    let (inhibited, anew) = inhibiting(alert, draft.cx.inhibited);
    let held = alert.mark.is_some() && !(kept.is_empty() && inhibited.is_empty());
    let marked = !fresh.is_empty() || anew || held;
    let silenced = kept.into_iter().chain(fresh).collect();
    becomes(draft, n, Held { silenced, inhibited }, marked);
}

/// Whether a new alert would be held back.
pub(super) fn is_held(cx: &Context<'_>, labels: &Labels, service: &ServiceId) -> bool {
    !cx.inhibited.is_empty() || !holding(cx, labels, service).is_empty()
}

/// The silences and windows that hold a new alert back.
fn holding(cx: &Context<'_>, labels: &Labels, service: &ServiceId) -> Vec<Silenced> {
    let mut holding = cx.silences.matching(labels, cx.now);
    holding.extend(cx.silences.windows(labels, service, cx.now));
    holding
}

/// Silences began: alerts that match one they did not know are marked, even if a person has overruled an older one.
pub(super) fn recheck(draft: &mut Draft<'_>, labels: &[(u32, Labels)]) {
    if !draft.state.is_open() {
        return;
    }
    for (n, labels) in labels {
        let Some(alert) = draft.state.alerts.get(n) else { continue };
        let fresh = fresh(alert, draft.cx.silences.matching(labels, draft.now()));
        if alert.counts_as_firing() && !fresh.is_empty() {
            let silenced = in_force(draft, alert).into_iter().chain(fresh).collect();
            let inhibited = alert.inhibited.clone();
            becomes(draft, *n, Held { silenced, inhibited }, true);
        }
    }
}

/// Other alerts began or ceased to fire: this is all that inhibits these now. An inhibition that an alert did not know marks
/// it, even if a person has overruled an older one.
pub(super) fn reinhibit(draft: &mut Draft<'_>, told: &[(u32, Vec<Inhibited>)]) {
    if !draft.state.is_open() {
        return;
    }
    for (n, told) in told {
        let Some(alert) = draft.state.alerts.get(n).filter(|a| a.counts_as_firing()) else { continue };
        let (inhibited, anew) = inhibiting(alert, told);
        let silenced = in_force(draft, alert);
        let marked = anew || (alert.mark.is_some() && !(silenced.is_empty() && inhibited.is_empty()));
        becomes(draft, *n, Held { silenced, inhibited }, marked);
    }
}

/// What inhibits an alert now, as it is known already where it is, and whether any of it is new.
fn inhibiting(alert: &AlertState, now: &[Inhibited]) -> (Vec<Inhibited>, bool) {
    let known = |i: &Inhibited| alert.inhibited.iter().find(|k| k.rule == i.rule);
    let anew = now.iter().any(|i| known(i).is_none());
    (now.iter().map(|i| known(i).unwrap_or(i).clone()).collect(), anew)
}

/// Takes back what silences and windows that are over have marked. What a window mutes stays muted, and its team is told.
/// Whether an alert is inhibited any more is not known here.
pub(super) fn recall(draft: &mut Draft<'_>) {
    let silenced = |a: &AlertState| !a.silenced.is_empty() && a.counts_as_firing();
    let numbers: Vec<u32> = draft.state.alerts.iter().filter(|(_, a)| silenced(a)).map(|(n, _)| *n).collect();
    let mut muted = false;
    for n in numbers {
        let alert = &draft.state.alerts[&n];
        let kept = in_force(draft, alert);
        let inhibited = alert.inhibited.clone();
        let marked = alert.mark.is_some() && !(kept.is_empty() && inhibited.is_empty());
        muted |= kept.iter().any(|s| s.until.is_none()) && alert.silenced != kept;
        becomes(draft, n, Held { silenced: kept, inhibited }, marked);
    }
    if muted {
        let team = notify::team(draft);
        notify::tell(draft, Notice::StillMuted, team);
    }
}

/// A person wants it to page whatever holds it back now.
pub(super) fn overrule(draft: &mut Draft<'_>) {
    let marked = draft.state.alerts.iter().filter(|(_, a)| a.mark.is_some());
    let marked: Vec<_> = marked.map(|(n, a)| (*n, a.silenced.clone(), a.inhibited.clone())).collect();
    for (n, silenced, inhibited) in marked {
        draft.emit(AlertEvent::AlertUnmarked { n, silenced, inhibited });
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
        // It was clear, and what fires again is held back; or something else holds it back now.
        (Some(mark), Some(was)) if was != mark && (is_mark(was) || was == SuppressReason::Cleared) => {
            draft.emit(suppressed(mark));
        }
        (None, Some(was)) if is_mark(was) => draft.emit(match draft.state.is_all_clear() {
            true => suppressed(SuppressReason::Cleared),
            false => AlertEvent::Released { note: over(was).to_owned() },
        }),
        _ => {}
    }
}

/// Why nobody is paged for an incident of which every alert that fires is marked, and that nobody reported.
pub(super) fn of_all(incident: &Incident) -> Option<SuppressReason> {
    if incident.reports > 0 {
        return None;
    }
    let firing = incident.alerts.values().filter(|a| a.counts_as_firing());
    let marks: Option<Vec<_>> = firing.map(|a| a.mark).collect();
    marks?.into_iter().min_by_key(|mark| STRONGEST.iter().position(|each| each == mark))
}

/// What a mark may say. Of several the first one counts.
const STRONGEST: [SuppressReason; 5] = [
    SuppressReason::MaintenanceCollect,
    SuppressReason::MaintenanceHold,
    SuppressReason::MaintenanceMute,
    SuppressReason::Silenced,
    SuppressReason::Inhibited,
];

fn is_mark(reason: SuppressReason) -> bool {
    STRONGEST.contains(&reason)
}

fn over(reason: SuppressReason) -> &'static str {
    match reason {
        SuppressReason::Silenced => "it is not silenced any more",
        SuppressReason::Inhibited => "it is not inhibited any more",
        _ => "the maintenance is over",
    }
}

/// What is held back by one of them.
fn reason(s: &Silenced) -> SuppressReason {
    match s.window {
        // One that drops marks nothing.
        None | Some(Mode::Drop) => SuppressReason::Silenced,
        Some(Mode::Collect) => SuppressReason::MaintenanceCollect,
        Some(Mode::Hold) => SuppressReason::MaintenanceHold,
        Some(Mode::Mute) => SuppressReason::MaintenanceMute,
    }
}

/// What still holds an alert back of what did.
fn in_force(draft: &Draft<'_>, alert: &AlertState) -> Vec<Silenced> {
    let (silences, now) = (draft.cx.silences, draft.now());
    let kept = alert.silenced.iter().filter_map(|s| {
        let stays_muted = s.window == Some(Mode::Mute) && alert.mark.is_some() && !silences.has_cancelled(s);
        match silences.is_over(s, now) {
            false => Some(*s),
            true => stays_muted.then_some(Silenced { until: None, ..*s }),
        }
    });
    kept.collect()
}

/// What holds an alert back and is not known to.
fn fresh(alert: &AlertState, mut holding: Vec<Silenced>) -> Vec<Silenced> {
    holding.retain(|s| alert.silenced.iter().all(|known| !known.same(s) || known.until != s.until));
    holding
}

/// All that holds an alert back, or would if no person had overruled it.
struct Held {
    silenced: Vec<Silenced>,
    inhibited: Vec<Inhibited>,
}

fn becomes(draft: &mut Draft<'_>, n: u32, held: Held, marked: bool) {
    let alert = &draft.state.alerts[&n];
    let Held { silenced, inhibited } = held;
    let other = inhibited.iter().map(|_| SuppressReason::Inhibited);
    let reasons = silenced.iter().map(reason).chain(other);
    let mark = reasons.min_by_key(|each| STRONGEST.iter().position(|known| known == each)).filter(|_| marked);
    if alert.mark == mark && alert.silenced == silenced && alert.inhibited == inhibited {
        return;
    }
    if let Some(mark) = mark {
        return draft.emit(AlertEvent::AlertMarked { n, mark, silenced, inhibited });
    }
    let (counted, fired) = (alert.mark.is_none(), alert.since);
    draft.emit(AlertEvent::AlertUnmarked { n, silenced, inhibited });
    // It fired again after the mitigation, which its mark alone kept from ending it.
    if !counted
        && draft.state.phase == Phase::Mitigated
        && draft.state.times.mitigated.is_some_and(|at| at < fired)
    {
        ending::relapsed(draft, "an alert that fired again is not held back any more");
    }
}
