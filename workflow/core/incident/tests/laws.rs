//! Laws that hold whatever people, machines and time do: any sequence of commands and ticks is thrown at an incident, and
//! after each of them everything that must always be true is asked.
//!
//! `PROPTEST_CASES=2000 cargo test -p stentor-core laws` looks harder.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::moves::{self, Move};
use crate::actor::Actor;
use crate::context::Context;
use crate::incident::command::Command;
use crate::incident::event::SlaEvent;
use crate::incident::kinds::{Phase, SuppressReason};
use crate::incident::paging::PendingKind;
use crate::incident::{self, Heard, Incident, Outcome};
use crate::instance::{self, Answer, Decision, Event, Instance, Meta};
use crate::policy::document::{AckMode, Document};
use crate::policy::{Policy, samples};
use crate::refusal::Refusal;
use crate::testing::{at, tick};
use crate::time::{Duration, Timestamp};

static POLICIES: LazyLock<[Policy; 2]> = LazyLock::new(|| {
    let mut second = samples::acme();
    depart(&mut second);
    [samples::policy(), Policy::compile(second, 2).unwrap()]
});

/// Another version in which much is different.
fn depart(p: &mut Document) {
    let shop = p.escalation_policies.get_mut("shop").unwrap();
    shop.grace = Duration::seconds(30);
    shop.levels.remove(1);
    shop.levels[0].ack = AckMode::All;
    shop.levels[1].round_robin = true;
    shop.levels[1].targets = vec![crate::policy::document::Target::Team("shop".into())];
    p.sla[1].target = Some(Duration::hours(2));
    p.sla.remove(2);
}

/// An incident, the time, and what has been recorded of its clocks.
struct Life {
    state: Option<Instance>,
    now: Timestamp,
    breaches: BTreeMap<String, u32>,
}

impl Life {
    fn begin() -> Life {
        Life { state: None, now: at("10:00"), breaches: BTreeMap::new() }
    }

    fn incident(&self) -> Option<&Incident> {
        self.state.as_ref().and_then(Instance::incident)
    }

    fn decide(&self, command: &Command, actor: &Actor) -> Result<Decision, Refusal> {
        let overrides = BTreeMap::new();
        let pinned = self.incident().map_or(1, |i| i.policy);
        let number = match command {
            Command::MovePolicy { to, .. } => *to,
            _ => pinned,
        };
        let policy = &POLICIES[number as usize - 1];
        let id = "inc-1".into();
        let cx = Context {
            now: self.now,
            actor,
            id: &id,
            policy,
            newest: policy,
            number: 1042,
            ordinal: 3,
            listening_since: at("10:00"),
            overrides: &overrides,
            silences: crate::silence::Silences::NONE,
            subscriptions: &[],
            inhibited: &[],
        };
        let command = instance::Command::Incident(command.clone());
        let decision = instance::decide(self.state.as_ref(), &command, &cx);
        let unmet = instance::refusals(self.state.as_ref(), &command, &cx);
        assert_eq!(unmet.first(), decision.as_ref().err(), "the first of all refusals is the refusal");
        decision
    }

    /// Commits a decision, and asks the laws.
    fn does(&mut self, command: &Command, actor: &Actor) {
        let decision = self.decide(command, actor);
        self.repeats_are_only_counted(command, decision.as_ref().ok());
        let Ok(decision) = decision else { return };
        let before = self.state.as_ref().map_or(0, Instance::version);
        let mut folded = self.state.clone();
        for (n, event) in (before + 1..).zip(&decision.events) {
            self.clocks_are_honest(folded.as_ref(), event);
            instance::apply(&mut folded, event, &"inc-1".into(), &Meta { n, at: self.now, actor });
        }
        let text = serde_json::to_string(&decision.state).unwrap();
        assert_eq!(serde_json::to_string(&folded).unwrap(), text, "the fold is the state decided");
        let read: Incident = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text, "the state reads back as written");
        assert_eq!(decision.state.version(), before + decision.events.len() as u64, "versions are dense");
        for effect in &decision.effects {
            assert!(decision.state.pending().contains_key(&effect.key), "an effect is pending");
        }
        self.state = Some(decision.state);
        always(self.incident().unwrap(), self.now);
        let again = self.decide(&tick(), &Actor::System).unwrap();
        assert_eq!(again.events, [], "a tick with nothing due changes nothing");
    }

    /// What counts as a mere repeat without the rules being asked is one to the rules too.
    fn repeats_are_only_counted(&self, command: &Command, decision: Option<&Decision>) {
        let (Some(state), Command::Hear(p)) = (self.incident(), command) else { return };
        let due = state.next_wake().is_some_and(|at| at <= self.now);
        if let Some(n) = state.repeats(&p.signal, &p.signal.identity()).filter(|_| !due) {
            let decision = decision.expect("a repeat is not refused");
            assert_eq!(decision.events, [], "a repeat changes nothing");
            assert_eq!(decision.answer, Answer::Heard(Heard::new(Outcome::Repeated, n)));
        }
    }

    /// A breach is recorded once per clock, and never of one that has stopped.
    fn clocks_are_honest(&mut self, state: Option<&Instance>, event: &Event) {
        let Event::Incident(incident::Event::Sla(SlaEvent::SlaBreached { clock, due, .. })) = event else {
            return;
        };
        assert!(*due <= self.now);
        let times = self.breaches.entry(clock.clone()).or_default();
        *times += 1;
        assert_eq!(*times, 1, "{clock} breached again");
        let incident = state.and_then(Instance::incident).unwrap();
        assert!(incident.clocks.iter().any(|c| c.name() == *clock && c.is_live()), "{clock} has stopped");
    }
}

/// What holds after every transition.
fn always(state: &Incident, now: Timestamp) {
    let wake = state.next_wake();
    assert!(wake.is_none_or(|wake| wake > now), "due at {wake:?}, and it is {now}");
    assert!(!state.is_open() || wake.is_some(), "an open incident wakes");
    let pages = state.pending.values().filter(|p| p.kind == PendingKind::Page);
    if state.is_pageable() {
        let due = state.escalation.as_ref().is_some_and(|e| e.due.is_some());
        assert!(due != state.exhausted.is_some(), "pageable: {:?} {:?}", state.escalation, state.exhausted);
        assert!(pages.clone().all(|p| p.epoch == state.epoch), "a page of another epoch is pending");
    } else {
        assert_eq!(pages.count(), 0, "nobody is to be paged any more");
    }
    assert!(state.hold.is_none() || state.ack.is_some(), "who holds has acknowledged");
    assert!(state.snoozed_until.is_none() || state.ack.is_some(), "who snoozes has acknowledged");
    assert!(state.phase != Phase::Cancelled || state.clocks.iter().all(|c| !c.is_live()));
    let waiting =
        state.is_open() && state.is_all_clear() && state.hold.is_none() && state.snoozed_until.is_none();
    let unanswered = waiting && state.ack.is_none();
    assert!(!unanswered || state.suppressed.is_some(), "what is all clear and unacknowledged pages nobody");
    let cleared = state.suppressed.as_ref().is_some_and(|s| s.reason == SuppressReason::Cleared);
    assert!(!cleared || state.clear_step.is_some(), "what is all clear and unacknowledged ends");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_happens_the_laws_hold(
        severity in 0usize..4,
        moves in prop::collection::vec(any::<(u8, u8, u8, u8)>(), 1..40),
    ) {
        let mut life = Life::begin();
        life.does(&moves::opening(severity, life.now), &Actor::Integration("prom".into()));
        for raw in moves {
            let Move { wait, actor, command } = moves::read(raw, life.incident().unwrap(), life.now);
            life.now = wait;
            life.does(&command, &actor);
        }
    }
}

/// Half as many lives as proptest would lead by itself, unless it is told how many.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    let cases = if usual.cases == 256 { 128 } else { usual.cases };
    ProptestConfig { failure_persistence: None, cases, ..usual }
}

#[test]
fn an_incident_left_alone_comes_to_rest_or_reminds() {
    // Three days of nobody: every wake-up leads to a later one, and there are not many.
    for severity in 0..4 {
        let mut life = Life::begin();
        life.does(&moves::opening(severity, life.now), &Actor::Integration("prom".into()));
        let (end, mut ticks) = (life.now + Duration::days(3), 0);
        while let Some(wake) = life.incident().and_then(Incident::next_wake).filter(|at| *at <= end) {
            life.now = wake;
            life.does(&tick(), &Actor::System);
            ticks += 1;
        }
        assert!(ticks < 500, "{ticks}");
    }
}
