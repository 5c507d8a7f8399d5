//! The circumstances of a decision, gathered from the engine.

use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::context::Context;
use stentor_core::id::InstanceId;
use stentor_core::incident::{self, Incident};
use stentor_core::instance::{Command, Decision, Instance, decide, refusals};
use stentor_core::policy::Policy;
use stentor_core::refusal::Refusal;
use stentor_core::time::Timestamp;

use crate::engine::Shared;
use crate::error::Error;

/// What one decision takes from its item.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) id: &'a InstanceId,
    pub(super) actor: &'a Actor,
    pub(super) command: &'a Command,
    pub(super) due: Option<Timestamp>,
    pub(super) number: i64,
    /// Asked what would happen: a "no" names everything that stands against it.
    pub(super) name_all: bool,
}

/// Decides on a state with the policy that it is pinned to.
pub(super) fn judge(
    shared: &Shared,
    state: Option<&Instance>,
    case: &Case<'_>,
) -> Result<(Timestamp, Decision), Error> {
    let newest = shared.policies.newest_policy().ok_or(Refusal::NoPolicy)?;
    let pinned = pinned(shared, state, case.command, &newest)?;
    let now = shared
        .clock
        .now()
        .max(case.due.unwrap_or_default())
        .max(state.map(Instance::updated_at).unwrap_or_default());
    let (overrides, silences) = (shared.standing.in_force(), shared.standing.silences());
    let subscriptions = shared.standing.subscriptions();
    let inhibited = shared.inhibitions.holding(case.command);
    let number = state.and_then(Instance::incident).map_or(case.number as u64, |i| i.number);
    let cx = Context {
        now,
        actor: case.actor,
        id: case.id,
        policy: &pinned,
        newest: &newest,
        number,
        ordinal: number,
        listening_since: shared.listening_since,
        overrides: &overrides,
        silences: &silences,
        subscriptions: &subscriptions,
        inhibited: &inhibited,
    };
    match decide(state, case.command, &cx) {
        Ok(decision) => Ok((now, decision)),
        Err(_) if case.name_all => Err(Error::RefusedAll(refusals(state, case.command, &cx))),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The policy that decides: the one moved to, the pinned one, or for a new instance the newest.
fn pinned(
    shared: &Shared,
    state: Option<&Instance>,
    command: &Command,
    newest: &Arc<Policy>,
) -> Result<Arc<Policy>, Error> {
    let number = match (command, state) {
        (Command::Incident(incident::Command::MovePolicy { to, .. }), _) => *to,
        // Refused by every policy; the tool that it comes from had none of ours.
        (_, Some(state)) if state.incident().is_some_and(Incident::is_imported) => {
            return Ok(Arc::clone(newest));
        }
        (_, Some(state)) => state.policy(),
        (_, None) => newest.number(),
    };
    if number == newest.number() {
        return Ok(Arc::clone(newest));
    }
    match shared.policies.get(number) {
        Some(version) => Ok(version.policy),
        None => Err(Refusal::Unknown { what: "policy".to_owned(), name: number.to_string() }.into()),
    }
}
