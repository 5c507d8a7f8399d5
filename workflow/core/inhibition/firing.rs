//! Which alerts fire now, across all open incidents, and what they are to the inhibitions. It is kept by whoever sees
//! incidents change, and says which marks are not as they should be; it changes no incident.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{Inhibited, Key, Role, Roles, Rules};
use crate::id::{InstanceId, RuleId};
use crate::incident::Incident;
use crate::incident::alerts::AlertState;

type Labels = BTreeMap<String, String>;

/// Alerts that fire, by incident and by what they are.
#[derive(Debug, Clone, Default)]
pub struct Firing {
    rules: Rules,
    incidents: BTreeMap<InstanceId, Seen>,
    sources: BTreeMap<Key, BTreeMap<String, Source>>,
    targets: BTreeMap<Key, BTreeMap<InstanceId, usize>>,
    /// Keys whose sources have changed, and incidents whose marks may be wrong.
    touched: (BTreeSet<Key>, BTreeSet<InstanceId>),
    /// Incidents are being read: what ends meanwhile is remembered, or an older state would bring it back.
    reading: bool,
}

#[derive(Debug, Clone)]
struct Source {
    incident: InstanceId,
    both: bool,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    version: u64,
    alerts: BTreeMap<u32, Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    identity: String,
    roles: Roles,
    /// By which inhibitions its incident believes it is held back.
    believed: Vec<RuleId>,
}

/// An incident whose marks are not as they should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub id: InstanceId,
    /// The version of the incident that this was found for.
    pub version: u64,
    /// What holds which of its alerts back now, for those where it believes otherwise.
    pub alerts: Vec<(u32, Vec<Inhibited>)>,
}

impl Entry {
    /// Whether it is held back by what its incident believes.
    fn believes(&self, alert: &AlertState) -> bool {
        self.believed.iter().eq(alert.inhibited.iter().map(|i| &i.rule))
    }
}

fn believed(alert: &AlertState) -> Vec<RuleId> {
    alert.inhibited.iter().map(|i| i.rule.clone()).collect()
}

impl Firing {
    /// Nothing fires yet, as far as is known.
    pub fn new(rules: Rules) -> Firing {
        Firing { rules, ..Firing::default() }
    }

    /// The inhibitions that it goes by.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whether any alert inhibits, or an incident believes so: then there is something to look after.
    pub fn is_busy(&self) -> bool {
        !self.sources.is_empty() || self.entries().any(|entry| !entry.believed.is_empty())
    }

    /// The incidents known.
    pub fn incidents(&self) -> impl Iterator<Item = &InstanceId> {
        self.incidents.keys()
    }

    /// The version of an incident that is known; 0: none, or none for sure.
    pub fn version(&self, id: &InstanceId) -> u64 {
        self.incidents.get(id).map_or(0, |seen| seen.version)
    }

    /// The alerts of an incident that fire and whose labels are not known here.
    pub fn unknown(&self, incident: &Incident) -> Vec<u32> {
        let seen = self.incidents.get(&incident.id);
        let known = |n: &u32| seen.is_some_and(|seen| seen.alerts.contains_key(n));
        firing(incident).map(|(n, _)| n).filter(|n| !known(n)).collect()
    }

    /// Takes an incident as it is now, unless a newer version is known. Of the alerts that were not known to fire, those
    /// count whose labels are told; labels of others replace what was known. Says whether labels are missing.
    pub fn put(&mut self, incident: &Incident, labels: &BTreeMap<u32, Labels>) -> bool {
        let id = &incident.id;
        if self.version(id) > incident.version {
            return false;
        }
        let mut seen = self.incidents.remove(id).unwrap_or_default();
        seen.version = incident.version;
        let counts = counts(incident);
        let fires = |n: &u32| counts && incident.alerts.get(n).is_some_and(AlertState::counts_as_firing);
        let gone: Vec<u32> = seen.alerts.keys().filter(|n| !fires(n)).copied().collect();
        for entry in gone.iter().filter_map(|n| seen.alerts.remove(n)) {
            self.ends(id, &entry);
        }
        let (mut missing, mut wrong) = (false, false);
        for (n, alert) in firing(incident) {
            let told = labels.get(&n).map(|labels| self.rules.roles(labels));
            match seen.alerts.get_mut(&n).filter(|known| known.identity == alert.identity) {
                Some(known) if told.as_ref().is_none_or(|told| *told == known.roles) => {
                    if !known.believes(alert) {
                        known.believed = believed(alert);
                        wrong |= self.is_wrong(known);
                    }
                }
                _ => match told {
                    None => missing = true,
                    Some(roles) => {
                        let (identity, believed) = (alert.identity.clone(), believed(alert));
                        let entry = Entry { identity, roles, believed };
                        if let Some(before) = seen.alerts.remove(&n) {
                            self.ends(id, &before);
                        }
                        self.begins(id, &entry);
                        wrong |= self.is_wrong(&entry);
                        seen.alerts.insert(n, entry);
                    }
                },
            }
        }
        if wrong {
            self.touched.1.insert(id.clone());
        }
        if !seen.alerts.is_empty() || self.reading {
            self.incidents.insert(id.clone(), seen);
        }
        missing
    }

    /// The version known of an incident may not have come to be: the next one told of is taken, whichever it is.
    pub fn doubt(&mut self, id: &InstanceId) {
        if let Some(seen) = self.incidents.get_mut(id) {
            seen.version = 0;
        }
    }

    /// States that are put from now on may be older than what is put otherwise, until this is told to be over.
    pub fn reading(&mut self, reading: bool) {
        self.reading = reading;
        if !reading {
            self.incidents.retain(|_, seen| !seen.alerts.is_empty());
        }
    }

    /// An incident of which there is nothing.
    pub fn forget(&mut self, id: &InstanceId) {
        for entry in self.incidents.remove(id).unwrap_or_default().alerts.values() {
            self.ends(id, entry);
        }
    }

    fn begins(&mut self, id: &InstanceId, entry: &Entry) {
        for Role { key, both } in &entry.roles.source {
            let source = Source { incident: id.clone(), both: *both };
            self.sources.entry(key.clone()).or_default().insert(entry.identity.clone(), source);
            self.touched.0.insert(key.clone());
        }
        for Role { key, .. } in &entry.roles.target {
            *self.targets.entry(key.clone()).or_default().entry(id.clone()).or_default() += 1;
        }
    }

    fn ends(&mut self, id: &InstanceId, entry: &Entry) {
        for Role { key, .. } in &entry.roles.source {
            let Some(sources) = self.sources.get_mut(key) else { continue };
            // Where it moved to another incident, that one may have told of it first.
            if sources.get(&entry.identity).is_some_and(|source| source.incident == *id) {
                sources.remove(&entry.identity);
                self.touched.0.insert(key.clone());
            }
            if sources.is_empty() {
                self.sources.remove(key);
            }
        }
        for Role { key, .. } in &entry.roles.target {
            let Some(targets) = self.targets.get_mut(key) else { continue };
            if let Some(count) = targets.get_mut(id) {
                *count -= 1;
                if *count == 0 {
                    targets.remove(id);
                }
            }
            if targets.is_empty() {
                self.targets.remove(key);
            }
        }
    }

    /// What holds an alert with these labels back now, in the order of the document.
    pub fn holding(&self, labels: &Labels, identity: &str) -> Vec<Inhibited> {
        if self.sources.is_empty() {
            return Vec::new();
        }
        self.inhibiting(&self.rules.roles(labels), identity)
    }

    /// One source for each inhibition. No alert inhibits itself, and of two that are on both sides neither inhibits the
    /// other: somebody has to be paged.
    fn inhibiting(&self, roles: &Roles, identity: &str) -> Vec<Inhibited> {
        let held = roles.target.iter().filter_map(|Role { key, both }| {
            let mut sources = self.sources.get(key)?.iter();
            let (source, of) = sources.find(|(source, of)| *source != identity && !(*both && of.both))?;
            Some(Inhibited { rule: key.rule.clone(), source: source.clone(), incident: of.incident.clone() })
        });
        held.collect()
    }

    fn is_wrong(&self, entry: &Entry) -> bool {
        let is = self.inhibiting(&entry.roles, &entry.identity);
        is.len() != entry.believed.len() || is.iter().any(|i| !entry.believed.contains(&i.rule))
    }

    /// Has every incident looked at.
    pub fn touch_all(&mut self) {
        self.touched.1.extend(self.incidents.keys().cloned());
    }

    /// Has an incident looked at.
    pub fn touch(&mut self, id: &InstanceId) {
        self.touched.1.insert(id.clone());
    }

    /// Whether there is anything to look at.
    pub fn is_touched(&self) -> bool {
        !self.touched.0.is_empty() || !self.touched.1.is_empty()
    }

    /// The incidents among those that changes concern whose marks are not as they should be, by id. They have to be looked
    /// at no more, unless they are touched again.
    pub fn take_due(&mut self) -> Vec<Due> {
        let (keys, mut ids) = std::mem::take(&mut self.touched);
        ids.extend(keys.iter().filter_map(|key| self.targets.get(key)).flat_map(BTreeMap::keys).cloned());
        ids.iter().filter_map(|id| self.due(id)).collect()
    }

    /// Which marks of an incident are not as they should be.
    pub fn due(&self, id: &InstanceId) -> Option<Due> {
        let seen = self.incidents.get(id)?;
        let wrong = seen.alerts.iter().filter(|(_, entry)| self.is_wrong(entry));
        let alerts: Vec<_> =
            wrong.map(|(n, entry)| (*n, self.inhibiting(&entry.roles, &entry.identity))).collect();
        (!alerts.is_empty()).then(|| Due { id: id.clone(), version: seen.version, alerts })
    }

    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.incidents.values().flat_map(|seen| seen.alerts.values())
    }
}

/// Whether alerts of an incident count: if it is open, no exercise, and no record of another tool.
fn counts(incident: &Incident) -> bool {
    incident.is_open() && !incident.exercise && !incident.is_imported()
}

/// The alerts that count and fire.
fn firing(incident: &Incident) -> impl Iterator<Item = (u32, &AlertState)> {
    let counts = counts(incident);
    incident.alerts.iter().filter(move |(_, a)| counts && a.counts_as_firing()).map(|(n, a)| (*n, a))
}
