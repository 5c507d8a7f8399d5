//! What is known of an incident's alerts beside its state: how often they were heard, and what their sources told. It
//! reads; signals come in elsewhere.

use std::collections::BTreeMap;

use stentor_core::id::InstanceId;
use stentor_core::incident::Incident;
use stentor_core::signal::Signal;

use crate::error::Error;
use crate::signals;
use crate::store::rows::AlertRecord;

use super::Engine;

/// Alerts whose signals are looked up at most: an answer has an end, and so has patience.
const SIGNALS: usize = 200;

impl Engine {
    /// How often and when each alert of an incident was heard.
    ///
    /// # Errors
    /// What the store says.
    pub async fn alerts(&self, id: &InstanceId) -> Result<Vec<AlertRecord>, Error> {
        Ok(self.shared.store.alerts_of(id.0.clone()).await?)
    }

    /// The signals that brought an incident's alerts, by the alerts' numbers; of the first 200, those that fire before
    /// those that do not. What another incident brought along stands in that one's history.
    ///
    /// # Errors
    /// What the store says.
    pub async fn signals(&self, incident: &Incident) -> Result<BTreeMap<u32, Signal>, Error> {
        let mut chosen: Vec<_> = incident.alerts.iter().filter(|(_, a)| !a.moved).collect();
        chosen.sort_by_key(|(n, a)| (!a.firing, **n));
        let chosen: Vec<u32> = chosen.into_iter().take(SIGNALS).map(|(n, _)| *n).collect();
        signals::of(&self.shared, incident, &chosen).await
    }
}
