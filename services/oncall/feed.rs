//! Calendars of schedules and people, for whoever asks the API and for calendar clients that know the secret address.
//! An address is derived from the deployment's secret: it stays the same and need not be stored.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get as on_get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, Response, StatusCode};
use stentor_core::oncall::Shift;
use stentor_core::time::{Duration, Timestamp};
use stentor_engine::Engine;
use stentor_proto::v1;
use tonic::{Request, Status};

use super::plan::{Known, Plan};
use crate::call::Call;
use crate::wire::oncall::ask::{self, Subject};
use crate::wire::oncall::ical::{self, Entry, Feed};
use crate::wire::oncall::{begun, overrides_of, schedule_name};
use crate::wire::seal;
use crate::wire::status::{self, Fault};

/// What an address is derived for.
const KIND: &str = "calendar";

/// How far back and ahead a calendar reaches.
const BACK: Duration = Duration::days(30);
const AHEAD: Duration = Duration::days(180);

/// The route of calendar clients, which send no credentials: the address is one.
pub fn routes(engine: Engine) -> Router {
    Router::new().route("/calendars/{collection}/{id}/{file}", on_get(serve)).with_state(engine)
}

pub(super) async fn get(
    engine: &Engine,
    request: Request<v1::GetCalendarFeedRequest>,
) -> Result<tonic::Response<v1::GetCalendarFeedResponse>, Status> {
    let (_, request) = Call::open("GetCalendarFeed", request)?;
    let subject = ask::subject(&request.name).map_err(|wrong| status::invalid_fields(&wrong))?;
    let calendar = calendar(engine, &subject).await?;
    let key = seal::key(engine.secret(), KIND, &subject.to_string());
    let path = format!("/calendars/{subject}/{key}.ics");
    Ok(tonic::Response::new(v1::GetCalendarFeedResponse { path, calendar }))
}

async fn serve(
    State(engine): State<Engine>,
    Path((collection, id, file)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response<Body> {
    let absent = || (StatusCode::NOT_FOUND, "no calendar has this address\n").into_response();
    let name = format!("{collection}/{id}");
    let Some(key) = file.strip_suffix(".ics") else { return absent() };
    let Ok(subject) = ask::subject(&name) else { return absent() };
    if !seal::knows(engine.secret(), KIND, &name, key) {
        return absent();
    }
    let text = match calendar(&engine, &subject).await {
        Ok(text) => text,
        Err(status) if status.code() == tonic::Code::NotFound => return absent(),
        Err(_) => return (StatusCode::SERVICE_UNAVAILABLE, "try again\n").into_response(),
    };
    let etag = format!("\"{}\"", &seal::digest(text.as_bytes())[..32]);
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let caching = [(ETAG, etag.clone()), (CACHE_CONTROL, "private, max-age=300".to_owned())];
    if known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response()
}

async fn calendar(engine: &Engine, subject: &Subject) -> Result<String, Status> {
    let plan = Plan::load(engine, None).await?;
    let number = plan.policy.number();
    let version = engine.policy_version(number).await.map_err(status::of_engine)?;
    let (only, person) = match subject {
        Subject::Schedule(id) => (Some(id.clone()), None),
        Subject::Person(id) => (None, Some(id.clone())),
    };
    plan.check_person(person.as_ref())?;
    let title = match person.as_ref().and_then(|id| plan.policy.person(id)) {
        Some(person) => format!("On call: {}", person.name),
        None => format!("On call: {}", only.as_ref().map(ToString::to_string).unwrap_or_default()),
    };
    // Whole days, so that an answer changes no more often than it must.
    let today = Timestamp(engine.now().0 - engine.now().0.rem_euclid(Duration::days(1).0));
    let (from, to) = (today - BACK, today + AHEAD);
    let changed = plan.changed(version.at);
    let made = tokio::task::spawn_blocking(move || -> Result<String, Status> {
        let mut shifts = Vec::new();
        for known in plan.schedules(only.as_ref())? {
            let of_person = |s: &Shift| person.as_ref().is_none_or(|person| s.people.contains(person));
            let all = known.schedule.shifts(from, to, &known.overrides);
            shifts.extend(all.iter().filter(|s| of_person(s)).map(|s| entry(&plan, &known, s, (from, to))));
        }
        shifts.sort_by(|a, b| (a.from, &a.schedule).cmp(&(b.from, &b.schedule)));
        Ok(ical::calendar(&Feed { title, changed, sequence: number, shifts }))
    });
    made.await.map_err(|_| Status::from(Fault::Internal))?
}

fn entry(plan: &Plan, known: &Known<'_>, shift: &Shift, (from, to): (Timestamp, Timestamp)) -> Entry {
    let name = |id| plan.policy.person(id).map_or_else(|| id.to_string(), |person| person.name.clone());
    let overrides: Vec<String> = overrides_of(shift, &known.numbers).collect();
    let reason = match (&shift.layer, overrides.is_empty()) {
        (Some(layer), true) => format!("layer {layer}"),
        _ => overrides.join(", "),
    };
    let begun = begun(shift, from);
    Entry {
        schedule: schedule_name(known.id),
        people: shift.people.iter().map(name).collect(),
        begun,
        from: begun.unwrap_or(from),
        to: shift.until.unwrap_or(to),
        reason,
    }
}
