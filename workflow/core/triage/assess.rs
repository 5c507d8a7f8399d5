//! Category, impact, urgency and priority of a new signal: defaults, then what the caller stated, then the rules of the
//! policy. It routes nothing and opens nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, RuleId, ServiceId};
use crate::incident::kinds::{Level3, Priority, Severity};
use crate::policy::Policy;
use crate::policy::document::{RuleSet, Triage};
use crate::policy::expr::{Facts, ServiceFacts, SignalFacts};
use crate::signal::{Signal, SignalKind};

/// The category of what has none.
pub const UNCATEGORISED: &str = "uncategorised";

/// What triage makes of a signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// One of the policy's categories, else [`UNCATEGORISED`].
    pub category: String,
    pub impact: Level3,
    pub urgency: Level3,
    pub priority: Priority,
    /// The incident opens declared, whatever opened it.
    pub declare: bool,
    /// Labels that rules add to the incident.
    pub labels: BTreeMap<String, String>,
    pub runbook: Option<String>,
    pub assignee: Option<PersonId>,
    /// Rules that matched, in order.
    pub rules: Vec<RuleId>,
    /// Rules that could not be evaluated, with the reason; they did not match.
    pub failed: Vec<(RuleId, String)>,
}

/// The priority of an impact and an urgency. A cell that the document's matrix lacks falls back to the default matrix.
pub fn priority(triage: &Triage, impact: Level3, urgency: Level3) -> Priority {
    let (row, column) = (impact as usize, urgency as usize);
    let cell = triage.matrix.get(row).and_then(|row| row.get(column));
    cell.copied().unwrap_or(Priority::ALL[row + column])
}

/// Assesses a signal for the service it was routed to.
pub fn assess(policy: &Policy, signal: &Signal, service: &ServiceId) -> Assessment {
    let owner = policy.service(service);
    let facts = Facts::Signal(SignalFacts {
        signal,
        service: owner.map(|owner| ServiceFacts {
            id: service,
            tier: owner.tier,
            team: &owner.team,
            labels: &owner.labels,
        }),
        calendars: Some(policy),
    });
    let (mut rules, mut failed) = (Vec::new(), Vec::new());
    let mut set = RuleSet::default();
    for (rule, program) in policy.triage_rules() {
        match program.holds(&facts) {
            Ok(true) => {
                rules.push(rule.id.clone());
                keep_first(&mut set, &rule.set);
                if rule.last {
                    break;
                }
            }
            Ok(false) => {}
            Err(why) => failed.push((rule.id.clone(), why)),
        }
    }
    let triage = &policy.document().triage;
    let stated =
        set.impact.is_some() || set.urgency.is_some() || signal.impact.is_some() || signal.urgency.is_some();
    let impact =
        set.impact.or(signal.impact).unwrap_or(owner.map_or(Level3::Low, |owner| impact_of(owner.tier)));
    let urgency = set.urgency.or(signal.urgency).unwrap_or(urgency_of(signal));
    // For information only, unless a person or a rule said how bad it is.
    let priority = if signal.severity == Some(Severity::Info) && !stated {
        Priority::P5
    } else {
        priority(triage, impact, urgency)
    };
    let known = |category: &String| triage.categories.contains(category);
    Assessment {
        category: set
            .category
            .or_else(|| signal.category.clone().filter(known))
            .unwrap_or_else(|| UNCATEGORISED.to_owned()),
        impact,
        urgency,
        priority,
        declare: set.declare.unwrap_or(false),
        labels: set.labels,
        runbook: set.runbook.or_else(|| owner.and_then(|owner| owner.runbooks.first().cloned())),
        assignee: set.assignee,
        rules,
        failed,
    }
}

/// The first rule that sets a field keeps it; labels count one by one.
fn keep_first(set: &mut RuleSet, next: &RuleSet) {
    fn first<T: Clone>(kept: &mut Option<T>, next: &Option<T>) {
        if kept.is_none() {
            kept.clone_from(next);
        }
    }
    first(&mut set.category, &next.category);
    first(&mut set.impact, &next.impact);
    first(&mut set.urgency, &next.urgency);
    first(&mut set.declare, &next.declare);
    first(&mut set.runbook, &next.runbook);
    first(&mut set.assignee, &next.assignee);
    for (name, value) in &next.labels {
        set.labels.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

fn impact_of(tier: u8) -> Level3 {
    match tier {
        0 | 1 => Level3::High,
        2 => Level3::Medium,
        _ => Level3::Low,
    }
}

fn urgency_of(signal: &Signal) -> Level3 {
    match (signal.kind, signal.severity) {
        (SignalKind::Report, None) => Level3::Medium,
        (_, Some(Severity::Critical)) => Level3::High,
        (_, Some(Severity::Error) | None) => Level3::Medium,
        (_, Some(Severity::Warning | Severity::Info)) => Level3::Low,
    }
}

#[cfg(test)]
#[path = "assess_tests.rs"]
mod tests;
