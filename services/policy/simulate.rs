//! Playing a scenario under a version or a document. Nothing is stored and nobody is told.

use std::sync::Arc;

use stentor_core::policy::{Policy, locate, parse};
use stentor_core::refusal::Refusal;
use stentor_core::simulate::{LINES_MAX, simulate as play};
use stentor_engine::{Engine, Error};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use super::versions;
use crate::call::Call;
use crate::wire::{policy, simulation, status};

/// Everything that would happen.
pub(super) async fn simulate(
    engine: &Engine,
    request: Request<v1::SimulatePolicyRequest>,
) -> Result<Response<v1::SimulatePolicyResponse>, Status> {
    let (_, request) = Call::open("SimulatePolicy", request)?;
    let wanted = simulation::wanted(request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let (policy, name) = match &wanted.document {
        Some(text) => (Arc::new(compiled(text)?), String::new()),
        None => version(engine, wanted.policy).await?,
    };
    let overrides = engine.standing().await.map_err(status::of_engine)?.in_force(wanted.scenario.at);
    let played = tokio::task::spawn_blocking(move || play(&policy, &overrides, &wanted.scenario)).await;
    let broken = |_| status::of_engine(Error::Internal("a simulation broke off".to_owned()));
    let lines = played.map_err(broken)?.map_err(|_| {
        let limit = LINES_MAX as u64;
        status::of_engine(Error::Refused(Refusal::LimitReached { field: "lines".to_owned(), limit }))
    })?;
    let lines = lines.iter().map(simulation::line).collect();
    Ok(Response::new(v1::SimulatePolicyResponse { lines, policy: name }))
}

async fn version(engine: &Engine, number: Option<u64>) -> Result<(Arc<Policy>, String), Status> {
    let absent = || status::of_engine(Error::Refused(Refusal::NoPolicy));
    let number = number.or(versions::newest(engine)).ok_or_else(absent)?;
    let version = engine.policy_version(number).await.map_err(status::of_engine)?;
    Ok((Arc::clone(&version.policy), format!("policies/{number}")))
}

fn compiled(text: &str) -> Result<Policy, Status> {
    // The number only labels a compiled policy; a document that nobody applied has none yet.
    let policy = parse(text).and_then(|document| Policy::compile(document, 0));
    policy.map_err(|findings| status::policy_rejected(&policy::violations(&locate(text, findings))))
}
