//! Stories for tests: given what happened, when somebody commands, then this follows or it is refused. They go through
//! the same door as the engine and know nothing of stores or wires.

mod passing;

use std::collections::BTreeMap;

use crate::actor::Actor;
use crate::context::Context;
use crate::effect::Effect;
use crate::id::{InstanceId, PersonId, ScheduleId};
use crate::incident::command::WorkCommand;
use crate::incident::event::{LifeEvent, Opened, Triaged};
use crate::incident::kinds::{Level3, Phase, Priority};
use crate::incident::state::{Grouping, Origin};
use crate::incident::work_event::WorkEvent;
use crate::incident::{self, Incident};
use crate::inhibition::Inhibited;
use crate::instance::{self, Answer, Command, Event, Instance, Meta};
use crate::oncall::Override;
use crate::policy::Policy;
use crate::policy::samples;
use crate::refusal::Refusal;
use crate::review::{self, Review, ReviewEvent};
use crate::signal::Signal;
use crate::silence::Silences;
use crate::subscription::Subscription;
use crate::time::Timestamp;

pub(crate) use passing::{alert, clock, tick};

/// `10:05` or `10:05:30` is on 2026-06-03, the day on which stories begin; `06-05T10:05` is any day of that year. UTC.
pub(crate) fn at(text: &str) -> Timestamp {
    let text = if text.contains('T') { text.to_owned() } else { format!("06-03T{text}") };
    let seconds = if text.matches(':').count() == 1 { ":00" } else { "" };
    format!("2026-{text}{seconds}Z").parse().unwrap()
}

/// One instance and what became of the last command.
pub(crate) struct Story {
    policy: Policy,
    newest: Option<Policy>,
    id: InstanceId,
    pub(crate) state: Option<Instance>,
    now: Timestamp,
    pub(crate) actor: Actor,
    last: Result<Vec<Event>, Refusal>,
    /// Everything that stood against the last command.
    unmet: Vec<Refusal>,
    pub(crate) answer: Answer,
    pub(crate) effects: Vec<Effect>,
    /// Everything that happened since the story was last told to forget, with what was asked of the world for it.
    pub(crate) history: Vec<(Timestamp, Event)>,
    pub(crate) asked: Vec<(Timestamp, Effect)>,
    /// Every transition since the story began, with its actor.
    pub(crate) transitions: Vec<(Timestamp, Actor, Vec<Event>)>,
    /// The number that the next incident gets in the round robin.
    pub(crate) ordinal: u64,
    pub(crate) listening_since: Timestamp,
    pub(crate) silences: Silences,
    pub(crate) subscriptions: Vec<Subscription>,
    /// What inhibits alerts that come in.
    pub(crate) inhibited: Vec<Inhibited>,
}

impl Story {
    /// A story without an instance, under a policy.
    pub(crate) fn under(policy: Policy) -> Story {
        Story {
            policy,
            newest: None,
            id: "inc-1".into(),
            state: None,
            now: at("10:00"),
            actor: Actor::Person("ana".into()),
            last: Ok(Vec::new()),
            unmet: Vec::new(),
            answer: Answer::Done,
            effects: Vec::new(),
            history: Vec::new(),
            asked: Vec::new(),
            transitions: Vec::new(),
            ordinal: 0,
            listening_since: at("10:00"),
            silences: Silences::default(),
            subscriptions: Vec::new(),
            inhibited: Vec::new(),
        }
    }

    /// A report about the sample's checkout, open since 10:00.
    pub(crate) fn incident(phase: Phase, priority: Priority) -> Story {
        Story::under(samples::policy()).opened(samples::report("payments fail"), phase, priority)
    }

    /// Opens the incident with a signal, as if triage had said so.
    pub(crate) fn opened(self, signal: Signal, phase: Phase, priority: Priority) -> Story {
        let alerted = !signal.key.is_empty();
        let opened = Box::new(Opened {
            number: 1042,
            policy: 1,
            origin: if alerted { Origin::Alert } else { Origin::Report },
            phase,
            service: "checkout".into(),
            team: "shop".into(),
            signal,
            grouping: Grouping::default(),
            exercise: false,
            alerts: Vec::new(),
            reports: u32::from(!alerted),
            from: None,
        });
        let triaged = LifeEvent::Triaged(Box::new(Triaged {
            route: None,
            rules: Vec::new(),
            service: "checkout".into(),
            team: "shop".into(),
            category: "payments".to_owned(),
            impact: Level3::High,
            urgency: Level3::High,
            priority,
            labels: BTreeMap::new(),
            stated: None,
            unlabelled: Vec::new(),
            title: None,
            description: None,
            runbooks: Vec::new(),
            reason: String::new(),
        }));
        let first = if alerted { LifeEvent::Alerted(opened) } else { LifeEvent::Reported(opened) };
        self.given([Event::Incident(first.into()), Event::Incident(triaged.into())])
    }

    /// Folds events that happened before.
    pub(crate) fn given(mut self, events: impl IntoIterator<Item = Event>) -> Story {
        for event in events {
            let n = self.state.as_ref().map_or(0, Instance::version) + 1;
            let meta = Meta { n, at: self.now, actor: &self.actor };
            instance::apply(&mut self.state, &event, &self.id, &meta);
        }
        self
    }

    /// The review of that incident, opened at 10:00.
    pub(crate) fn review(priority: Priority) -> Story {
        let incident = Story::incident(Phase::Active, priority).by("ana");
        let opening = review::Opening::of(incident.incident_state(), "PRIORITY");
        let mut story = Story::under(samples::policy()).by("system");
        story.id = "rev-1".into();
        story.when(review::Command::Open(Box::new(opening))).by("ana")
    }

    /// From now on it is this late.
    pub(crate) fn at(mut self, text: &str) -> Story {
        self.now = at(text);
        self
    }

    /// From now on this person acts; `system` and other actors are written in full.
    pub(crate) fn by(mut self, actor: &str) -> Story {
        self.actor = actor.parse().unwrap_or_else(|_| Actor::Person(PersonId::from(actor)));
        self
    }

    /// The circumstances of a decision at this point.
    pub(crate) fn context<'a>(
        &'a self,
        actor: &'a Actor,
        overrides: &'a BTreeMap<ScheduleId, Vec<Override>>,
    ) -> Context<'a> {
        Context {
            now: self.now,
            actor,
            id: &self.id,
            policy: &self.policy,
            newest: self.newest.as_ref().unwrap_or(&self.policy),
            number: 1042,
            ordinal: self.ordinal,
            listening_since: self.listening_since,
            overrides,
            silences: &self.silences,
            subscriptions: &self.subscriptions,
            inhibited: &self.inhibited,
        }
    }

    /// Decides a command. A refusal changes nothing, and what was decided folds to the state decided.
    pub(crate) fn when(mut self, command: impl Into<Command>) -> Story {
        let overrides = BTreeMap::new();
        let cx = self.context(&self.actor, &overrides);
        let command = command.into();
        let decision = instance::decide(self.state.as_ref(), &command, &cx);
        self.unmet = instance::refusals(self.state.as_ref(), &command, &cx);
        assert_eq!(self.unmet.first(), decision.as_ref().err(), "the first of all refusals is the refusal");
        self.last = match decision {
            Ok(decision) => {
                let mut folded = self.state.take();
                let version = folded.as_ref().map_or(0, Instance::version);
                for (n, event) in (version + 1..).zip(&decision.events) {
                    let meta = Meta { n, at: self.now, actor: &self.actor };
                    instance::apply(&mut folded, event, &self.id, &meta);
                }
                assert_eq!(folded.as_ref(), Some(&decision.state), "the events fold to the state");
                self.state = folded;
                self.answer = decision.answer;
                self.history.extend(decision.events.iter().map(|e| (self.now, e.clone())));
                self.asked.extend(decision.effects.iter().map(|e| (self.now, e.clone())));
                self.effects = decision.effects;
                self.transitions.push((self.now, self.actor.clone(), decision.events.clone()));
                Ok(decision.events)
            }
            Err(refusal) => Err(refusal),
        };
        self
    }

    /// The names of what happened, without paging, alerts, clocks and armed deadlines of an incident.
    pub(crate) fn then(self, names: &[&str]) -> Story {
        let events = self.last.as_ref().unwrap_or_else(|refusal| panic!("refused: {refusal}"));
        let told = events.iter().filter(|e| {
            !matches!(
                e,
                Event::Incident(
                    incident::Event::Paging(_)
                        | incident::Event::Alert(_)
                        | incident::Event::Sla(_)
                        | incident::Event::Life(LifeEvent::ClosingArmed { .. })
                )
            )
        });
        let told: Vec<String> = told.map(Event::name).collect();
        assert_eq!(told, names);
        self
    }

    /// The names of everything that happened.
    pub(crate) fn then_names(self, names: &[&str]) -> Story {
        let events = self.last.as_ref().unwrap_or_else(|refusal| panic!("refused: {refusal}"));
        assert_eq!(events.iter().map(Event::name).collect::<Vec<_>>(), names);
        self
    }

    /// That it happened, among other things.
    pub(crate) fn then_event(self, event: impl Into<Event>) -> Story {
        let event = event.into();
        let events = self.last.as_ref().unwrap_or_else(|refusal| panic!("refused: {refusal}"));
        assert!(events.contains(&event), "{event:?} is not among {events:#?}");
        self
    }

    /// That the last command was refused like this.
    pub(crate) fn refused(self, refusal: Refusal) -> Story {
        assert_eq!(self.last.as_ref().err(), Some(&refusal), "{:#?}", self.last);
        self
    }

    /// That the last command was refused for this reason.
    pub(crate) fn refused_as(self, reason: &str) -> Story {
        assert_eq!(self.last.as_ref().err().map(Refusal::reason), Some(reason), "{:#?}", self.last);
        self
    }

    /// That all this stood against the last command, in this order.
    pub(crate) fn refused_for_all(self, reasons: &[&str]) -> Story {
        assert_eq!(self.unmet.iter().map(Refusal::reason).collect::<Vec<_>>(), reasons);
        self
    }

    /// Whether the last command was accepted, else the reason of its refusal.
    pub(crate) fn outcome(&self) -> Result<(), &'static str> {
        self.last.as_ref().map(|_| ()).map_err(Refusal::reason)
    }

    /// The incident.
    pub(crate) fn incident_state(&self) -> &Incident {
        self.state.as_ref().and_then(Instance::incident).expect("the story is about an incident")
    }

    /// The review.
    pub(crate) fn review_state(&self) -> &Review {
        self.state.as_ref().and_then(Instance::review).expect("the story is about a review")
    }

    /// When it wants to be woken.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.state.as_ref().and_then(Instance::next_wake)
    }
}

impl From<WorkCommand> for Command {
    fn from(command: WorkCommand) -> Command {
        Command::Incident(incident::Command::Work(command))
    }
}

impl From<incident::Command> for Command {
    fn from(command: incident::Command) -> Command {
        Command::Incident(command)
    }
}

impl From<review::Command> for Command {
    fn from(command: review::Command) -> Command {
        Command::Review(command)
    }
}

impl From<WorkEvent> for Event {
    fn from(event: WorkEvent) -> Event {
        Event::Incident(event.into())
    }
}

impl From<incident::event::PagingEvent> for Event {
    fn from(event: incident::event::PagingEvent) -> Event {
        Event::Incident(event.into())
    }
}

impl From<ReviewEvent> for Event {
    fn from(event: ReviewEvent) -> Event {
        Event::Review(review::Event::Review(event))
    }
}
