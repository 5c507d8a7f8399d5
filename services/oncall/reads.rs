//! Questions about who is on call. Intervals are answered off the runtime's threads, since a year of many schedules
//! takes a while.

use prost::Message;
use stentor_core::time::Timestamp;
use stentor_engine::Engine;
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use super::plan::{Known, Plan};
use crate::call::Call;
use crate::pages::Cut;
use crate::wire::oncall::ask::{self, Window};
use crate::wire::status::Fault;
use crate::wire::{oncall, seal, status};

/// The place of an entry in a list by time.
type ByTime = (i64, String);

pub(super) async fn one(
    engine: &Engine,
    request: Request<v1::GetOnCallRequest>,
) -> Result<Response<v1::GetOnCallResponse>, Status> {
    let (_, request) = Call::open("GetOnCall", request)?;
    let (schedule, wanted) =
        ask::one(&request, engine.now()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let plan = Plan::load(engine, wanted.known).await?;
    let shift = on_call(&plan.schedule(&schedule)?, wanted.from);
    Ok(Response::new(v1::GetOnCallResponse { shift: Some(shift) }))
}

pub(super) async fn many(
    engine: &Engine,
    request: Request<v1::ListOnCallRequest>,
) -> Result<Response<v1::ListOnCallResponse>, Status> {
    let (_, request) = Call::open("ListOnCall", request)?;
    let wanted = ask::many(&request, engine.now()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let arguments =
        digest(v1::ListOnCallRequest { page_size: 0, page_token: String::new(), ..request.clone() });
    let find = |plan: &Plan, wanted: &Window| {
        let mut found = Vec::new();
        for known in plan.schedules(None)? {
            let people = known.schedule.people_at(wanted.from, &known.overrides);
            if wanted.person.as_ref().is_none_or(|person| people.contains(person)) {
                found.push((known.id.to_string(), on_call(&known, wanted.from)));
            }
        }
        Ok(found)
    };
    let (shifts, next_page_token) =
        listed(engine, "ListOnCall", &request.page_token, &arguments, wanted, find).await?;
    Ok(Response::new(v1::ListOnCallResponse { shifts, next_page_token }))
}

pub(super) async fn shifts(
    engine: &Engine,
    request: Request<v1::ListShiftsRequest>,
) -> Result<Response<v1::ListShiftsResponse>, Status> {
    let (_, request) = Call::open("ListShifts", request)?;
    let wanted = ask::shifts(&request, engine.now()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let arguments =
        digest(v1::ListShiftsRequest { page_size: 0, page_token: String::new(), ..request.clone() });
    let find = |plan: &Plan, wanted: &Window| {
        let mut found: Vec<(ByTime, v1::Shift)> = Vec::new();
        for known in plan.schedules(wanted.schedule.as_ref())? {
            let shifts = known.schedule.shifts(wanted.from, wanted.to, &known.overrides);
            let theirs = |s: &stentor_core::oncall::Shift| {
                wanted.person.as_ref().is_none_or(|person| s.people.contains(person))
            };
            found.extend(shifts.iter().filter(|shift| theirs(shift)).map(|shift| {
                let rendered = oncall::shift(known.id, shift, &known.numbers, wanted.from);
                ((shift.since.0, known.id.to_string()), rendered)
            }));
        }
        Ok(found)
    };
    let (shifts, next_page_token) =
        listed(engine, "ListShifts", &request.page_token, &arguments, wanted, find).await?;
    Ok(Response::new(v1::ListShiftsResponse { shifts, next_page_token }))
}

pub(super) async fn handovers(
    engine: &Engine,
    request: Request<v1::ListScheduleHandoversRequest>,
) -> Result<Response<v1::ListScheduleHandoversResponse>, Status> {
    let (_, request) = Call::open("ListScheduleHandovers", request)?;
    let wanted = ask::handovers(&request, engine.now()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let arguments = digest(v1::ListScheduleHandoversRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    });
    let find = |plan: &Plan, wanted: &Window| {
        let mut found: Vec<(ByTime, v1::ScheduleHandover)> = Vec::new();
        for known in plan.schedules(wanted.schedule.as_ref())? {
            let overs = known.schedule.hand_overs(wanted.from, wanted.to, &known.overrides);
            let theirs = |over: &stentor_core::oncall::HandOver| {
                let moved = |person| over.leaving.contains(person) || over.coming.contains(person);
                wanted.person.as_ref().is_none_or(moved)
            };
            found.extend(
                overs
                    .iter()
                    .filter(|over| theirs(over))
                    .map(|over| ((over.at.0, known.id.to_string()), oncall::handover(known.id, over))),
            );
        }
        Ok(found)
    };
    let (handovers, next_page_token) =
        listed(engine, "ListScheduleHandovers", &request.page_token, &arguments, wanted, find).await?;
    Ok(Response::new(v1::ListScheduleHandoversResponse { handovers, next_page_token }))
}

pub(super) async fn gaps(
    engine: &Engine,
    request: Request<v1::ListCoverageGapsRequest>,
) -> Result<Response<v1::ListCoverageGapsResponse>, Status> {
    let (_, request) = Call::open("ListCoverageGaps", request)?;
    let wanted = ask::gaps(&request, engine.now()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let arguments =
        digest(v1::ListCoverageGapsRequest { page_size: 0, page_token: String::new(), ..request.clone() });
    let find = |plan: &Plan, wanted: &Window| {
        let mut found: Vec<(ByTime, v1::CoverageGap)> = Vec::new();
        for known in plan.schedules(wanted.schedule.as_ref())? {
            let gaps = known.schedule.gaps(wanted.from, wanted.to, &known.overrides);
            found.extend(
                gaps.into_iter().map(|gap| ((gap.0.0, known.id.to_string()), oncall::gap(known.id, gap))),
            );
        }
        Ok(found)
    };
    let (gaps, next_page_token) =
        listed(engine, "ListCoverageGaps", &request.page_token, &arguments, wanted, find).await?;
    Ok(Response::new(v1::ListCoverageGapsResponse { gaps, next_page_token }))
}

pub(super) async fn shares(
    engine: &Engine,
    request: Request<v1::ListOnCallSharesRequest>,
) -> Result<Response<v1::ListOnCallSharesResponse>, Status> {
    let (_, request) = Call::open("ListOnCallShares", request)?;
    let wanted = ask::shares(&request, engine.now()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let arguments =
        digest(v1::ListOnCallSharesRequest { page_size: 0, page_token: String::new(), ..request.clone() });
    let find = |plan: &Plan, wanted: &Window| {
        let mut found: Vec<((String, String), v1::OnCallShare)> = Vec::new();
        for known in plan.schedules(wanted.schedule.as_ref())? {
            let loads = known.schedule.fairness(wanted.from, wanted.to, &known.overrides);
            found.extend(loads.iter().map(|(person, load)| {
                ((known.id.to_string(), person.to_string()), oncall::share(known.id, person, load))
            }));
        }
        Ok(found)
    };
    let (shares, next_page_token) =
        listed(engine, "ListOnCallShares", &request.page_token, &arguments, wanted, find).await?;
    Ok(Response::new(v1::ListOnCallSharesResponse { shares, next_page_token }))
}

fn on_call(known: &Known<'_>, at: Timestamp) -> v1::Shift {
    let shift = known.schedule.on_call(at, &known.overrides);
    oncall::shift(known.id, &shift, &known.numbers, at)
}

/// Everything that a page token is bound to.
fn digest(arguments: impl Message) -> String {
    seal::digest(&arguments.encode_to_vec())
}

/// Finds everything that is wanted, where it holds up nobody, and cuts the page.
async fn listed<K, T>(
    engine: &Engine,
    method: &str,
    token: &str,
    arguments: &str,
    wanted: Window,
    find: impl FnOnce(&Plan, &Window) -> Result<Vec<(K, T)>, Status> + Send + 'static,
) -> Result<(Vec<T>, String), Status>
where
    K: Ord + serde::Serialize + for<'de> serde::Deserialize<'de> + Send + 'static,
    T: Send + 'static,
{
    let plan = Plan::load(engine, wanted.known).await?;
    plan.check_person(wanted.person.as_ref())?;
    let size = wanted.size;
    let found = tokio::task::spawn_blocking(move || find(&plan, &wanted)).await;
    let items = found.map_err(|_| Status::from(Fault::Internal))??;
    Cut { engine, method, arguments: &[arguments], token, size }.page(items)
}
