//! The suppression log, page by page. What stands in it is told by the engine.

use stentor_engine::{Engine, Place, Wanted};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::{self, Call};
use crate::wire::page::Scope;
use crate::wire::status;
use crate::wire::suppression::log;

pub(super) async fn list(
    engine: &Engine,
    request: Request<v1::ListSuppressionsRequest>,
) -> Result<Response<v1::ListSuppressionsResponse>, Status> {
    let (_, request) = Call::open("ListSuppressions", request)?;
    let asked = log::list(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let (reason, since) = (request.reason.to_string(), format!("{:?}", asked.since));
    let arguments = [request.incident.as_str(), reason.as_str(), since.as_str()];
    let scope = Scope { secret: engine.secret(), method: "ListSuppressions", arguments: &arguments };
    let after = scope.position::<Place>(&request.page_token)?;
    let incident = match &asked.incident {
        Some(name) => Some(engine.read(&call::find(engine, name).await?).await.map_err(status::of_engine)?),
        None => None,
    };
    let wanted = Wanted {
        incident: incident.and_then(|state| Some(state.incident()?.id.clone())),
        since: asked.since,
        reasons: asked.reasons,
        after,
        limit: asked.size,
    };
    let (found, next) = engine.suppressions(&wanted).await.map_err(status::of_engine)?;
    Ok(Response::new(v1::ListSuppressionsResponse {
        entries: found.iter().map(log::suppression).collect(),
        next_page_token: next.map(|place| scope.token(place)).unwrap_or_default(),
    }))
}
