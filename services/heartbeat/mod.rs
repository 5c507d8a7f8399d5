//! Heartbeat monitors over gRPC and over plain HTTP, for senders that have no more than curl. When silence is missed is
//! decided by the rules.

mod route;
mod service;

pub use route::routes;
pub use service::service;

use stentor_core::id::HeartbeatId;
use stentor_engine::Engine;

use crate::auth::Role;

/// Development's key belongs to no integration of the policy and opens every door.
const DEV: &str = "dev";

/// Whether this monitor takes beats of a caller.
fn takes(engine: &Engine, id: &HeartbeatId, role: &Role) -> bool {
    let Some(policy) = engine.policy() else { return false };
    let Some(spec) = policy.document().heartbeats.get(id) else { return false };
    match (role, &spec.integration) {
        (Role::Integration(caller), Some(only)) => caller == only || caller.as_str() == DEV,
        _ => true,
    }
}
