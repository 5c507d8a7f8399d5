//! Silences: made, tried without making them, ended and listed. What may be made is decided by the rules.

use stentor_core::silence::{Matcher, compile};
use stentor_core::standing::{Command, SilenceRecord};
use stentor_engine::Engine;
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::Call;
use crate::pages::{Cut, newest_first};
use crate::standing::{change, id_of};
use crate::wire::clocks::count;
use crate::wire::standing::number;
use crate::wire::status::{self, Fault};
use crate::wire::suppression::silences::{self, concerned, silence, silence_name};

/// Incidents that the answer to a dry run names.
const NAMED: usize = 100;

pub(super) async fn create(
    engine: &Engine,
    request: Request<v1::CreateSilenceRequest>,
) -> Result<Response<v1::CreateSilenceResponse>, Status> {
    let (call, request) = Call::open("CreateSilence", request)?;
    let asked = silences::create(&request);
    let dry = asked.as_ref().ok().filter(|change| change.validate_only);
    let sets = dry.and_then(|change| match &change.command {
        Command::CreateSilence { sets, .. } => Some(sets.clone()),
        _ => None,
    });
    let reply = change(engine, &call, asked).await?;
    let made = reply.book.silence(id_of(&reply)).map(|s| silence(s, engine.now().max(reply.at)));
    let (matching_incidents, matching_alert_count) = match sets {
        Some(sets) => matching(engine, &sets).await?,
        None => (Vec::new(), 0),
    };
    Ok(Response::new(v1::CreateSilenceResponse {
        silence: made,
        matching_incidents,
        matching_alert_count,
        replayed: reply.replayed,
    }))
}

/// What fires now and matches.
async fn matching(
    engine: &Engine,
    sets: &[Vec<Matcher>],
) -> Result<(Vec<v1::SilencedIncident>, i32), Status> {
    let found = engine.alerts_matching(sets).await.map_err(status::of_engine)?;
    let alerts = count(found.iter().map(|(_, alerts)| *alerts as u32).sum());
    let named = found.iter().filter_map(|(state, alerts)| Some(concerned(state.incident()?, *alerts)));
    Ok((named.take(NAMED).collect(), alerts))
}

pub(super) async fn get(
    engine: &Engine,
    request: Request<v1::GetSilenceRequest>,
) -> Result<Response<v1::GetSilenceResponse>, Status> {
    let (_, request) = Call::open("GetSilence", request)?;
    let number = number(&request.name, "silences").map_err(|wrong| status::invalid_fields(&wrong))?;
    let book = engine.standing().await.map_err(status::of_engine)?;
    let absent = || Status::from(Fault::NotFound { kind: "silence", name: silence_name(number) });
    let found = book.silence(number).ok_or_else(absent)?;
    Ok(Response::new(v1::GetSilenceResponse { silence: Some(silence(found, engine.now())) }))
}

pub(super) async fn list(
    engine: &Engine,
    request: Request<v1::ListSilencesRequest>,
) -> Result<Response<v1::ListSilencesResponse>, Status> {
    let (_, request) = Call::open("ListSilences", request)?;
    let wanted = silences::list(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let (book, now) = (engine.standing().await.map_err(status::of_engine)?, engine.now());
    let matches = |s: &SilenceRecord| {
        wanted.labels.is_empty() || compile(&s.sets).is_ok_and(|sets| sets.matches(&wanted.labels))
    };
    let found = book.silences().filter(|s| (request.show_ended || s.is_open(now)) && matches(s));
    let items = found.map(|s| (newest_first(s.id), silence(s, now))).collect();
    let (all, labels) = (request.show_ended.to_string(), format!("{:?}", wanted.labels));
    let (arguments, token) = ([all.as_str(), &labels], request.page_token.as_str());
    let cut = Cut { engine, method: "ListSilences", arguments: &arguments, token, size: wanted.size };
    let (silences, next_page_token) = cut.page(items)?;
    Ok(Response::new(v1::ListSilencesResponse { silences, next_page_token }))
}

pub(super) async fn cancel(
    engine: &Engine,
    request: Request<v1::CancelSilenceRequest>,
) -> Result<Response<v1::CancelSilenceResponse>, Status> {
    let (call, request) = Call::open("CancelSilence", request)?;
    let reply = change(engine, &call, silences::cancel(&request)).await?;
    let ended = reply.book.silence(id_of(&reply)).map(|s| silence(s, engine.now().max(reply.at)));
    Ok(Response::new(v1::CancelSilenceResponse { silence: ended, replayed: reply.replayed }))
}
