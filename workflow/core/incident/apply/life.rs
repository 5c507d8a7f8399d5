//! Folds opening, phases, triage, ends and links. What an end or a reopening does to paging is in `paging`.

use std::collections::BTreeMap;

use crate::id::InstanceId;
use crate::incident::alerts::AlertState;
use crate::incident::event::{LifeEvent, Opened, ReopenReason, Triaged};
use crate::incident::kinds::{Audience, CancelReason, Level3, Phase, Priority, RelationKind, ResolutionCode};
use crate::incident::state::{Assignee, Incident, Merge, Origin, Relation, Resolution, ReviewLink, Times};
use crate::incident::work::{Task, Work};
use crate::instance::Meta;
use crate::limits;
use crate::signal::SignalKind;

use super::alert::{fires_again, hold_open};
use super::paging::stand_down;

/// The state after the opening event.
pub(super) fn open(o: &Opened, id: &InstanceId, meta: &Meta<'_>) -> Incident {
    let mut state = blank(o, id, meta);
    for alert in &o.alerts {
        // A split brings alerts whose signals stand in the history of the other half.
        let told = o.from.as_ref().map_or(alert.told.clone(), |from| alert.told.by(from));
        add_alert(&mut state, AlertState { told, ..alert.clone() });
    }
    if o.alerts.is_empty() && o.signal.kind == SignalKind::Alert {
        add_alert(&mut state, AlertState::first(&o.signal, meta.at, meta.n));
    }
    state
}

/// Attaches an alert under the next number.
pub(super) fn add_alert(state: &mut Incident, alert: AlertState) {
    let n = state.alerts.keys().next_back().map_or(1, |n| n + 1);
    state.alerts.insert(n, alert);
}

/// Attaches an alert of a merged incident; what was told of it before is brought up to date.
fn take_over(state: &mut Incident, alert: &AlertState, from: &InstanceId) {
    let alert = &AlertState { told: alert.told.by(from), ..alert.clone() };
    let known = state.alerts.values_mut().find(|a| a.identity == alert.identity && !a.moved);
    match known {
        Some(a) => *a = AlertState { attached_at: a.attached_at, ..alert.clone() },
        None => add_alert(state, alert.clone()),
    }
}

/// Subscribers and open tasks of a merged incident, as far as there is room for them.
fn take_over_work(work: &mut Work, subscribers: &BTreeMap<String, Audience>, tasks: &[Task]) {
    for (subscriber, audience) in subscribers {
        if work.subscribers.len() < limits::SUBSCRIBERS {
            work.subscribers.entry(subscriber.clone()).or_insert(*audience);
        }
    }
    for task in tasks.iter().take(limits::OF_EACH.saturating_sub(work.tasks.len())) {
        let n = work.tasks.keys().next_back().map_or(1, |n| n + 1);
        work.tasks.insert(n, task.clone());
    }
}

fn blank(o: &Opened, id: &InstanceId, meta: &Meta<'_>) -> Incident {
    let s = &o.signal;
    Incident {
        id: id.clone(),
        number: o.number,
        storm: None,
        version: meta.n,
        policy: o.policy,
        opened_at: meta.at,
        updated_at: meta.at,
        origin: o.origin,
        phase: o.phase,
        priority: Priority::P3,
        impact: Level3::Medium,
        urgency: Level3::Medium,
        severity: s.severity,
        category: String::new(),
        service: o.service.clone(),
        team: o.team.clone(),
        title: s.title.clone(),
        description: s.description.clone(),
        labels: s.labels.clone(),
        reporter: s.reporter.clone(),
        runbooks: Vec::new(),
        assignee: Some(Assignee::Team(o.team.clone())),
        grouping: o.grouping.clone(),
        ack: None,
        partial_acks: Vec::new(),
        snoozed_until: None,
        snoozed_by: None,
        hold: None,
        suppressed: None,
        exhausted: None,
        exercise: o.exercise,
        merge: None,
        splits: Vec::new(),
        epoch: 1,
        escalation: None,
        contacts: Vec::new(),
        pending: BTreeMap::new(),
        summonses: Vec::new(),
        alerts: BTreeMap::new(),
        reports: if o.origin == Origin::Report { 1 } else { o.reports },
        all_clear_at: None,
        held_open: false,
        clear_step: None,
        clocks: Vec::new(),
        work: Work::default(),
        relations: o
            .from
            .iter()
            .map(|from| Relation { to: from.clone(), kind: RelationKind::Related, note: String::new() })
            .collect(),
        resolution: None,
        cancelled: None,
        review: None,
        closing_at: None,
        times: Times {
            activity: meta.at,
            stale_at: Some(meta.at + super::STALE),
            declared: (o.phase == Phase::Active).then_some(meta.at),
            detected: Some(s.received_at),
            ..Times::default()
        },
    }
}

pub(super) fn apply(state: &mut Incident, event: &LifeEvent, meta: &Meta<'_>) {
    match event {
        LifeEvent::Reported(_) | LifeEvent::Alerted(_) | LifeEvent::SplitOff(_) => {}
        LifeEvent::Triaged(t) => triaged(state, t),
        LifeEvent::PriorityChanged { to, .. } => state.priority = *to,
        LifeEvent::Declared => {
            state.phase = Phase::Active;
            state.times.declared = Some(meta.at);
        }
        LifeEvent::Assigned { to, paging } => {
            state.assignee = Some(to.clone());
            if *paging {
                state.epoch += 1;
                state.contacts.clear();
                state.partial_acks.clear();
            }
        }
        LifeEvent::Mitigated { .. } => {
            state.phase = Phase::Mitigated;
            state.times.mitigated = Some(meta.at);
            state.times.corrected_mitigated = None;
        }
        LifeEvent::Relapsed { .. } => {
            state.phase = Phase::Active;
            state.times.mitigated = None;
            state.times.corrected_mitigated = None;
        }
        LifeEvent::Resolved { code, note, how_verified, by_itself, forced } => {
            end(state, meta);
            mute_firing(state);
            state.resolution = Some(Resolution {
                note: note.clone(),
                how_verified: how_verified.clone(),
                by_itself: *by_itself,
                forced: forced.clone(),
                ..resolution(*code, meta)
            });
        }
        LifeEvent::AutoResolved { code } => {
            end(state, meta);
            state.resolution = Some(resolution(*code, meta));
        }
        LifeEvent::Reopened { reason, .. } => {
            reopened(state, meta);
            if *reason == ReopenReason::Requested {
                hold_open(state);
            }
        }
        LifeEvent::Closed { .. } => {
            state.phase = Phase::Closed;
            state.times.closed = Some(meta.at);
            state.closing_at = None;
        }
        LifeEvent::Documented => state.times.documented = Some(meta.at),
        LifeEvent::Cancelled { reason, .. } => cancelled(state, *reason, meta),
        _ => apply_links(state, event, meta),
    }
}

fn resolution(code: ResolutionCode, meta: &Meta<'_>) -> Resolution {
    Resolution {
        code,
        at: meta.at,
        by: meta.actor.clone(),
        note: String::new(),
        how_verified: String::new(),
        by_itself: false,
        forced: None,
    }
}

fn apply_links(state: &mut Incident, event: &LifeEvent, meta: &Meta<'_>) {
    match event {
        LifeEvent::MergeStarted { into, raise_priority } => {
            state.merge = Some(Merge {
                into: into.clone(),
                done: false,
                carried: state.alerts.keys().next_back().copied().unwrap_or(0),
                carried_reports: state.reports,
                since: meta.at,
                raise_priority: *raise_priority,
                effect: format!("{}.0", meta.n),
                before: state.suppressed.clone(),
            });
        }
        LifeEvent::MergeRefused { .. } => state.merge = None,
        LifeEvent::Merged { .. } => {
            if let Some(m) = &mut state.merge {
                m.done = true;
            }
            cancelled(state, CancelReason::Merged, meta);
        }
        LifeEvent::Absorbed { alerts, reports, priority, from, subscribers, tasks, .. } => {
            for alert in alerts {
                take_over(state, alert, from);
            }
            take_over_work(&mut state.work, subscribers, tasks);
            state.reports += reports;
            if *reports > 0 || alerts.iter().any(AlertState::counts_as_firing) {
                fires_again(state);
            }
            state.priority = *priority;
            link(state, from, RelationKind::DuplicateOf, "");
        }
        LifeEvent::SplitOut { to, alerts, reports, .. } => {
            for n in alerts {
                if let Some(a) = state.alerts.get_mut(n) {
                    a.moved = true;
                }
            }
            state.reports = state.reports.saturating_sub(*reports);
            link(state, to, RelationKind::Related, "");
        }
        LifeEvent::Related { to, kind, note } => link(state, to, *kind, note),
        LifeEvent::Unrelated { to, kind, .. } => {
            state.relations.retain(|r| r.to != *to || r.kind != *kind);
        }
        LifeEvent::ReviewLinked { review, published } => {
            state.review = Some(ReviewLink { id: review.clone(), published: *published });
        }
        LifeEvent::PolicyMoved { to, .. } => state.policy = *to,
        LifeEvent::TimesCorrected { impact_start, impact_end, detected, mitigated, resolved } => {
            let t = &mut state.times;
            t.impact_start = impact_start.or(t.impact_start);
            t.impact_end = impact_end.or(t.impact_end);
            t.detected = detected.or(t.detected);
            t.corrected_mitigated = mitigated.or(t.corrected_mitigated);
            t.corrected_resolved = resolved.or(t.corrected_resolved);
        }
        LifeEvent::StaleReminded { next } => state.times.stale_at = Some(*next),
        LifeEvent::ClosingArmed { at } => state.closing_at = *at,
        _ => {}
    }
}

/// Links once; the same link said again keeps its place and takes the newer words.
fn link(state: &mut Incident, to: &InstanceId, kind: RelationKind, note: &str) {
    match state.relations.iter_mut().find(|r| r.to == *to && r.kind == kind) {
        Some(known) => known.note = note.to_owned(),
        None => state.relations.push(Relation { to: to.clone(), kind, note: note.to_owned() }),
    }
}

fn triaged(state: &mut Incident, t: &Triaged) {
    state.service = t.service.clone();
    if matches!(&state.assignee, Some(Assignee::Team(team)) if *team == state.team) {
        state.assignee = Some(Assignee::Team(t.team.clone()));
    }
    state.team = t.team.clone();
    state.category = t.category.clone();
    state.impact = t.impact;
    state.urgency = t.urgency;
    state.priority = t.priority;
    state.labels.extend(t.labels.clone());
    for name in &t.unlabelled {
        state.labels.remove(name);
    }
    if let Some(title) = &t.title {
        state.title.clone_from(title);
    }
    if let Some(description) = &t.description {
        state.description.clone_from(description);
    }
    for runbook in &t.runbooks {
        if !state.runbooks.contains(runbook) {
            state.runbooks.push(runbook.clone());
        }
    }
}

/// What every resolve does.
fn end(state: &mut Incident, meta: &Meta<'_>) {
    state.phase = Phase::Resolved;
    state.times.resolved = Some(meta.at);
    if state.times.mitigated.is_none() {
        state.times.mitigated = Some(meta.at);
    }
    settle_down(state);
}

fn settle_down(state: &mut Incident) {
    state.snoozed_until = None;
    state.hold = None;
    state.suppressed = None;
    state.clear_step = None;
    state.held_open = false;
    stand_down(state);
    for s in &mut state.summonses {
        s.steps.clear();
        s.remind_at = None;
    }
}

/// Alerts that still fire say nothing new until they cleared once.
fn mute_firing(state: &mut Incident) {
    for a in state.alerts.values_mut().filter(|a| a.firing) {
        a.muted = true;
    }
}

fn cancelled(state: &mut Incident, reason: CancelReason, meta: &Meta<'_>) {
    state.phase = Phase::Cancelled;
    state.cancelled = Some(reason);
    state.times.resolved = None;
    state.times.cancelled = Some(meta.at);
    settle_down(state);
    mute_firing(state);
}

fn reopened(state: &mut Incident, meta: &Meta<'_>) {
    state.phase = Phase::Active;
    state.epoch += 1;
    state.ack = None;
    state.partial_acks.clear();
    state.escalation = None;
    state.exhausted = None;
    state.resolution = None;
    state.cancelled = None;
    state.closing_at = None;
    state.all_clear_at = None;
    let t = &mut state.times;
    t.reopened = Some(meta.at);
    t.resolved = None;
    t.closed = None;
    t.cancelled = None;
    t.mitigated = None;
    t.corrected_mitigated = None;
    t.corrected_resolved = None;
    t.activity = t.activity.max(meta.at);
    t.stale_at = Some(meta.at + super::STALE);
    if t.declared.is_none() {
        t.declared = Some(meta.at);
    }
    for a in state.alerts.values_mut() {
        a.muted = false;
    }
}
