//! What Stentor asks the world to do because of an event. An effect is committed with its event, done at least once
//! under one id, and reports back as a command. Who is told what is decided before; nothing is decided here.

use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, InstanceId, PersonId};
use crate::incident::event::Notice;
use crate::instance::Command;

/// An effect of one event of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// `{event number}.{ordinal}`; with the instance's id in front it is the idempotency id everywhere.
    pub key: String,
    pub what: EffectKind,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum EffectKind {
    /// Demand an acknowledgement of a person, through one kind of contact.
    Page { person: PersonId, channel: ChannelId, level: u32 },
    /// Demand an answer of one named person.
    Summons { person: PersonId, channel: ChannelId },
    /// Inform a person.
    Notice { person: PersonId, channel: ChannelId, about: Notice },
    /// Inform a shared channel.
    ChannelNotice { channel: ChannelId, about: Notice },
    /// Give a command to another instance, and its answer back to this one.
    Submit { to: InstanceId, command: Box<Command> },
}

impl EffectKind {
    /// Effects with the same destination are sent one after the other; different ones never wait for each other.
    pub fn destination(&self) -> String {
        match self {
            EffectKind::Page { person, channel, .. }
            | EffectKind::Summons { person, channel }
            | EffectKind::Notice { person, channel, .. } => format!("people/{person}/{channel}"),
            EffectKind::ChannelNotice { channel, .. } => format!("channels/{channel}"),
            EffectKind::Submit { .. } => "engine".to_owned(),
        }
    }
}
