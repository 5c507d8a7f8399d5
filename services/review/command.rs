//! Commands to a review: found, submitted, rendered. What is allowed is decided by the rules.

use stentor_core::instance::Command;
use stentor_core::review::{self, Opening};
use stentor_engine::{Engine, Submission, To};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use super::reads;
use crate::call::{self, Call};
use crate::wire::review::{self as wire, ReviewAsk, ReviewRequest, ReviewResponse};
use crate::wire::status;

/// Understands a request about one review, submits what it asks for, and renders the review.
pub(super) async fn review<Q: ReviewRequest, A: ReviewResponse>(
    engine: &Engine,
    method: &'static str,
    request: Request<Q>,
) -> Result<Response<A>, Status> {
    let (call, request) = Call::open(method, request)?;
    let ask = request.understand(engine.now()).map_err(|wrong| status::invalid_fields(&wrong))?;
    submit(engine, &call, ask).await
}

/// Drafts all sections anew from the incident's history.
pub(super) async fn redraft(
    engine: &Engine,
    request: Request<v1::RedraftReviewRequest>,
) -> Result<Response<v1::RedraftReviewResponse>, Status> {
    let (call, request) = Call::open("RedraftReview", request)?;
    let mut ask = wire::redraft(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let state = engine.read(&reads::find(engine, &ask.name).await?).await.map_err(status::of_engine)?;
    let sections = engine.draft_review(&reads::of(&state)?.review_of).await.map_err(status::of_engine)?;
    ask.command = review::Command::Redraft { sections };
    submit(engine, &call, ask).await
}

/// Opens a review of an incident that got none by itself.
pub(super) async fn request(
    engine: &Engine,
    request: Request<v1::RequestReviewRequest>,
) -> Result<Response<v1::RequestReviewResponse>, Status> {
    let (call, request) = Call::open("RequestReview", request)?;
    let wanted = wire::wanted(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let id = call::find(engine, &wanted.incident).await?;
    let state = engine.read(&id).await.map_err(status::of_engine)?;
    let incident = call::incident_of(&state)?;
    wire::reviewable(incident).map_err(status::of_engine)?;
    let author = wanted.author.or_else(|| call.actor().person().cloned());
    let sections = engine.draft_review(&id).await.map_err(status::of_engine)?;
    let opening = Opening::of(incident, &wanted.reason);
    let opening = Opening { sections, author: author.or(opening.author.clone()), ..opening };
    let to = To::New(stentor_core::incident::review_id(&id));
    let command = review::Command::Open(Box::new(opening));
    send(engine, &call, to, command, None, wanted.request.as_ref()).await
}

async fn submit<A: ReviewResponse>(
    engine: &Engine,
    call: &Call,
    ask: ReviewAsk,
) -> Result<Response<A>, Status> {
    let to = To::Instance(reads::find(engine, &ask.name).await?);
    send(engine, call, to, ask.command, ask.expected, ask.request.as_ref()).await
}

async fn send<A: ReviewResponse>(
    engine: &Engine,
    call: &Call,
    to: To,
    command: review::Command,
    expected_version: Option<u64>,
    request: Option<&String>,
) -> Result<Response<A>, Status> {
    let submission = Submission {
        to,
        actor: call.actor().clone(),
        command: Command::Review(command),
        request: call.request(request),
        expected_version,
        deadline: Some(call.deadline),
        validate_only: false,
    };
    let reply = engine.submit(submission).await.map_err(status::of_engine)?;
    let added = call::added(&reply);
    let state = match reply.state {
        Some(state) => state,
        None => engine.read(&reply.id).await.map_err(status::of_engine)?,
    };
    let r = reads::of(&state)?;
    let policy = call::pinned(engine, r.policy).await;
    let rendered = wire::full(r, policy.as_deref(), engine.now());
    Ok(Response::new(A::render(rendered, reply.replayed, added)))
}
