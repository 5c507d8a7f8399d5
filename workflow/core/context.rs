//! What a decision may know besides the state: the instant, who asks, the policy, and numbers that only the engine can
//! hand out. Whatever is not in here cannot influence a decision.

use std::collections::BTreeMap;

use crate::actor::Actor;
use crate::id::{InstanceId, ScheduleId};
use crate::inhibition::Inhibited;
use crate::oncall::Override;
use crate::policy::Policy;
use crate::silence::Silences;
use crate::subscription::Subscription;
use crate::time::Timestamp;

/// The circumstances of one decision.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The instant of the transition: never before the instance's last event, nor before a due instant that fires.
    pub now: Timestamp,
    /// Who asks.
    pub actor: &'a Actor,
    /// The instance decided on, or the id that it will have.
    pub id: &'a InstanceId,
    /// The pinned policy; for a new instance the newest one.
    pub policy: &'a Policy,
    /// The newest policy: nobody who left it is paged.
    pub newest: &'a Policy,
    /// The number in the reference of an incident that opens now. Unused otherwise.
    pub number: u64,
    /// The place in the round robin of an incident that starts escalating now.
    pub ordinal: u64,
    /// Since when intake has been listening without interruption: silence before it proves nothing.
    pub listening_since: Timestamp,
    /// Overrides in force, by schedule.
    pub overrides: &'a BTreeMap<ScheduleId, Vec<Override>>,
    /// Silences in force, to come, and cancelled.
    pub silences: &'a Silences,
    /// Who wants updates beside the incident's own subscribers.
    pub subscriptions: &'a [Subscription],
    /// What inhibits the alert that the command brings, in the order of the policy; empty for other commands.
    pub inhibited: &'a [Inhibited],
}
