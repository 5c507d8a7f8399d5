//! The suppression log: what paged nobody, why, and from when to when. It is read from the history, and from the counts of
//! what was not taken in; nothing is written for it here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stentor_core::id::InstanceId;
use stentor_core::incident::event::{AlertEvent, Event, LifeEvent};
use stentor_core::incident::kinds::SuppressReason;
use stentor_core::inhibition::Inhibited;
use stentor_core::instance::{self, Instance};
use stentor_core::silence::Silenced;
use stentor_core::time::Timestamp;

use super::Engine;
use crate::error::Error;
use crate::feed::{self, Transition};
use crate::limits;
use crate::refusals::Refused;
use crate::store::rows::{EventRow, Marked, RefusalRow};

/// What paged nobody.
#[derive(Debug, Clone)]
pub struct Suppression {
    pub what: Suppressed,
    pub from: Timestamp,
    /// When it ended; None: it holds, or the last signal was counted then.
    pub ended: Option<Timestamp>,
}

/// What was held back, and by what.
#[derive(Debug, Clone)]
pub enum Suppressed {
    /// An alert of an incident, or all of it.
    Held {
        incident: Arc<Instance>,
        /// None: the incident as a whole.
        alert: Option<u32>,
        reason: SuppressReason,
        silenced: Vec<Silenced>,
        inhibited: Vec<Inhibited>,
        /// Its end as it was planned, where one was.
        until: Option<Timestamp>,
    },
    /// Signals that were not taken in.
    Refused {
        refused: Refused,
        /// How many, up to when.
        heard: i64,
        last: Timestamp,
    },
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only of this incident.
    pub incident: Option<InstanceId>,
    /// Only what began at or after an instant.
    pub since: Option<Timestamp>,
    /// Only these; None: all.
    pub reasons: Option<Reasons>,
    /// After this one.
    pub after: Option<Place>,
    pub limit: usize,
}

/// Which reasons are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasons {
    Held(SuppressReason),
    /// A route discards it.
    Discarded,
    /// A window drops it.
    Dropped,
}

/// Where an entry stands; a later one comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    at: i64,
    id: String,
    version: i64,
    /// Of several of one transition.
    ordinal: usize,
    /// Of what was not taken in.
    key: String,
}

/// What a transition tells, before its end is known.
struct Begun {
    id: InstanceId,
    version: u64,
    alert: Option<u32>,
    reason: SuppressReason,
    silenced: Vec<Silenced>,
    inhibited: Vec<Inhibited>,
    until: Option<Timestamp>,
}

enum Found {
    Held(Begun),
    Refused(Refused, i64, Timestamp),
}

impl Engine {
    /// A page of the log, newest first, and where the next one begins unless this is the last. A page may be short.
    ///
    /// # Errors
    /// What the store says, or [`Error::Internal`] if a row cannot be read.
    pub async fn suppressions(&self, wanted: &Wanted) -> Result<(Vec<Suppression>, Option<Place>), Error> {
        let limit = wanted.limit.max(1);
        let (mut all, held_to) = self.held(wanted, limit as u32).await?;
        let (refused, refused_to) = match wanted.incident {
            None => self.refused(wanted, limit as u32).await?,
            Some(_) => (Vec::new(), None),
        };
        all.extend(refused);
        // What lies beyond the end of one of both may have something of the other before it.
        let horizon = held_to.into_iter().chain(refused_to).max();
        all.retain(|(place, _)| {
            horizon.as_ref().is_none_or(|end| place >= end)
                && wanted.after.as_ref().is_none_or(|after| place < after)
                && wanted.since.is_none_or(|since| place.at >= since.0)
        });
        all.sort_by(|a, b| b.0.cmp(&a.0));
        let seen_since =
            wanted.since.is_some_and(|since| horizon.as_ref().is_some_and(|end| end.at < since.0));
        let mut next = horizon.filter(|_| !seen_since);
        all.retain(|(_, found)| wanted.reasons.is_none_or(|reasons| reasons.include(found)));
        if all.len() > limit {
            all.truncate(limit);
            next = all.last().map(|(place, _)| place.clone());
        }
        Ok((self.told(all).await?, next))
    }

    /// What marks tell, and where the rest begins.
    async fn held(&self, wanted: &Wanted, limit: u32) -> Result<(Vec<(Place, Found)>, Option<Place>), Error> {
        let upto = wanted.after.as_ref().map_or(Marked { at: i64::MAX, ..Marked::default() }, |after| {
            Marked { at: after.at, id: after.id.clone(), version: after.version }
        });
        let (rows, full) = match &wanted.incident {
            Some(id) => (self.history_rows(id, 0).await?, false),
            None => {
                let rows = self.shared.store.marked(upto, limit + 1).await?;
                let full = rows.len() > limit as usize;
                (rows, full)
            }
        };
        let mut found = Vec::new();
        for row in &rows {
            found.extend(begun(row)?);
        }
        let last = rows.last().filter(|_| full).map(|row| Place {
            at: row.at,
            id: row.id.clone(),
            version: row.version,
            ordinal: 0,
            key: String::new(),
        });
        Ok((found, last))
    }

    async fn refused(
        &self,
        wanted: &Wanted,
        limit: u32,
    ) -> Result<(Vec<(Place, Found)>, Option<Place>), Error> {
        let after =
            wanted.after.as_ref().map_or((i64::MAX, String::new()), |after| match after.key.is_empty() {
                // A mark comes before what was not taken in at the same instant.
                true => (after.at.saturating_add(1), String::new()),
                false => (after.at, after.key.clone()),
            });
        let rows = self.shared.store.refusals(after, limit + 1).await?;
        let place = |row: &RefusalRow| Place {
            at: row.first_at,
            id: String::new(),
            version: 0,
            ordinal: 0,
            key: row.key.clone(),
        };
        let last = rows.last().filter(|_| rows.len() > limit as usize).map(place);
        let read = |row: &RefusalRow| {
            let refused = serde_json::from_str(&row.data)
                .map_err(|e| Error::Internal(format!("the refusals of {} cannot be read: {e}", row.key)))?;
            Ok((place(row), Found::Refused(refused, row.heard, Timestamp(row.last_at))))
        };
        Ok((rows.iter().map(read).collect::<Result<_, Error>>()?, last))
    }

    /// With the incidents as they are now, and the ends that their histories tell.
    async fn told(&self, all: Vec<(Place, Found)>) -> Result<Vec<Suppression>, Error> {
        let mut since: BTreeMap<InstanceId, u64> = BTreeMap::new();
        for (_, found) in &all {
            if let Found::Held(begun) = found {
                let first = since.entry(begun.id.clone()).or_insert(begun.version);
                *first = begun.version.min(*first);
            }
        }
        let ids: BTreeSet<String> = since.keys().map(|id| id.0.clone()).collect();
        let mut states = BTreeMap::new();
        for row in self.shared.store.load(ids.into_iter().collect()).await? {
            let (id, entry) = crate::committer::entry(row)?;
            states.insert(id, entry.state);
        }
        let mut histories: BTreeMap<InstanceId, Vec<Transition>> = BTreeMap::new();
        for (id, first) in since {
            let rows = self.history_rows(&id, first as i64 - 1).await?;
            histories.insert(id, rows.iter().map(feed::transition).collect::<Result<_, Error>>()?);
        }
        let tell = |(place, found): (Place, Found)| {
            let from = Timestamp(place.at);
            match found {
                Found::Refused(refused, heard, last) => Some(Suppression {
                    what: Suppressed::Refused { refused, heard, last },
                    from,
                    ended: None,
                }),
                Found::Held(begun) => {
                    let ended = end(&begun, place.ordinal, histories.get(&begun.id)?);
                    let Begun { alert, reason, silenced, inhibited, until, .. } = begun;
                    let incident = Arc::clone(states.get(&begun.id)?);
                    let what = Suppressed::Held { incident, alert, reason, silenced, inhibited, until };
                    Some(Suppression { what, from, ended })
                }
            }
        };
        Ok(all.into_iter().filter_map(tell).collect())
    }

    /// The history of an incident after a version, all of it.
    async fn history_rows(&self, id: &InstanceId, after: i64) -> Result<Vec<EventRow>, Error> {
        let (mut all, mut after) = (Vec::new(), after);
        loop {
            let page = self.shared.store.history(id.0.clone(), after, limits::OUTBOX_PAGE).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = last.version;
            all.extend(page);
        }
    }
}

impl Reasons {
    fn include(self, found: &Found) -> bool {
        match (self, found) {
            (Reasons::Held(reason), Found::Held(begun)) => begun.reason == reason,
            (Reasons::Discarded, Found::Refused(refused, ..)) => {
                matches!(refused.cause, crate::refusals::Cause::Route(_))
            }
            (Reasons::Dropped, Found::Refused(refused, ..)) => {
                matches!(refused.cause, crate::refusals::Cause::Window(_))
            }
            _ => false,
        }
    }
}

/// What begins to be held back in a transition.
fn begun(row: &EventRow) -> Result<Vec<(Place, Found)>, Error> {
    let told = feed::transition(row)?;
    let mut found = Vec::new();
    for (ordinal, event) in told.events.iter().enumerate() {
        let instance::Event::Incident(Event::Alert(event)) = event else { continue };
        let begun = |alert, reason, silenced: &[Silenced], inhibited: &[Inhibited], until| Begun {
            id: row.id.clone().into(),
            version: told.version,
            alert,
            reason,
            silenced: silenced.to_vec(),
            inhibited: inhibited.to_vec(),
            until,
        };
        let begun = match event {
            AlertEvent::AlertMarked { n, mark, silenced, inhibited } => {
                let ends: Option<Vec<Timestamp>> = silenced.iter().map(|s| s.until).collect();
                let until = ends.filter(|_| inhibited.is_empty()).and_then(|ends| ends.into_iter().max());
                begun(Some(*n), *mark, silenced, inhibited, until)
            }
            AlertEvent::Suppressed { reason, until } if of_incident(*reason) => {
                begun(None, *reason, &[], &[], *until)
            }
            _ => continue,
        };
        let place =
            Place { at: row.at, id: row.id.clone(), version: row.version, ordinal, key: String::new() };
        found.push((place, Found::Held(begun)));
    }
    Ok(found)
}

/// What holds an incident back whatever its alerts are marked with.
fn of_incident(reason: SuppressReason) -> bool {
    matches!(reason, SuppressReason::Transient | SuppressReason::NotPaged)
}

/// When that ended, as the history from its transition on tells.
fn end(begun: &Begun, ordinal: usize, history: &[Transition]) -> Option<Timestamp> {
    let after = |told: &&Transition| told.version >= begun.version;
    for told in history.iter().filter(after) {
        let skip = if told.version == begun.version { ordinal + 1 } else { 0 };
        let mut events = told.events.iter().skip(skip);
        if events.any(|event| matches!(event, instance::Event::Incident(event) if ends(begun, event))) {
            return Some(told.at);
        }
    }
    None
}

fn ends(begun: &Begun, event: &Event) -> bool {
    match event {
        Event::Life(
            LifeEvent::Resolved { .. }
            | LifeEvent::AutoResolved { .. }
            | LifeEvent::Cancelled { .. }
            | LifeEvent::Merged { .. },
        ) => true,
        Event::Life(LifeEvent::SplitOut { alerts, .. }) => begun.alert.is_some_and(|n| alerts.contains(&n)),
        Event::Alert(AlertEvent::AlertMarked { n, .. } | AlertEvent::AlertUnmarked { n, .. }) => {
            begun.alert == Some(*n)
        }
        Event::Alert(AlertEvent::Suppressed { .. } | AlertEvent::Released { .. }) => begun.alert.is_none(),
        _ => false,
    }
}
