//! Read-only views of one policy version: services, teams, people and so on. Addresses of people never leave.

use stentor_core::id::{
    CalendarId, EscalationPolicyId, IntegrationId, PersonId, ScheduleId, ServiceId, TeamId,
};
use stentor_core::policy::Policy;
use stentor_core::policy::document::{
    AckMode, CalendarSpec, ContactStep, EscalationSpec, Integration, IntegrationKind, LayerMode, LayerSpec,
    LevelSpec, Person, ScheduleSpec, Service, SlaDefinition, Slot, Target, Team, When,
};
use stentor_core::time::Timestamp;
use stentor_proto::v1;

use super::clocks::{count, duration};
use super::enums;

pub fn service(id: &ServiceId, s: &Service) -> v1::Service {
    let escalations = s.escalation.iter().map(|(p, id)| (p.clone(), format!("escalationPolicies/{id}")));
    v1::Service {
        name: format!("services/{id}"),
        display_name: id.to_string(),
        team: format!("teams/{}", s.team),
        tier: s.tier.into(),
        escalation_policies: escalations.collect(),
        runbooks: s.runbooks.clone(),
        labels: s.labels.clone(),
    }
}

pub fn team(id: &TeamId, t: &Team) -> v1::Team {
    v1::Team {
        name: format!("teams/{id}"),
        display_name: id.to_string(),
        lead: person_name(&t.lead),
        members: t.members.iter().map(person_name).collect(),
        calendar: format!("calendars/{}", t.calendar.as_ref().map_or("always", |c| c.as_str())),
    }
}

pub fn person(id: &PersonId, p: &Person, policy: &Policy) -> v1::Person {
    let teams = policy.document().teams.iter().filter(|(_, team)| team.members.contains(id));
    v1::Person {
        name: person_name(id),
        display_name: p.name.clone(),
        contacts: p.contacts.keys().map(ToString::to_string).collect(),
        urgent_steps: p.urgent.iter().map(step).collect(),
        normal_steps: p.normal.iter().map(step).collect(),
        teams: teams.map(|(id, _)| format!("teams/{id}")).collect(),
    }
}

fn person_name(id: &PersonId) -> String {
    format!("people/{id}")
}

fn step(s: &ContactStep) -> v1::ContactStep {
    v1::ContactStep { channel: s.channel.to_string(), wait_duration: Some(duration(s.wait)) }
}

pub fn schedule(id: &ScheduleId, s: &ScheduleSpec, on_call: &[PersonId]) -> v1::Schedule {
    v1::Schedule {
        name: format!("schedules/{id}"),
        display_name: id.to_string(),
        time_zone: s.zone.clone(),
        layers: s.layers.iter().map(layer).collect(),
        on_call_people: on_call.iter().map(person_name).collect(),
    }
}

fn layer(l: &LayerSpec) -> v1::ScheduleLayer {
    let slot = |slot: &Slot| match slot {
        Slot::One(person) => v1::ScheduleSlot { people: vec![person_name(person)] },
        Slot::Together(people) => v1::ScheduleSlot { people: people.iter().map(person_name).collect() },
    };
    let windows = l.only.iter().flatten().map(|(days, windows)| (days.clone(), windows.join(", ")));
    v1::ScheduleLayer {
        layer_id: l.id.clone(),
        slots: l.members.iter().map(slot).collect(),
        turn: l.turn.to_string(),
        anchor: l.anchor.clone(),
        windows: windows.collect(),
        additive: l.mode == LayerMode::Add,
    }
}

pub fn escalation_policy(id: &EscalationPolicyId, e: &EscalationSpec) -> v1::EscalationPolicy {
    v1::EscalationPolicy {
        name: format!("escalationPolicies/{id}"),
        display_name: id.to_string(),
        grace_duration: Some(duration(e.grace)),
        repeat_count: count(e.repeat),
        levels: e.levels.iter().map(level).collect(),
        fallback: e.fallback.iter().map(target).collect(),
        reminder_duration: Some(duration(e.remind_every)),
        ack_timeouts: e.ack_timeout.iter().map(|(p, d)| (p.clone(), duration(*d))).collect(),
    }
}

fn level(l: &LevelSpec) -> v1::EscalationLevel {
    v1::EscalationLevel {
        level_id: l.id.to_string(),
        targets: l.targets.iter().map(target).collect(),
        delay_duration: Some(duration(l.delay)),
        all_required: l.ack == AckMode::All,
        round_robin: l.round_robin,
        condition: l.when.as_ref().map(condition).unwrap_or_default(),
    }
}

fn target(t: &Target) -> String {
    match t {
        Target::Schedule(id) => format!("schedules/{id}"),
        Target::Person(id) => person_name(id),
        Target::Team(id) => format!("teams/{id}"),
        Target::Channel(id) => format!("channels/{id}"),
    }
}

/// As in the document, so that readers find it there.
fn condition(when: &When) -> String {
    serde_json::to_string(when).unwrap_or_default()
}

pub fn calendar(id: &CalendarId, c: &CalendarSpec, policy: &Policy, now: Timestamp) -> v1::Calendar {
    let joined = |(day, windows): (&String, &Vec<String>)| (day.clone(), windows.join(", "));
    v1::Calendar {
        name: format!("calendars/{id}"),
        display_name: id.to_string(),
        time_zone: c.zone.clone(),
        weekly_windows: c.weekly.iter().map(joined).collect(),
        closed_dates: c.closed.clone(),
        special_windows: c.special.iter().map(joined).collect(),
        open: policy.calendar(id).is_some_and(|calendar| calendar.is_open(now)),
    }
}

pub fn sla_definition(d: &SlaDefinition) -> v1::SlaDefinition {
    let thresholds = d
        .at
        .iter()
        .flatten()
        .map(|t| v1::SlaThreshold { percent: count(t.percent), action: enums::threshold_action(t.action) });
    v1::SlaDefinition {
        name: format!("slaDefinitions/{}", d.id),
        display_name: d.id.to_string(),
        kind: enums::clock_kind(d.kind),
        condition: d.matches.clone(),
        target_duration: d.target.map(duration),
        calendar: format!("calendars/{}", d.calendar),
        pause_reasons: d.pause_on.iter().map(|r| enums::hold_reason(*r)).collect(),
        thresholds: thresholds.collect(),
    }
}

/// What an administrator may see of an integration beside its entry.
#[derive(Debug, Clone)]
pub struct Keys {
    pub key: String,
    /// What its sender signs with, for kinds that sign.
    pub signing: String,
}

/// An integration; `keys` only for those who may see them.
pub fn integration(id: &IntegrationId, i: &Integration, keys: Option<&Keys>) -> v1::Integration {
    let kind = i.kind.as_str();
    let path = keys.map(|Keys { key, .. }| match i.kind {
        IntegrationKind::Native => String::new(),
        IntegrationKind::Prometheus => format!("/integrations/prometheus/{key}/api/v2/alerts"),
        IntegrationKind::Pagerduty => "/v2/enqueue".to_owned(),
        IntegrationKind::Opsgenie => "/v2/alerts".to_owned(),
        _ => format!("/integrations/{kind}/{key}"),
    });
    let signing = keys.filter(|_| i.kind.is_signed()).map(|keys| keys.signing.clone());
    v1::Integration {
        name: format!("integrations/{id}"),
        display_name: id.to_string(),
        kind: kind.to_owned(),
        webhook_path: path.unwrap_or_default(),
        key: keys.map(|keys| keys.key.clone()).unwrap_or_default(),
        ignore_labels: i.ignore_labels.clone(),
        signing_secret: signing.unwrap_or_default(),
    }
}
