//! What people and sources put on an incident's record, as readers see it. Everything stands in the state, but for what
//! a source told of an alert, which is given with it.

use std::collections::BTreeMap;

use stentor_core::id::InstanceId;
use stentor_core::incident::Incident;
use stentor_core::incident::work::{ChecklistField, ChecklistItem, Deed, Role, Work};
use stentor_core::policy::Policy;
use stentor_core::policy::document::ClosureProfile;
use stentor_core::signal::Signal;
use stentor_engine::store::rows::AlertRecord;
use stentor_proto::v1;

use super::clocks::{count, duration, instant};
use super::enums::{self, EvidenceKind};

/// The attached alerts; those that moved to another incident are told there.
pub fn alerts(i: &Incident, owner: &str, heard: &Sources<'_>) -> Vec<v1::Alert> {
    let attached = i.alerts.iter().filter(|(_, a)| !a.moved);
    let render = |(n, a): (&u32, &stentor_core::incident::alerts::AlertState)| {
        let (integration, key) = a.identity.split_once(':').unwrap_or((&a.identity, ""));
        let record = heard.records.iter().find(|r| r.key == a.identity);
        let signal = heard.signals.get(n);
        let map = |of: fn(&Signal) -> &BTreeMap<String, String>| signal.map(of).cloned().unwrap_or_default();
        let seen = |ms: Option<i64>| ms.map(|ms| instant(stentor_core::time::Timestamp(ms)));
        v1::Alert {
            name: format!("{owner}/alerts/{n}"),
            number: count(*n),
            integration: format!("integrations/{integration}"),
            dedup_key: key.to_owned(),
            state: enums::alert_state(a),
            severity: a.severity.map(enums::severity).unwrap_or_default(),
            title: a.title.clone(),
            count: record.map_or(1, |r| r.count),
            first_seen_time: seen(record.map(|r| r.first_at)).or(Some(instant(a.attached_at))),
            last_seen_time: seen(record.map(|r| r.last_at)).or(Some(instant(a.observed_at))),
            expire_time: seen(record.and_then(|r| r.ends_at)).or(a.ends_at.map(instant)).filter(|_| a.firing),
            clear_time: Some(instant(a.since)).filter(|_| !a.firing),
            clear_cause: a.cleared_by.map(enums::clear_cause).unwrap_or_default(),
            mark: a.mark.map(enums::suppression).unwrap_or_default(),
            muted: a.muted,
            flapping: a.flapping.is_some(),
            description: signal.map(|s| s.description.clone()).unwrap_or_default(),
            labels: map(|s| &s.labels).into_iter().collect(),
            annotations: map(|s| &s.annotations).into_iter().collect(),
            url: signal.map(|s| s.url.clone()).unwrap_or_default(),
        }
    };
    attached.map(render).collect()
}

/// What is known of an incident's alerts beside its state.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// How often they were heard.
    pub records: &'a [AlertRecord],
    /// The signals that brought them, by number.
    pub signals: &'a BTreeMap<u32, Signal>,
}

fn who(deed: Option<&Deed>) -> String {
    deed.map(|d| d.by.to_string()).unwrap_or_default()
}

fn when(deed: Option<&Deed>) -> Option<prost_types::Timestamp> {
    deed.map(|d| instant(d.at))
}

/// The fixes by number.
pub fn fixes(work: &Work, owner: &str) -> Vec<v1::Fix> {
    let fixes = work.fixes.iter().map(|(n, fix)| v1::Fix {
        name: format!("{owner}/fixes/{n}"),
        number: count(*n),
        state: enums::fix_state(fix.state),
        description: fix.summary.clone(),
        plan_actor: who(fix.planned.as_ref()),
        plan_time: when(fix.planned.as_ref()),
        apply_actor: fix.applied_by.as_ref().map(ToString::to_string).unwrap_or_default(),
        apply_time: fix.applied_at.map(instant),
        ready_time: fix.ready_at.map(instant),
        verify_actor: who(fix.judged.as_ref()),
        verify_time: when(fix.judged.as_ref()),
        verification: fix.how.clone(),
        end_reason: fix.end_reason.clone(),
    });
    fixes.collect()
}

/// The recovery steps by number.
pub fn recovery_steps(work: &Work, owner: &str) -> Vec<v1::RecoveryStep> {
    let steps = work.recovery.iter().map(|(n, step)| v1::RecoveryStep {
        name: format!("{owner}/recoverySteps/{n}"),
        number: count(*n),
        description: step.summary.clone(),
        after_resolution: step.after_resolution,
        done: step.done,
        checked: step.checked,
        actor: who(step.completed.as_ref()),
        complete_time: when(step.completed.as_ref()),
    });
    steps.collect()
}

/// The tasks by number.
pub fn tasks(work: &Work, owner: &str) -> Vec<v1::Task> {
    let tasks = work.tasks.iter().map(|(n, task)| v1::Task {
        name: format!("{owner}/tasks/{n}"),
        number: count(*n),
        state: enums::task_state(task.state),
        title: task.summary.clone(),
        owner: task.owner.as_ref().map(|p| format!("people/{p}")).unwrap_or_default(),
        due_time: task.due.map(instant),
        reason: task.reason.clone(),
        create_time: when(task.added.as_ref()),
        end_time: when(task.ended.as_ref()),
    });
    tasks.collect()
}

/// The hypotheses by number.
pub fn hypotheses(work: &Work, owner: &str) -> Vec<v1::Hypothesis> {
    let hypotheses = work.hypotheses.iter().map(|(n, hypothesis)| v1::Hypothesis {
        name: format!("{owner}/hypotheses/{n}"),
        number: count(*n),
        state: enums::hypothesis_state(hypothesis.state),
        statement: hypothesis.statement.clone(),
        evidence_numbers: hypothesis.evidence.iter().map(|e| count(*e)).collect(),
        actor: who(hypothesis.proposed.as_ref()),
        note: hypothesis.note.clone(),
        create_time: when(hypothesis.proposed.as_ref()),
    });
    hypotheses.collect()
}

/// The evidence by number.
pub fn evidence(work: &Work, owner: &str) -> Vec<v1::Evidence> {
    let evidence = work.evidence.iter().map(|(n, evidence)| v1::Evidence {
        name: format!("{owner}/evidence/{n}"),
        number: count(*n),
        kind: EvidenceKind::of(&evidence.body).wire(),
        title: evidence.title.clone(),
        body: evidence.body.clone(),
        trace_id: evidence.trace_id.clone(),
        retracted: evidence.retracted,
        actor: who(evidence.added.as_ref()),
        create_time: when(evidence.added.as_ref()),
        retract_reason: evidence.retract_reason.clone(),
    });
    evidence.collect()
}

/// The summonses in order.
pub fn summonses(i: &Incident, owner: &str) -> Vec<v1::Summons> {
    let summonses = i.summonses.iter().zip(1..).map(|(summons, n)| {
        let state = match summons.accepted {
            Some(true) => v1::SummonsState::Accepted,
            Some(false) => v1::SummonsState::Declined,
            None if i.is_open() => v1::SummonsState::Pending,
            None => v1::SummonsState::Ended,
        };
        v1::Summons {
            name: format!("{owner}/summonses/{n}"),
            number: n,
            person: format!("people/{}", summons.person),
            state: state.into(),
            actor: summons.by.to_string(),
            summon_time: Some(instant(summons.at)),
            message: summons.note.clone(),
            answer_time: summons.answered_at.map(instant),
        }
    });
    summonses.collect()
}

/// The status updates by number.
pub fn updates(work: &Work, owner: &str) -> Vec<v1::StatusUpdate> {
    let last = match work.checklist.get(&ChecklistField::FinalUpdate) {
        Some(ChecklistItem::Done(text)) => Some(text),
        Some(ChecklistItem::Waived { .. }) | None => None,
    };
    let updates = work.updates.iter().map(|(n, update)| v1::StatusUpdate {
        name: format!("{owner}/updates/{n}"),
        number: count(*n),
        audience: enums::audience(update.audience),
        text: update.text.clone(),
        next_update_duration: update.next_in.map(duration),
        r#final: last == Some(&update.text),
        actor: update.by.as_ref().map(ToString::to_string).unwrap_or_default(),
        post_time: Some(instant(update.at)),
    });
    updates.collect()
}

/// The roles by name.
pub fn roles(work: &Work) -> Vec<v1::RoleAssignment> {
    let handover = |role: &Role| {
        role.handover.as_ref().map(|h| v1::Handover {
            recipient: format!("people/{}", h.to),
            actor: h.by.as_ref().map_or_else(|| format!("people/{}", role.holder), ToString::to_string),
            expire_time: Some(instant(h.expires_at)),
        })
    };
    let roles = work.roles.iter().map(|(name, role)| v1::RoleAssignment {
        role: name.clone(),
        holder: format!("people/{}", role.holder),
        assign_time: role.since.map(instant),
        handover: handover(role),
    });
    roles.collect()
}

/// The closure checklist: every field, with what the profile of the incident's priority demands marked.
pub fn checklist(i: &Incident, policy: Option<&Policy>) -> Vec<v1::ChecklistItem> {
    let profile = policy.map_or(ClosureProfile::None, |policy| {
        let escalation = i.escalation.as_ref().and_then(|e| policy.escalation(&e.policy));
        policy.rules(i.priority, escalation).closure
    });
    let code = v1::ChecklistItem {
        field: v1::ChecklistField::ResolutionCode.into(),
        state: done(i.resolution.is_some()).into(),
        required: true,
        text: i.resolution.as_ref().map(|r| r.code.to_string()).unwrap_or_default(),
        actor: i.resolution.as_ref().map(|r| r.by.to_string()).unwrap_or_default(),
        update_time: i.resolution.as_ref().map(|r| instant(r.at)),
        ..v1::ChecklistItem::default()
    };
    let others = ChecklistField::ALL.iter().map(|field| v1::ChecklistItem {
        field: enums::checklist_field(*field),
        required: field.required_by(profile),
        actor: who(i.work.documented.get(field)),
        update_time: when(i.work.documented.get(field)),
        ..item(*field, i.work.checklist.get(field))
    });
    std::iter::once(code).chain(others).collect()
}

fn item(field: ChecklistField, item: Option<&ChecklistItem>) -> v1::ChecklistItem {
    match item {
        None => v1::ChecklistItem { state: done(false).into(), ..v1::ChecklistItem::default() },
        Some(ChecklistItem::Waived { reason, .. }) => v1::ChecklistItem {
            state: v1::ChecklistState::Waived.into(),
            waive_reason: reason.clone(),
            ..v1::ChecklistItem::default()
        },
        Some(ChecklistItem::Done(text)) => {
            let cause = (field == ChecklistField::RootCause).then(|| text.split_once(": ")).flatten();
            let (category, text) = cause.unwrap_or(("", text));
            let unknown = category == "unknown";
            v1::ChecklistItem {
                state: done(true).into(),
                text: text.to_owned(),
                category: if unknown { String::new() } else { category.to_owned() },
                unknown,
                ..v1::ChecklistItem::default()
            }
        }
    }
}

fn done(done: bool) -> v1::ChecklistState {
    if done { v1::ChecklistState::Done } else { v1::ChecklistState::Missing }
}

/// The links to other incidents.
pub fn relations(i: &Incident, references: &BTreeMap<InstanceId, String>) -> Vec<v1::Relation> {
    let relations = i.relations.iter().map(|relation| v1::Relation {
        kind: enums::relation(relation.kind),
        incident: super::incident::name(&relation.to),
        reference: references.get(&relation.to).cloned().unwrap_or_default(),
        note: relation.note.clone(),
    });
    relations.collect()
}

/// The incident's own subscribers.
pub fn subscribers(work: &Work) -> Vec<v1::Subscriber> {
    let subscribers = work.subscribers.iter().map(|(subscriber, audience)| v1::Subscriber {
        subscriber: subscriber.clone(),
        audience: enums::audience(*audience),
    });
    subscribers.collect()
}
