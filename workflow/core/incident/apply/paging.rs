//! Folds acknowledgement, waiting, escalation and contact.

use crate::incident::event::{DeliveryOutcome, PagingEvent};
use crate::incident::paging::{Contact, Escalation, NextStep, PendingKind, Step, Summons};
use crate::incident::state::{Ack, Assignee, Exhausted, Hold, Incident};
use crate::instance::Meta;

use super::alert::ends_by_acknowledgement;
use crate::incident::effects::due_now;

/// Nobody is to be paged any more: a new epoch, no deadline, nobody being contacted.
pub(super) fn stand_down(state: &mut Incident) {
    state.epoch += 1;
    state.contacts.clear();
    state.partial_acks.clear();
    state.exhausted = None;
    if let Some(e) = &mut state.escalation {
        e.due = None;
    }
}

pub(super) fn apply(state: &mut Incident, event: &PagingEvent, meta: &Meta<'_>) {
    match event {
        PagingEvent::Acknowledged { holder, complete: false, .. } => {
            if let Some(p) = holder.person() {
                state.partial_acks.push(p.clone());
                state.contacts.iter_mut().filter(|c| &c.person == p).for_each(|c| c.steps.clear());
            }
        }
        PagingEvent::Acknowledged { holder, terms, .. } => {
            if ends_by_acknowledgement(state) {
                state.suppressed = None;
            }
            stand_down(state);
            state.ack = Some(Ack {
                holder: holder.clone(),
                at: meta.at,
                terms: *terms,
                not_before: None,
                warned_of: None,
                co: Vec::new(),
            });
            state.times.acknowledged = state.times.acknowledged.or(Some(meta.at));
            state.times.triggered = state.times.triggered.or(Some(meta.at));
        }
        PagingEvent::AckRenewed => restart_ack(state, meta),
        PagingEvent::CoAcknowledged { by } => {
            if let Some(ack) = &mut state.ack {
                ack.co.push(by.clone());
            }
        }
        PagingEvent::AckRetimed { terms, not_before } => {
            if let Some(ack) = &mut state.ack {
                ack.terms = *terms;
                ack.not_before = Some(*not_before);
            }
        }
        PagingEvent::AckExpiryWarned { expires_at } => {
            if let Some(ack) = &mut state.ack {
                ack.warned_of = Some(*expires_at);
            }
        }
        PagingEvent::AckExpired | PagingEvent::Unacknowledged { .. } => {
            state.ack = None;
            state.epoch += 1;
        }
        PagingEvent::Snoozed { until } => {
            state.snoozed_until = Some(*until);
            state.snoozed_by = Some(meta.actor.clone());
        }
        PagingEvent::SnoozeEnded { .. } => state.snoozed_until = None,
        PagingEvent::Held { reason, note, until } => {
            let (note, by) = (note.clone(), Some(meta.actor.clone()));
            state.hold = Some(Hold { reason: *reason, note, since: meta.at, until: *until, by });
        }
        PagingEvent::Resumed { .. } => {
            state.hold = None;
            restart_ack(state, meta);
        }
        PagingEvent::Summoned { .. }
        | PagingEvent::SummonsAnswered { .. }
        | PagingEvent::SummonsReminded { .. }
        | PagingEvent::ContactStepped { summons: true, .. } => summons(state, event, meta),
        PagingEvent::Paged { .. }
        | PagingEvent::ContactStepped { .. }
        | PagingEvent::ContactMoved { .. }
        | PagingEvent::PersonUnreachable { .. }
        | PagingEvent::DeliveryRecorded { .. } => contact(state, event, meta),
        _ => escalation(state, event, meta),
    }
}

fn restart_ack(state: &mut Incident, meta: &Meta<'_>) {
    if let Some(ack) = &mut state.ack {
        ack.at = meta.at;
        ack.warned_of = None;
    }
}

fn escalation(state: &mut Incident, event: &PagingEvent, meta: &Meta<'_>) {
    match event {
        PagingEvent::EscalationStarted { policy, ordinal, next, due } => {
            let reached = state.escalation.take().filter(|e| e.policy == *policy);
            let (level, level_id, level_due) =
                reached.map_or((0, None, None), |e| (e.level, e.level_id, e.level_due));
            state.escalation = Some(Escalation {
                policy: policy.clone(),
                ordinal: *ordinal,
                level,
                level_id,
                level_due,
                round: 1,
                due: Some(*due),
                next: *next,
                paged_in_round: false,
                owed: false,
            });
            state.exhausted = None;
            state.times.triggered = state.times.triggered.or(Some(meta.at));
        }
        PagingEvent::Escalated { level, level_id, round, due, reaches, next, next_due, .. } => {
            pass(state, *round, *next, *next_due);
            if let Some(e) = &mut state.escalation {
                e.level = *level;
                e.level_id.clone_from(level_id);
                e.level_due = Some(*due);
                e.paged_in_round |= *reaches;
                e.owed = false;
            }
        }
        PagingEvent::LevelSkipped { round, next, next_due, .. } => pass(state, *round, *next, *next_due),
        PagingEvent::EscalationArmed { due, next, level } => {
            if let Some(e) = &mut state.escalation {
                e.level = level.unwrap_or(e.level);
                e.due = Some(*due);
                e.next = *next;
            }
        }
        PagingEvent::EscalationOwed => {
            if let Some(e) = &mut state.escalation {
                e.owed = true;
            }
        }
        PagingEvent::EscalationExhausted { remind_at, .. } => {
            state.exhausted = Some(Exhausted { at: meta.at, remind_at: *remind_at });
            state.times.triggered = state.times.triggered.or(Some(meta.at));
            if let Some(e) = &mut state.escalation {
                e.due = None;
            }
        }
        PagingEvent::ExhaustionReminded { remind_at } => {
            if let Some(x) = &mut state.exhausted {
                x.remind_at = *remind_at;
            }
        }
        _ => {}
    }
}

/// A level was called or skipped. A skipped one is not the level reached: nobody of it knows.
fn pass(state: &mut Incident, round: u32, next: NextStep, due: crate::time::Timestamp) {
    if let Some(e) = &mut state.escalation {
        if round != e.round {
            e.paged_in_round = false;
        }
        e.round = round;
        e.next = next;
        e.due = Some(due);
    }
}

fn contact(state: &mut Incident, event: &PagingEvent, meta: &Meta<'_>) {
    match event {
        PagingEvent::Paged { person, level, all, via, steps, .. } => {
            let assigned = via.is_none() && state.assignee == Some(Assignee::Person(person.clone()));
            // Who may answer alone may go on doing so when a level that needs everyone pages them too.
            let alone = state.contacts.iter().any(|c| &c.person == person && !c.all);
            state.contacts.retain(|c| &c.person != person);
            let later = steps.iter().filter(|s| s.at > meta.at).cloned().collect();
            state.contacts.push(Contact {
                person: person.clone(),
                level: *level,
                paged_at: meta.at,
                steps: later,
                reached: false,
                unreachable: false,
                all: *all && !alone,
                assigned,
            });
            if let Some(e) = &mut state.escalation {
                e.paged_in_round = true;
            }
        }
        PagingEvent::ContactStepped { person, channel, .. } => {
            for c in state.contacts.iter_mut().filter(|c| &c.person == person) {
                take_step(&mut c.steps, channel);
            }
        }
        PagingEvent::ContactMoved { person, withdrawn: true, .. } => {
            state.contacts.retain(|c| &c.person != person);
            state.pending.retain(|_, p| p.kind != PendingKind::Page || p.person.as_ref() != Some(person));
        }
        PagingEvent::ContactMoved { person, steps, .. } => {
            for c in state.contacts.iter_mut().filter(|c| &c.person == person) {
                c.steps.clone_from(steps);
            }
        }
        PagingEvent::PersonUnreachable { person } => {
            for c in state.contacts.iter_mut().filter(|c| &c.person == person) {
                c.unreachable = true;
            }
        }
        PagingEvent::DeliveryRecorded { effect, outcome, person, .. } => {
            let settled = state.pending.remove(effect);
            let page = settled.is_some_and(|p| p.kind == PendingKind::Page);
            if page && matches!(outcome, DeliveryOutcome::Sent | DeliveryOutcome::Bundled) {
                for c in state.contacts.iter_mut().filter(|c| Some(&c.person) == person.as_ref()) {
                    c.reached = true;
                }
            }
        }
        _ => {}
    }
}

fn take_step(steps: &mut Vec<Step>, channel: &crate::id::ChannelId) {
    if let Some(i) = steps.iter().position(|s| &s.channel == channel) {
        steps.remove(i);
    }
}

fn summons(state: &mut Incident, event: &PagingEvent, meta: &Meta<'_>) {
    match event {
        PagingEvent::Summoned { person, by, steps, remind_at, note } => {
            state.summonses.retain(|s| &s.person != person);
            let now_taken = due_now(steps, meta.at).count();
            state.summonses.push(Summons {
                person: person.clone(),
                by: by.clone(),
                at: meta.at,
                steps: steps.iter().skip(now_taken).cloned().collect(),
                remind_at: Some(*remind_at),
                accepted: None,
                answered_at: None,
                note: note.clone(),
            });
        }
        PagingEvent::SummonsAnswered { person, accepted } => {
            for s in state.summonses.iter_mut().filter(|s| &s.person == person) {
                s.accepted = Some(*accepted);
                s.answered_at = Some(meta.at);
                s.steps.clear();
                s.remind_at = None;
            }
        }
        PagingEvent::SummonsReminded { person } => {
            state.summonses.iter_mut().filter(|s| &s.person == person).for_each(|s| s.remind_at = None);
        }
        PagingEvent::ContactStepped { person, channel, .. } => {
            for s in state.summonses.iter_mut().filter(|s| &s.person == person) {
                take_step(&mut s.steps, channel);
            }
        }
        _ => {}
    }
}
