//! Which effects an event asks for, and which of those on their way the state still wants. Whom a page or notice is
//! for was decided with the event; this only reads it.

use crate::actor::Actor;
use crate::effect::{Effect, EffectKind};
use crate::id::{InstanceId, PersonId};
use crate::instance::{self, Meta};
use crate::review;
use crate::signal::Signal;
use crate::time::Timestamp;

use super::Incident;
use super::alerts::AlertState;
use super::command::{Command, SplitOff};
use super::event::{Event, LifeEvent, Notice, PagingEvent};
use super::kinds::TaskState;
use super::paging::{Pending, PendingKind, Step};
use super::state::Merge;

/// The effects of an event, with the state after it.
pub(super) fn of(event: &Event, meta: &Meta<'_>, state: &Incident) -> Vec<Effect> {
    let n = meta.n;
    let what = match event {
        Event::Paging(e) => of_paging(e, state, meta.at),
        Event::Life(e) => of_life(e, state),
        _ => Vec::new(),
    };
    what.into_iter().enumerate().map(|(i, what)| Effect { key: format!("{n}.{i}"), what }).collect()
}

fn of_paging(event: &PagingEvent, state: &Incident, now: Timestamp) -> Vec<EffectKind> {
    match event {
        PagingEvent::Paged { person, level, steps, .. } => due_now(steps, now)
            .map(|s| EffectKind::Page { person: person.clone(), channel: s.channel.clone(), level: *level })
            .collect(),
        PagingEvent::Summoned { person, steps, .. } => due_now(steps, now)
            .map(|s| EffectKind::Summons { person: person.clone(), channel: s.channel.clone() })
            .collect(),
        PagingEvent::ContactStepped { person, channel, summons: true } => {
            vec![EffectKind::Summons { person: person.clone(), channel: channel.clone() }]
        }
        PagingEvent::ContactStepped { person, channel, summons: false } => {
            let level = state.contacts.iter().find(|c| &c.person == person).map_or(0, |c| c.level);
            vec![EffectKind::Page { person: person.clone(), channel: channel.clone(), level }]
        }
        PagingEvent::Notified { about, people, channels } => notices(about, people, channels),
        _ => Vec::new(),
    }
}

/// Steps that the page itself takes: those whose instant is that of the page.
pub(super) fn due_now(steps: &[Step], now: Timestamp) -> impl Iterator<Item = &Step> {
    steps.iter().filter(move |s| s.at <= now)
}

fn notices(
    about: &Notice,
    people: &[super::event::NoticeTo],
    channels: &[crate::id::ChannelId],
) -> Vec<EffectKind> {
    let to_people = people.iter().map(|to| EffectKind::Notice {
        person: to.person.clone(),
        channel: to.channel.clone(),
        about: about.clone(),
    });
    let to_channels =
        channels.iter().map(|c| EffectKind::ChannelNotice { channel: c.clone(), about: about.clone() });
    to_people.chain(to_channels).collect()
}

fn of_life(event: &LifeEvent, state: &Incident) -> Vec<EffectKind> {
    match event {
        LifeEvent::MergeStarted { into, raise_priority } => {
            vec![absorb(state, into, *raise_priority, None, state.reports)]
        }
        LifeEvent::Merged { into } => match &state.merge {
            Some(m) if came_meanwhile(state, m) => {
                let reports = state.reports.saturating_sub(m.carried_reports);
                vec![absorb(state, into, m.raise_priority, Some(m), reports)]
            }
            _ => Vec::new(),
        },
        LifeEvent::Absorbed { from, .. } => {
            let command = Command::FinishMerge { into: state.id.clone(), refused: None };
            vec![submit(from, instance::Command::Incident(command))]
        }
        LifeEvent::SplitOut { to, alerts, reports, title, acknowledged_by } => {
            let off = split_off(state, alerts, *reports, title, acknowledged_by.as_ref());
            vec![submit(to, instance::Command::Incident(Command::OpenSplit(Box::new(off))))]
        }
        LifeEvent::ReviewRequested { review, reason } => vec![submit(review, open_review(state, reason))],
        LifeEvent::Reopened { .. } if state.review.as_ref().is_some_and(|r| !r.published) => {
            vec![submit(&review_id(&state.id), instance::Command::Review(review::Command::Wait))]
        }
        _ => Vec::new(),
    }
}

/// Whether signals came while the merge ran, which the target has not been given.
fn came_meanwhile(state: &Incident, merge: &Merge) -> bool {
    state.reports > merge.carried_reports || state.alerts.iter().any(|(n, a)| is_news(*n, a, merge))
}

/// An alert that joined or changed while the merge ran.
fn is_news(n: u32, alert: &AlertState, merge: &Merge) -> bool {
    !alert.moved && (n > merge.carried || alert.since >= merge.since)
}

fn absorb(
    state: &Incident,
    into: &InstanceId,
    raise_priority: bool,
    rest_of: Option<&Merge>,
    reports: u32,
) -> EffectKind {
    let new = state.alerts.iter().filter(|(n, a)| !a.moved && rest_of.is_none_or(|m| is_news(**n, a, m)));
    let alerts = new.map(|(_, a)| AlertState { muted: false, ..a.clone() }).collect();
    let work = &state.work;
    // What came while the merge ran are signals; the rest went with the first part.
    let (subscribers, tasks) = match rest_of {
        None => (
            work.subscribers.clone(),
            work.tasks.values().filter(|t| t.state < TaskState::Done).cloned().collect(),
        ),
        Some(_) => Default::default(),
    };
    let command = Command::Absorb {
        from: state.id.clone(),
        reference: state.reference(),
        alerts,
        reports,
        priority: state.priority,
        raise_priority,
        exercise: state.exercise,
        subscribers,
        tasks,
    };
    submit(into, instance::Command::Incident(command))
}

fn split_off(
    state: &Incident,
    alerts: &[u32],
    reports: u32,
    title: &str,
    acknowledged_by: Option<&Actor>,
) -> SplitOff {
    let moved = alerts.iter().filter_map(|n| state.alerts.get(n));
    let alerts: Vec<_> = moved.map(|a| AlertState { moved: false, muted: false, ..a.clone() }).collect();
    SplitOff {
        from: state.id.clone(),
        signal: Signal {
            labels: state.labels.clone(),
            severity: alerts.iter().filter_map(|a| a.severity).min(),
            ..Signal::report(title, state.opened_at)
        },
        service: state.service.clone(),
        priority: state.priority,
        impact: state.impact,
        urgency: state.urgency,
        category: state.category.clone(),
        in_triage: state.phase == super::kinds::Phase::Triage,
        exercise: state.exercise,
        alerts,
        reports,
        acknowledged_by: acknowledged_by.cloned(),
    }
}

fn submit(to: &InstanceId, command: instance::Command) -> EffectKind {
    EffectKind::Submit { to: to.clone(), command: Box::new(command) }
}

/// An incident's review has the incident's id under its own prefix, so that it is found without being searched.
pub fn review_id(incident: &InstanceId) -> InstanceId {
    InstanceId(match incident.as_str().split_once('-') {
        Some((_, rest)) => format!("rev-{rest}"),
        None => format!("rev-{incident}"),
    })
}

fn open_review(state: &Incident, reason: &str) -> instance::Command {
    instance::Command::Review(review::Command::Open(Box::new(review::Opening::of(state, reason))))
}

/// Notes that the effects are on their way.
pub(super) fn await_settlement(state: &mut Incident, effects: &[Effect]) {
    for effect in effects {
        let (kind, person, channel) = match &effect.what {
            EffectKind::Page { person, channel, .. } => (PendingKind::Page, Some(person), Some(channel)),
            EffectKind::Summons { person, channel } => (PendingKind::Summons, Some(person), Some(channel)),
            EffectKind::Notice { person, channel, .. } => (PendingKind::Notice, Some(person), Some(channel)),
            EffectKind::ChannelNotice { channel, .. } => (PendingKind::Notice, None, Some(channel)),
            EffectKind::Submit { .. } => (PendingKind::Submit, None, None),
        };
        let pending =
            Pending { kind, epoch: state.epoch, person: person.cloned(), channel: channel.cloned() };
        state.pending.insert(effect.key.clone(), pending);
    }
}

/// Drops pages of an epoch that is over and summonses that were answered: nobody is paged after the acknowledgement.
pub(super) fn withdraw(state: &mut Incident) {
    if !state.pending.values().any(|p| matches!(p.kind, PendingKind::Page | PendingKind::Summons)) {
        return;
    }
    let (epoch, pageable, open) = (state.epoch, state.is_pageable(), state.is_open());
    let waiting: Vec<PersonId> =
        state.summonses.iter().filter(|s| s.accepted.is_none()).map(|s| s.person.clone()).collect();
    let acked = state.partial_acks.clone();
    state.pending.retain(|_, p| match p.kind {
        PendingKind::Page => {
            pageable && p.epoch == epoch && !p.person.as_ref().is_some_and(|x| acked.contains(x))
        }
        PendingKind::Summons => open && p.person.as_ref().is_some_and(|x| waiting.contains(x)),
        PendingKind::Notice | PendingKind::Submit => true,
    });
}
