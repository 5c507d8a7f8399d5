//! The identity of a call. Only the guardian makes one, or a link that was verified, so a handler that holds one need not
//! ask again.

use std::sync::Arc;

use http::Extensions;
use stentor_core::actor::Actor;
use stentor_core::id::{IntegrationId, PersonId};

use super::table::Access;
use crate::wire::status::Fault;

/// What a credential entitles to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Everything, under any person's or bot's name.
    Admin,
    /// Whatever people do with incidents and reviews.
    Responder,
    /// Sending signals of its own.
    Integration(IntegrationId),
}

impl Role {
    /// The role in words.
    pub fn as_str(&self) -> &'static str {
        match self {
            Role::Admin => "an administrator",
            Role::Responder => "a responder",
            Role::Integration(_) => "an integration",
        }
    }

    pub(super) fn may(&self, access: Access) -> bool {
        match (self, access) {
            (_, Access::Open | Access::Anyone) | (Role::Admin, _) => true,
            (Role::Responder, Access::Signals | Access::People) => true,
            (Role::Integration(_), Access::Signals) => true,
            (Role::Responder, Access::Admin) | (Role::Integration(_), Access::People | Access::Admin) => {
                false
            }
        }
    }
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Whose deed it is in the history.
    pub actor: Actor,
    pub role: Role,
    /// Which credential was shown, by name: request ids are unique for each credential.
    pub credential: String,
}

impl Principal {
    /// The identity that the door put among a request's extensions. A request without one never passed the door.
    pub fn of(extensions: &Extensions) -> Result<Arc<Principal>, Fault> {
        extensions.get::<Arc<Principal>>().cloned().ok_or(Fault::CredentialsMissing)
    }

    pub(super) fn admin(credential: &str, actor: Actor) -> Principal {
        Principal { actor, role: Role::Admin, credential: credential.to_owned() }
    }

    /// A person who shows a link of ours instead of credentials.
    pub(crate) fn by_link(person: &PersonId) -> Principal {
        Principal {
            actor: Actor::Person(person.clone()),
            role: Role::Responder,
            credential: "links".to_owned(),
        }
    }

    pub(super) fn integration(id: &IntegrationId) -> Principal {
        Principal {
            actor: Actor::Integration(id.clone()),
            role: Role::Integration(id.clone()),
            credential: format!("integrations/{id}"),
        }
    }
}
