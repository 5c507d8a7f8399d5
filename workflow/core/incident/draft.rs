//! A transition being decided: events are applied as they are emitted, so that each rule sees the state that the rules
//! before it left. Nothing outside sees a draft until it is complete.

use std::collections::VecDeque;

use crate::context::Context;
use crate::effect::Effect;
use crate::id::EscalationPolicyId;
use crate::instance::{self, Answer, Decision, Instance, Meta};
use crate::policy::PriorityRules;
use crate::policy::document::{EscalationSpec, ThresholdAction};
use crate::refusal::Refusal;
use crate::time::{Duration, Timestamp};

use super::command::LastHeard;
use super::event::Event;
use super::kinds::Phase;
use super::{Incident, apply};

/// The state as it becomes, and what made it so.
pub(super) struct Draft<'a> {
    pub(super) state: Incident,
    pub(super) cx: &'a Context<'a>,
    pub(super) events: Vec<Event>,
    pub(super) effects: Vec<Effect>,
    pub(super) answer: Answer,
    /// When alerts near their expiry were last heard; comes with a tick.
    pub(super) heard: Vec<LastHeard>,
    /// How escalation goes on if this transition makes the incident pageable.
    pub(super) restart: Restart,
    /// Thresholds recorded in this transition whose action is still to come, oldest first.
    pub(super) thresholds: VecDeque<Threshold>,
    /// Clocks that were breached when they attached: told in one notice.
    pub(super) breached_at_attach: Vec<String>,
}

/// A share of a clock's target that was reached and asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Threshold {
    pub(super) at: Timestamp,
    pub(super) clock: String,
    pub(super) percent: u32,
    pub(super) action: ThresholdAction,
}

/// How escalation starts again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restart {
    /// The level reached at once if the incident paged before, else level 1 after the grace time.
    Usual,
    /// The level reached, at least 1, after a delay.
    LevelReached(Duration),
    /// Level 1 at once.
    FirstLevel,
}

impl<'a> Draft<'a> {
    /// Begins with the stored state.
    pub(super) fn new(state: Incident, cx: &'a Context<'a>) -> Draft<'a> {
        Draft {
            state,
            cx,
            events: Vec::new(),
            effects: Vec::new(),
            answer: Answer::Done,
            heard: Vec::new(),
            restart: Restart::Usual,
            thresholds: VecDeque::new(),
            breached_at_attach: Vec::new(),
        }
    }

    /// The instant of the transition.
    pub(super) fn now(&self) -> Timestamp {
        self.cx.now
    }

    /// Records an event and folds it into the state at once.
    pub(super) fn emit(&mut self, event: impl Into<Event>) {
        let event = event.into();
        let n = self.state.version + 1;
        let meta = Meta { n, at: self.cx.now, actor: self.cx.actor };
        self.effects.extend(apply::step(&mut self.state, &event, &meta));
        self.events.push(event);
    }

    /// The rules of the incident's priority under its escalation policy.
    pub(super) fn rules(&self) -> PriorityRules {
        self.cx.policy.rules(self.state.priority, self.escalation_spec())
    }

    /// The escalation policy in force: the one it escalates by, else the one of its service and priority.
    pub(super) fn escalation_spec(&self) -> Option<&'a EscalationSpec> {
        match &self.state.escalation {
            Some(e) => self.cx.policy.escalation(&e.policy),
            None => self.policy_of_service().map(|(_, spec)| spec),
        }
    }

    /// The escalation policy that the service has for the priority now.
    pub(super) fn policy_of_service(&self) -> Option<(&'a EscalationPolicyId, &'a EscalationSpec)> {
        self.cx.policy.escalation_for(&self.state.service, self.state.priority)
    }

    /// Refuses unless the incident is open, naming what it is instead.
    pub(super) fn require_open(&self) -> Result<(), Refusal> {
        match self.state.phase {
            Phase::Resolved => Err(Refusal::IncidentResolved),
            _ => self.require_not_ended(),
        }
    }

    /// Refuses if the incident is closed or cancelled.
    pub(super) fn require_not_ended(&self) -> Result<(), Refusal> {
        match self.state.phase {
            Phase::Closed => Err(Refusal::IncidentClosed),
            Phase::Cancelled => Err(match &self.state.merge {
                Some(m) if m.done => Refusal::IncidentMerged { into: m.into.to_string() },
                _ => Refusal::IncidentCancelled,
            }),
            _ => Ok(()),
        }
    }

    /// The complete transition. Effects that became unwanted within it are left out.
    pub(super) fn finish(mut self) -> Decision {
        self.effects.retain(|e| self.state.pending.contains_key(&e.key));
        Decision {
            events: self.events.into_iter().map(instance::Event::Incident).collect(),
            state: Instance::Incident(Box::new(self.state)),
            effects: self.effects,
            answer: self.answer,
        }
    }
}

/// Refuses an empty reason, naming the field.
pub(super) fn require_reason(text: &str, field: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() { Err(Refusal::ReasonRequired { field: field.to_owned() }) } else { Ok(()) }
}

/// Refuses with the first of what stands against a command.
pub(super) fn none_of(unmet: Vec<Refusal>) -> Result<(), Refusal> {
    unmet.into_iter().next().map_or(Ok(()), Err)
}
