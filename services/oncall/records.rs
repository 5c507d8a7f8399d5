//! Overrides and swaps: made, answered, ended and listed. What may be made is decided by the rules.

use stentor_core::standing::{OverrideState, SwapState, remarks};
use stentor_engine::{Engine, StandingReply};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::Call;
use crate::pages::{Cut, newest_first};
use crate::standing::{change, id_of};
use crate::wire::oncall::ask;
use crate::wire::oncall::{override_name, record, swap, swap_name, warning};
use crate::wire::standing;
use crate::wire::status::{self, Fault};

pub(super) async fn create(
    engine: &Engine,
    request: Request<v1::CreateOverrideRequest>,
) -> Result<Response<v1::CreateOverrideResponse>, Status> {
    let (call, request) = Call::open("CreateOverride", request)?;
    let reply = change(engine, &call, ask::create(&request)).await?;
    let made = reply.book.override_of(id_of(&reply)).ok_or_else(|| Status::from(Fault::Internal))?;
    let remarks = engine.policy().map(|policy| remarks(&reply.book, &policy, made, reply.at));
    Ok(Response::new(v1::CreateOverrideResponse {
        r#override: Some(record(made, engine.now())),
        warnings: remarks.iter().flatten().map(warning).collect(),
        replayed: reply.replayed,
    }))
}

pub(super) async fn cancel(
    engine: &Engine,
    request: Request<v1::CancelOverrideRequest>,
) -> Result<Response<v1::CancelOverrideResponse>, Status> {
    let (call, request) = Call::open("CancelOverride", request)?;
    let reply = change(engine, &call, ask::cancel(&request)).await?;
    let ended = reply.book.override_of(id_of(&reply)).map(|o| record(o, engine.now().max(reply.at)));
    Ok(Response::new(v1::CancelOverrideResponse { r#override: ended, replayed: reply.replayed }))
}

pub(super) async fn get_override(
    engine: &Engine,
    request: Request<v1::GetOverrideRequest>,
) -> Result<Response<v1::GetOverrideResponse>, Status> {
    let (_, request) = Call::open("GetOverride", request)?;
    let number =
        standing::number(&request.name, "overrides").map_err(|wrong| status::invalid_fields(&wrong))?;
    let book = engine.standing().await.map_err(status::of_engine)?;
    let absent = || Status::from(Fault::NotFound { kind: "override", name: override_name(number) });
    let found = book.override_of(number).ok_or_else(absent)?;
    Ok(Response::new(v1::GetOverrideResponse { r#override: Some(record(found, engine.now())) }))
}

pub(super) async fn list_overrides(
    engine: &Engine,
    request: Request<v1::ListOverridesRequest>,
) -> Result<Response<v1::ListOverridesResponse>, Status> {
    let (_, request) = Call::open("ListOverrides", request)?;
    let wanted = ask::overrides(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let (book, now) = (engine.standing().await.map_err(status::of_engine)?, engine.now());
    let found = book.overrides().filter(|o| {
        wanted.schedule.as_ref().is_none_or(|schedule| o.schedule == *schedule)
            && wanted.person.as_ref().is_none_or(|p| o.by == *p || o.replaces.as_ref() == Some(p))
            && (wanted.all || matches!(o.state(now), OverrideState::Pending | OverrideState::Active))
    });
    let items = found.map(|o| (newest_first(o.id), record(o, now))).collect();
    let all = request.show_ended.to_string();
    let arguments = [request.schedule.as_str(), &request.person, &all];
    let (token, size) = (request.page_token.as_str(), wanted.size);
    let cut = Cut { engine, method: "ListOverrides", arguments: &arguments, token, size };
    let (overrides, next_page_token) = cut.page(items)?;
    Ok(Response::new(v1::ListOverridesResponse { overrides, next_page_token }))
}

pub(super) async fn request(
    engine: &Engine,
    request: Request<v1::RequestSwapRequest>,
) -> Result<Response<v1::RequestSwapResponse>, Status> {
    let (call, request) = Call::open("RequestSwap", request)?;
    let reply = change(engine, &call, ask::request(&request)).await?;
    Ok(Response::new(v1::RequestSwapResponse { swap: swap_of(engine, &reply), replayed: reply.replayed }))
}

pub(super) async fn accept(
    engine: &Engine,
    request: Request<v1::AcceptSwapRequest>,
) -> Result<Response<v1::AcceptSwapResponse>, Status> {
    let (call, request) = Call::open("AcceptSwap", request)?;
    let reply = change(engine, &call, ask::accept(&request)).await?;
    Ok(Response::new(v1::AcceptSwapResponse { swap: swap_of(engine, &reply), replayed: reply.replayed }))
}

pub(super) async fn decline(
    engine: &Engine,
    request: Request<v1::DeclineSwapRequest>,
) -> Result<Response<v1::DeclineSwapResponse>, Status> {
    let (call, request) = Call::open("DeclineSwap", request)?;
    let reply = change(engine, &call, ask::decline(&request)).await?;
    Ok(Response::new(v1::DeclineSwapResponse { swap: swap_of(engine, &reply), replayed: reply.replayed }))
}

pub(super) async fn withdraw(
    engine: &Engine,
    request: Request<v1::WithdrawSwapRequest>,
) -> Result<Response<v1::WithdrawSwapResponse>, Status> {
    let (call, request) = Call::open("WithdrawSwap", request)?;
    let reply = change(engine, &call, ask::withdraw(&request)).await?;
    Ok(Response::new(v1::WithdrawSwapResponse { swap: swap_of(engine, &reply), replayed: reply.replayed }))
}

pub(super) async fn get_swap(
    engine: &Engine,
    request: Request<v1::GetSwapRequest>,
) -> Result<Response<v1::GetSwapResponse>, Status> {
    let (_, request) = Call::open("GetSwap", request)?;
    let number = standing::number(&request.name, "swaps").map_err(|wrong| status::invalid_fields(&wrong))?;
    let book = engine.standing().await.map_err(status::of_engine)?;
    let absent = || Status::from(Fault::NotFound { kind: "swap", name: swap_name(number) });
    let found = book.swap(number).ok_or_else(absent)?;
    Ok(Response::new(v1::GetSwapResponse { swap: Some(swap(found, engine.now())) }))
}

pub(super) async fn list_swaps(
    engine: &Engine,
    request: Request<v1::ListSwapsRequest>,
) -> Result<Response<v1::ListSwapsResponse>, Status> {
    let (_, request) = Call::open("ListSwaps", request)?;
    let wanted = ask::swaps(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let (book, now) = (engine.standing().await.map_err(status::of_engine)?, engine.now());
    let found = book.swaps().filter(|s| {
        wanted.schedule.as_ref().is_none_or(|schedule| s.schedule == *schedule)
            && wanted.person.as_ref().is_none_or(|person| s.requester == *person || s.with == *person)
            && (wanted.all || s.state(now) == SwapState::Open)
    });
    let items = found.map(|s| (newest_first(s.id), swap(s, now))).collect();
    let all = request.show_ended.to_string();
    let arguments = [request.schedule.as_str(), &request.person, &all];
    let (token, size) = (request.page_token.as_str(), wanted.size);
    let cut = Cut { engine, method: "ListSwaps", arguments: &arguments, token, size };
    let (swaps, next_page_token) = cut.page(items)?;
    Ok(Response::new(v1::ListSwapsResponse { swaps, next_page_token }))
}

fn swap_of(engine: &Engine, reply: &StandingReply) -> Option<v1::Swap> {
    reply.book.swap(id_of(reply)).map(|found| swap(found, engine.now()))
}
