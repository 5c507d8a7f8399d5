//! The clocks of a review and of its action items: which attach, what is recorded of them and when they stop. The
//! arithmetic is that of every clock; a breach here pages nobody.

use std::collections::BTreeSet;

use crate::calendar::Calendar;
use crate::id::CalendarId;
use crate::incident;
use crate::incident::clock::{Clock, Mark, Verdict};
use crate::incident::event::{Notice, SlaCancelWhy};
use crate::incident::kinds::ClockState;
use crate::limits;
use crate::policy::document::{SlaDefinition, SlaKind};
use crate::policy::{Policy, SlaSubject};
use crate::refusal::Refusal;
use crate::sla::meter::Meter;
use crate::time::{Duration, Timestamp};

use super::event::ReviewEvent;
use super::state::Review;
use super::transition::Transition;

/// Shares of a target that are recorded whatever the definition lists.
const RECORDED: [u32; 3] = [50, 75, 90];

/// Shares at which people are told unless the definition lists its own.
const TOLD: [u32; 2] = [75, 100];

/// A threshold recorded in this transition whose notice is still to come.
pub(super) struct Passed {
    clock: String,
    percent: u32,
}

/// A calendar of the policy; where none is named, all time counts.
pub(super) fn calendar(policy: &Policy, id: Option<&CalendarId>) -> Calendar {
    id.and_then(|id| policy.calendar(id)).cloned().unwrap_or_else(Calendar::always)
}

/// Attaches the clocks of the review itself: one of each definition that matches, in its next cycle.
pub(super) fn start(t: &mut Transition<'_>) {
    for definition in matching(t, SlaKind::Review) {
        let Some(target) = definition.target else { continue };
        let cycles = t.state.clocks.iter().filter(|c| c.definition == definition.id).count();
        let cycle = u32::try_from(cycles).unwrap_or(u32::MAX).saturating_add(1);
        let clock = Box::new(clock(t.cx.policy, definition, cycle, t.now(), target));
        t.emit(ReviewEvent::SlaStarted { item: None, clock });
    }
}

/// Says why a breach is nobody's failure. The breach stays: what was promised was not kept.
pub(super) fn excuse(t: &mut Transition<'_>, name: &str, reason: &str) -> Result<(), Refusal> {
    limits::reason(reason, "reason")?;
    let unknown = || Refusal::Unknown { what: "clock".to_owned(), name: name.to_owned() };
    let clock = t.state.all_clocks().find(|c| c.is_named(name)).ok_or_else(unknown)?;
    if clock.verdict() != Verdict::Breached {
        return Err(Refusal::ClockNotBreached { clock: name.to_owned() });
    }
    if clock.excuse.as_deref() != Some(reason) {
        let (clock, reason) = (clock.name(), reason.to_owned());
        t.emit(ReviewEvent::SlaExcused { clock, reason });
    }
    Ok(())
}

/// Attaches the clock of an action item, or measures it anew because its due instant moved. One that has breached
/// stays as it is: a breach is never taken back.
pub(super) fn start_item(t: &mut Transition<'_>, n: u32) {
    let Some(item) = t.state.items.get(&n) else { return };
    let Some(due) = item.due.filter(|_| !item.state.is_ended()) else { return };
    if item.clock.as_ref().is_some_and(|c| c.breached.is_some()) {
        return;
    }
    let from = item.created_at;
    let Some(definition) = matching(t, SlaKind::ActionItem).into_iter().next() else { return };
    let hours = calendar(t.cx.policy, Some(&definition.calendar));
    let target = Meter { calendar: &hours, start: from, pauses: &[] }.elapsed(due);
    let mut clock = clock(t.cx.policy, definition, n, from, target);
    clock.due = Some(due.whole_second());
    clock.next = mark(&hours, definition, &clock, 0).filter(|m| m.at < due);
    t.emit(ReviewEvent::SlaStarted { item: Some(n), clock: Box::new(clock) });
}

/// Stops a live clock; without a breach so far it was in time.
pub(super) fn stop(t: &mut Transition<'_>, name: &str) {
    let live = t.state.all_clocks().find(|c| c.is_live() && c.name() == name);
    if let Some(met) = live.map(|c| c.breached.is_none()) {
        t.emit(ReviewEvent::SlaStopped { clock: name.to_owned(), at: t.now(), met });
    }
}

/// Stops the clocks of the review itself.
pub(super) fn stop_all(t: &mut Transition<'_>) {
    for name in live(&t.state) {
        stop(t, &name);
    }
}

/// Cancels the clocks of the review itself: its incident was reopened.
pub(super) fn cancel_all(t: &mut Transition<'_>) {
    for clock in live(&t.state) {
        t.emit(ReviewEvent::SlaCancelled { clock, why: SlaCancelWhy::Reopened });
    }
}

fn live(state: &Review) -> Vec<String> {
    state.clocks.iter().filter(|c| c.is_live()).map(Clock::name).collect()
}

/// Records every share and every breach that is due, oldest first, before anything else is decided.
pub(super) fn record(t: &mut Transition<'_>) -> Vec<Passed> {
    let mut passed = Vec::new();
    while let Some((at, percent, name)) = earliest(&t.state).filter(|(at, ..)| *at <= t.now()) {
        let event = if percent == 100 {
            ReviewEvent::SlaBreached { clock: name.clone(), due: at }
        } else {
            let next = next_mark(t, &name, percent);
            ReviewEvent::SlaWarned { clock: name.clone(), percent, at, next }
        };
        t.emit(event);
        passed.push(Passed { clock: name, percent });
    }
    passed
}

/// Tells author and team lead of what was recorded, where the clock still runs. Action items have notices of their own.
pub(super) fn tell(t: &mut Transition<'_>, passed: Vec<Passed>) {
    for Passed { clock, percent } in passed {
        let running = t.state.clocks.iter().find(|c| c.is_live() && c.name() == clock);
        if running.is_some_and(|c| asks_to_tell(t.cx.policy, c, percent)) {
            let people = [t.state.author.clone(), t.lead()];
            let about = match percent {
                100 => Notice::SlaBreached { clocks: vec![clock] },
                percent => Notice::SlaWarned { clock, percent },
            };
            t.notify(about, people.iter().flatten());
        }
    }
}

fn earliest(state: &Review) -> Option<(Timestamp, u32, String)> {
    let of = |c: &Clock| {
        let mark = c.next.map(|m| (m.at, m.percent, c.name()));
        mark.into_iter().chain(c.due.map(|due| (due, 100, c.name()))).min()
    };
    state.all_clocks().filter(|c| c.is_live()).filter_map(of).min()
}

fn next_mark(t: &Transition<'_>, name: &str, after: u32) -> Option<Mark> {
    let clock = t.state.all_clocks().find(|c| c.name() == name)?;
    let definition = definition(t.cx.policy, clock)?;
    mark(&calendar(t.cx.policy, Some(&clock.calendar)), definition, clock, after)
}

fn clock(
    policy: &Policy,
    definition: &SlaDefinition,
    cycle: u32,
    start: Timestamp,
    target: Duration,
) -> Clock {
    let hours = calendar(policy, Some(&definition.calendar));
    let mut clock = Clock {
        definition: definition.id.clone(),
        cycle,
        kind: definition.kind,
        calendar: definition.calendar.clone(),
        target,
        start: start.whole_second(),
        state: ClockState::Running,
        due: Meter { calendar: &hours, start, pauses: &[] }.due(target),
        next: None,
        recorded: 0,
        breached: None,
        stopped_at: None,
        pauses: Vec::new(),
        excuse: None,
        pause_cap_at: None,
        capped: false,
    };
    clock.next = mark(&hours, definition, &clock, 0);
    clock
}

/// The first share after `after` that is recorded; the whole target is the due instant and no share.
fn mark(hours: &Calendar, definition: &SlaDefinition, clock: &Clock, after: u32) -> Option<Mark> {
    let listed = definition.at.iter().flatten().map(|threshold| threshold.percent);
    let shares: BTreeSet<u32> = listed.chain(RECORDED).filter(|p| *p > after && *p != 100).collect();
    let meter = Meter { calendar: hours, start: clock.start, pauses: &[] };
    let percent = *shares.first()?;
    Some(Mark { percent, at: meter.threshold(clock.target, percent)? })
}

fn asks_to_tell(policy: &Policy, clock: &Clock, percent: u32) -> bool {
    match definition(policy, clock).and_then(|d| d.at.as_ref()) {
        Some(at) => at.iter().any(|threshold| threshold.percent == percent),
        None => TOLD.contains(&percent),
    }
}

fn definition<'p>(policy: &'p Policy, clock: &Clock) -> Option<&'p SlaDefinition> {
    policy.document().sla.iter().find(|d| d.id == clock.definition)
}

fn matching<'a>(t: &Transition<'a>, kind: SlaKind) -> Vec<&'a SlaDefinition> {
    let policy = t.cx.policy;
    let state = &t.state;
    let subject = SlaSubject {
        priority: state.priority,
        impact: state.subject.impact,
        urgency: state.subject.urgency,
        service: &state.service,
        tier: policy.service(&state.service).map_or(3, |s| s.tier),
        team: &state.team,
        category: &state.subject.category,
        labels: &state.subject.labels,
        phase: incident::kinds::Phase::Resolved,
        acknowledged: true,
        hold_reason: None,
        origin: &state.subject.origin,
    };
    let of_kind = policy.document().sla.iter().filter(|d| d.kind == kind);
    of_kind.filter(|d| policy.sla_matches(d, &subject)).collect()
}
