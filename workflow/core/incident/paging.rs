//! Where an incident stands in its escalation, who is being contacted, and what has not been delivered yet.

use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, EscalationPolicyId, InstanceId, LevelId, PersonId};
use crate::time::Timestamp;

/// Position in an escalation policy. A pageable incident has a `due` or is exhausted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    pub policy: EscalationPolicyId,
    /// This incident's place in the round robin of its escalation policy.
    pub ordinal: u64,
    /// Level reached in this round, 1 for the first; 0 before it; one more than there are levels: the fallback.
    pub level: u32,
    /// The level reached by its id, so that another policy version can find it again; absent for the fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_id: Option<LevelId>,
    /// When the level reached was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_due: Option<Timestamp>,
    /// From 1.
    pub round: u32,
    /// When `next` fires; absent while acknowledged, suppressed or exhausted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    pub next: NextStep,
    /// Whether any level of the running round has paged a person.
    #[serde(default)]
    pub paged_in_round: bool,
    /// Whether an SLA threshold waits for the end of a hold or a suppression to escalate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub owed: bool,
}

/// What an escalation deadline does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NextStep {
    /// Calls a level of a round.
    Level { level: u32, round: u32 },
    /// Declares every round unanswered.
    Exhaust,
}

/// A person being contacted, by the rules taken when they were paged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub person: PersonId,
    /// Level that paged them; 0: none (assignment, summons).
    pub level: u32,
    pub paged_at: Timestamp,
    /// Steps not yet taken, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Whether a step was delivered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reached: bool,
    /// Every step failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreachable: bool,
    /// The level needs everyone's acknowledgement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// Paged because the incident was assigned to them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assigned: bool,
}

/// A step of a contact rule with its instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub channel: ChannelId,
    pub at: Timestamp,
}

/// An effect on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub kind: PendingKind,
    /// Pages of another epoch than the incident's are unwanted.
    pub epoch: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelId>,
}

/// What kind of effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PendingKind {
    /// Demands an acknowledgement.
    Page,
    /// Demands one person's answer.
    Summons,
    /// Informs.
    Notice,
    /// A command to another instance.
    Submit,
}

/// A request that one named person come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summons {
    pub person: PersonId,
    pub by: crate::actor::Actor,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// When the summoner is told that no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// What the person is needed for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The id of an effect: `{instance}.{version}.{ordinal}`, its idempotency id everywhere.
pub fn effect_id(instance: &InstanceId, key: &str) -> String {
    format!("{instance}.{key}")
}
