//! What changes for whom between two versions of the policy: one unanswered incident for every escalation policy and
//! priority at each hour of the next fourteen days, under both. What cannot differ is not played.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::actor::Actor;
use crate::effect::EffectKind;
use crate::history_log::LoggedSignal;
use crate::id::{ChannelId, EscalationPolicyId, PersonId, ScheduleId, ServiceId};
use crate::incident::kinds::Priority;
use crate::oncall::Override;
use crate::policy::Policy;
use crate::time::{Duration, Timestamp};

use super::scenario::prepare;
use super::world::World;

/// How many hours are looked at: fourteen days.
const HOURS: i64 = 14 * 24;
/// How long nobody answers, counted from the first page; what follows are repetitions.
const UNANSWERED: Duration = Duration::hours(2);
/// How long a deferred first page is waited for.
const DEFERRED: Duration = Duration::days(5);
/// Transitions of one play.
const TRANSITIONS: usize = 2_000;

/// A page: how long after the opening, whom, through what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Call {
    pub after: Duration,
    pub person: PersonId,
    pub channel: ChannelId,
}

/// What differs for the incidents of one escalation policy and priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    pub escalation: EscalationPolicyId,
    pub priority: Priority,
    /// The service it was played for.
    pub service: ServiceId,
    /// Hours at which the pages differ, and how many were looked at.
    pub hours: u64,
    pub of: u64,
    /// The first such hour with the pages of both versions.
    pub first: Timestamp,
    pub before: Vec<Call>,
    pub after: Vec<Call>,
    /// Pages by person over all hours, before and after; only those that differ.
    pub people: BTreeMap<PersonId, (u64, u64)>,
}

/// Every escalation policy and priority whose pages differ at some hour, by their ids.
pub fn outcomes(
    old: &Policy,
    new: &Policy,
    overrides: &BTreeMap<ScheduleId, Vec<Override>>,
    from: Timestamp,
) -> Vec<Outcome> {
    let mut seen: BTreeSet<(EscalationPolicyId, Priority)> = BTreeSet::new();
    let mut found = Vec::new();
    for service in new.document().services.keys().filter(|id| old.service(id).is_some()) {
        for priority in Priority::ALL {
            let Some((id, _)) = new.escalation_for(service, *priority) else { continue };
            if seen.insert((id.clone(), *priority)) && may_differ(old, new, service, *priority) {
                found.extend(outcome(old, new, overrides, from, (id, service, *priority)));
            }
        }
    }
    found.sort_by(|a, b| (&a.escalation, a.priority).cmp(&(&b.escalation, b.priority)));
    found
}

/// Whether anything that has a say in the pages is another.
fn may_differ(old: &Policy, new: &Policy, service: &ServiceId, priority: Priority) -> bool {
    let (a, b) = (old.document(), new.document());
    old.escalation_for(service, priority) != new.escalation_for(service, priority)
        || a.services.get(service) != b.services.get(service)
        || a.people != b.people
        || a.teams != b.teams
        || a.schedules != b.schedules
        || a.calendars != b.calendars
        || a.sla != b.sla
        || a.priorities != b.priorities
        || a.organisation != b.organisation
}

fn outcome(
    old: &Policy,
    new: &Policy,
    overrides: &BTreeMap<ScheduleId, Vec<Override>>,
    from: Timestamp,
    (escalation, service, priority): (&EscalationPolicyId, &ServiceId, Priority),
) -> Option<Outcome> {
    let mut people: BTreeMap<PersonId, (u64, u64)> = BTreeMap::new();
    let (mut hours, mut first) = (0, None);
    for hour in 0..HOURS {
        let at = from + Duration::hours(hour);
        let before = calls(old, overrides, service, priority, at);
        let after = calls(new, overrides, service, priority, at);
        before.iter().for_each(|call| people.entry(call.person.clone()).or_default().0 += 1);
        after.iter().for_each(|call| people.entry(call.person.clone()).or_default().1 += 1);
        if before != after {
            hours += 1;
            first.get_or_insert((at, before, after));
        }
    }
    let (first, before, after) = first?;
    people.retain(|_, (before, after)| before != after);
    Some(Outcome {
        escalation: escalation.clone(),
        priority,
        service: service.clone(),
        hours,
        of: HOURS as u64,
        first,
        before,
        after,
        people,
    })
}

/// Whom an incident that nobody answers pages.
fn calls(
    policy: &Policy,
    overrides: &BTreeMap<ScheduleId, Vec<Override>>,
    service: &ServiceId,
    priority: Priority,
    at: Timestamp,
) -> Vec<Call> {
    let mut signal = LoggedSignal::report("simulated");
    (signal.service, signal.priority) = (Some(service.clone()), Some(priority));
    let mut world = World::new(policy, overrides, at).alone(1);
    if world.open(&Actor::System, prepare(policy, &signal, at)).is_err() {
        return Vec::new();
    }
    let mut calls = Vec::new();
    let (mut end, mut step) = (at + DEFERRED, at + Duration::hours(1));
    loop {
        world.run_until(step.min(end), TRANSITIONS);
        for seen in world.take_seen() {
            for effect in &seen.effects {
                if let EffectKind::Page { person, channel, .. } = &effect.what {
                    let after = seen.at.since(at);
                    calls.push(Call { after, person: person.clone(), channel: channel.clone() });
                }
            }
        }
        if let Some(first) = calls.first() {
            end = end.min(at + first.after + UNANSWERED);
        }
        if step >= end {
            calls.retain(|call| at + call.after <= end);
            calls.sort();
            return calls;
        }
        step = step + Duration::hours(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::samples;

    fn changed(change: impl FnOnce(&mut crate::policy::document::Document)) -> Vec<Outcome> {
        let mut document = samples::acme();
        change(&mut document);
        let new = Policy::compile(document, 2).unwrap();
        outcomes(&samples::policy(), &new, &BTreeMap::new(), samples::WEDNESDAY)
    }

    #[test]
    fn the_same_policy_changes_nothing_and_a_title_neither() {
        assert_eq!(changed(|_| {}), []);
        assert_eq!(changed(|d| d.triage.categories.push("water".to_owned())), []);
    }

    #[test]
    fn a_delay_changes_its_own_escalation_policy_at_every_hour() {
        let found = changed(|d| {
            d.escalation_policies.get_mut("shop").unwrap().levels[0].delay = Duration::minutes(9);
        });
        let which: Vec<(&str, Priority)> =
            found.iter().map(|o| (o.escalation.as_str(), o.priority)).collect();
        assert!(which.contains(&("shop", Priority::P3)), "{which:?}");
        assert!(!which.iter().any(|(id, _)| *id == "desk"), "{which:?}");
        assert!(found.iter().all(|o| o.hours == o.of), "{found:#?}");
    }

    #[test]
    fn a_turn_that_goes_to_another_changes_who_is_paged_and_by_how_much() {
        let found = changed(|d| {
            let schedule = d.schedules.get_mut("shop-primary").unwrap();
            schedule.layers.retain(|layer| layer.id == "week");
        });
        let p2 = found.iter().find(|o| o.priority == Priority::P2).unwrap();
        assert!(p2.hours < p2.of && p2.people.contains_key("gus"), "{p2:#?}");
    }
}
