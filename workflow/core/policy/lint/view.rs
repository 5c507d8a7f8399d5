//! What several checks ask of a policy: which priorities reach an escalation policy, and whom a target pages over the
//! coming weeks. It is computed once and says nothing about right or wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::{EscalationPolicyId, PersonId, ScheduleId, ServiceId};
use crate::incident::kinds::Priority;
use crate::oncall::Shift;
use crate::policy::Policy;
use crate::policy::document::{Document, Target};
use crate::time::{Duration, Timestamp};

/// How far ahead people's coverage is looked at.
pub(super) const AHEAD: Duration = Duration::days(90);

/// The priorities that page.
pub(super) const PAGED: [Priority; 4] = [Priority::P1, Priority::P2, Priority::P3, Priority::P4];

/// A policy seen from an instant.
pub(super) struct View<'a> {
    pub(super) policy: &'a Policy,
    pub(super) at: Timestamp,
    /// Which paged priorities of which services follow an escalation policy.
    pub(super) users: BTreeMap<&'a EscalationPolicyId, BTreeSet<(&'a ServiceId, Priority)>>,
    shifts: BTreeMap<&'a ScheduleId, Vec<Shift>>,
}

/// Who a target pages from one instant until another.
pub(super) type Stretch<'a> = (Timestamp, Timestamp, &'a [PersonId]);

impl<'a> View<'a> {
    pub(super) fn new(policy: &'a Policy, at: Timestamp) -> View<'a> {
        let document = policy.document();
        let mut users: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for service in document.services.keys() {
            for priority in PAGED {
                if let Some((id, _)) = policy.escalation_for(service, priority) {
                    users.entry(id).or_default().insert((service, priority));
                }
            }
        }
        let mut shifts = BTreeMap::new();
        for target in targets(document) {
            if let Target::Schedule(id) = target
                && let Some(schedule) = policy.schedule(id)
            {
                shifts.entry(id).or_insert_with(|| schedule.shifts(at, at + AHEAD, &[]));
            }
        }
        View { policy, at, users, shifts }
    }

    pub(super) fn document(&self) -> &'a Document {
        self.policy.document()
    }

    pub(super) fn until(&self) -> Timestamp {
        self.at + AHEAD
    }

    /// The priorities with which incidents follow an escalation policy; all that page, if none does yet.
    pub(super) fn priorities(&self, id: &EscalationPolicyId) -> BTreeSet<Priority> {
        match self.users.get(id) {
            Some(users) => users.iter().map(|(_, priority)| *priority).collect(),
            None => PAGED.into(),
        }
    }

    /// The schedules that targets name.
    pub(super) fn schedules(&self) -> impl Iterator<Item = &'a ScheduleId> {
        self.shifts.keys().copied()
    }

    /// Whom a target pages in the coming weeks, in order of time. Channels page nobody.
    pub(super) fn stretches(&self, target: &'a Target) -> Vec<Stretch<'_>> {
        let always = |people: &'a [PersonId]| vec![(self.at, self.until(), people)];
        match target {
            Target::Person(id) => always(std::slice::from_ref(id)),
            Target::Team(id) => always(self.policy.team(id).map_or(&[], |team| team.members.as_slice())),
            Target::Channel(_) => Vec::new(),
            Target::Schedule(id) => {
                let shifts = self.shifts.get(id).map_or(&[][..], Vec::as_slice);
                let edges =
                    |s: &Shift| (s.since.max(self.at), s.until.unwrap_or(self.until()).min(self.until()));
                shifts.iter().map(|shift| (edges(shift).0, edges(shift).1, shift.people.as_slice())).collect()
            }
        }
    }

    /// Everyone a target can page in the coming weeks.
    pub(super) fn people(&self, target: &'a Target) -> BTreeSet<&PersonId> {
        self.stretches(target).into_iter().flat_map(|(_, _, people)| people).collect()
    }
}

/// Every target of every level and fallback.
pub(super) fn targets(document: &Document) -> impl Iterator<Item = &Target> {
    document
        .escalation_policies
        .values()
        .flat_map(|spec| spec.levels.iter().flat_map(|level| &level.targets).chain(&spec.fallback))
}
