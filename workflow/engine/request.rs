//! What comes through the engine's door and what goes out of it.

use std::sync::Arc;
use std::time::Instant;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident::Heard;
use stentor_core::instance::{Answer, Command, Instance};

/// A command on its way in.
#[derive(Debug, Clone)]
pub struct Submission {
    pub to: To,
    pub actor: Actor,
    pub command: Command,
    /// Remembered with the change, so that a repeat gets the first answer.
    pub request: Option<RequestId>,
    /// The version that the caller saw; another one is refused.
    pub expected_version: Option<u64>,
    /// Not decided after this instant.
    pub deadline: Option<Instant>,
    /// Everything is checked and nothing changes.
    pub validate_only: bool,
}

impl Submission {
    /// A command to an instance, without conditions.
    pub fn new(to: InstanceId, actor: Actor, command: Command) -> Submission {
        Submission {
            to: To::Instance(to),
            actor,
            command,
            request: None,
            expected_version: None,
            deadline: None,
            validate_only: false,
        }
    }
}

/// Where a command goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// An instance that exists.
    Instance(InstanceId),
    /// Wherever the signal belongs; a new incident if nowhere.
    Signal,
    /// An instance that the command opens, unless it exists.
    New(InstanceId),
}

/// A request id as the caller gave it, with what it was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId {
    /// `caller/method/id`.
    pub key: String,
    /// Digest of the request's content.
    pub body_hash: String,
}

/// The answer to a command, given after its commit.
#[derive(Debug, Clone)]
pub struct Reply {
    pub id: InstanceId,
    /// The state as of the commit; absent only where a signal belongs to no instance.
    pub state: Option<Arc<Instance>>,
    pub answer: Answer,
    /// This request was answered before; nothing happened now.
    pub replayed: bool,
}

/// The answer to a signal.
#[derive(Debug, Clone)]
pub struct SignalReply {
    pub id: Option<InstanceId>,
    pub state: Option<Arc<Instance>>,
    pub outcome: SignalOutcome,
    pub replayed: bool,
}

/// What became of a signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignalOutcome {
    /// It belongs to an incident.
    Heard(Heard),
    /// Not accepted, and why: `ROUTE_DISCARD`, `MAINTENANCE_DROP`.
    Discarded(&'static str),
    /// A clear of something never heard of.
    Forgotten,
}
