//! Escalation that somebody asks for: a person, a bot, a clock's threshold; and summonses.

use crate::id::PersonId;
use crate::incident::draft::{Draft, none_of};
use crate::incident::event::{EndWhy, EscalateReason, Notice, PagingEvent, UnackWhy};
use crate::incident::paging::NextStep;
use crate::refusal::Refusal;
use crate::time::Duration;

use super::{ack, contact, levels, notify};

/// A summons that nobody answers for so long is told to the summoner.
const ANSWER_WITHIN: Duration = Duration::minutes(10);

pub(super) fn escalate(draft: &mut Draft<'_>, expected: Option<u32>, to: Option<u32>) -> Result<(), Refusal> {
    none_of(escalate_unmet(draft, expected, to))?;
    let reached = draft.state.escalation.as_ref().map_or(0, |e| e.level);
    call_off_assignee(draft);
    jump(draft, to.unwrap_or(reached + 1), EscalateReason::Manual);
    Ok(())
}

/// Everything that stands against an escalation.
pub(super) fn escalate_unmet(draft: &Draft<'_>, expected: Option<u32>, to: Option<u32>) -> Vec<Refusal> {
    if let Err(ended) = draft.require_open() {
        return vec![ended];
    }
    let (level, round) = draft.state.escalation.as_ref().map_or((0, 1), |e| (e.level, e.round));
    let levels = draft.escalation_spec().map_or(0, |s| s.levels.len() as u32);
    let moved = expected.filter(|e| *e != level);
    let target = match to {
        Some(to) if to == 0 || to > levels => Some(Refusal::BadField {
            field: "target_level".to_owned(),
            problem: format!("the escalation policy has levels 1 to {levels}"),
        }),
        None if level > levels => Some(Refusal::NoFurtherLevel),
        _ => None,
    };
    [
        draft.state.hold.is_some().then_some(Refusal::IncidentOnHold),
        draft.state.suppressed.is_some().then_some(Refusal::IncidentSuppressed),
        moved.map(|expected| Refusal::LevelMoved { expected, level, round }),
        target,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Of an assignment and an escalation the later one says who is paged: an assignee who did not answer is not asked on.
fn call_off_assignee(draft: &mut Draft<'_>) {
    let assigned = draft.state.contacts.iter().filter(|c| c.assigned).map(|c| c.person.clone());
    for person in assigned.collect::<Vec<_>>() {
        draft.emit(PagingEvent::ContactMoved { person, steps: Vec::new(), withdrawn: true });
    }
}

/// Calls a level at once, whoever had acknowledged.
fn jump(draft: &mut Draft<'_>, level: u32, reason: EscalateReason) {
    let former = notify::holder(draft);
    un_acknowledge(draft);
    begin_if_needed(draft, level);
    let round = draft.state.escalation.as_ref().map_or(1, |e| e.round);
    let (now, beyond) = (draft.now(), draft.escalation_spec().map_or(0, levels::last) + 1);
    // A level that reaches nobody takes no time: whoever asks for somebody gets somebody.
    for level in level..=beyond.max(level) {
        if levels::call(draft, level, round, now, reason) {
            break;
        }
    }
    notify::tell(draft, Notice::AckEnded, former);
}

/// Whatever escalates un-acknowledges; a snooze is over.
fn un_acknowledge(draft: &mut Draft<'_>) {
    ack::end_snooze(draft, EndWhy::Overtaken);
    ack::take_back(draft, UnackWhy::Escalated);
}

/// An incident that has not started escalating starts now; its own first level is overtaken.
fn begin_if_needed(draft: &mut Draft<'_>, level: u32) {
    let running = draft.state.escalation.as_ref().is_some_and(|e| e.due.is_some());
    if running && draft.state.exhausted.is_none() {
        return;
    }
    let id = match &draft.state.escalation {
        Some(e) => Some(e.policy.clone()),
        None => draft.policy_of_service().map(|(id, _)| id.clone()),
    };
    if let Some(policy) = id {
        let ordinal = draft.state.escalation.as_ref().map_or(draft.cx.ordinal, |e| e.ordinal);
        let next = NextStep::Level { level, round: 1 };
        let due = draft.now();
        draft.emit(PagingEvent::EscalationStarted { policy, ordinal, next, due });
    }
}

/// A clock's threshold escalates to the next level; on hold or suppressed it waits for the end of that.
pub(super) fn by_threshold(draft: &mut Draft<'_>) {
    if !draft.state.is_open() {
        return;
    }
    if must_wait(draft) {
        if draft.state.escalation.is_none() {
            begin_if_needed(draft, 1);
        }
        return draft.emit(PagingEvent::EscalationOwed);
    }
    let level = draft.state.escalation.as_ref().map_or(0, |e| e.level);
    let levels = draft.escalation_spec().map_or(0, levels::last);
    if draft.state.exhausted.is_none() && level <= levels {
        return jump(draft, level + 1, EscalateReason::Sla);
    }
    let former = notify::holder(draft);
    un_acknowledge(draft);
    all_again(draft);
    levels::page_first_and_fallback(draft);
    notify::tell(draft, Notice::AckEnded, former);
}

/// On hold, suppressed, or about to be because everything is clear.
pub(super) fn must_wait(draft: &Draft<'_>) -> bool {
    draft.state.hold.is_some() || draft.state.suppressed.is_some() || draft.state.is_all_clear()
}

/// Everyone there is has been called before: what comes after them is exhaustion.
fn all_again(draft: &mut Draft<'_>) {
    let Some(e) = draft.state.escalation.as_ref() else { return };
    if draft.state.exhausted.is_some() || e.due.is_some() {
        return;
    }
    let (policy, ordinal) = (e.policy.clone(), e.ordinal);
    let due = draft.now() + draft.escalation_spec().map_or(Duration::minutes(5), levels::last_delay);
    draft.emit(PagingEvent::EscalationStarted { policy, ordinal, next: NextStep::Exhaust, due });
}

/// Asks named people to come.
pub(super) fn summon(draft: &mut Draft<'_>, people: &[PersonId], note: &str) -> Result<(), Refusal> {
    draft.require_open()?;
    for person in people {
        if draft.cx.newest.person(person).is_none() {
            return Err(Refusal::Unknown { what: "person".to_owned(), name: person.to_string() });
        }
    }
    for person in people {
        let now = draft.now();
        let steps = contact::steps(draft, person, now);
        let by = draft.cx.actor.clone();
        let remind_at = now + ANSWER_WITHIN;
        let (person, note) = (person.clone(), note.to_owned());
        draft.emit(PagingEvent::Summoned { person, by, steps, remind_at, note });
    }
    Ok(())
}

/// A summoned person accepts or declines.
pub(super) fn answer(draft: &mut Draft<'_>, accepted: bool) -> Result<(), Refusal> {
    draft.require_open()?;
    let me = draft.cx.actor.clone();
    let summoned = |p: &&PersonId| draft.state.summonses.iter().any(|s| &s.person == *p);
    match me.person().filter(summoned) {
        Some(person) => {
            draft.emit(PagingEvent::SummonsAnswered { person: person.clone(), accepted });
            Ok(())
        }
        None => Err(Refusal::NotSummoned { person: me.to_string() }),
    }
}

/// Nobody answered a summons: the summoner is told.
pub(super) fn unanswered(draft: &mut Draft<'_>, person: &PersonId) {
    let by = draft.state.summonses.iter().find(|s| &s.person == person).and_then(|s| s.by.person().cloned());
    draft.emit(PagingEvent::SummonsReminded { person: person.clone() });
    notify::tell(draft, Notice::SummonsUnanswered { person: person.clone() }, by.into_iter().collect());
}
