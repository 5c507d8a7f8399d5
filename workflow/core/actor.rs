//! Who acts: people, integrations, bots and Stentor itself. Whether they may is decided elsewhere.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::id::{IntegrationId, PersonId};

/// Who caused a transition. Written `people/ana`, `integrations/prom`, `bots/overdue`, `system`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// A person; only their commands are activity.
    Person(PersonId),
    /// A machine that reports.
    Integration(IntegrationId),
    /// A machine that acts.
    Bot(String),
    /// A deadline, or a consequence.
    System,
}

impl Actor {
    /// Whether this is a person.
    pub fn is_person(&self) -> bool {
        matches!(self, Actor::Person(_))
    }

    /// The person, if it is one.
    pub fn person(&self) -> Option<&PersonId> {
        match self {
            Actor::Person(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Person(id) => write!(f, "people/{id}"),
            Actor::Integration(id) => write!(f, "integrations/{id}"),
            Actor::Bot(id) => write!(f, "bots/{id}"),
            Actor::System => f.write_str("system"),
        }
    }
}

/// A text that names no actor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an actor: write people/…, integrations/…, bots/… or system")]
pub struct BadActor(pub String);

impl std::str::FromStr for Actor {
    type Err = BadActor;

    fn from_str(text: &str) -> Result<Actor, BadActor> {
        match text.split_once('/') {
            Some(("people", id)) if !id.is_empty() => Ok(Actor::Person(id.into())),
            Some(("integrations", id)) if !id.is_empty() => Ok(Actor::Integration(id.into())),
            Some(("bots", id)) if !id.is_empty() => Ok(Actor::Bot(id.to_owned())),
            None if text == "system" => Ok(Actor::System),
            _ => Err(BadActor(text.to_owned())),
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Actor, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
