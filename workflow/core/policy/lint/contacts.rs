//! Whether the people of a level can be reached, and are given the time to answer. Whether an address is right is known
//! only once a message was answered.

use super::structure::Report;
use super::view::View;
use crate::id::PersonId;
use crate::policy::document::{ContactStep, LevelSpec, Person, Target};
use crate::policy::finding::FindingCode;
use crate::time::Duration;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (id, person) in &view.document().people {
        steps(view, id, person, report);
    }
    for (id, spec) in &view.document().escalation_policies {
        for level in &spec.levels {
            let path = format!("escalation_policies.{id}.levels.{}", level.id);
            if !level.targets.is_empty() && level.targets.iter().all(|t| matches!(t, Target::Channel(_))) {
                let message = "a channel cannot acknowledge: name a person, a team or a schedule too";
                report.add(FindingCode::LevelWithoutPerson, path.clone(), message);
            }
            let priorities = view.priorities(id);
            let urgent = priorities.iter().any(|priority| view.policy.rules(*priority, Some(spec)).urgent);
            let normal = priorities.iter().any(|priority| !view.policy.rules(*priority, Some(spec)).urgent);
            too_soon(view, &path, level, (urgent, normal), report);
        }
    }
}

/// Steps that lead nowhere, and people who are paged without any step.
fn steps(view: &View<'_>, id: &PersonId, person: &Person, report: &mut Report) {
    let quiet = person.quiet.as_ref().map(|quiet| ("quiet.normal", &quiet.normal));
    let lists = [("urgent", &person.urgent), ("normal", &person.normal)].into_iter().chain(quiet);
    for (list, steps) in lists {
        let path = format!("people.{id}.{list}");
        if steps.is_empty() && list != "quiet.normal" {
            report.add(
                FindingCode::ContactMissing,
                path.clone(),
                format!("{id} cannot be reached: no steps"),
            );
        }
        for step in steps {
            if !person.contacts.contains_key(&step.channel) {
                let message = format!("{id} has no contact {}", step.channel);
                report.add(FindingCode::ContactMissing, path.clone(), message);
            } else if !view.document().providers.contains_key(&step.channel) {
                let message = format!("no provider sends {}", step.channel);
                report.add(FindingCode::ContactMissing, path.clone(), message);
            }
        }
    }
}

/// A level whose successor is called before one of its people was tried on every channel. The last level counts too: the
/// next round or the fallback follows it.
fn too_soon(
    view: &View<'_>,
    path: &str,
    level: &LevelSpec,
    (urgent, normal): (bool, bool),
    report: &mut Report,
) {
    for id in level.targets.iter().flat_map(|target| view.people(target)) {
        let Some(person) = view.policy.person(id) else { continue };
        let lists = [(urgent, &person.urgent), (normal, &person.normal)];
        let last = lists.iter().filter(|(used, _)| *used).map(|(_, steps)| last_wait(steps)).max();
        if let Some(last) = last.filter(|last| *last > level.delay) {
            let message =
                format!("{id} is tried for {last}, but the next level is called after {}", level.delay);
            report.add(FindingCode::EscalationBeforeContact, path, message);
            return;
        }
    }
}

fn last_wait(steps: &[ContactStep]) -> Duration {
    steps.iter().map(|step| step.wait).max().unwrap_or_default()
}
