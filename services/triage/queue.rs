//! The triage queue: what breaches next, page by page. Its order is the listing's business.

use stentor_core::id::InstanceId;
use stentor_engine::Engine;
use stentor_engine::store::rows::ListQuery;
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::{self, Call};
use crate::wire::page::{Position, Scope};
use crate::wire::{queue, status};

/// One page of the queue.
pub(super) async fn list(
    engine: &Engine,
    request: Request<v1::ListTriageQueueRequest>,
) -> Result<Response<v1::ListTriageQueueResponse>, Status> {
    let (_, request) = Call::open("ListTriageQueue", request)?;
    let (filter, size) = queue::query(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let arguments = [request.service.as_str(), request.team.as_str()];
    let scope = Scope { secret: engine.secret(), method: "ListTriageQueue", arguments: &arguments };
    let after = scope.position::<Position>(&request.page_token)?.map(Position::after);
    let order = queue::ORDER.to_vec();
    let query = ListQuery { kind: "incident".to_owned(), filter: Some(filter), order, after, limit: size };
    let rows = engine.list(query).await.map_err(status::of_engine)?;
    let mut answer = v1::ListTriageQueueResponse::default();
    if rows.len() == size as usize {
        answer.next_page_token =
            rows.last().map(|row| scope.token(Position::of(row, &queue::ORDER))).unwrap_or_default();
    }
    for row in rows {
        let state = engine.read(&InstanceId(row.id)).await.map_err(status::of_engine)?;
        let i = call::incident_of(&state)?;
        let policy = call::pinned(engine, i.policy).await;
        answer.entries.push(queue::entry(i, policy.as_deref(), engine.now()));
    }
    Ok(Response::new(answer))
}
