//! Who wants status updates beside those who subscribed to one incident: of a service, of a team, or of everything.
//! What an update says, and when there is one, is decided with the incident.

use serde::{Deserialize, Serialize};

use crate::id::{PersonId, ServiceId, TeamId};
use crate::incident::Incident;
use crate::incident::kinds::{Audience, Priority};
use crate::limits::bad;
use crate::policy::Policy;
use crate::refusal::Refusal;

/// What somebody wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// `people/…`, `teams/…` (each of its members) or `channels/…`.
    pub subscriber: String,
    /// Only incidents of this service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    /// Only incidents of this team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamId>,
    /// Only incidents that are at least so urgent when the update is posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Priority>,
    /// Only updates for this audience or a wider one.
    pub audience: Audience,
}

impl Subscription {
    /// Whether it is about an incident as it is now.
    pub fn concerns(&self, incident: &Incident) -> bool {
        self.service.as_ref().is_none_or(|service| *service == incident.service)
            && self.team.as_ref().is_none_or(|team| *team == incident.team)
            && self.minimum.is_none_or(|least| incident.priority <= least)
    }

    /// Whether another one asks about the same incidents, whatever their priority.
    pub(crate) fn same_scope(&self, other: &Subscription) -> bool {
        self.service == other.service && self.team == other.team
    }
}

/// Refuses subscribers whom the policy does not have.
pub(crate) fn check_subscriber(policy: &Policy, subscriber: &str) -> Result<(), Refusal> {
    let known = match subscriber.split_once('/') {
        Some(("people", id)) => policy.person(&PersonId::from(id)).is_some(),
        Some(("teams", id)) => policy.team(&TeamId::from(id)).is_some(),
        Some(("channels", id)) => policy.document().channels.contains_key(id),
        _ => {
            let problem = format!("{subscriber:?} is not people/…, teams/… or channels/…");
            return Err(bad("subscriber", problem));
        }
    };
    if known {
        return Ok(());
    }
    Err(Refusal::Unknown { what: "subscriber".to_owned(), name: subscriber.to_owned() })
}
