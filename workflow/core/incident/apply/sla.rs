//! Folds what happens to clocks. The instants come computed in the events.

use crate::incident::clock::{Clock, PauseSpan, PauseWhy};
use crate::incident::event::SlaEvent;
use crate::incident::kinds::ClockState;
use crate::incident::state::Incident;
use crate::instance::Meta;

pub(super) fn apply(state: &mut Incident, event: &SlaEvent, meta: &Meta<'_>) {
    match event {
        SlaEvent::SlaStarted { clock } => state.clocks.push((**clock).clone()),
        SlaEvent::SlaPaused { clock, why, cap_at } => with(state, clock, |c| {
            c.pauses.push(PauseSpan { from: meta.at, to: None, why: *why });
            c.state = ClockState::Paused;
            c.due = None;
            c.next = None;
            c.pause_cap_at = *cap_at;
            c.capped = false;
        }),
        SlaEvent::SlaResumed { clock, due, next, capped } => with(state, clock, |c| {
            close_pause(c, meta);
            c.state = ClockState::Running;
            c.stopped_at = None;
            c.due = *due;
            c.next = *next;
            c.pause_cap_at = None;
            c.capped = *capped;
        }),
        SlaEvent::SlaWarned { clock, percent, next, .. } => with(state, clock, |c| {
            c.recorded = *percent;
            c.next = *next;
        }),
        SlaEvent::SlaBreached { clock, due, next, .. } => with(state, clock, |c| {
            c.recorded = c.recorded.max(100);
            c.breached = Some(*due);
            c.due = None;
            c.next = *next;
        }),
        SlaEvent::SlaStopped { clock, at, met } => with(state, clock, |c| {
            c.state = if *met { ClockState::Met } else { ClockState::Breached };
            finish(c, *at);
        }),
        SlaEvent::SlaExcused { clock, reason } => {
            with(state, clock, |c| c.excuse = Some(reason.clone()));
        }
        SlaEvent::SlaMoved { clock } => with(state, &clock.name(), |c| c.clone_from(clock)),
        SlaEvent::SlaCancelled { clock, .. } => with(state, clock, |c| {
            c.state = ClockState::Cancelled;
            finish(c, meta.at);
        }),
    }
}

fn with(state: &mut Incident, name: &str, change: impl FnOnce(&mut Clock)) {
    if let Some(clock) = state.clocks.iter_mut().find(|c| c.is_named(name)) {
        change(clock);
    }
}

fn finish(clock: &mut Clock, at: crate::time::Timestamp) {
    clock.stopped_at = Some(at);
    clock.due = None;
    clock.next = None;
    clock.pause_cap_at = None;
    if let Some(p) = clock.pauses.last_mut()
        && p.to.is_none()
    {
        p.to = Some(at);
    }
}

/// Ends the running pause; a stopped clock that runs again was paused since it stopped.
fn close_pause(clock: &mut Clock, meta: &Meta<'_>) {
    match clock.pauses.last_mut() {
        Some(p) if p.to.is_none() => p.to = Some(meta.at),
        _ => {
            if let Some(stopped) = clock.stopped_at {
                clock.pauses.push(PauseSpan { from: stopped, to: Some(meta.at), why: PauseWhy::Resolved });
            }
        }
    }
}
