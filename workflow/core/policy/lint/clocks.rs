//! Promises that cannot be kept, urgent work that waits, and priorities that no clock watches. It asks the compiled
//! definitions with incidents as they open.

use std::collections::BTreeMap;

use super::structure::Report;
use super::view::{PAGED, View};
use crate::id::{EscalationPolicyId, ServiceId};
use crate::incident::kinds::{Level3, Phase, Priority};
use crate::policy::document::{EscalationSpec, SlaDefinition, SlaKind};
use crate::policy::expr::SlaSubject;
use crate::policy::finding::FindingCode;
use crate::time::Duration;
use crate::triage::{UNCATEGORISED, priority};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (id, spec) in &view.document().escalation_policies {
        urgent(view, id, spec, report);
    }
    let labels = BTreeMap::new();
    for (id, service) in &view.document().services {
        for priority in PAGED {
            let (impact, urgency) = levels(view, priority);
            let subject = SlaSubject {
                priority,
                impact,
                urgency,
                service: id,
                tier: service.tier,
                team: &service.team,
                category: UNCATEGORISED,
                labels: &labels,
                phase: Phase::Active,
                acknowledged: false,
                hold_reason: None,
                origin: "alert",
            };
            let definitions = view.policy.sla_matching(&subject);
            if !definitions.iter().any(|definition| on_incident(definition.kind)) {
                let message = format!("no clock runs for {priority}");
                report.add(FindingCode::NoClock, format!("services.{id}.{priority}"), message);
            }
            let ack = |d: &&&SlaDefinition| d.kind == SlaKind::Acknowledge;
            for definition in definitions.iter().filter(ack) {
                unreachable(view, id, priority, definition, report);
            }
        }
    }
}

/// P1 and P2 must not be forgotten after an acknowledgement, nor wait for a calendar.
fn urgent(view: &View<'_>, id: &EscalationPolicyId, spec: &EscalationSpec, report: &mut Report) {
    let path = format!("escalation_policies.{id}");
    let used = view.priorities(id);
    for priority in used.iter().filter(|priority| **priority <= Priority::P2) {
        if view.policy.rules(*priority, Some(spec)).ack_timeout.is_none() {
            let message = format!("an acknowledgement of {priority} never expires");
            report.add(FindingCode::NoAckTimeout, format!("{path}.ack_timeout"), message);
        }
        if spec.defer.as_ref().is_some_and(|defer| defer.priorities.contains(priority)) {
            let message = format!("{priority} waits until the calendar opens");
            report.add(FindingCode::Deferred, format!("{path}.defer"), message);
        }
    }
}

/// An impact and an urgency that give this priority.
fn levels(view: &View<'_>, wanted: Priority) -> (Level3, Level3) {
    let triage = &view.document().triage;
    let pairs =
        Level3::ALL.iter().flat_map(|impact| Level3::ALL.iter().map(move |urgency| (*impact, *urgency)));
    pairs
        .into_iter()
        .find(|(impact, urgency)| priority(triage, *impact, *urgency) == wanted)
        .unwrap_or((Level3::Medium, Level3::Medium))
}

fn on_incident(kind: SlaKind) -> bool {
    !matches!(kind, SlaKind::Close | SlaKind::Review | SlaKind::ActionItem)
}

/// An acknowledgement that is promised before anybody is asked for it.
fn unreachable(
    view: &View<'_>,
    service: &ServiceId,
    priority: Priority,
    definition: &SlaDefinition,
    report: &mut Report,
) {
    let Some((id, spec)) = view.policy.escalation_for(service, priority) else { return };
    let Some(target) = definition.target else { return };
    let path = format!("sla.{}", definition.id);
    if spec.grace > Duration::ZERO && target <= spec.grace {
        let message = format!("{id} pages {service} {priority} after {}, the target is {target}", spec.grace);
        report.add(FindingCode::SlaUnreachable, path, message);
        return;
    }
    let Some(defer) = spec.defer.as_ref().filter(|defer| defer.priorities.contains(&priority)) else {
        return;
    };
    let (Some(waits), Some(clock)) =
        (view.policy.calendar(&defer.calendar), view.policy.calendar(&definition.calendar))
    else {
        return;
    };
    // The earliest start of a closed stretch has the earliest due instant, and all of them are paged at its end.
    let mut closed_since = view.at;
    for (opens, closes) in waits.intervals(view.at, view.until()) {
        let due = clock.advance(closed_since, target);
        if closed_since < opens && due.is_some_and(|due| due <= opens) {
            let message = format!(
                "{id} pages {service} {priority} at {opens}, what opened at {closed_since} is due before"
            );
            report.add(FindingCode::SlaUnreachable, path, message);
            return;
        }
        closed_since = closes;
    }
}
