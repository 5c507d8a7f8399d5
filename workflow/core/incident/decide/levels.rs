//! The walk through the levels of an escalation policy: what is due is called, and the next instant is computed from
//! due instants, never from when they fired, so that nothing drifts.

use crate::id::PersonId;
use crate::incident::draft::{Draft, Restart};
use crate::incident::event::{EscalateReason, Notice, PagingEvent};
use crate::incident::kinds::Priority;
use crate::incident::paging::{Escalation, NextStep};
use crate::policy::document::{AckMode, EscalationSpec, LevelSpec, Target, When};
use crate::time::{Duration, Timestamp};

use super::contact::{self, Reach};
use super::notify;

/// A deadline so late, the shortest delay of a level, was missed and not merely served late.
const OUTAGE: Duration = Duration::seconds(30);

/// Starts or restarts escalation of an incident that has become pageable. Level 1 of a start at once is due now.
pub(super) fn start(draft: &mut Draft<'_>) {
    let Some((policy, spec)) = spec(draft) else { return without_policy(draft) };
    let reached = draft.state.escalation.as_ref().filter(|e| e.policy == policy);
    let level = reached.map_or(0, |e| level_in(spec, e));
    let (first, due) = match draft.restart {
        Restart::FirstLevel => (1, draft.now()),
        Restart::LevelReached(delay) => (level.max(1), draft.now() + delay),
        Restart::Usual if level > 0 => (level, draft.now()),
        Restart::Usual => (1, first_due(draft, spec)),
    };
    let ordinal = draft.state.escalation.as_ref().map_or(draft.cx.ordinal, |e| e.ordinal);
    let next = NextStep::Level { level: first, round: 1 };
    draft.emit(PagingEvent::EscalationStarted { policy, ordinal, next, due });
}

/// Nothing says who is paged: the last resort is, again and again.
fn without_policy(draft: &mut Draft<'_>) {
    let (due, every) = (draft.now(), Duration::hours(1));
    draft.emit(PagingEvent::EscalationExhausted { due, remind_at: due + every });
    page_last_resort(draft);
}

/// The place of the level reached in a version of its escalation policy: by its id, else the last one before it.
pub(super) fn level_in(spec: &EscalationSpec, reached: &Escalation) -> u32 {
    match &reached.level_id {
        Some(id) => match spec.levels.iter().position(|l| l.id == *id) {
            Some(index) => index as u32 + 1,
            None => reached.level.saturating_sub(1).clamp(1, last(spec)),
        },
        None if reached.level == 0 => 0,
        None => last(spec) + 1,
    }
}

/// The escalation policy of the incident's service and priority now.
fn spec<'a>(draft: &Draft<'a>) -> Option<(crate::id::EscalationPolicyId, &'a EscalationSpec)> {
    draft.policy_of_service().map(|(id, spec)| (id.clone(), spec))
}

/// Level 1: after the grace time, or when the calendar of `defer` next opens.
pub(super) fn first_due(draft: &Draft<'_>, spec: &EscalationSpec) -> Timestamp {
    let due = draft.now() + spec.grace;
    match &spec.defer {
        Some(d) if d.priorities.contains(&draft.state.priority) => {
            draft.cx.policy.calendar(&d.calendar).and_then(|c| c.next_open(due)).unwrap_or(due)
        }
        _ => due,
    }
}

pub(super) fn last(spec: &EscalationSpec) -> u32 {
    spec.levels.len() as u32
}

/// Fires the escalation's deadline.
pub(super) fn fire_due(draft: &mut Draft<'_>) {
    let Some(e) = draft.state.escalation.as_ref() else { return };
    let Some(due) = e.due else { return };
    match e.next {
        NextStep::Level { level, round } => {
            call(draft, level, round, due, EscalateReason::Delay);
        }
        NextStep::Exhaust => exhaust(draft, due),
    }
}

/// Calls a level of a round (beyond the last one: the fallback) whose instant is `due`. Whether it reached anybody.
pub(super) fn call(
    draft: &mut Draft<'_>,
    level: u32,
    round: u32,
    due: Timestamp,
    reason: EscalateReason,
) -> bool {
    let Some(spec) = draft.escalation_spec() else {
        page_last_resort(draft);
        return true;
    };
    let Some(entry) = spec.levels.get(level as usize - 1) else {
        call_fallback(draft, round, due, reason);
        return true;
    };
    if !holds(draft, entry.when.as_ref(), due) {
        let (next, next_due) = after(draft, spec, level, round, due, Duration::ZERO);
        draft.emit(PagingEvent::LevelSkipped { level, round, due, next, next_due });
        return close_round(draft, level, round, due);
    }
    let (people, channels) = resolve(draft, entry, round, due);
    let reaches = !people.is_empty();
    let delay = if reaches { entry.delay } else { Duration::ZERO };
    let (next, next_due) = after(draft, spec, level, round, due, delay);
    let level_id = Some(entry.id.clone());
    draft.emit(PagingEvent::Escalated { level, level_id, round, due, reason, reaches, next, next_due });
    let all = entry.ack == AckMode::All;
    for (person, via) in people {
        contact::page(draft, person, level, all, Some(via));
    }
    if !channels.is_empty() {
        notify::tell_with(draft, Notice::LevelCalled { level }, Vec::new(), channels);
    }
    close_round(draft, level, round, due) || reaches
}

/// When a whole round has paged nobody the fallback is paged at once. Whether it was.
fn close_round(draft: &mut Draft<'_>, level: u32, round: u32, due: Timestamp) -> bool {
    let Some(spec) = draft.escalation_spec() else { return false };
    let paged = draft.state.escalation.as_ref().is_some_and(|e| e.paged_in_round);
    let nobody = level == last(spec) && !paged;
    if nobody {
        call_fallback(draft, round, due, EscalateReason::Nobody);
    }
    nobody
}

/// The fallback as one more level, with the delay of the last one.
fn call_fallback(draft: &mut Draft<'_>, round: u32, due: Timestamp, reason: EscalateReason) {
    let Some(spec) = draft.escalation_spec() else { return page_last_resort(draft) };
    let level = last(spec) + 1;
    let (next, next_due) = after(draft, spec, level, round, due, last_delay(spec));
    let (level_id, reaches) = (None, true);
    draft.emit(PagingEvent::Escalated { level, level_id, round, due, reason, reaches, next, next_due });
    page_fallback(draft, level, due);
}

/// How long the last level has, and the fallback after it.
pub(super) fn last_delay(spec: &EscalationSpec) -> Duration {
    spec.levels.last().map_or(Duration::minutes(5), |l| l.delay)
}

/// Pages the fallback; if it reaches nobody, the last resort.
fn page_fallback(draft: &mut Draft<'_>, level: u32, at: Timestamp) {
    let Some(spec) = draft.escalation_spec() else { return page_last_resort(draft) };
    let (people, channels) = expand(draft, &spec.fallback, at);
    let people: Vec<_> = people.into_iter().filter(|(p, _)| contact::usable(draft, p)).collect();
    if people.is_empty() {
        page_last_resort(draft);
    }
    for (person, via) in people {
        contact::page(draft, person, level, false, Some(via));
    }
    if !channels.is_empty() {
        notify::tell_with(draft, Notice::LevelCalled { level }, Vec::new(), channels);
    }
}

/// People of the policy who are paged when nobody else can be.
fn page_last_resort(draft: &mut Draft<'_>) {
    let level = draft.state.escalation.as_ref().map_or(1, |e| e.level.max(1));
    for person in draft.cx.newest.document().organisation.last_resort.clone() {
        contact::page(draft, person, level, false, None);
    }
}

/// What follows a level, and when.
fn after(
    draft: &Draft<'_>,
    spec: &EscalationSpec,
    level: u32,
    round: u32,
    due: Timestamp,
    delay: Duration,
) -> (NextStep, Timestamp) {
    if level < last(spec) {
        return (NextStep::Level { level: level + 1, round }, due + delay);
    }
    let next =
        if round <= spec.repeat { NextStep::Level { level: 1, round: round + 1 } } else { NextStep::Exhaust };
    let on_time = due + delay;
    // After an outage the round's last level has its whole time before a new round begins.
    let late = draft.now().since(due) >= OUTAGE;
    (next, if late { on_time.max(draft.now() + last_delay(spec)) } else { on_time })
}

/// Every round went unanswered: the fallback is paged, and reminders begin.
fn exhaust(draft: &mut Draft<'_>, due: Timestamp) {
    let every = draft.escalation_spec().map_or(Duration::hours(1), |s| s.remind_every);
    draft.emit(PagingEvent::EscalationExhausted { due, remind_at: due.max(draft.now()) + every });
    let level = draft.escalation_spec().map_or(1, last) + 1;
    page_fallback(draft, level, due);
}

/// Still nobody: level 1 and the fallback again. The next reminder counts from this one's instant, so nothing drifts.
pub(super) fn remind(draft: &mut Draft<'_>, due: Timestamp) {
    let every = draft.escalation_spec().map_or(Duration::hours(1), |s| s.remind_every);
    let on_time = due + every;
    let remind_at = if on_time > draft.now() { on_time } else { draft.now() + every };
    draft.emit(PagingEvent::ExhaustionReminded { remind_at });
    page_first_and_fallback(draft);
}

/// Level 1 and the fallback at once, without moving the escalation.
pub(super) fn page_first_and_fallback(draft: &mut Draft<'_>) {
    let Some(spec) = draft.escalation_spec() else { return page_last_resort(draft) };
    if let Some(first) = spec.levels.first() {
        let (people, _) = resolve(draft, first, 1, draft.now());
        for (person, via) in people {
            contact::page(draft, person, 1, false, Some(via));
        }
    }
    let now = draft.now();
    page_fallback(draft, last(spec) + 1, now);
}

/// Whether a level's condition holds.
fn holds(draft: &Draft<'_>, when: Option<&When>, at: Timestamp) -> bool {
    let Some(when) = when else { return true };
    let is_open = |id| draft.cx.policy.calendar(id).is_none_or(|c| c.is_open(at));
    let priority: Priority = draft.state.priority;
    (when.priorities.is_empty() || when.priorities.contains(&priority))
        && when.open.as_ref().is_none_or(is_open)
        && when.closed.as_ref().is_none_or(|id| !is_open(id))
}

type Reached = (Vec<(PersonId, Target)>, Vec<crate::id::ChannelId>);

/// The people that a level pages at an instant, who can be reached, and its shared channels.
fn resolve(draft: &mut Draft<'_>, level: &LevelSpec, round: u32, at: Timestamp) -> Reached {
    let (mut people, channels) = expand(draft, &level.targets, at);
    let mut reachable = Vec::with_capacity(people.len());
    if level.round_robin && !people.is_empty() {
        let ordinal = draft.state.escalation.as_ref().map_or(0, |e| e.ordinal);
        let start = (ordinal + u64::from(round) - 1) % people.len() as u64;
        people.rotate_left(start as usize);
        people = people.into_iter().find(|(p, _)| contact::usable(draft, p)).into_iter().collect();
    }
    for (person, via) in people {
        match contact::reach(draft, &person) {
            Reach::Usable => reachable.push((person, via)),
            Reach::Gone => draft.emit(PagingEvent::TargetGone { person }),
            Reach::NoContact => draft.emit(PagingEvent::PersonUnreachable { person }),
        }
    }
    (reachable, channels)
}

/// Targets as people, each once and in listed order, and channels.
fn expand(draft: &mut Draft<'_>, targets: &[Target], at: Timestamp) -> Reached {
    let (mut people, mut channels): Reached = (Vec::new(), Vec::new());
    for target in targets {
        let found: Vec<PersonId> = match target {
            Target::Person(p) => vec![p.clone()],
            Target::Team(t) => draft.cx.policy.team(t).map(|t| t.members.clone()).unwrap_or_default(),
            Target::Channel(c) => {
                channels.push(c.clone());
                continue;
            }
            Target::Schedule(s) => {
                let overrides = draft.cx.overrides.get(s).map_or(&[][..], Vec::as_slice);
                draft.cx.policy.schedule(s).map(|x| x.people_at(at, overrides)).unwrap_or_default()
            }
        };
        if found.is_empty() {
            draft.emit(PagingEvent::NobodyOnCall { target: target.clone() });
        }
        for person in found {
            if !people.iter().any(|(p, _)| *p == person) {
                people.push((person, target.clone()));
            }
        }
    }
    (people, channels)
}
