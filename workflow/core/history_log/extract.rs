//! A record from an incident's own history: what came in and what people did is taken out of the events; what followed
//! from it by itself is left, but for the pages and breaches that a back-test compares with.

mod actions;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use crate::actor::Actor;
use crate::id::PersonId;
use crate::incident::alerts::AlertState;
use crate::incident::event::{
    AlertEvent, ClearCause, Event, LifeEvent, Opened, PagingEvent, SlaEvent, Triaged,
};
use crate::incident::state::Origin;
use crate::instance;
use crate::time::Timestamp;

use super::entry::{Action, Entry, Fact, LABEL_REF, LABEL_SOURCE, Record, What};
use super::signal::LoggedSignal;

/// One transition of the history.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    pub at: Timestamp,
    pub actor: &'a Actor,
    pub events: &'a [instance::Event],
}

/// The record of an incident whose history is complete up to `known_until`. `None` for reviews, for exercises and for a
/// history that does not begin with an opening.
pub fn record_of(history: &[Past<'_>], known_until: Timestamp) -> Option<Record> {
    let first = history.first()?;
    let opened = opening(first.events)?;
    if opened.exercise {
        return None;
    }
    let mut reading = Reading::default();
    reading.open(first, opened);
    reading.transition(first, true);
    for past in history.iter().skip(1) {
        reading.transition(past, false);
    }
    let label = |name: &str| opened.signal.labels.get(name).cloned();
    let incident = format!("INC-{}", opened.number);
    let imported = opened.origin == Origin::Import || opened.signal.labels.contains_key(LABEL_SOURCE);
    Some(Record {
        source: label(LABEL_SOURCE).unwrap_or_else(|| "stentor".to_owned()),
        source_ref: label(LABEL_REF).unwrap_or_else(|| incident.clone()),
        incident,
        imported,
        policy: (!imported).then_some(opened.policy),
        ordinal: reading.ordinal,
        known_until: (!reading.over).then_some(known_until),
        entries: reading.entries,
        remarks: reading.remarks,
    })
}

fn opening(events: &[instance::Event]) -> Option<&Opened> {
    match events.first()? {
        instance::Event::Incident(Event::Life(
            LifeEvent::Reported(o) | LifeEvent::Alerted(o) | LifeEvent::SplitOff(o),
        )) => Some(o),
        _ => None,
    }
}

/// What has been read so far, and what later events need to be understood.
#[derive(Debug, Default)]
struct Reading {
    entries: Vec<Entry>,
    /// The last signal of each alert, by its number.
    alerts: BTreeMap<u32, LoggedSignal>,
    /// Levels that people were paged by.
    levels: BTreeMap<PersonId, u32>,
    /// The level reached.
    level: u32,
    ordinal: Option<u64>,
    over: bool,
    remarks: Vec<String>,
}

impl Reading {
    fn push(&mut self, past: &Past<'_>, what: What) {
        self.entries.push(Entry { at: past.at, who: past.actor.clone(), what });
    }

    fn act(&mut self, past: &Past<'_>, action: Action) {
        self.push(past, What::Action(action));
    }

    fn hear(&mut self, past: &Past<'_>, signal: LoggedSignal) {
        self.push(past, What::Signal(Box::new(signal)));
    }

    /// The signal that opened it; for the other half of a split one for each alert that it took along.
    fn open(&mut self, past: &Past<'_>, opened: &Opened) {
        let mut signal = logged(&opened.signal);
        if opened.from.is_none() {
            if opened.signal.key.is_empty() {
                if opened.origin == Origin::Import && signal.impact.is_none() && signal.urgency.is_none() {
                    // The tool stated a priority alone; what it opened as says which.
                    signal.priority = triaged(past).map(|t| t.priority);
                }
                return self.hear(past, signal);
            }
            self.alerts.insert(1, signal.clone());
            return self.hear(past, signal);
        }
        signal.service = Some(opened.service.clone());
        if let Some(t) = triaged(past) {
            (signal.impact, signal.urgency) = (Some(t.impact), Some(t.urgency));
            signal.category = Some(t.category.clone());
        }
        for (n, alert) in (1..).zip(&opened.alerts) {
            let one = alert_signal(&signal, alert);
            self.alerts.insert(n, one.clone());
            self.hear(past, one);
        }
        if opened.alerts.is_empty() {
            self.hear(past, signal);
        }
    }

    fn transition(&mut self, past: &Past<'_>, first: bool) {
        let names: BTreeSet<String> = past.events.iter().map(instance::Event::name).collect();
        let implied = actions::Implied::by(&names, first);
        for event in past.events {
            let instance::Event::Incident(event) = event else { continue };
            self.facts(past, event);
            match event {
                Event::Alert(e) => self.alert(past, e, &implied),
                Event::Life(e) => self.life(past, e, &implied),
                Event::Paging(e) => self.paging(past, e, &implied),
                Event::Work(e) => self.work(past, e),
                Event::Sla(_) => {}
            }
        }
    }

    fn alert(&mut self, past: &Past<'_>, event: &AlertEvent, implied: &actions::Implied) {
        match event {
            AlertEvent::AlertJoined { n, signal, .. } => {
                self.alerts.insert(*n, logged(signal));
                self.hear(past, logged(signal));
            }
            AlertEvent::ReportJoined { signal } => self.hear(past, logged(signal)),
            AlertEvent::AlertChanged { n, title, severity, .. } => {
                if let Some(known) = self.alerts.get_mut(n) {
                    title.clone_into(&mut known.title);
                    known.severity = *severity;
                    let signal = known.clone();
                    self.hear(past, signal);
                }
            }
            AlertEvent::AlertRefired { n, .. } => {
                if let Some(signal) = self.alerts.get(n).cloned() {
                    self.hear(past, signal);
                }
            }
            AlertEvent::AlertCleared { n, cause: ClearCause::Source | ClearCause::Expired, .. } => {
                if let Some(signal) = self.alerts.get(n).cloned() {
                    self.hear(past, LoggedSignal { clear: true, ..signal });
                }
            }
            AlertEvent::AlertCleared { n, cause: ClearCause::Person, .. } => {
                self.act(past, actions::command(crate::incident::Command::ClearAlert { n: *n }));
            }
            AlertEvent::Released { .. } if past.actor.is_person() && !implied.release => {
                self.act(past, Action::Release);
            }
            _ => {}
        }
    }

    /// What followed and is compared with.
    fn facts(&mut self, past: &Past<'_>, event: &Event) {
        match event {
            Event::Paging(PagingEvent::Paged { person, level, steps, .. }) => {
                self.levels.insert(person.clone(), *level);
                for step in steps.iter().filter(|s| s.at <= past.at) {
                    let (person, channel) = (person.clone(), step.channel.clone());
                    self.push(past, What::Fact(Fact::Paged { person, channel, level: *level }));
                }
            }
            Event::Paging(PagingEvent::ContactStepped { person, channel, summons: false }) => {
                let level = self.levels.get(person).copied().unwrap_or(0);
                let (person, channel) = (person.clone(), channel.clone());
                self.push(past, What::Fact(Fact::Paged { person, channel, level }));
            }
            Event::Paging(PagingEvent::EscalationStarted { ordinal, .. }) => {
                self.ordinal.get_or_insert(*ordinal);
                self.level = 0;
            }
            Event::Sla(SlaEvent::SlaBreached { clock, .. }) => {
                if let Some((definition, cycle)) = clock.rsplit_once('.') {
                    let cycle = cycle.parse().unwrap_or(1);
                    self.push(past, What::Fact(Fact::Breached { definition: definition.into(), cycle }));
                }
            }
            Event::Life(LifeEvent::PolicyMoved { to, .. }) => {
                self.push(past, What::Fact(Fact::PolicyMoved { to: *to }));
            }
            _ => {}
        }
    }
}

/// What triage made of the opening.
fn triaged<'a>(past: &Past<'a>) -> Option<&'a Triaged> {
    past.events.iter().find_map(|e| match e {
        instance::Event::Incident(Event::Life(LifeEvent::Triaged(t))) => Some(&**t),
        _ => None,
    })
}

/// A signal without its expiry: when the alert cleared stands in the history, and repeats that moved it do not.
fn logged(signal: &crate::signal::Signal) -> LoggedSignal {
    LoggedSignal { ends_at: None, ..LoggedSignal::of(signal) }
}

/// The signal of one alert that came along with a split.
fn alert_signal(of: &LoggedSignal, alert: &AlertState) -> LoggedSignal {
    let (integration, key) = alert.identity.split_once(':').unwrap_or(("", &alert.identity));
    LoggedSignal {
        severity: alert.severity,
        impact: of.impact,
        urgency: of.urgency,
        service: of.service.clone(),
        category: of.category.clone(),
        labels: of.labels.clone(),
        declare: of.declare,
        ..LoggedSignal::alert(integration, key, &alert.title)
    }
}

#[cfg(test)]
mod tests;
