//! The errors that a document shows by itself, at any time: ids, references, limits, bounds, shapes. What depends on the
//! calendar is looked at elsewhere.

use super::{cycles, escalation, limits, references};
use crate::civil;
use crate::id::is_policy_id;
use crate::incident::kinds::Priority;
use crate::policy::document::{
    Document, HeartbeatSpec, SlaCondition, SlaDefinition, SlaKind, ThresholdAction,
};
use crate::policy::finding::{Finding, FindingCode};
use crate::time::Duration;

/// Collects findings.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    pub(super) fn add(&mut self, code: FindingCode, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(Finding::new(code, path, message));
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.0
    }
}

/// Every such error of a document.
pub(in crate::policy) fn structure(document: &Document) -> Vec<Finding> {
    let mut report = Report::default();
    ids(document, &mut report);
    limits::check(document, &mut report);
    references::check(document, &mut report);
    escalation::check(document, &mut report);
    triage(document, &mut report);
    maps(document, &mut report);
    rates(document, &mut report);
    heartbeats(document, &mut report);
    zones(document, &mut report);
    for definition in &document.sla {
        sla(definition, document.demo, &mut report);
    }
    cycles::check(document, &mut report);
    acceptances(document, &mut report);
    report.into_findings()
}

/// The key of a condition in the document.
pub(in crate::policy) fn condition_name(condition: SlaCondition) -> &'static str {
    match condition {
        SlaCondition::Start => "start",
        SlaCondition::Stop => "stop",
        SlaCondition::Pause => "pause",
        SlaCondition::Resume => "resume",
        SlaCondition::Reset => "reset",
        SlaCondition::Cancel => "cancel",
    }
}

/// Whether a text names a priority, or the default of a table by priority.
pub(super) fn is_priority_key(key: &str) -> bool {
    key == "default" || Priority::parse(key).is_some()
}

fn ids(document: &Document, report: &mut Report) {
    fn map<'a>(report: &mut Report, section: &str, ids: impl Iterator<Item = &'a str>) {
        for id in ids.filter(|id| !is_policy_id(id)) {
            bad_id(report, format!("{section}.{id}"), id);
        }
    }
    map(report, "providers", document.providers.keys().map(|id| id.as_str()));
    map(report, "channels", document.channels.keys().map(|id| id.as_str()));
    map(report, "people", document.people.keys().map(|id| id.as_str()));
    map(report, "teams", document.teams.keys().map(|id| id.as_str()));
    map(report, "calendars", document.calendars.keys().map(|id| id.as_str()));
    map(report, "schedules", document.schedules.keys().map(|id| id.as_str()));
    map(report, "escalation_policies", document.escalation_policies.keys().map(|id| id.as_str()));
    map(report, "services", document.services.keys().map(|id| id.as_str()));
    map(report, "heartbeats", document.heartbeats.keys().map(|id| id.as_str()));
    map(report, "integrations", document.integrations.keys().map(|id| id.as_str()));
    if document.calendars.contains_key("always") {
        report.add(FindingCode::DuplicateId, "calendars.always", "always is built in and cannot be defined");
    }
    list(report, "routes", document.routes.iter().map(|route| route.id.as_str()));
    list(report, "triage.rules", document.triage.rules.iter().map(|rule| rule.id.as_str()));
    list(report, "inhibitions", document.inhibitions.iter().map(|inhibition| inhibition.id.as_str()));
    list(report, "sla", document.sla.iter().map(|definition| definition.id.as_str()));
    for (id, spec) in &document.escalation_policies {
        let section = format!("escalation_policies.{id}.levels");
        list(report, &section, spec.levels.iter().map(|level| level.id.as_str()));
    }
    for (id, spec) in &document.schedules {
        map(report, &format!("schedules.{id}.layers"), spec.layers.iter().map(|layer| layer.id.as_str()));
    }
}

fn bad_id(report: &mut Report, path: String, id: &str) {
    let rule =
        "an id is lower-case letters, digits and inner hyphens, begins with a letter, at most 63 characters";
    report.add(FindingCode::BadId, path, format!("{id:?}: {rule}"));
}

/// Ids of a list: each well formed, each once.
fn list<'a>(report: &mut Report, section: &str, ids: impl Iterator<Item = &'a str>) {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        let path = format!("{section}.{id}");
        if !is_policy_id(id) {
            bad_id(report, path, id);
        } else if !seen.insert(id) {
            report.add(FindingCode::DuplicateId, path, format!("{id} is there twice"));
        }
    }
}

/// Rates that let nothing in.
fn rates(document: &Document, report: &mut Report) {
    if document.storms.is_some_and(|storms| storms.per_integration == 0 || storms.per_service == 0) {
        report.add(FindingCode::BadValue, "storms", "per_integration and per_service must be at least 1");
    }
    for (id, _) in document.page_rates.iter().filter(|(_, rate)| rate.per_minute == 0) {
        let message = "per_minute must be at least 1";
        report.add(FindingCode::BadValue, format!("page_rates.{id}"), message);
    }
    for (id, rate) in document.integrations.iter().filter_map(|(id, i)| Some((id, i.rate?))) {
        if rate.per_minute == 0 || rate.burst == 0 {
            let message = "per_minute and burst must be at least 1";
            report.add(FindingCode::BadValue, format!("integrations.{id}.rate"), message);
        }
    }
}

/// Maps where nothing would read them.
fn maps(document: &Document, report: &mut Report) {
    for (id, integration) in &document.integrations {
        if integration.map.is_some() && !integration.kind.is_mapped() {
            let message = format!("a {} integration is not read by a map", integration.kind.as_str());
            report.add(FindingCode::UnknownKey, format!("integrations.{id}.map"), message);
        }
    }
}

fn triage(document: &Document, report: &mut Report) {
    let matrix = &document.triage.matrix;
    if matrix.len() != 3 || matrix.iter().any(|row| row.len() != 3) {
        let message = "the matrix needs three rows (impact) of three priorities (urgency), HIGH first";
        report.add(FindingCode::MatrixIncomplete, "triage.matrix", message);
    }
    for rule in &document.triage.rules {
        if rule.set == Default::default() {
            let path = format!("triage.rules.{}.set", rule.id);
            report.add(FindingCode::BadValue, path, "a rule must set something");
        }
    }
    for (id, service) in &document.services {
        if !(1..=3).contains(&service.tier) {
            let message = format!("tier {} is none of 1, 2, 3", service.tier);
            report.add(FindingCode::BadValue, format!("services.{id}.tier"), message);
        }
    }
    for route in &document.routes {
        if !route.discard && route.service.is_none() {
            let path = format!("routes.{}", route.id);
            report.add(FindingCode::MissingKey, path, "a route needs a service, or discard: true");
        }
    }
}

fn heartbeats(document: &Document, report: &mut Report) {
    for (id, spec) in &document.heartbeats {
        let path = |key: &str| format!("heartbeats.{id}.{key}");
        if spec.interval < HeartbeatSpec::INTERVAL_MIN || spec.interval > HeartbeatSpec::INTERVAL_MAX {
            report.add(FindingCode::BadValue, path("interval"), "an interval is 30s to 31d");
        }
        if spec.grace < Duration::ZERO || spec.grace > HeartbeatSpec::INTERVAL_MAX {
            report.add(FindingCode::BadValue, path("grace"), "a grace is 0s to 31d");
        }
        if spec.title.as_ref().is_some_and(|title| title.is_empty() || title.chars().count() > 250) {
            report.add(FindingCode::BadValue, path("title"), "a title has 1 to 250 characters");
        }
        if spec.labels.len() > 60 {
            report.add(FindingCode::LimitExceeded, path("labels"), "at most 60 labels");
        }
    }
}

fn zones(document: &Document, report: &mut Report) {
    let mut check = |zone: &str, path: String| {
        if civil::zone(zone).is_none() {
            report.add(
                FindingCode::BadZone,
                path,
                format!("{zone:?} is not a zone of the time zone database"),
            );
        }
    };
    check(&document.organisation.zone, "organisation.zone".to_owned());
    for (id, person) in &document.people {
        if let Some(zone) = &person.zone {
            check(zone, format!("people.{id}.zone"));
        }
    }
}

fn sla(definition: &SlaDefinition, demo: bool, report: &mut Report) {
    let path = |rest: &str| format!("sla.{}.{rest}", definition.id);
    match definition.target {
        None if definition.kind != SlaKind::ActionItem => {
            report.add(FindingCode::MissingKey, path("target"), "only action items bring their own target");
        }
        Some(target) if target < Duration::seconds(1) || target.millis() % 1000 != 0 => {
            report.add(FindingCode::BadDuration, path("target"), "a target is at least 1s, in whole seconds");
        }
        _ => {}
    }
    let shortest = if demo { Duration::seconds(1) } else { Duration::minutes(1) };
    if definition.pause_cap < shortest {
        report.add(FindingCode::BadDuration, path("pause_cap"), format!("at least {shortest}"));
    }
    let own_life = matches!(definition.kind, SlaKind::Close | SlaKind::Review | SlaKind::ActionItem);
    for threshold in definition.at.iter().flatten() {
        if !(1..=1000).contains(&threshold.percent) {
            report.add(
                FindingCode::BadValue,
                path("at"),
                format!("{} %: write 1 to 1000", threshold.percent),
            );
        }
        if own_life && threshold.action == ThresholdAction::Escalate {
            let message = "escalate is for clocks that run while the incident is open";
            report.add(FindingCode::BadValue, path("at"), message);
        }
    }
}

/// Only warnings can be accepted; an entry that names nothing would hide a later mistake.
fn acceptances(document: &Document, report: &mut Report) {
    for entry in &document.accept {
        let code = entry.split_once('@').map(|(code, _)| code);
        let known = FindingCode::ALL
            .iter()
            .any(|c| Some(c.as_str()) == code && c.severity() == crate::policy::finding::Severity::Warning);
        if !known {
            let message = format!("{entry:?}: write CODE@path with the code of a warning");
            report.add(FindingCode::BadValue, "accept", message);
        }
    }
}
