//! What is known of an incident's alerts beside its state: how often they were heard, and what their sources told. It
//! reads; signals come in elsewhere.

use std::collections::BTreeMap;

use stentor_core::id::InstanceId;
use stentor_core::incident::alerts::AlertState;
use stentor_core::incident::event::{AlertEvent, LifeEvent};
use stentor_core::incident::{self, Incident};
use stentor_core::instance::Event;
use stentor_core::signal::Signal;

use crate::error::Error;
use crate::feed;
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
        let mut found = BTreeMap::new();
        for (of, wanted) in histories(incident) {
            let numbers = wanted.iter().map(|(event, _)| *event as i64).collect();
            for row in self.shared.store.events(of.0.clone(), numbers).await? {
                let told = feed::transition(&row)?;
                for (event, alert) in &wanted {
                    let place = event.checked_sub(told.first).and_then(|i| told.events.get(i as usize));
                    found.extend(place.and_then(signal).map(|signal| (*alert, signal.clone())));
                }
            }
        }
        Ok(found)
    }
}

/// In which history the signal of which alert stands, and under which number.
fn histories(incident: &Incident) -> BTreeMap<&InstanceId, Vec<(u64, u32)>> {
    let known = |a: &AlertState| !a.moved && a.told.n > 0;
    let mut chosen: Vec<_> = incident.alerts.iter().filter(|(_, a)| known(a)).collect();
    chosen.sort_by_key(|(n, a)| (!a.firing, **n));
    let mut histories: BTreeMap<&InstanceId, Vec<(u64, u32)>> = BTreeMap::new();
    for (n, alert) in chosen.into_iter().take(SIGNALS) {
        let of = alert.told.of.as_ref().unwrap_or(&incident.id);
        histories.entry(of).or_default().push((alert.told.n, *n));
    }
    histories
}

fn signal(event: &Event) -> Option<&Signal> {
    match event {
        Event::Incident(incident::Event::Life(LifeEvent::Alerted(opened))) => Some(&opened.signal),
        Event::Incident(incident::Event::Alert(AlertEvent::AlertJoined { signal, .. })) => Some(signal),
        _ => None,
    }
}
