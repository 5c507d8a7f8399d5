//! Clocks of an incident: marks that are due, and after each transition who attaches, stops, pauses, resumes or is
//! cancelled. The arithmetic is `sla::Meter`; here stands when it is asked.

use crate::incident::clock::{Clock, Mark, PauseWhy, Verdict};
use crate::incident::draft::{Draft, Threshold, require_reason};
use crate::incident::event::{Notice, SlaCancelWhy, SlaEvent};
use crate::incident::kinds::ClockState;
use crate::policy::Policy;
use crate::policy::document::{SlaDefinition, ThresholdAction};
use crate::refusal::Refusal;
use crate::time::Timestamp;

use super::{escalate, notify};

mod attach;
mod conditions;

pub(super) use attach::on_reopen;

/// Shares of the target recorded in any case.
const ALWAYS_RECORDED: [u32; 4] = [50, 75, 90, 100];

/// Records every mark that is due, oldest first, each dated at its own instant.
pub(super) fn record_due(draft: &mut Draft<'_>) {
    while let Some((_, clock)) = draft.state.next_sla().filter(|(at, _)| *at <= draft.now()) {
        let clock = clock.clone();
        let Some(mark) = clock.next else { return };
        record(draft, &clock, mark, false);
    }
}

/// Says why a breach is nobody's failure. The breach stays: what was promised was not kept.
pub(super) fn excuse(draft: &mut Draft<'_>, name: &str, reason: &str) -> Result<(), Refusal> {
    require_reason(reason, "reason")?;
    let unknown = || Refusal::Unknown { what: "clock".to_owned(), name: name.to_owned() };
    let clock = find(draft, name).ok_or_else(unknown)?;
    if clock.verdict() != Verdict::Breached {
        return Err(Refusal::ClockNotBreached { clock: name.to_owned() });
    }
    if clock.excuse.as_deref() != Some(reason) {
        draft.emit(SlaEvent::SlaExcused { clock: clock.name(), reason: reason.to_owned() });
    }
    Ok(())
}

fn find(draft: &Draft<'_>, name: &str) -> Option<Clock> {
    draft.state.clocks.iter().find(|c| c.is_named(name)).cloned()
}

/// Records one mark: a warning, or the breach. `skipped`: it lay before the clock attached and triggers nothing.
fn record(draft: &mut Draft<'_>, clock: &Clock, mark: Mark, skipped: bool) {
    let definition = definition(draft.cx.policy, clock);
    let action = definition.and_then(|d| action(d, mark.percent)).filter(|_| !skipped);
    let next = definition.and_then(|d| next_mark(draft.cx.policy, d, clock, mark.percent));
    let name = clock.name();
    if mark.percent == 100 {
        draft.emit(SlaEvent::SlaBreached {
            clock: name.clone(),
            due: mark.at,
            next,
            action,
            at_attach: skipped,
        });
        if skipped {
            draft.breached_at_attach.push(name.clone());
        }
    } else {
        let (percent, at) = (mark.percent, mark.at);
        draft.emit(SlaEvent::SlaWarned { clock: name.clone(), percent, at, next, action, skipped });
    }
    if let Some(action) = action {
        draft.thresholds.push_back(Threshold { at: mark.at, clock: name, percent: mark.percent, action });
    }
}

/// Does what a recorded threshold asks for. A stop or an acknowledgement in the same transition came first: a clock
/// that it ended asks for nothing any more.
pub(super) fn act(draft: &mut Draft<'_>, threshold: Threshold) {
    let Threshold { clock, percent, action, .. } = threshold;
    if !find(draft, &clock).is_some_and(|c| c.is_live()) {
        return;
    }
    match action {
        ThresholdAction::Escalate => escalate::by_threshold(draft),
        ThresholdAction::Notify => {
            let about = if percent == 100 {
                Notice::SlaBreached { clocks: vec![clock] }
            } else {
                Notice::SlaWarned { clock, percent }
            };
            let people = notify::concerned(draft);
            notify::tell(draft, about, people);
        }
    }
}

fn definition<'p>(policy: &'p Policy, clock: &Clock) -> Option<&'p SlaDefinition> {
    policy.document().sla.iter().find(|d| d.id == clock.definition)
}

/// What a share of the target does; by default 75 and 100 notify.
fn action(definition: &SlaDefinition, percent: u32) -> Option<ThresholdAction> {
    match &definition.at {
        Some(at) => at.iter().find(|t| t.percent == percent).map(|t| t.action),
        None => matches!(percent, 75 | 100).then_some(ThresholdAction::Notify),
    }
}

/// The first share after `after` percent, with its instant while the clock runs.
fn next_mark(policy: &Policy, definition: &SlaDefinition, clock: &Clock, after: u32) -> Option<Mark> {
    let own = definition.at.iter().flatten().map(|t| t.percent);
    let percent = own.chain(ALWAYS_RECORDED).filter(|p| *p > after).min()?;
    let at = clock.measure(policy, |meter| meter.threshold(clock.target, percent))??;
    Some(Mark { percent, at })
}

/// The instant at which the clock breaches, if it runs and has not.
fn due(policy: &Policy, clock: &Clock) -> Option<Timestamp> {
    if clock.breached.is_some() {
        return None;
    }
    clock.measure(policy, |meter| meter.due(clock.target))?
}

/// After a transition: new clocks attach, then each live clock meets its conditions.
pub(super) fn evaluate(draft: &mut Draft<'_>) {
    attach::attach(draft);
    // Clocks are only ever added, at the end; one that this loop adds has met its conditions when it attached.
    for i in 0..draft.state.clocks.len() {
        let clock = &draft.state.clocks[i];
        if !clock.is_live() {
            continue;
        }
        let Some(definition) = definition(draft.cx.policy, clock) else { continue };
        if let Some(met) = met(draft, definition, clock) {
            let clock = clock.clone();
            meet(draft, definition, &clock, met);
        }
    }
}

/// A condition that holds for a live clock.
enum Met {
    Cancel(SlaCancelWhy),
    Stop,
    Pause(PauseWhy),
    Resume,
}

/// The first condition that holds.
fn met(draft: &Draft<'_>, definition: &SlaDefinition, clock: &Clock) -> Option<Met> {
    if let Some(why) = conditions::cancels(draft, definition, clock.breached.is_some()) {
        return Some(Met::Cancel(why));
    }
    if conditions::stops(draft, definition, clock.start) {
        return Some(Met::Stop);
    }
    match (conditions::pauses(draft, definition, clock), clock.state) {
        (Some(why), ClockState::Running) => Some(Met::Pause(why)),
        (None, ClockState::Running) | (Some(_), _) => None,
        (None, _) => Some(Met::Resume),
    }
}

/// Does what a condition asks for.
fn meet(draft: &mut Draft<'_>, definition: &SlaDefinition, clock: &Clock, met: Met) {
    let (name, now) = (clock.name(), draft.now());
    match met {
        Met::Cancel(why) => draft.emit(SlaEvent::SlaCancelled { clock: name, why }),
        Met::Stop => {
            draft.emit(SlaEvent::SlaStopped { clock: name, at: now, met: clock.breached.is_none() });
            if conditions::resets(draft, definition) && !attach::stops_at_once(draft, definition) {
                attach::cycle(draft, definition, clock.cycle + 1, now);
            }
        }
        Met::Pause(why) => {
            let capped = matches!(why, PauseWhy::Hold(_));
            let cap_at = capped.then(|| now + definition.pause_cap);
            draft.emit(SlaEvent::SlaPaused { clock: name, why, cap_at });
        }
        Met::Resume => resume(draft, clock, false),
    }
}

fn resume(draft: &mut Draft<'_>, clock: &Clock, capped: bool) {
    let Some(definition) = definition(draft.cx.policy, clock) else { return };
    let mut running = clock.clone();
    match running.pauses.last_mut() {
        Some(p) if p.to.is_none() => p.to = Some(draft.now()),
        _ => running.pauses.push(crate::incident::clock::PauseSpan {
            from: clock.stopped_at.unwrap_or(draft.now()),
            to: Some(draft.now()),
            why: PauseWhy::Resolved,
        }),
    }
    let due = due(draft.cx.policy, &running);
    let next = next_mark(draft.cx.policy, definition, &running, clock.recorded);
    draft.emit(SlaEvent::SlaResumed { clock: clock.name(), due, next, capped });
}

/// A pause has lasted as long as it may.
pub(super) fn pause_cap(draft: &mut Draft<'_>, name: &str) {
    if let Some(clock) = find(draft, name) {
        resume(draft, &clock, true);
    }
}

/// Another policy version: dues of running clocks are computed again from the same start; what was recorded stays.
pub(super) fn recompute(draft: &mut Draft<'_>) {
    for clock in draft.state.clocks.clone().into_iter().filter(|c| c.state == ClockState::Running) {
        let Some(definition) = definition(draft.cx.policy, &clock) else { continue };
        let mut moved = clock.clone();
        moved.target = definition.target.unwrap_or(clock.target);
        moved.calendar = definition.calendar.clone();
        moved.due = due(draft.cx.policy, &moved);
        moved.next = next_mark(draft.cx.policy, definition, &moved, clock.recorded);
        if moved != clock {
            let name = moved.name();
            draft.emit(SlaEvent::SlaMoved { clock: Box::new(moved) });
            attach::skip_past(draft, &name);
        }
    }
}
