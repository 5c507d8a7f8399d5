//! Whether every name that the document uses is one that it has. Names inside expressions are looked at when those are
//! compiled.

use super::structure::Report;
use crate::id::{CalendarId, ChannelId, EscalationPolicyId, PersonId, TeamId};
use crate::policy::document::{Document, Slot, Target};
use crate::policy::finding::FindingCode;

pub(super) fn check(document: &Document, report: &mut Report) {
    let mut names = Names { document, report };
    names.organisation();
    names.people();
    names.schedules();
    names.escalation();
    names.services();
    names.heartbeats();
    names.rules();
}

struct Names<'a> {
    document: &'a Document,
    report: &'a mut Report,
}

impl Names<'_> {
    fn unknown(&mut self, path: String, what: &str, id: &str) {
        self.report.add(FindingCode::UnknownReference, path, format!("{what} {id:?} does not exist"));
    }

    fn person(&mut self, id: &PersonId, path: String) {
        if !self.document.people.contains_key(id) {
            self.unknown(path, "person", id.as_str());
        }
    }

    fn team(&mut self, id: &TeamId, path: String) {
        if !self.document.teams.contains_key(id) {
            self.unknown(path, "team", id.as_str());
        }
    }

    fn calendar(&mut self, id: &CalendarId, path: String) {
        if id.as_str() != "always" && !self.document.calendars.contains_key(id) {
            self.unknown(path, "calendar", id.as_str());
        }
    }

    fn provider(&mut self, id: &ChannelId, path: String) {
        if !self.document.providers.contains_key(id) {
            self.unknown(path, "provider", id.as_str());
        }
    }

    fn policy(&mut self, id: &EscalationPolicyId, path: String) {
        if !self.document.escalation_policies.contains_key(id) {
            self.unknown(path, "escalation policy", id.as_str());
        }
    }

    fn target(&mut self, target: &Target, path: String) {
        match target {
            Target::Person(id) => self.person(id, path),
            Target::Team(id) => self.team(id, path),
            Target::Schedule(id) if !self.document.schedules.contains_key(id) => {
                self.unknown(path, "schedule", id.as_str());
            }
            Target::Channel(id) if !self.document.channels.contains_key(id) => {
                self.unknown(path, "channel", id.as_str());
            }
            Target::Schedule(_) | Target::Channel(_) => {}
        }
    }

    fn organisation(&mut self) {
        let organisation = &self.document.organisation;
        if !self.document.services.contains_key(&organisation.default_service) {
            let message =
                format!("default service {:?} does not exist", organisation.default_service.as_str());
            self.report.add(FindingCode::NoDefaultService, "organisation.default_service", message);
        }
        for id in &organisation.last_resort {
            self.person(id, "organisation.last_resort".to_owned());
        }
        let document = self.document;
        if !organisation.last_resort.iter().any(|id| super::escalation::reachable(document, id)) {
            let message = "at least one person with a contact that a provider serves must be the last resort";
            self.report.add(FindingCode::LastResortEmpty, "organisation.last_resort", message);
        }
    }

    fn people(&mut self) {
        for (id, channel) in &self.document.channels {
            self.provider(&channel.kind, format!("channels.{id}.kind"));
        }
        for (id, team) in &self.document.teams {
            self.person(&team.lead, format!("teams.{id}.lead"));
            for member in &team.members {
                self.person(member, format!("teams.{id}.members"));
            }
            if let Some(calendar) = &team.calendar {
                self.calendar(calendar, format!("teams.{id}.calendar"));
            }
        }
    }

    fn schedules(&mut self) {
        for (id, schedule) in &self.document.schedules {
            for layer in &schedule.layers {
                let path = format!("schedules.{id}.layers.{}.members", layer.id);
                for slot in &layer.members {
                    match slot {
                        Slot::One(person) => self.person(person, path.clone()),
                        Slot::Together(people) => {
                            people.iter().for_each(|person| self.person(person, path.clone()));
                        }
                    }
                }
            }
        }
    }

    fn escalation(&mut self) {
        for (id, spec) in &self.document.escalation_policies {
            let path = format!("escalation_policies.{id}");
            for level in &spec.levels {
                let path = format!("{path}.levels.{}", level.id);
                level.targets.iter().for_each(|target| self.target(target, format!("{path}.targets")));
                let when = level.when.iter().flat_map(|when| when.open.iter().chain(&when.closed));
                when.for_each(|calendar| self.calendar(calendar, format!("{path}.when")));
            }
            spec.fallback.iter().for_each(|target| self.target(target, format!("{path}.fallback")));
            if let Some(defer) = &spec.defer {
                self.calendar(&defer.calendar, format!("{path}.defer.calendar"));
            }
        }
    }

    fn services(&mut self) {
        for (id, service) in &self.document.services {
            self.team(&service.team, format!("services.{id}.team"));
            for (priority, policy) in &service.escalation {
                self.policy(policy, format!("services.{id}.escalation.{priority}"));
            }
        }
        for definition in &self.document.sla {
            self.calendar(&definition.calendar, format!("sla.{}.calendar", definition.id));
        }
        if let Some(training) = &self.document.training {
            training.teams.iter().for_each(|team| self.team(team, "training.teams".to_owned()));
        }
    }

    fn heartbeats(&mut self) {
        for (id, spec) in &self.document.heartbeats {
            if !self.document.services.contains_key(&spec.service) {
                self.unknown(format!("heartbeats.{id}.service"), "service", spec.service.as_str());
            }
            let sender = spec.integration.as_ref();
            if let Some(sender) = sender.filter(|sender| !self.document.integrations.contains_key(*sender)) {
                self.unknown(format!("heartbeats.{id}.integration"), "integration", sender.as_str());
            }
        }
    }

    fn rules(&mut self) {
        for route in &self.document.routes {
            match &route.service {
                Some(service) if !self.document.services.contains_key(service) => {
                    self.unknown(format!("routes.{}.service", route.id), "service", service.as_str());
                }
                _ => {}
            }
        }
        for rule in &self.document.triage.rules {
            let path = format!("triage.rules.{}.set", rule.id);
            if let Some(person) = &rule.set.assignee {
                self.person(person, format!("{path}.assignee"));
            }
            match &rule.set.category {
                Some(category) if !self.document.triage.categories.contains(category) => {
                    self.unknown(format!("{path}.category"), "category", category);
                }
                _ => {}
            }
        }
    }
}
