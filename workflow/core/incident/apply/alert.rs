//! Folds what alerts do.

use crate::incident::alerts::{AlertState, Told};
use crate::incident::event::AlertEvent;
use crate::incident::kinds::SuppressReason;
use crate::incident::state::{Incident, Storm, Suppression};
use crate::inhibition::Inhibited;
use crate::instance::Meta;
use crate::silence::Silenced;
use crate::time::{Duration, Timestamp};

use super::paging::stand_down;

/// Changes older than this no longer count as flapping.
const FLAP_WINDOW: Duration = Duration::minutes(15);

pub(super) fn apply(state: &mut Incident, event: &AlertEvent, meta: &Meta<'_>) {
    match event {
        AlertEvent::AlertJoined { n, alert, .. } => {
            let told = Told { n: meta.n, of: None };
            state.alerts.insert(*n, AlertState { told, ..(**alert).clone() });
            state.grouping.joined_at = Some(meta.at);
            fires_again(state);
        }
        AlertEvent::ReportJoined { .. } => {
            state.reports += 1;
            fires_again(state);
        }
        AlertEvent::AlertChanged { n, title, severity, observed_at, ends_at } => with(state, *n, |a| {
            a.title.clone_from(title);
            a.severity = *severity;
            a.observed_at = *observed_at;
            a.ends_at = *ends_at;
        }),
        AlertEvent::AlertRefired { n, observed_at, ends_at } => {
            with(state, *n, |a| {
                a.firing = true;
                a.cleared_by = None;
                a.since = meta.at;
                a.observed_at = *observed_at;
                a.ends_at = *ends_at;
                flap(a, meta.at);
            });
            fires_again(state);
        }
        AlertEvent::AlertCleared { n, cause, observed_at } => with(state, *n, |a| {
            a.firing = false;
            a.cleared_by = Some(*cause);
            a.muted = false;
            a.since = meta.at;
            a.observed_at = *observed_at;
            a.ends_at = None;
            flap(a, meta.at);
        }),
        AlertEvent::DeadlinePostponed { n, ends_at } => with(state, *n, |a| a.ends_at = Some(*ends_at)),
        AlertEvent::AllCleared { step } => {
            state.all_clear_at = Some(meta.at);
            state.clear_step = *step;
        }
        AlertEvent::FlappingStarted { n } => with(state, *n, |a| a.flapping = Some(meta.at)),
        AlertEvent::FlappingEnded { n } => with(state, *n, |a| {
            a.flapping = None;
            a.flaps.clear();
        }),
        AlertEvent::AlertMuted { n } => with(state, *n, |a| a.muted = true),
        AlertEvent::AlertMarked { n, mark: why, silenced, inhibited } => {
            mark(state, *n, Some(*why), (silenced, inhibited));
        }
        AlertEvent::AlertUnmarked { n, silenced, inhibited } => mark(state, *n, None, (silenced, inhibited)),
        AlertEvent::StormTold { alerts, over } => {
            state.storm = Some(Storm { told_at: meta.at, alerts: *alerts, over: *over });
        }
        AlertEvent::Suppressed { reason, until } => {
            state.suppressed = Some(Suppression { reason: *reason, since: Some(meta.at), until: *until });
            stand_down(state);
        }
        AlertEvent::Released { .. } => {
            if ends_by_acknowledgement(state) && meta.actor.is_person() {
                hold_open(state);
            }
            state.suppressed = None;
            state.epoch += 1;
        }
        AlertEvent::ClearStepArmed { step } => state.clear_step = *step,
    }
}

fn with(state: &mut Incident, n: u32, change: impl FnOnce(&mut AlertState)) {
    if let Some(alert) = state.alerts.get_mut(&n) {
        change(alert);
    }
}

fn mark(state: &mut Incident, n: u32, mark: Option<SuppressReason>, by: (&[Silenced], &[Inhibited])) {
    with(state, n, |a| {
        a.mark = mark;
        a.silenced = by.0.to_vec();
        a.inhibited = by.1.to_vec();
    });
}

/// Something fires (again): the way to the automatic end is off.
pub(super) fn fires_again(state: &mut Incident) {
    state.all_clear_at = None;
    state.clear_step = None;
    state.held_open = false;
}

/// A person says that it is not over although every alert is clear.
pub(super) fn hold_open(state: &mut Incident) {
    state.all_clear_at = None;
    state.clear_step = None;
    state.held_open = true;
}

fn flap(alert: &mut AlertState, at: Timestamp) {
    alert.flaps.retain(|t| *t + FLAP_WINDOW > at);
    alert.flaps.push(at);
}

/// Whether a suppression ends by an acknowledgement.
pub(super) fn ends_by_acknowledgement(state: &Incident) -> bool {
    state.suppressed.as_ref().is_some_and(|s| s.reason == SuppressReason::Cleared)
}
