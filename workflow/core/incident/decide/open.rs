//! Opens an incident: from a signal that belongs to none, or as the other half of a split.

use crate::context::Context;
use crate::incident::apply;
use crate::incident::command::{Command, SplitOff};
use crate::incident::draft::Draft;
use crate::incident::event::{Event, LifeEvent, Opened, PagingEvent, Triaged};
use crate::incident::heard::{Heard, Outcome, Prepared};
use crate::incident::kinds::{Phase, Priority, RelationKind, SuppressReason};
use crate::incident::state::{Assignee, Grouping, Origin};
use crate::instance::{Answer, Decision, Meta};
use crate::refusal::Refusal;
use crate::signal::SignalKind;

use super::{ack, deadlines, marks, notify, storm};
use crate::incident::event::{AlertEvent, Notice};

/// Decides the commands that open an incident.
pub(super) fn decide(command: &Command, cx: &Context<'_>) -> Result<Decision, Refusal> {
    match command {
        Command::Hear(prepared) => from_signal(prepared, cx),
        Command::OpenSplit(split) => from_split(split, cx),
        _ => Err(Refusal::Unknown { what: "incident".to_owned(), name: cx.id.to_string() }),
    }
}

/// A draft that begins with the opening event.
fn begin<'a>(opening: LifeEvent, cx: &'a Context<'a>) -> Result<Draft<'a>, Refusal> {
    let event = Event::Life(opening);
    let meta = Meta { n: 1, at: cx.now, actor: cx.actor };
    let state = apply::open(&event, cx.id, &meta)
        .ok_or_else(|| Refusal::Unknown { what: "incident".to_owned(), name: cx.id.to_string() })?;
    let mut draft = Draft::new(state, cx);
    draft.events.push(event);
    Ok(draft)
}

fn from_signal(p: &Prepared, cx: &Context<'_>) -> Result<Decision, Refusal> {
    let mut draft = begin(opening(p, cx), cx)?;
    triaged(&mut draft, p);
    if let Some((to, kind)) = &p.follows {
        draft.emit(LifeEvent::Related { to: to.clone(), kind: *kind, note: String::new() });
    }
    if p.routed.unrouted {
        draft.emit(LifeEvent::Unrouted);
    }
    for (rule, text) in p.routed.failed_rules.iter().chain(&p.assessment.failed) {
        draft.emit(LifeEvent::RuleFailed { rule: rule.clone(), text: text.clone() });
    }
    if let Some(value) = &p.signal.unmapped_severity {
        draft.emit(LifeEvent::SeverityUnmapped { value: value.clone() });
    }
    marks::mark(&mut draft, 1, &p.signal.labels, &p.routed.service);
    if p.routed.storm {
        storm::joined(&mut draft);
    }
    let suppressed = open_suppressed(&mut draft);
    if let Some(person) = &p.assessment.assignee {
        draft.emit(LifeEvent::Assigned { to: Assignee::Person(person.clone()), paging: false });
    }
    let alert = u32::from(p.signal.kind == SignalKind::Alert);
    let outcome = suppressed.map_or(Outcome::Created, Outcome::Suppressed);
    draft.answer = Answer::Heard(Heard { storm: p.routed.storm, ..Heard::new(outcome, alert) });
    deadlines::fire(&mut draft);
    Ok(draft.finish())
}

fn opening(p: &Prepared, cx: &Context<'_>) -> LifeEvent {
    let is_alert = p.signal.kind == SignalKind::Alert;
    let declared = if is_alert { !p.routed.unrouted } else { p.signal.declare } || p.assessment.declare;
    let team = cx.policy.service(&p.routed.service).map(|s| s.team.clone()).unwrap_or_default();
    let opened = Box::new(Opened {
        number: cx.number,
        policy: cx.policy.number(),
        origin: if is_alert { Origin::Alert } else { Origin::Report },
        phase: if declared { Phase::Active } else { Phase::Triage },
        service: p.routed.service.clone(),
        team,
        signal: p.signal.clone(),
        grouping: Grouping {
            key: p.routed.group_key.clone().filter(|_| is_alert),
            window: p.routed.group_window,
            joined_at: is_alert.then_some(cx.now),
            reopen_window: p.routed.reopen_window,
            transient_hold: p.routed.transient_hold,
        },
        exercise: false,
        alerts: Vec::new(),
        reports: 0,
        from: None,
    });
    if is_alert { LifeEvent::Alerted(opened) } else { LifeEvent::Reported(opened) }
}

fn triaged(draft: &mut Draft<'_>, p: &Prepared) {
    let a = &p.assessment;
    let service = draft.cx.policy.service(&p.routed.service);
    let mut runbooks: Vec<String> = a.runbook.iter().cloned().collect();
    runbooks.extend(service.map(|s| s.runbooks.clone()).unwrap_or_default());
    draft.emit(LifeEvent::Triaged(Box::new(Triaged {
        route: p.routed.route.clone(),
        rules: a.rules.clone(),
        service: p.routed.service.clone(),
        team: service.map(|s| s.team.clone()).unwrap_or_default(),
        category: a.category.clone(),
        impact: a.impact,
        urgency: a.urgency,
        priority: a.priority,
        labels: a.labels.clone(),
        stated: None,
        unlabelled: Vec::new(),
        title: p.routed.storm.then(|| storm_title(p)),
        description: None,
        runbooks,
        reason: String::new(),
    })));
}

fn storm_title(p: &Prepared) -> String {
    let title =
        format!("Alert storm from {} on {}: {}", p.signal.integration, p.routed.service, p.signal.title);
    title.chars().take(crate::limits::TITLE).collect()
}

/// A priority that pages nobody, an alert that is silenced, or a moment's hold in case it clears by itself.
fn open_suppressed(draft: &mut Draft<'_>) -> Option<SuppressReason> {
    let hold = draft.state.grouping.transient_hold;
    let is_alert = draft.state.origin == Origin::Alert;
    let (reason, until) = if !draft.rules().paged {
        (SuppressReason::NotPaged, None)
    } else if let Some(mark) = marks::of_all(&draft.state) {
        (mark, None)
    } else if is_alert && hold.millis() > 0 && draft.state.priority != Priority::P1 {
        (SuppressReason::Transient, Some(draft.now() + hold))
    } else {
        return None;
    };
    draft.emit(AlertEvent::Suppressed { reason, until });
    if reason == SuppressReason::NotPaged {
        let team = notify::team(draft);
        notify::tell(draft, Notice::OpenedQuietly, team);
    }
    Some(reason)
}

fn from_split(split: &SplitOff, cx: &Context<'_>) -> Result<Decision, Refusal> {
    let team = cx.policy.service(&split.service).map(|s| s.team.clone()).unwrap_or_default();
    let mut draft = begin(
        LifeEvent::SplitOff(Box::new(Opened {
            number: cx.number,
            policy: cx.policy.number(),
            origin: Origin::Split,
            phase: if split.in_triage { Phase::Triage } else { Phase::Active },
            service: split.service.clone(),
            team: team.clone(),
            signal: split.signal.clone(),
            grouping: Grouping::default(),
            exercise: split.exercise,
            alerts: split.alerts.clone(),
            reports: split.reports,
            from: Some(split.from.clone()),
        })),
        cx,
    )?;
    draft.emit(LifeEvent::Triaged(Box::new(Triaged {
        route: None,
        rules: Vec::new(),
        service: split.service.clone(),
        team,
        category: split.category.clone(),
        impact: split.impact,
        urgency: split.urgency,
        priority: split.priority,
        labels: split.signal.labels.clone(),
        stated: None,
        unlabelled: Vec::new(),
        title: None,
        description: None,
        runbooks: Vec::new(),
        reason: format!("split off {}", split.from),
    })));
    let (to, kind) = (split.from.clone(), RelationKind::Related);
    draft.emit(LifeEvent::Related { to, kind, note: String::new() });
    match &split.acknowledged_by {
        Some(holder) => {
            let terms = ack::terms(&draft);
            draft.emit(PagingEvent::Acknowledged { holder: holder.clone(), complete: true, terms });
        }
        None => {
            open_suppressed(&mut draft);
        }
    }
    deadlines::fire(&mut draft);
    Ok(draft.finish())
}
