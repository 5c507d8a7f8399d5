//! Reads of reviews, one by one and page by page. Nothing here changes one.

use std::sync::Arc;

use stentor_core::id::InstanceId;
use stentor_core::instance::Instance;
use stentor_core::review::Review;
use stentor_core::review::state::Phase;
use stentor_engine::store::rows::{Column, Filter, ListQuery, Op, Value};
use stentor_engine::{Engine, Error};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::{self, Call};
use crate::wire::fields::{Fields, Name};
use crate::wire::page::{Position, Scope};
use crate::wire::{review, status};

pub(super) async fn get(
    engine: &Engine,
    request: Request<v1::GetReviewRequest>,
) -> Result<Response<v1::GetReviewResponse>, Status> {
    let (_, request) = Call::open("GetReview", request)?;
    let mut f = Fields::default();
    let name = f.review("name", &request.name);
    let name = f.finish(name).map_err(|wrong| status::invalid_fields(&wrong))?;
    let state = engine.read(&find(engine, &name).await?).await.map_err(status::of_engine)?;
    let r = of(&state)?;
    let policy = call::pinned(engine, r.policy).await;
    let rendered = review::full(r, policy.as_deref(), engine.now());
    Ok(Response::new(v1::GetReviewResponse { review: Some(rendered), markdown: review::markdown(r) }))
}

pub(super) async fn list(
    engine: &Engine,
    request: Request<v1::ListReviewsRequest>,
) -> Result<Response<v1::ListReviewsResponse>, Status> {
    const ORDER: [(Column, bool); 1] = [(Column::CreatedAt, true)];
    let (_, request) = Call::open("ListReviews", request)?;
    let mut f = Fields::default();
    let size = f.page_size(request.page_size);
    let phase: Option<Phase> = f.word("state", request.state);
    let subject = (!request.incident.is_empty()).then(|| f.incident("incident", &request.incident));
    f.finish(()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let is = |column, text: &str| Filter::Compare(column, Op::Eq, Value::Text(text.to_owned()));
    let mut all: Vec<Filter> = phase.map(|phase| is(Column::Phase, phase.as_str())).into_iter().collect();
    if let Some(name) = subject {
        all.push(is(Column::Subject, call::find(engine, &name).await?.as_str()));
    }
    let state = request.state.to_string();
    let arguments = [state.as_str(), request.incident.as_str()];
    let scope = Scope { secret: engine.secret(), method: "ListReviews", arguments: &arguments };
    let after = scope.position::<Position>(&request.page_token)?.map(Position::after);
    let (filter, order) = (Some(Filter::All(all)), ORDER.to_vec());
    let query = ListQuery { kind: "review".to_owned(), filter, order, after, limit: size };
    let rows = engine.list(query).await.map_err(status::of_engine)?;
    let mut answer = v1::ListReviewsResponse::default();
    if rows.len() == size as usize {
        answer.next_page_token =
            rows.last().map(|row| scope.token(Position::of(row, &ORDER))).unwrap_or_default();
    }
    for row in rows {
        let state = engine.read(&InstanceId(row.id)).await.map_err(status::of_engine)?;
        let r = of(&state)?;
        let policy = call::pinned(engine, r.policy).await;
        answer.reviews.push(review::basic(r, policy.as_deref(), engine.now()));
    }
    Ok(Response::new(answer))
}

/// The id of a review that is named by id or reference.
pub(super) async fn find(engine: &Engine, name: &Name) -> Result<InstanceId, Status> {
    match name {
        Name::Id(id) => Ok(id.clone()),
        Name::Number(number) => engine.find("review", *number).await.map_err(status::of_engine),
    }
}

/// The review in a state; an incident's id names no review.
pub(super) fn of(state: &Arc<Instance>) -> Result<&Review, Status> {
    let absent = || status::of_engine(Error::NotFound("review".to_owned()));
    state.review().ok_or_else(absent)
}
