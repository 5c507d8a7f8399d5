//! Routes, rules and levels that can never take effect, and alerts that go nowhere. Only what can be shown from the
//! expressions is reported; what depends on values is left alone.

use super::structure::Report;
use super::view::View;
use crate::id::{IntegrationId, RuleId, ServiceId};
use crate::policy::document::{IntegrationKind, LevelSpec};
use crate::policy::expr::Program;
use crate::policy::finding::FindingCode;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    routes(view, report);
    triage(view, report);
    integrations(view, report);
    for (id, spec) in &view.document().escalation_policies {
        for level in &spec.levels {
            if let Some(why) = level_never(view, &view.priorities(id), level) {
                report.add(
                    FindingCode::UnreachableLevel,
                    format!("escalation_policies.{id}.levels.{}", level.id),
                    why,
                );
            }
        }
    }
}

/// An entry that earlier ones may keep from ever being asked.
struct Entry<'a> {
    id: &'a RuleId,
    source: &'a str,
    program: &'a Program,
    /// Whether nothing after it is asked once it matches.
    ends: bool,
}

fn shadowed(entries: &[Entry<'_>], section: &str, code: FindingCode, report: &mut Report) {
    for (n, entry) in entries.iter().enumerate() {
        let path = format!("{section}.{}", entry.id);
        if entry.program.never() {
            report.add(code, path, "its condition can't hold");
            continue;
        }
        let same = |earlier: &&Entry<'_>| {
            earlier.ends
                && (earlier.program.constant() == Some(true) || earlier.source.trim() == entry.source.trim())
        };
        if let Some(winner) = entries[..n].iter().find(same) {
            report.add(code, path, format!("{} always comes first", winner.id));
        }
    }
}

fn routes(view: &View<'_>, report: &mut Report) {
    let entries: Vec<Entry<'_>> = view
        .policy
        .routes()
        .map(|(route, program)| Entry { id: &route.id, source: &route.when, program, ends: true })
        .collect();
    shadowed(&entries, "routes", FindingCode::UnreachableRoute, report);
    for route in
        view.document().routes.iter().filter(|route| route.discard && !route.when.contains("severity"))
    {
        let message = "it discards alerts of every severity: name the severities it may discard";
        report.add(FindingCode::DiscardsPageable, format!("routes.{}", route.id), message);
    }
}

fn triage(view: &View<'_>, report: &mut Report) {
    let entries: Vec<Entry<'_>> = view
        .policy
        .triage_rules()
        .map(|(rule, program)| Entry { id: &rule.id, source: &rule.when, program, ends: rule.last })
        .collect();
    shadowed(&entries, "triage.rules", FindingCode::UnreachableRule, report);
}

/// Senders that cannot name a service themselves, and that no route sends anywhere.
fn integrations(view: &View<'_>, report: &mut Report) {
    let document = view.document();
    if document.services.len() < 2 {
        return;
    }
    let default = &document.organisation.default_service;
    let elsewhere = |service: &Option<ServiceId>| service.as_ref().is_some_and(|service| service != default);
    let reaches = |id: &IntegrationId| {
        view.policy
            .routes()
            .any(|(route, program)| elsewhere(&route.service) && program.possible_for_alerts(id))
    };
    for (id, integration) in &document.integrations {
        if integration.kind != IntegrationKind::Native && !reaches(id) {
            let message = format!("no route takes its alerts: all of them go to {default}");
            report.add(FindingCode::AlertRoutesNowhere, format!("integrations.{id}"), message);
        }
    }
}

fn level_never(
    view: &View<'_>,
    priorities: &std::collections::BTreeSet<crate::incident::kinds::Priority>,
    level: &LevelSpec,
) -> Option<String> {
    let when = level.when.as_ref()?;
    if !when.priorities.is_empty() && !when.priorities.iter().any(|priority| priorities.contains(priority)) {
        return Some("no service sends an incident of its priorities here".to_owned());
    }
    if when.open.is_some() && when.open == when.closed {
        return Some("a calendar is never open and closed at once".to_owned());
    }
    let closed = when.closed.as_ref().and_then(|id| view.policy.calendar(id));
    closed
        .is_some_and(|calendar| *calendar == crate::calendar::Calendar::always())
        .then(|| "always never closes".to_owned())
}
