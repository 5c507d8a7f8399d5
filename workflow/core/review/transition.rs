//! A transition of a review being decided: events are applied as they are emitted, so that each rule sees what the
//! rules before it left. Nothing outside sees it until it is complete.

use crate::context::Context;
use crate::effect::Effect;
use crate::id::PersonId;
use crate::incident::event::{Notice, NoticeTo};
use crate::instance::{self, Answer, Decision, Instance, Meta};
use crate::time::Timestamp;

use super::apply;
use super::event::{Event, ReviewEvent};
use super::state::Review;

/// The state as it becomes, and what made it so.
pub(super) struct Transition<'a> {
    pub(super) state: Review,
    pub(super) cx: &'a Context<'a>,
    pub(super) answer: Answer,
    events: Vec<Event>,
    effects: Vec<Effect>,
}

impl<'a> Transition<'a> {
    /// Begins with the stored state.
    pub(super) fn new(state: Review, cx: &'a Context<'a>) -> Transition<'a> {
        Transition { state, cx, answer: Answer::Done, events: Vec::new(), effects: Vec::new() }
    }

    /// Begins a review; `None` if the event opens nothing.
    pub(super) fn begin(event: ReviewEvent, cx: &'a Context<'a>) -> Option<Transition<'a>> {
        let event = Event::Review(event);
        let meta = Meta { n: 1, at: cx.now, actor: cx.actor };
        let mut state = apply::open(&event, cx.id, &meta)?;
        // The fold of an event is the same whenever it is asked for its effects.
        let effects = apply::finish(&mut state, &event, &meta);
        Some(Transition { state, cx, answer: Answer::Done, events: vec![event], effects })
    }

    /// The instant of the transition.
    pub(super) fn now(&self) -> Timestamp {
        self.cx.now
    }

    /// Records an event and folds it into the state at once.
    pub(super) fn emit(&mut self, event: ReviewEvent) {
        let event = Event::Review(event);
        let meta = Meta { n: self.state.version + 1, at: self.cx.now, actor: self.cx.actor };
        self.effects.extend(apply::step(&mut self.state, &event, &meta));
        self.events.push(event);
    }

    /// Tells people, each once, by the first step of their `normal` rule. Nothing is sent to who left the policy.
    pub(super) fn notify<'p>(&mut self, about: Notice, people: impl IntoIterator<Item = &'p PersonId>) {
        let mut to: Vec<NoticeTo> = Vec::new();
        for person in people {
            let step = self.cx.newest.person(person).and_then(|p| p.normal.first());
            if let Some(step) = step.filter(|_| to.iter().all(|t| t.person != *person)) {
                to.push(NoticeTo { person: person.clone(), channel: step.channel.clone() });
            }
        }
        if !to.is_empty() {
            self.emit(ReviewEvent::Notified { about, people: to });
        }
    }

    /// The lead of the incident's team, by the newest policy.
    pub(super) fn lead(&self) -> Option<PersonId> {
        self.cx.newest.team(&self.state.team).map(|t| t.lead.clone())
    }

    /// The complete transition.
    pub(super) fn finish(self) -> Decision {
        Decision {
            events: self.events.into_iter().map(instance::Event::Review).collect(),
            state: Instance::Review(Box::new(self.state)),
            effects: self.effects,
            answer: self.answer,
        }
    }
}
