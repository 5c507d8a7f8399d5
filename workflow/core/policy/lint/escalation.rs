//! The shape of escalation policies: levels, delays, fallback, and that every paged priority of a service has one. Whom
//! they reach at an instant is looked at elsewhere.

use super::structure::{Report, is_priority_key};
use crate::id::PersonId;
use crate::incident::kinds::Priority;
use crate::policy::document::{Document, EscalationSpec};
use crate::policy::finding::FindingCode;
use crate::time::Duration;

/// Shortest delay of a level; a demonstration may go below.
const MIN_DELAY: Duration = Duration::seconds(30);
const MAX_DELAY: Duration = Duration::hours(48);
const MAX_GRACE: Duration = Duration::minutes(5);
const MIN_REMINDER: Duration = Duration::minutes(5);
/// What a demonstration goes down to.
const DEMO_MIN: Duration = Duration::seconds(1);

pub(super) fn check(document: &Document, report: &mut Report) {
    for (id, spec) in &document.escalation_policies {
        policy(&format!("escalation_policies.{id}"), spec, document.demo, report);
    }
    for (id, service) in &document.services {
        for key in service.escalation.keys().filter(|key| !is_priority_key(key)) {
            let path = format!("services.{id}.escalation.{key}");
            report.add(FindingCode::PriorityUnknown, path, format!("{key:?}: write P1 to P5 or default"));
        }
        let has = |priority: &Priority| service.escalation.contains_key(priority.as_str());
        if !service.escalation.contains_key("default") {
            let paged = Priority::ALL.iter().filter(|priority| **priority != Priority::P5);
            let missing: Vec<&str> = paged.filter(|priority| !has(priority)).map(|p| p.as_str()).collect();
            if !missing.is_empty() {
                let message = format!("no escalation policy for {}", missing.join(", "));
                report.add(
                    FindingCode::ServiceWithoutEscalation,
                    format!("services.{id}.escalation"),
                    message,
                );
            }
        }
    }
}

fn policy(path: &str, spec: &EscalationSpec, demo: bool, report: &mut Report) {
    let (min_delay, min_reminder) = if demo { (DEMO_MIN, DEMO_MIN) } else { (MIN_DELAY, MIN_REMINDER) };
    if spec.levels.is_empty() {
        report.add(FindingCode::LevelEmpty, format!("{path}.levels"), "at least one level is needed");
    }
    if spec.fallback.is_empty() {
        report.add(FindingCode::LevelEmpty, format!("{path}.fallback"), "the fallback needs a target");
    }
    for level in &spec.levels {
        let path = format!("{path}.levels.{}", level.id);
        if level.targets.is_empty() {
            report.add(FindingCode::LevelEmpty, format!("{path}.targets"), "a level needs a target");
        }
        if level.delay < min_delay || level.delay > MAX_DELAY {
            let message = format!("{} is outside {min_delay} to 48h", level.delay);
            report.add(FindingCode::BadDuration, format!("{path}.delay"), message);
        }
    }
    if spec.grace > MAX_GRACE {
        report.add(FindingCode::BadDuration, format!("{path}.grace"), "at most 5m");
    }
    if spec.remind_every < min_reminder {
        report.add(
            FindingCode::BadDuration,
            format!("{path}.remind_every"),
            format!("at least {min_reminder}"),
        );
    }
    for key in spec.ack_timeout.keys().filter(|key| !is_priority_key(key)) {
        let path = format!("{path}.ack_timeout.{key}");
        report.add(FindingCode::PriorityUnknown, path, format!("{key:?}: write P1 to P5 or default"));
    }
}

/// Whether a person has an urgent contact step that leads to an address and a provider.
pub(super) fn reachable(document: &Document, person: &PersonId) -> bool {
    document.people.get(person).is_some_and(|person| {
        person.urgent.iter().any(|step| {
            person.contacts.contains_key(&step.channel) && document.providers.contains_key(&step.channel)
        })
    })
}
