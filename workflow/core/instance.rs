//! Everything that waits is an instance: an incident or a review, one closed set. Here the engine meets the rules; the
//! rules themselves stand with each kind.

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::effect::Effect;
use crate::incident::{self, Incident};
use crate::refusal::Refusal;
use crate::review::{self, Review};
use crate::time::Timestamp;

/// The version of the decision logic. An older binary leaves instances of a newer one alone.
pub const LOGIC: i32 = 1;

/// The state of an instance. It is read back as what its row says it is, never by guessing: a guess buffers the text
/// and then no longer takes the numbers that are keys of its maps.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Instance {
    Incident(Box<Incident>),
    Review(Box<Review>),
}

/// A command to an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Command {
    Incident(incident::Command),
    Review(review::Command),
}

/// An event of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Event {
    Incident(incident::Event),
    Review(review::Event),
}

/// A decision: what happened, and the state after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Empty: nothing changed, nothing is written.
    pub events: Vec<Event>,
    /// The state after the events.
    pub state: Instance,
    pub effects: Vec<Effect>,
    pub answer: Answer,
}

/// What the caller is told besides the state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Answer {
    #[default]
    Done,
    /// The number of what was added (fix, task, evidence, …).
    Added(u32),
    /// What became of a signal.
    Heard(incident::Heard),
}

/// When, by whom and as which number an event was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta<'a> {
    /// Number of the event: the instance's version after it.
    pub n: u64,
    pub at: Timestamp,
    pub actor: &'a crate::actor::Actor,
}

/// Decides a command. A refusal changes nothing.
///
/// # Errors
/// The [`Refusal`] that the rules give; [`Refusal::Unknown`] if the instance does not exist and the command opens none.
pub fn decide(state: Option<&Instance>, command: &Command, cx: &Context<'_>) -> Result<Decision, Refusal> {
    match (state, command) {
        (Some(Instance::Incident(s)), Command::Incident(c)) => incident::decide(Some(s), c, cx),
        (None, Command::Incident(c)) => incident::decide(None, c, cx),
        (Some(Instance::Review(s)), Command::Review(c)) => review::decide(Some(s), c, cx),
        (None, Command::Review(c)) => review::decide(None, c, cx),
        (Some(_), _) => Err(Refusal::Unknown { what: "instance".to_owned(), name: cx.id.to_string() }),
    }
}

/// Everything that stands against a command; empty if it would go through. The first is what [`decide`] refuses with.
pub fn refusals(state: Option<&Instance>, command: &Command, cx: &Context<'_>) -> Vec<Refusal> {
    match (state, command) {
        (Some(Instance::Incident(s)), Command::Incident(c)) => incident::refusals(Some(s), c, cx),
        (None, Command::Incident(c)) => incident::refusals(None, c, cx),
        _ => decide(state, command, cx).err().into_iter().collect(),
    }
}

/// Folds an event into the state; `None` before the first. Cannot fail: whatever could be refused was refused.
pub fn apply(state: &mut Option<Instance>, event: &Event, id: &crate::id::InstanceId, meta: &Meta<'_>) {
    match (state, event) {
        (Some(Instance::Incident(s)), Event::Incident(e)) => incident::apply(s, e, meta),
        (Some(Instance::Review(s)), Event::Review(e)) => review::apply(s, e, meta),
        (state @ None, Event::Incident(e)) => {
            *state = incident::open(e, id, meta).map(|i| Instance::Incident(Box::new(i)));
        }
        (state @ None, Event::Review(e)) => {
            *state = review::open(e, id, meta).map(|r| Instance::Review(Box::new(r)))
        }
        (Some(_), _) => {}
    }
}

impl Instance {
    /// The earliest deadline. An open instance always has one.
    pub fn next_wake(&self) -> Option<Timestamp> {
        match self {
            Instance::Incident(i) => i.next_wake(),
            Instance::Review(r) => r.next_wake(),
        }
    }

    /// What the earliest deadline up to an instant is for, one word; `none` if there is no such deadline.
    pub fn due_kind(&self, upto: Timestamp) -> &'static str {
        match self {
            Instance::Incident(i) => i.due_kind(upto),
            Instance::Review(_) => "review",
        }
    }

    /// Whether anything can still happen by itself.
    pub fn is_live(&self) -> bool {
        self.next_wake().is_some()
    }

    /// Its id.
    pub fn id(&self) -> &crate::id::InstanceId {
        match self {
            Instance::Incident(i) => &i.id,
            Instance::Review(r) => &r.id,
        }
    }

    /// Number of the last event.
    pub fn version(&self) -> u64 {
        match self {
            Instance::Incident(i) => i.version,
            Instance::Review(r) => r.version,
        }
    }

    /// When the last event was recorded: the next one is not earlier.
    pub fn updated_at(&self) -> Timestamp {
        match self {
            Instance::Incident(i) => i.updated_at,
            Instance::Review(r) => r.updated_at,
        }
    }

    /// Number of the pinned policy.
    pub fn policy(&self) -> u64 {
        match self {
            Instance::Incident(i) => i.policy,
            Instance::Review(r) => r.policy,
        }
    }

    /// `incident` or `review`.
    pub fn kind(&self) -> &'static str {
        match self {
            Instance::Incident(_) => "incident",
            Instance::Review(_) => "review",
        }
    }

    /// Keys of the effects that are committed and not settled; an effect whose key is not here is not wanted any more.
    pub fn pending(&self) -> &std::collections::BTreeMap<String, incident::paging::Pending> {
        match self {
            Instance::Incident(i) => &i.pending,
            Instance::Review(r) => &r.pending,
        }
    }

    /// The incident, if it is one.
    pub fn incident(&self) -> Option<&Incident> {
        match self {
            Instance::Incident(i) => Some(i),
            Instance::Review(_) => None,
        }
    }

    /// The review, if it is one.
    pub fn review(&self) -> Option<&Review> {
        match self {
            Instance::Review(r) => Some(r),
            Instance::Incident(_) => None,
        }
    }
}

impl Event {
    /// The event's name as history, feed and telemetry show it.
    pub fn name(&self) -> String {
        match self {
            Event::Incident(e) => e.name(),
            Event::Review(e) => e.name(),
        }
    }
}
