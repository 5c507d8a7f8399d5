//! Entries that nothing refers to. They do no harm, but somebody may believe that they do something.

use std::collections::BTreeSet;

use super::structure::Report;
use super::view::targets;
use crate::policy::document::{Document, Slot, Target};
use crate::policy::finding::FindingCode;

pub(super) fn check(document: &Document, report: &mut Report) {
    let used = Used::of(document);
    let mut look = |section: &str, ids: Vec<&str>, used: &BTreeSet<&str>| {
        for id in ids.into_iter().filter(|id| !used.contains(id)) {
            report.add(FindingCode::Unused, format!("{section}.{id}"), format!("nothing uses {id}"));
        }
    };
    look("people", document.people.keys().map(|id| id.as_str()).collect(), &used.people);
    look("teams", document.teams.keys().map(|id| id.as_str()).collect(), &used.teams);
    look("schedules", document.schedules.keys().map(|id| id.as_str()).collect(), &used.schedules);
    look("channels", document.channels.keys().map(|id| id.as_str()).collect(), &used.channels);
    look("providers", document.providers.keys().map(|id| id.as_str()).collect(), &used.providers);
    look("calendars", document.calendars.keys().map(|id| id.as_str()).collect(), &used.calendars);
    let policies = document.escalation_policies.keys().map(|id| id.as_str()).collect();
    look("escalation_policies", policies, &used.policies);
}

#[derive(Default)]
struct Used<'a> {
    people: BTreeSet<&'a str>,
    teams: BTreeSet<&'a str>,
    schedules: BTreeSet<&'a str>,
    channels: BTreeSet<&'a str>,
    providers: BTreeSet<&'a str>,
    calendars: BTreeSet<&'a str>,
    policies: BTreeSet<&'a str>,
}

impl<'a> Used<'a> {
    fn of(document: &'a Document) -> Used<'a> {
        let mut used = Used::default();
        used.people.extend(document.organisation.last_resort.iter().map(|id| id.as_str()));
        for target in targets(document) {
            match target {
                Target::Schedule(id) => used.schedules.insert(id.as_str()),
                Target::Person(id) => used.people.insert(id.as_str()),
                Target::Team(id) => used.teams.insert(id.as_str()),
                Target::Channel(id) => used.channels.insert(id.as_str()),
            };
        }
        used.people_and_teams(document);
        used.rules(document);
        used
    }

    fn people_and_teams(&mut self, document: &'a Document) {
        for team in document.teams.values() {
            self.people.insert(team.lead.as_str());
            self.people.extend(team.members.iter().map(|id| id.as_str()));
            self.calendars.extend(team.calendar.iter().map(|id| id.as_str()));
        }
        for layer in document.schedules.values().flat_map(|schedule| &schedule.layers) {
            for slot in &layer.members {
                match slot {
                    Slot::One(id) => {
                        self.people.insert(id.as_str());
                    }
                    Slot::Together(ids) => self.people.extend(ids.iter().map(|id| id.as_str())),
                }
            }
        }
        self.providers.extend(document.channels.values().map(|channel| channel.kind.as_str()));
        for person in document.people.values() {
            self.providers.extend(person.contacts.keys().map(|id| id.as_str()));
        }
    }

    fn rules(&mut self, document: &'a Document) {
        for service in document.services.values() {
            self.teams.insert(service.team.as_str());
            self.policies.extend(service.escalation.values().map(|id| id.as_str()));
        }
        for spec in document.escalation_policies.values() {
            self.calendars.extend(spec.defer.iter().map(|defer| defer.calendar.as_str()));
            let conditions = spec.levels.iter().filter_map(|level| level.when.as_ref());
            self.calendars.extend(
                conditions.flat_map(|when| when.open.iter().chain(&when.closed)).map(|id| id.as_str()),
            );
        }
        self.calendars.extend(document.sla.iter().map(|definition| definition.calendar.as_str()));
        self.people.extend(
            document.triage.rules.iter().filter_map(|rule| Some(rule.set.assignee.as_ref()?.as_str())),
        );
        // A calendar that a rule asks with open["…"] is used; the compiled rule has checked the name.
        for id in document.calendars.keys() {
            if document.triage.rules.iter().any(|rule| rule.when.contains(id.as_str())) {
                self.calendars.insert(id.as_str());
            }
        }
    }
}
