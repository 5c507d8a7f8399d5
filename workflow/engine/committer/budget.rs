//! How many incidents alerts have opened lately, by integration and by service, and where those of a storm gather. Counted in
//! memory: after a restart everything may open incidents again, and a storm that goes on gathers in a new one.

use std::collections::{HashMap, VecDeque};

use stentor_core::id::{InstanceId, IntegrationId, ServiceId};
use stentor_core::incident::Prepared;
use stentor_core::policy::document::Storms;
use stentor_core::signal::SignalKind;
use stentor_core::time::{Duration, Timestamp};

/// For so long an opening counts.
const WINDOW: Duration = Duration::minutes(5);

/// What one partition's alerts have opened.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    integrations: HashMap<IntegrationId, VecDeque<Timestamp>>,
    services: HashMap<ServiceId, VecDeque<(Timestamp, InstanceId)>>,
    storms: HashMap<(IntegrationId, ServiceId), InstanceId>,
}

impl Budget {
    /// An alert has opened an incident.
    pub(super) fn opened(&mut self, p: &Prepared, id: &InstanceId, now: Timestamp) {
        let (integration, service) = (p.signal.integration.clone(), p.routed.service.clone());
        self.integrations.entry(integration).or_default().push_back(now);
        self.services.entry(service).or_default().push_back((now, id.clone()));
    }

    /// Whether a further incident would be above what alerts may open. Reports never are.
    pub(super) fn is_used_up(&mut self, p: &Prepared, storms: Storms, now: Timestamp) -> bool {
        if p.signal.kind == SignalKind::Report {
            return false;
        }
        let old = |at: Timestamp| at + WINDOW <= now;
        let mut used = 0;
        if let Some(openings) = self.integrations.get_mut(&p.signal.integration) {
            openings.drain(..openings.partition_point(|at| old(*at)));
            used = openings.len();
        }
        let mut of_service = 0;
        if let Some(openings) = self.services.get_mut(&p.routed.service) {
            openings.drain(..openings.partition_point(|(at, _)| old(*at)));
            of_service = openings.len();
        }
        used >= storms.per_integration as usize || of_service >= storms.per_service as usize
    }

    /// The incidents that were opened for a service lately, the newest first.
    pub(super) fn of_service(&self, service: &ServiceId) -> impl Iterator<Item = &InstanceId> {
        self.services.get(service).into_iter().flatten().rev().map(|(_, id)| id)
    }

    /// Where alerts of an integration for a service gather, or did.
    pub(super) fn storm(&self, p: &Prepared) -> Option<&InstanceId> {
        if self.storms.is_empty() {
            return None;
        }
        self.storms.get(&(p.signal.integration.clone(), p.routed.service.clone()))
    }

    /// They gather there from now on.
    pub(super) fn gathers(&mut self, p: &Prepared, id: &InstanceId) {
        self.storms.insert((p.signal.integration.clone(), p.routed.service.clone()), id.clone());
    }

    /// Forgets what no longer counts. Called between batches.
    pub(super) fn trim(&mut self, now: Timestamp) {
        let old = |at: Timestamp| at + WINDOW <= now;
        self.integrations.retain(|_, openings| openings.back().is_some_and(|at| !old(*at)));
        self.services.retain(|_, openings| openings.back().is_some_and(|(at, _)| !old(*at)));
    }
}
