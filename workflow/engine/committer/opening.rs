//! Signals that belong to no incident yet: each opens one, unless alerts have opened so many that the further ones gather in
//! one storm incident.

use std::sync::Arc;

use stentor_core::id::InstanceId;
use stentor_core::incident::Prepared;
use stentor_core::incident::kinds::RelationKind;
use stentor_core::instance::Instance;
use stentor_core::time::Timestamp;

use crate::error::Error;
use crate::{ids, limits};

use super::Committer;
use super::plan::{Plan, Verdict};
use super::work::Work;

impl Committer {
    /// Opens an incident, or has the signal join a storm.
    pub(super) fn open(
        &mut self,
        plan: &mut Plan,
        work: &Work,
        prepared: &Arc<Prepared>,
        follows: Option<(InstanceId, RelationKind)>,
        now: Timestamp,
    ) -> Result<Verdict, Error> {
        let id = ids::incident(prepared.routed.service.as_str());
        if self.is_storm(plan, prepared, now) {
            let gathered = self.budget.storm(prepared).cloned().filter(|id| self.gathers(plan, id));
            let into = gathered.unwrap_or_else(|| id.clone());
            if !work.validate_only {
                self.budget.gathers(prepared, &into);
            }
            return self.hear(plan, work, into, &Arc::new(stormy(prepared)));
        }
        if !work.validate_only {
            self.budget.opened(prepared, &id, now);
        }
        match follows {
            None => self.hear(plan, work, id, prepared),
            follows => {
                let opening = Prepared { follows, ..Prepared::clone(prepared) };
                self.hear(plan, work, id, &Arc::new(opening))
            }
        }
    }

    /// Whether alerts have opened as many incidents as they may. A service without an open one gets its own all the same.
    fn is_storm(&mut self, plan: &Plan, prepared: &Prepared, now: Timestamp) -> bool {
        let Some(policy) = self.shared.policies.newest_policy() else { return false };
        if !self.budget.is_used_up(prepared, policy.storms(), now) {
            return false;
        }
        let known = self.budget.of_service(&prepared.routed.service).take(limits::STORM_LOOKS);
        let known = self.budget.storm(prepared).into_iter().chain(known);
        let mut known = known.filter_map(|id| self.current(plan, id));
        known.any(|state| state.incident().is_some_and(stentor_core::incident::Incident::is_open))
    }

    /// Whether an incident that gathers a storm can take one more alert.
    fn gathers(&self, plan: &Plan, id: &InstanceId) -> bool {
        let state = self.current(plan, id);
        let incident = state.as_deref().and_then(Instance::incident);
        incident.is_some_and(|i| i.is_open() && i.merge.is_none() && i.has_room_for_alerts())
    }
}

/// The signal as the incident hears it that gathers a storm. No group leads there: only what is above the budget does.
fn stormy(prepared: &Prepared) -> Prepared {
    let mut storm = Prepared::clone(prepared);
    storm.routed.storm = true;
    storm.routed.group_key = None;
    storm
}
