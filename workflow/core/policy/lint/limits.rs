//! How much a document may hold. The limits keep one apply, one incident and one page small; they are not settings.
//! Layers and their members are counted where schedules are compiled.

use super::structure::Report;
use crate::policy::document::Document;
use crate::policy::finding::FindingCode;

pub(super) fn check(document: &Document, report: &mut Report) {
    let mut limit = |path: String, count: usize, most: usize, what: &str| {
        if count > most {
            report.add(FindingCode::LimitExceeded, path, format!("{count} {what}, at most {most}"));
        }
    };
    let d = document;
    limit("people".to_owned(), d.people.len(), 10_000, "people");
    limit("services".to_owned(), d.services.len(), 2_000, "services");
    limit("schedules".to_owned(), d.schedules.len(), 1_000, "schedules");
    limit("escalation_policies".to_owned(), d.escalation_policies.len(), 1_000, "escalation policies");
    limit("heartbeats".to_owned(), d.heartbeats.len(), 10_000, "heartbeat monitors");
    limit("routes".to_owned(), d.routes.len(), 500, "routes");
    limit("triage.rules".to_owned(), d.triage.rules.len(), 500, "rules");
    limit("inhibitions".to_owned(), d.inhibitions.len(), 500, "inhibitions");
    limit("sla".to_owned(), d.sla.len(), 500, "SLA definitions");
    for (id, person) in &d.people {
        let quiet = person.quiet.as_ref().map(|quiet| &quiet.normal);
        for (list, steps) in
            [("urgent", Some(&person.urgent)), ("normal", Some(&person.normal)), ("quiet", quiet)]
        {
            limit(format!("people.{id}.{list}"), steps.map_or(0, Vec::len), 15, "contact steps");
        }
    }
    for (id, map) in d.integrations.iter().filter_map(|(id, i)| Some((id, i.map.as_ref()?))) {
        limit(format!("integrations.{id}.map.labels"), map.labels.len(), 64, "labels");
        limit(format!("integrations.{id}.map.annotations"), map.annotations.len(), 64, "annotations");
    }
    for (id, spec) in &d.escalation_policies {
        let path = format!("escalation_policies.{id}");
        limit(format!("{path}.levels"), spec.levels.len(), 20, "levels");
        limit(format!("{path}.repeat"), spec.repeat as usize, 9, "extra rounds");
        limit(format!("{path}.fallback"), spec.fallback.len(), 20, "targets");
        for level in &spec.levels {
            limit(format!("{path}.levels.{}", level.id), level.targets.len(), 20, "targets");
        }
    }
    for definition in &d.sla {
        let count = definition.at.as_ref().map_or(0, Vec::len);
        limit(format!("sla.{}.at", definition.id), count, 10, "thresholds");
    }
}
