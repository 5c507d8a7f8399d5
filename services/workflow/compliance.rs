//! SLA compliance: every instance that may have a clock in the interval is read and counted.

use stentor_engine::Engine;
use stentor_engine::store::rows::{Column, ListQuery, Value};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use super::reads::real;
use crate::call::Call;
use crate::wire::{compliance, status};

/// Instances read at once.
const PAGE: u32 = 500;

pub(super) async fn compute(
    engine: &Engine,
    request: Request<v1::ComputeSlaComplianceRequest>,
) -> Result<Response<v1::ComputeSlaComplianceResponse>, Status> {
    let (_, request) = Call::open("ComputeSlaCompliance", request)?;
    let wanted = compliance::wanted(&request, engine.now());
    let wanted = wanted.map_err(|wrong| status::invalid_fields(&wrong))?;
    let policy = engine.policy();
    let home = policy.as_ref().map_or("UTC", |policy| &policy.document().organisation.zone);
    let mut tally = wanted.tally(home)?;
    for kind in ["incident", "review"] {
        let mut after = None;
        loop {
            let query = ListQuery {
                kind: kind.to_owned(),
                filter: Some(real(Some(wanted.candidates()))),
                order: vec![(Column::Id, false)],
                after,
                limit: PAGE,
            };
            let states = engine.survey(query).await.map_err(status::of_engine)?;
            states.iter().for_each(|state| tally.count(state));
            let Some(last) = states.last().filter(|_| states.len() == PAGE as usize) else { break };
            after = Some((vec![Value::Text(last.id().to_string())], last.id().to_string()));
        }
    }
    Ok(Response::new(wanted.answer(&tally)))
}
