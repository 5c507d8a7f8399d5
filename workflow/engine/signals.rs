//! What the sources of an incident's alerts told: it stands in the history, not in the state. It reads; signals come in
//! elsewhere.

use std::collections::BTreeMap;

use stentor_core::id::InstanceId;
use stentor_core::incident::event::{AlertEvent, LifeEvent};
use stentor_core::incident::{self, Incident};
use stentor_core::instance::Event;
use stentor_core::signal::Signal;

use crate::engine::Shared;
use crate::error::Error;
use crate::feed;

/// The signals that brought alerts, by the alerts' numbers. What another incident brought along stands in that one's
/// history.
///
/// # Errors
/// What the store says, or [`Error::Internal`] if a row of the history cannot be read.
pub(crate) async fn of(
    shared: &Shared,
    incident: &Incident,
    alerts: &[u32],
) -> Result<BTreeMap<u32, Signal>, Error> {
    let mut found = BTreeMap::new();
    for (of, wanted) in histories(incident, alerts) {
        let numbers = wanted.iter().map(|(event, _)| *event as i64).collect();
        for row in shared.store.events(of.0.clone(), numbers).await? {
            let told = feed::transition(&row)?;
            for (event, alert) in &wanted {
                let place = event.checked_sub(told.first).and_then(|i| told.events.get(i as usize));
                found.extend(place.and_then(signal).map(|signal| (*alert, signal.clone())));
            }
        }
    }
    Ok(found)
}

/// In which history the signal of which alert stands, and under which number.
fn histories<'a>(incident: &'a Incident, alerts: &[u32]) -> BTreeMap<&'a InstanceId, Vec<(u64, u32)>> {
    let mut histories: BTreeMap<&InstanceId, Vec<(u64, u32)>> = BTreeMap::new();
    for n in alerts {
        let Some(alert) = incident.alerts.get(n).filter(|a| !a.moved && a.told.n > 0) else { continue };
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
