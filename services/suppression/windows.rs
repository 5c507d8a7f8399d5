//! Maintenance windows: planned, ended and listed. What may be planned is decided by the rules.

use stentor_core::standing::WindowRecord;
use stentor_engine::Engine;
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::Call;
use crate::pages::{Cut, newest_first};
use crate::standing::{change, id_of};
use crate::wire::standing::number;
use crate::wire::status::{self, Fault};
use crate::wire::suppression::windows::{self, window, window_name};

pub(super) async fn create(
    engine: &Engine,
    request: Request<v1::CreateMaintenanceWindowRequest>,
) -> Result<Response<v1::CreateMaintenanceWindowResponse>, Status> {
    let (call, request) = Call::open("CreateMaintenanceWindow", request)?;
    let reply = change(engine, &call, windows::create(&request, engine.now())).await?;
    let made = reply.book.window(id_of(&reply)).map(|w| window(w, engine.now().max(reply.at)));
    Ok(Response::new(v1::CreateMaintenanceWindowResponse {
        maintenance_window: made,
        replayed: reply.replayed,
    }))
}

pub(super) async fn get(
    engine: &Engine,
    request: Request<v1::GetMaintenanceWindowRequest>,
) -> Result<Response<v1::GetMaintenanceWindowResponse>, Status> {
    let (_, request) = Call::open("GetMaintenanceWindow", request)?;
    let number =
        number(&request.name, "maintenanceWindows").map_err(|wrong| status::invalid_fields(&wrong))?;
    let book = engine.standing().await.map_err(status::of_engine)?;
    let absent = || Status::from(Fault::NotFound { kind: "maintenance window", name: window_name(number) });
    let found = window(book.window(number).ok_or_else(absent)?, engine.now());
    Ok(Response::new(v1::GetMaintenanceWindowResponse { maintenance_window: Some(found) }))
}

pub(super) async fn list(
    engine: &Engine,
    request: Request<v1::ListMaintenanceWindowsRequest>,
) -> Result<Response<v1::ListMaintenanceWindowsResponse>, Status> {
    let (_, request) = Call::open("ListMaintenanceWindows", request)?;
    let wanted = windows::list(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let (book, now) = (engine.standing().await.map_err(status::of_engine)?, engine.now());
    let concerns = |w: &WindowRecord| {
        let covers = |service| w.plan.services.is_empty() || w.plan.services.contains(service);
        wanted.service.as_ref().is_none_or(covers)
    };
    let found = book.windows().filter(|w| concerns(w) && (request.show_ended || w.is_open(now)));
    let items = found.map(|w| (newest_first(w.id), window(w, now))).collect();
    let all = request.show_ended.to_string();
    let (arguments, token) = ([request.service.as_str(), &all], request.page_token.as_str());
    let cut =
        Cut { engine, method: "ListMaintenanceWindows", arguments: &arguments, token, size: wanted.size };
    let (maintenance_windows, next_page_token) = cut.page(items)?;
    Ok(Response::new(v1::ListMaintenanceWindowsResponse { maintenance_windows, next_page_token }))
}

pub(super) async fn cancel(
    engine: &Engine,
    request: Request<v1::CancelMaintenanceWindowRequest>,
) -> Result<Response<v1::CancelMaintenanceWindowResponse>, Status> {
    let (call, request) = Call::open("CancelMaintenanceWindow", request)?;
    let reply = change(engine, &call, windows::cancel(&request)).await?;
    let ended = reply.book.window(id_of(&reply)).map(|w| window(w, engine.now().max(reply.at)));
    Ok(Response::new(v1::CancelMaintenanceWindowResponse {
        maintenance_window: ended,
        replayed: reply.replayed,
    }))
}
