//! PagerDuty's escalation policies and the services that use them.

use std::collections::{BTreeMap, BTreeSet};

use stentor_core::policy::document::Target;
use stentor_core::time::Duration;

use crate::import::bad::Bad;
use crate::import::policy::draft::{Draft, Kind, escalation, level};
use crate::import::snapshot::Object;

use super::either;

pub(super) fn policies(policies: &[Object], services: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    for policy in policies {
        let theirs = policy.need("id")?;
        let name = policy.text("name")?.or(policy.text("summary")?).unwrap_or_else(|| theirs.clone());
        let id = draft.name(Kind::Escalation, &theirs, &name);
        let what = format!("escalation policy {id}");
        let mut levels = Vec::new();
        for rule in either(policy, "escalation_rules", "rule")? {
            let targets = targets(&rule, &what, draft)?;
            let delay = rule.number("escalation_delay_in_minutes")?;
            let delay = delay.ok_or_else(|| rule.bad("escalation_delay_in_minutes", "is missing"))?;
            if targets.is_empty() {
                draft.leave(&what, format!("rule {}: nobody of it is in the export", levels.len() + 1));
                continue;
            }
            let mut made = level(levels.len() + 1, targets, Duration::minutes(delay));
            let strategy = rule.text("escalation_rule_assignment_strategy.type")?;
            made.round_robin = strategy.as_deref() == Some("round_robin");
            levels.push(made);
        }
        let repeat = policy.number("num_loops")?.unwrap_or(0);
        let mut spec = escalation(levels, u32::try_from(repeat).unwrap_or(0));
        spec.ack_timeout = ack_timeout(&theirs, services, &what, draft)?;
        draft.add_escalation(&id, spec);
    }
    Ok(())
}

fn targets(rule: &Object, what: &str, draft: &mut Draft) -> Result<Vec<Target>, Bad> {
    let mut targets = Vec::new();
    for target in either(rule, "targets", "target")? {
        let theirs = target.need("id")?;
        let kind = target.text("type")?.unwrap_or_default();
        let found = match kind.trim_end_matches("_reference") {
            "user" => draft.known(Kind::Person, &theirs).map(|id| Target::Person(id.into())),
            "schedule" => draft.known(Kind::Schedule, &theirs).map(|id| Target::Schedule(id.into())),
            other => return Err(target.bad("type", &format!("{other:?} is neither user nor schedule"))),
        };
        match found {
            Some(target) if !targets.contains(&target) => targets.push(target),
            Some(_) => {}
            None => draft.leave(what, format!("{kind} {theirs} is not in the export")),
        }
    }
    Ok(targets)
}

/// PagerDuty has the timeout at the service, we have it at the escalation policy.
fn ack_timeout(
    policy: &str,
    services: &[Object],
    what: &str,
    draft: &mut Draft,
) -> Result<BTreeMap<String, Duration>, Bad> {
    let mut found = BTreeSet::new();
    for service in services {
        if policy_of(service)?.as_deref() == Some(policy) {
            found.insert(service.number("acknowledgement_timeout")?);
        }
    }
    let timeouts: Vec<i64> = found.iter().copied().flatten().filter(|seconds| *seconds > 0).collect();
    match (timeouts.as_slice(), found.len()) {
        ([seconds], 1) => Ok(BTreeMap::from([("default".to_owned(), Duration::seconds(*seconds))])),
        ([], _) => Ok(BTreeMap::new()),
        _ => {
            draft.leave(what, "its services differ in their acknowledgement timeout: ours is used");
            Ok(BTreeMap::new())
        }
    }
}

fn policy_of(service: &Object) -> Result<Option<String>, Bad> {
    match service.at("escalation_policy") {
        Some(serde_json::Value::String(id)) => Ok(Some(id.clone())),
        _ => service.text("escalation_policy.id"),
    }
}

pub(super) fn services(services: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    for service in services {
        let theirs = service.need("id")?;
        let name = service.text("name")?.or(service.text("summary")?).unwrap_or_else(|| theirs.clone());
        let id = draft.name(Kind::Service, &theirs, &name);
        let what = format!("service {id}");
        let escalation = policy_of(service)?;
        let escalation = escalation.and_then(|e| draft.known(Kind::Escalation, &e).map(str::to_owned));
        let team = service.list("teams").unwrap_or_default().first().map(|t| t.need("id")).transpose()?;
        let team = team.and_then(|t| draft.known(Kind::Team, &t).map(str::to_owned));
        draft.add_service(&id, team, escalation.as_deref());
        for (path, why) in [
            (
                "auto_resolve_timeout",
                "its automatic resolve: incidents here end when their alerts clear or by a person",
            ),
            ("support_hours", "its support hours: defer or level conditions with a calendar do it here"),
            ("alert_grouping_parameters.type", "its alert grouping: routes have group_by"),
        ] {
            if service.at(path).is_some_and(|v| v.as_str() != Some("null")) {
                draft.leave(&what, why);
            }
        }
        if service.text("incident_urgency_rule.urgency")?.is_some_and(|u| u != "high") {
            draft.leave(&what, "its urgency rule: impact and urgency come from routes and rules here");
        }
        if !service.list("integrations").unwrap_or_default().is_empty() {
            draft.leave(&what, "its integrations: their keys stay in the other tool");
        }
    }
    Ok(())
}
