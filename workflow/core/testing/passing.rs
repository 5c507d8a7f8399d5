//! Stories in which time passes and signals come: every deadline is met at its instant, as long as nobody acts. What is
//! told of them is whom they paged, and when.

use std::collections::BTreeSet;

use super::{Story, at};
use crate::actor::Actor;
use crate::effect::EffectKind;
use crate::incident::command::Command;
use crate::incident::heard::Prepared;
use crate::incident::kinds::{Phase, Priority};
use crate::incident::{self, Heard};
use crate::instance::{Answer, Event};
use crate::policy::document::Document;
use crate::policy::{Policy, samples};
use crate::signal::Signal;
use crate::silence::{Matcher, Operator};
use crate::standing::Stretch;
use crate::time::Timestamp;
use crate::triage;

impl Story {
    /// A story under the sample policy, departed from.
    pub(crate) fn where_policy(change: impl FnOnce(&mut Document)) -> Story {
        let mut document = samples::acme();
        change(&mut document);
        Story::under(Policy::compile(document, 1).unwrap())
    }

    /// Under another version of the policy from now on.
    pub(crate) fn policy_becomes(mut self, number: u64, change: impl FnOnce(&mut Document)) -> Story {
        let mut document = samples::acme();
        change(&mut document);
        self.policy = Policy::compile(document, number).unwrap();
        self
    }

    /// This person is not in the newest version of the policy; the pinned one still names them.
    pub(crate) fn newest_without(&mut self, person: &str) {
        let mut document = self.policy.document().clone();
        let gone = document.people.remove(person);
        assert!(gone.is_some());
        for team in document.teams.values_mut() {
            team.members.retain(|p| p.as_str() != person);
        }
        for schedule in document.schedules.values_mut() {
            schedule.layers.retain(|l| !format!("{l:?}").contains(&format!("{person:?}")));
        }
        for escalation in document.escalation_policies.values_mut() {
            for level in &mut escalation.levels {
                level.targets.retain(|t| t.to_string() != format!("person/{person}"));
            }
        }
        self.newest = Some(Policy::compile(document, 2).unwrap());
    }

    /// An alert about the sample's checkout opened the incident at 10:00, and its escalation has begun.
    pub(crate) fn paging(self, priority: Priority) -> Story {
        let mut signal = samples::alert(&[("service", "checkout")]);
        signal.key = "a".to_owned();
        signal.title = "a fires".to_owned();
        let story = self.by("integrations/prom").opened(signal, Phase::Active, priority);
        story.by("system").when(tick()).by("ana")
    }

    /// A signal is heard: routed and assessed by the policy.
    pub(crate) fn hears(self, mut signal: Signal) -> Story {
        signal.received_at = self.now;
        signal.observed_at = self.now;
        let routed = self.policy.route(&signal);
        let assessment = triage::assess(&self.policy, &signal, &routed.service);
        let actor = self.actor.clone();
        let prepared = Prepared { signal, routed, assessment, follows: None };
        let mut story = self.by("integrations/prom").when(Command::Hear(std::sync::Arc::new(prepared)));
        story.actor = actor;
        story
    }

    /// An alert of this key about the sample's checkout fires.
    pub(crate) fn fires(self, key: &str, severity: &str) -> Story {
        self.hears(alert(key, severity))
    }

    /// The alert of this key clears.
    pub(crate) fn clears(self, key: &str) -> Story {
        self.hears(Signal { clear: true, ..alert(key, "critical") })
    }

    /// From now on there is this silence, for alerts whose label `service` fits a pattern. Nothing is rechecked.
    pub(crate) fn silenced(mut self, id: u64, pattern: &str, until: &str) -> Story {
        let matcher =
            Matcher { label: "service".to_owned(), operator: Operator::Matches, value: pattern.to_owned() };
        let at = Stretch { from: self.now, to: at(until) };
        let before = self.silences.clone();
        self.silences.add(id, at, &[vec![matcher]], &before);
        self
    }

    /// From now on that silence is cancelled. Nothing is rechecked.
    pub(crate) fn unsilenced(mut self, id: u64) -> Story {
        self.silences.add_cancelled(id);
        self
    }

    /// The incident hears of silences; all its alerts have the same labels.
    pub(crate) fn rechecked(mut self) -> Story {
        let labels = alert("a", "critical").labels;
        let labels = self.incident_state().alerts.keys().map(|n| (*n, labels.clone())).collect();
        let actor = std::mem::replace(&mut self.actor, Actor::System);
        let mut story = self.when(Command::Recheck { labels, inhibited: Vec::new() });
        story.actor = actor;
        story
    }

    /// Time passes; whatever is due happens at its instant.
    pub(crate) fn until(mut self, text: &str) -> Story {
        let (end, actor) = (at(text), self.actor.clone());
        while let Some(wake) = self.next_wake().filter(|wake| *wake <= end) {
            self.now = self.now.max(wake);
            self.actor = Actor::System;
            self = self.when(tick());
            let again = self.next_wake();
            assert!(again.is_none_or(|next| next > self.now), "due again at once: {again:?}");
        }
        self.now = end;
        self.actor = actor;
        self
    }

    /// Only what happens from now on is told.
    pub(crate) fn forget(mut self) -> Story {
        self.history.clear();
        self.asked.clear();
        self
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// From this instant on this actor acts.
    pub(crate) fn from(mut self, now: Timestamp, actor: Actor) -> Story {
        (self.now, self.actor) = (now, actor);
        self
    }

    /// As [`Story::forget`], but what was asked of the world is remembered.
    pub(crate) fn forget_events(mut self) -> Story {
        self.history.clear();
        self
    }

    /// Whom the story paged: `10:00 ana push`.
    pub(crate) fn pages(&self) -> Vec<String> {
        self.asked
            .iter()
            .filter_map(|(at, effect)| match &effect.what {
                EffectKind::Page { person, channel, .. } => {
                    Some(format!("{} {person} {channel}", clock(*at)))
                }
                _ => None,
            })
            .collect()
    }

    /// That exactly these were paged since the story last forgot.
    pub(crate) fn paged(self, expected: &[&str]) -> Story {
        assert_eq!(self.pages(), expected);
        self
    }

    /// That these, and no others, were first reached at these instants: `10:00 ana`, without the later contact steps.
    pub(crate) fn called(self, expected: &[&str]) -> Story {
        let mut lines: Vec<String> = Vec::new();
        for (at, event) in &self.history {
            let Event::Incident(incident::Event::Paging(e)) = event else { continue };
            if let incident::event::PagingEvent::Paged { person, .. } = e {
                lines.push(format!("{} {person}", clock(*at)));
            }
        }
        assert_eq!(lines, expected);
        self
    }

    /// The names of everything that happened since the story last forgot, with their instants.
    pub(crate) fn names(&self) -> Vec<String> {
        self.history.iter().map(|(at, e)| format!("{} {}", clock(*at), e.name())).collect()
    }

    /// That an event of this name happened at this instant: `10:05 SlaBreached`.
    pub(crate) fn happened(self, what: &str) -> Story {
        assert!(self.names().iter().any(|n| n == what), "{what} is not among {:#?}", self.names());
        self
    }

    /// That no event of this name happened since the story last forgot.
    pub(crate) fn never(self, name: &str) -> Story {
        let found = self.history.iter().any(|(_, e)| e.name() == name);
        assert!(!found, "{name} is among {:#?}", self.names());
        self
    }

    /// People who got notices since the story last forgot.
    pub(crate) fn noticed(&self) -> BTreeSet<String> {
        let people = self.asked.iter().filter_map(|(_, effect)| match &effect.what {
            EffectKind::Notice { person, .. } => Some(person.to_string()),
            EffectKind::ChannelNotice { channel, .. } => Some(format!("#{channel}")),
            _ => None,
        });
        people.collect()
    }

    /// The incident's record, known until now.
    pub(crate) fn record(&self) -> crate::history_log::Record {
        let history: Vec<crate::history_log::Past<'_>> = self
            .transitions
            .iter()
            .map(|(at, actor, events)| crate::history_log::Past { at: *at, actor, events })
            .collect();
        crate::history_log::record_of(&history, self.now).expect("the story is about an incident")
    }

    /// That the incident is in this phase.
    pub(crate) fn is(self, phase: Phase) -> Story {
        assert_eq!(self.incident_state().phase, phase, "{:#?}", self.names());
        self
    }

    /// What became of the last signal.
    pub(crate) fn heard(&self) -> Heard {
        match &self.answer {
            Answer::Heard(heard) => heard.clone(),
            other => panic!("no signal was heard last: {other:?}"),
        }
    }
}

/// Whatever is due.
pub(crate) fn tick() -> Command {
    Command::Tick { heard: Vec::new() }
}

/// An alert of the sample's checkout; `critical` makes it a P1, `error` a P2, `warning` a P3.
pub(crate) fn alert(key: &str, severity: &str) -> Signal {
    let mut signal = samples::alert(&[("service", "checkout")]);
    signal.key = key.to_owned();
    signal.title = format!("{key} fires");
    signal.severity = crate::incident::kinds::Severity::parse(severity);
    signal
}

/// `10:05`, with seconds where there are some and the date on other days.
pub(crate) fn clock(at: Timestamp) -> String {
    let text = at.to_string();
    let (day, time) = (&text[5..10], &text[11..19]);
    let time = time.strip_suffix(":00").unwrap_or(time);
    if day == "06-03" { time.to_owned() } else { format!("{day}T{time}") }
}
