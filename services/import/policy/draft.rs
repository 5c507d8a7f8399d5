//! A policy document as it grows: ids for names, things by the tool's own ids, and a list of what was left. What a
//! document needs and no export has (a team, a service, somebody of last resort) is filled in at the end and listed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use stentor_core::policy::document::{
    Document, EscalationSpec, LevelSpec, Organisation, Person, Reviews, ScheduleSpec, Service, Target, Team,
    Triage,
};
use stentor_core::time::Duration;

use crate::import::bad::Bad;
use crate::import::names::slug;

/// The team of those who are in no other.
const TEAM: &str = "imported";
/// Shortest and longest time that a level has.
const DELAYS: (Duration, Duration) = (Duration::seconds(30), Duration::hours(48));
const LEVELS_MAX: usize = 20;
const ROUNDS_MAX: u32 = 9;

/// Something that could not be carried over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Left {
    pub(super) what: String,
    pub(super) why: String,
}

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Person,
    Schedule,
    Escalation,
    Service,
    Team,
}

/// The document, and what was left.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) document: Document,
    left: Vec<Left>,
    ids: BTreeMap<(Kind, String), String>,
    used: BTreeSet<(Kind, String)>,
}

impl Draft {
    pub(super) fn new(organisation: &str, zone: &str) -> Draft {
        let organisation = Organisation {
            name: organisation.to_owned(),
            zone: zone.to_owned(),
            default_service: String::new().into(),
            last_resort: Vec::new(),
        };
        let document = Document {
            stentor: 1,
            demo: false,
            organisation,
            providers: BTreeMap::new(),
            channels: BTreeMap::new(),
            people: BTreeMap::new(),
            teams: BTreeMap::new(),
            calendars: BTreeMap::new(),
            schedules: BTreeMap::new(),
            escalation_policies: BTreeMap::new(),
            services: BTreeMap::new(),
            integrations: BTreeMap::new(),
            routes: Vec::new(),
            triage: Triage::default(),
            inhibitions: Vec::new(),
            storms: None,
            page_rates: BTreeMap::new(),
            heartbeats: BTreeMap::new(),
            sla: Vec::new(),
            reviews: Reviews::default(),
            priorities: BTreeMap::new(),
            training: None,
            accept: Vec::new(),
        };
        Draft { document, left: Vec::new(), ids: BTreeMap::new(), used: BTreeSet::new() }
    }

    pub(super) fn zone(&self) -> String {
        self.document.organisation.zone.clone()
    }

    /// Lists something that has no counterpart.
    pub(super) fn leave(&mut self, what: impl Into<String>, why: impl Into<String>) {
        let left = Left { what: what.into(), why: why.into() };
        if !self.left.contains(&left) {
            self.left.push(left);
        }
    }

    /// Our id for a thing of theirs, made of its name and unlike any other.
    pub(super) fn name(&mut self, kind: Kind, theirs: &str, name: &str) -> String {
        if let Some(known) = self.known(kind, theirs) {
            return known.to_owned();
        }
        let prefix = match kind {
            Kind::Person => "u-",
            Kind::Schedule => "schedule-",
            Kind::Escalation => "escalation-",
            Kind::Service => "service-",
            Kind::Team => "team-",
        };
        let wanted = slug(name, prefix);
        let numbered =
            (2..).map(|n| format!("{}-{n}", wanted.get(..58).unwrap_or(&wanted).trim_end_matches('-')));
        let free = std::iter::once(wanted.clone())
            .chain(numbered)
            .find(|id| !self.used.contains(&(kind, id.clone())));
        let id = free.unwrap_or(wanted);
        self.used.insert((kind, id.clone()));
        self.ids.insert((kind, theirs.to_owned()), id.clone());
        id
    }

    /// Our id for a thing of theirs that was named before.
    pub(super) fn known(&self, kind: Kind, theirs: &str) -> Option<&str> {
        self.ids.get(&(kind, theirs.to_owned())).map(String::as_str)
    }

    pub(super) fn add_person(&mut self, id: &str, mut person: Person) {
        if person.contacts.is_empty() {
            self.leave(format!("person {id}"), "no contact in the export: nobody can reach them");
        }
        if person.urgent.is_empty() {
            // Without rules of their own: every way at once.
            let all = person.contacts.keys();
            person.urgent = all.map(|c| contact(c.as_str(), Duration::ZERO)).collect();
        }
        if person.normal.is_empty() {
            person.normal = person.urgent.clone();
        }
        for channel in person.contacts.keys() {
            let carrier = if channel.as_str() == "email" { "smtp" } else { "webhook" };
            let provider = format!("{carrier}/{channel}");
            self.document.providers.entry(channel.clone()).or_insert(provider);
        }
        self.document.people.insert(id.into(), person);
    }

    pub(super) fn add_schedule(&mut self, id: &str, schedule: ScheduleSpec) {
        if schedule.layers.is_empty() {
            self.leave(format!("schedule {id}"), "none of its layers could be carried over");
        }
        self.document.schedules.insert(id.into(), schedule);
    }

    /// Adds an escalation policy whose delays and rounds are within our limits afterwards.
    pub(super) fn add_escalation(&mut self, id: &str, mut spec: EscalationSpec) {
        let what = format!("escalation policy {id}");
        for level in &mut spec.levels {
            let within = level.delay.max(DELAYS.0).min(DELAYS.1);
            if within != level.delay {
                self.leave(
                    format!("{what}, level {}", level.id),
                    format!("a delay of {} became {within}", level.delay),
                );
                level.delay = within;
            }
        }
        if spec.levels.len() > LEVELS_MAX {
            self.leave(&what, format!("only the first {LEVELS_MAX} of {} levels", spec.levels.len()));
            spec.levels.truncate(LEVELS_MAX);
        }
        if spec.repeat > ROUNDS_MAX {
            self.leave(&what, format!("{} rounds became {ROUNDS_MAX}", spec.repeat));
            spec.repeat = ROUNDS_MAX;
        }
        if spec.levels.is_empty() {
            self.leave(&what, "it has no level that pages anybody, so it was left out");
            return;
        }
        self.document.escalation_policies.insert(id.into(), spec);
    }

    /// A service with its escalation policy; `None` where that was left out.
    pub(super) fn add_service(&mut self, id: &str, team: Option<String>, escalation: Option<&str>) {
        let known = escalation.filter(|e| self.document.escalation_policies.contains_key(*e));
        let Some(escalation) = known else {
            return self.leave(format!("service {id}"), "its escalation policy is not in the export");
        };
        let service = Service {
            team: team.unwrap_or_else(|| TEAM.to_owned()).into(),
            tier: 2,
            escalation: BTreeMap::from([("default".to_owned(), escalation.into())]),
            runbooks: Vec::new(),
            labels: BTreeMap::new(),
            alerts_clear: None,
            two_person: false,
        };
        self.document.services.insert(id.into(), service);
    }

    /// Adds a person to a team; the first one leads it.
    pub(super) fn add_member(&mut self, team: &str, person: &str) {
        let known = self.document.teams.entry(team.into());
        let team = known.or_insert_with(|| Team { lead: person.into(), members: Vec::new(), calendar: None });
        if !team.members.contains(&person.into()) {
            team.members.push(person.into());
        }
    }

    /// Fills in what a document needs, and drops what points nowhere.
    pub(super) fn finish(mut self) -> Result<(Document, Vec<Left>), Bad> {
        let Some(first) = self.document.people.keys().next().cloned() else {
            return Err(Bad::place("the export", "has no users: a policy needs somebody who can be paged"));
        };
        self.drop_empty_schedules();
        let spec = |targets: Vec<Target>| {
            let level = LevelSpec {
                id: "all".into(),
                targets,
                delay: Duration::minutes(5),
                ack: Default::default(),
                round_robin: false,
                when: None,
            };
            escalation(vec![level], 1)
        };
        if self.document.escalation_policies.is_empty() {
            self.leave(
                "escalation policies",
                "none in the export: one that pages the first person stands in",
            );
            self.document.escalation_policies.insert(TEAM.into(), spec(vec![Target::Person(first.clone())]));
        }
        let escalations: Vec<_> = self.document.escalation_policies.keys().cloned().collect();
        if self.document.services.is_empty() {
            self.leave("services", "none in the export: one for each escalation policy stands in");
            for id in &escalations {
                let service = self.name(Kind::Service, &format!("of {id}"), id.as_str());
                self.add_service(&service, None, Some(id.as_str()));
            }
        }
        self.adopt();
        for spec in self.document.escalation_policies.values_mut().filter(|s| s.fallback.is_empty()) {
            spec.fallback.push(Target::Person(first.clone()));
        }
        let service = self.document.services.keys().next().cloned().unwrap_or_default();
        self.leave(
            "organisation",
            format!("default service {service} and last resort {first} are the first by name"),
        );
        self.leave("escalation policies", format!("fallback: no export has one, so it is {first}"));
        self.leave("providers", "their addresses and secrets stay in the other tool: name yours");
        self.document.organisation.default_service = service;
        self.document.organisation.last_resort = vec![first];
        Ok((self.document, self.left))
    }

    /// A schedule that covers nobody is no target.
    fn drop_empty_schedules(&mut self) {
        let empty: BTreeSet<_> = self
            .document
            .schedules
            .iter()
            .filter(|(_, s)| s.layers.is_empty())
            .map(|(id, _)| id.clone())
            .collect();
        self.document.schedules.retain(|id, _| !empty.contains(id));
        let mut hollow = Vec::new();
        for (id, spec) in &mut self.document.escalation_policies {
            for level in &mut spec.levels {
                level.targets.retain(|t| !matches!(t, Target::Schedule(s) if empty.contains(s)));
            }
            spec.levels.retain(|level| !level.targets.is_empty());
            if spec.levels.is_empty() {
                hollow.push(id.clone());
            }
        }
        for id in hollow {
            self.leave(
                format!("escalation policy {id}"),
                "no level of it reaches anybody, so it was left out",
            );
            self.document.escalation_policies.remove(&id);
            self.document.services.retain(|_, s| !s.escalation.values().any(|e| *e == id));
        }
    }

    /// Services of no team, or of a team without members, get one that has everybody.
    fn adopt(&mut self) {
        let teams: BTreeSet<_> = self.document.teams.keys().cloned().collect();
        let mut lonely = Vec::new();
        for (id, service) in &mut self.document.services {
            if !teams.contains(&service.team) {
                if service.team.as_str() != TEAM {
                    lonely.push((id.clone(), service.team.clone()));
                }
                service.team = TEAM.into();
            }
        }
        for (service, team) in lonely {
            self.leave(format!("service {service}"), format!("team {team} has no members in the export"));
        }
        if self.document.services.values().any(|s| s.team.as_str() == TEAM) {
            let everybody: Vec<_> = self.document.people.keys().cloned().collect();
            everybody.iter().for_each(|person| self.add_member(TEAM, person.as_str()));
        }
    }
}

/// A step of a contact rule.
pub(super) fn contact(channel: &str, wait: Duration) -> stentor_core::policy::document::ContactStep {
    stentor_core::policy::document::ContactStep { channel: channel.into(), wait }
}

/// An escalation policy with everything else as usual; the fallback is filled in at the end.
pub(super) fn escalation(levels: Vec<LevelSpec>, repeat: u32) -> EscalationSpec {
    EscalationSpec {
        grace: Duration::ZERO,
        repeat,
        levels,
        fallback: Vec::new(),
        remind_every: Duration::hours(1),
        defer: None,
        ack_timeout: BTreeMap::new(),
    }
}

/// A level without conditions.
pub(super) fn level(number: usize, targets: Vec<Target>, delay: Duration) -> LevelSpec {
    let id = format!("level-{number}").into();
    LevelSpec { id, targets, delay, ack: Default::default(), round_robin: false, when: None }
}

/// Time as a rotation's turn: hours that divide a day, or whole days.
pub(super) fn turn(seconds: i64) -> Option<Duration> {
    let (hours, rest) = (seconds / 3600, seconds % 3600);
    let fits = rest == 0
        && (matches!(hours, 1 | 2 | 3 | 4 | 6 | 8 | 12) || hours > 0 && hours % 24 == 0 && hours <= 366 * 24);
    fits.then(|| Duration::seconds(seconds))
}
