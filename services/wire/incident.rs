//! An incident as readers see it, in full or in brief. Everything comes from the state, the pinned policy and the
//! instant of reading; nothing is looked up here.

use std::collections::BTreeMap;

use stentor_core::id::InstanceId;
use stentor_core::incident::Incident;
use stentor_core::incident::paging::Escalation;
use stentor_core::incident::state::{Ack, Assignee, Hold, Resolution, Suppression};
use stentor_core::policy::Policy;
use stentor_core::time::Timestamp;
use stentor_proto::v1;

use super::clocks::{self, count, instant};
use super::record::Sources;
use super::{enums, record};

/// What rendering needs besides the incident.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The instant of reading.
    pub now: Timestamp,
    /// The policy it is decided by.
    pub policy: Option<&'a Policy>,
    /// What is known of its alerts.
    pub alerts: Sources<'a>,
    /// References of the incidents it is linked to, as far as known.
    pub references: &'a BTreeMap<InstanceId, String>,
}

/// Everything.
pub fn full(i: &Incident, frame: &Frame<'_>) -> v1::Incident {
    let name = name(&i.id);
    v1::Incident {
        description: i.description.clone(),
        alerts: record::alerts(i, &name, &frame.alerts),
        fixes: record::fixes(&i.work, &name),
        recovery_steps: record::recovery_steps(&i.work, &name),
        tasks: record::tasks(&i.work, &name),
        hypotheses: record::hypotheses(&i.work, &name),
        evidence: record::evidence(&i.work, &name),
        summonses: record::summonses(i, &name),
        updates: record::updates(&i.work, &name),
        checklist: record::checklist(i, frame.policy),
        relations: record::relations(i, frame.references),
        subscribers: record::subscribers(&i.work),
        ..basic(i, frame)
    }
}

/// Everything but description, alerts, work items, updates, checklist, relations and subscribers.
pub fn basic(i: &Incident, frame: &Frame<'_>) -> v1::Incident {
    let name = name(&i.id);
    v1::Incident {
        reference: i.reference(),
        etag: etag(i.version),
        phase: enums::phase(i.phase),
        priority: enums::priority(i.priority),
        impact: enums::impact(i.impact),
        urgency: enums::urgency(i.urgency),
        severity: severity(i),
        category: i.category.clone(),
        service: format!("services/{}", i.service),
        team: format!("teams/{}", i.team),
        assignee: i.assignee.as_ref().map(assignee).unwrap_or_default(),
        title: i.title.clone(),
        labels: i.labels.clone(),
        origin: enums::origin(i.origin),
        reporter: i.reporter.clone(),
        merge_target: i.merge.as_ref().filter(|m| m.done).map(|m| self::name(&m.into)).unwrap_or_default(),
        cancel_reason: i.cancelled.map(enums::cancel_reason).unwrap_or_default(),
        policy: format!("policies/{}", i.policy),
        review: i.review.as_ref().map(|r| format!("reviews/{}", r.id)).unwrap_or_default(),
        runbook: i.runbooks.first().cloned().unwrap_or_default(),
        resolution: i.resolution.as_ref().filter(|_| !i.is_open()).map(resolution),
        create_time: Some(instant(i.opened_at)),
        update_time: Some(instant(i.updated_at)),
        activity_time: Some(i.times.activity).filter(|at| at.0 > 0).map(instant),
        times: Some(times(i)),
        roles: record::roles(&i.work),
        firing_alert_count: tally(i.alerts.values().filter(|a| a.firing && !a.moved).count()),
        alert_count: tally(i.alerts.values().filter(|a| !a.moved).count()),
        ..facts(i, frame, name)
    }
}

/// What holds or not in any phase, and the clocks.
fn facts(i: &Incident, frame: &Frame<'_>, name: String) -> v1::Incident {
    let mut ordered: Vec<_> = i.clocks.iter().collect();
    ordered.sort_by_key(|c| (!c.is_live(), clocks::at_stake(c), c.start));
    v1::Incident {
        acknowledged: i.ack.is_some(),
        acknowledgement: i.ack.as_ref().map(|ack| acknowledgement(ack, i.ack_expires_at())),
        snooze: i.snoozed_until.map(|end| v1::Snooze {
            end_time: Some(instant(end)),
            actor: i.snoozed_by.as_ref().map_or_else(|| holder(i), ToString::to_string),
        }),
        on_hold: i.hold.is_some(),
        hold: i.hold.as_ref().map(hold),
        suppressed: i.suppressed.is_some(),
        suppression: i.suppressed.as_ref().map(suppression),
        escalation: Some(escalation(i, frame.policy)),
        sla: Some(clocks::summary(&name, &i.clocks)),
        next_due_time: clocks::next_due(&i.clocks).map(instant),
        clocks: ordered.into_iter().map(|c| clocks::clock(&name, c, frame.policy, frame.now)).collect(),
        name,
        ..v1::Incident::default()
    }
}

/// `incidents/{id}`.
pub fn name(id: &InstanceId) -> String {
    format!("incidents/{id}")
}

/// A version in quotes.
pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// `people/{id}` or `teams/{id}`.
pub fn assignee(assignee: &Assignee) -> String {
    match assignee {
        Assignee::Person(id) => format!("people/{id}"),
        Assignee::Team(id) => format!("teams/{id}"),
    }
}

/// Who acknowledged; empty if nobody.
pub fn holder(i: &Incident) -> String {
    i.ack.as_ref().map(|a| a.holder.to_string()).unwrap_or_default()
}

/// When the next level, round, exhaustion or reminder is due.
pub fn next_escalation(i: &Incident) -> Option<Timestamp> {
    match &i.exhausted {
        Some(exhausted) => Some(exhausted.remind_at),
        None => i.escalation.as_ref().and_then(|e| e.due),
    }
}

fn severity(i: &Incident) -> i32 {
    let firing = i.alerts.values().filter(|a| a.firing && !a.moved).filter_map(|a| a.severity).min();
    firing.or(i.severity).map(enums::severity).unwrap_or_default()
}

fn acknowledgement(ack: &Ack, expires_at: Option<Timestamp>) -> v1::Acknowledgement {
    v1::Acknowledgement {
        holder: ack.holder.to_string(),
        acknowledge_time: Some(instant(ack.at)),
        expire_time: expires_at.map(instant),
        others: ack.co.iter().map(ToString::to_string).collect(),
    }
}

fn hold(hold: &Hold) -> v1::Hold {
    v1::Hold {
        reason: enums::hold_reason(hold.reason),
        note: hold.note.clone(),
        start_time: Some(instant(hold.since)),
        end_time: Some(instant(hold.until)),
        actor: hold.by.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

fn suppression(s: &Suppression) -> v1::Suppression {
    v1::Suppression {
        reason: enums::suppression(s.reason),
        start_time: s.since.map(instant),
        end_time: s.until.map(instant),
    }
}

fn escalation(i: &Incident, policy: Option<&Policy>) -> v1::EscalationPosition {
    let position = i.escalation.as_ref();
    let mut paged: Vec<String> = Vec::new();
    for contact in &i.contacts {
        let person = format!("people/{}", contact.person);
        if !paged.contains(&person) {
            paged.push(person);
        }
    }
    v1::EscalationPosition {
        escalation_policy: position.map(|e| format!("escalationPolicies/{}", e.policy)).unwrap_or_default(),
        level: position.map_or(0, |e| count(e.level)),
        level_id: position.and_then(|e| level_id(e, policy)).unwrap_or_default(),
        round: position.map_or(0, |e| count(e.round)),
        epoch: i64::from(i.epoch),
        next_due_time: next_escalation(i).filter(|_| i.is_pageable()).map(instant),
        exhausted: i.exhausted.is_some(),
        exhaust_time: i.exhausted.as_ref().map(|e| instant(e.at)),
        paged_people: paged,
    }
}

fn level_id(e: &Escalation, policy: Option<&Policy>) -> Option<String> {
    let index = usize::try_from(e.level).ok()?.checked_sub(1)?;
    Some(policy?.escalation(&e.policy)?.levels.get(index)?.id.to_string())
}

fn resolution(r: &Resolution) -> v1::Resolution {
    v1::Resolution {
        code: enums::resolution_code(r.code),
        verification: r.how_verified.clone(),
        self_recovered: r.by_itself,
        note: r.note.clone(),
        force_reason: r.forced.clone().unwrap_or_default(),
        actor: r.by.to_string(),
        resolve_time: Some(instant(r.at)),
    }
}

fn times(i: &Incident) -> v1::IncidentTimes {
    let t = &i.times;
    v1::IncidentTimes {
        detect_time: Some(instant(t.detected.unwrap_or(i.opened_at))),
        trigger_time: t.triggered.map(instant),
        acknowledge_time: t.acknowledged.map(instant),
        mitigate_time: t.corrected_mitigated.or(t.mitigated).map(instant),
        resolve_time: t.corrected_resolved.or(t.resolved).map(instant),
        close_time: t.closed.map(instant),
        impact_start_time: t.impact_start.map(instant),
        impact_end_time: t.impact_end.map(instant),
    }
}

fn tally(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

#[cfg(test)]
#[path = "incident_tests.rs"]
mod tests;
