//! Reads of incidents and histories, one by one and page by page. What a filter means is known in `wire`.

use stentor_core::id::InstanceId;
use stentor_core::instance::Instance;
use stentor_engine::Engine;
use stentor_engine::store::rows::{Column, Filter, ListQuery, Op, Value};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::{self, Call};
use crate::wire::fields::{Fields, Name, Understood};
use crate::wire::page::{Position, Scope};
use crate::wire::{filter, limits, status, timeline};

pub(super) async fn get(
    engine: &Engine,
    request: Request<v1::GetIncidentRequest>,
) -> Result<Response<v1::GetIncidentResponse>, Status> {
    let (_, request) = Call::open("GetIncident", request)?;
    let mut f = Fields::default();
    let name = f.incident("name", &request.name);
    let name = f.finish(name).map_err(|wrong| status::invalid_fields(&wrong))?;
    let state = read(engine, &name).await?;
    let incident = Some(call::full(engine, &state).await?);
    Ok(Response::new(v1::GetIncidentResponse { incident }))
}

pub(super) async fn batch(
    engine: &Engine,
    request: Request<v1::BatchGetIncidentsRequest>,
) -> Result<Response<v1::BatchGetIncidentsResponse>, Status> {
    let (_, request) = Call::open("BatchGetIncidents", request)?;
    let (names, view) = names(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
    let mut incidents = Vec::with_capacity(names.len());
    for name in names {
        incidents.push(seen(engine, read(engine, &name).await?.as_ref(), view).await?);
    }
    Ok(Response::new(v1::BatchGetIncidentsResponse { incidents }))
}

fn names(request: &v1::BatchGetIncidentsRequest) -> Understood<(Vec<Name>, v1::IncidentView)> {
    let mut f = Fields::default();
    if request.names.is_empty() || request.names.len() > limits::NAMES {
        f.refuse("names", format!("has {} entries, 1 to {} are taken", request.names.len(), limits::NAMES));
    }
    let listed = request.names.iter().enumerate().take(limits::NAMES);
    let names = listed.map(|(i, name)| f.incident(&format!("names[{i}]"), name)).collect();
    let view = view(&mut f, request.view);
    f.finish((names, view))
}

/// Absent means brief.
fn view(f: &mut Fields, value: i32) -> v1::IncidentView {
    match v1::IncidentView::try_from(value) {
        Ok(v1::IncidentView::Full) => v1::IncidentView::Full,
        Ok(v1::IncidentView::Basic | v1::IncidentView::Unspecified) => v1::IncidentView::Basic,
        Err(_) => {
            f.refuse("view", format!("has an unknown value: {value}"));
            v1::IncidentView::Basic
        }
    }
}

/// An incident in the view asked for.
async fn seen(engine: &Engine, state: &Instance, view: v1::IncidentView) -> Result<v1::Incident, Status> {
    match view {
        v1::IncidentView::Full => call::full(engine, state).await,
        v1::IncidentView::Basic | v1::IncidentView::Unspecified => call::basic(engine, state).await,
    }
}

async fn read(engine: &Engine, name: &Name) -> Result<std::sync::Arc<Instance>, Status> {
    let id = call::find(engine, name).await?;
    engine.read(&id).await.map_err(status::of_engine)
}

pub(super) async fn list(
    engine: &Engine,
    request: Request<v1::ListIncidentsRequest>,
) -> Result<Response<v1::ListIncidentsResponse>, Status> {
    let (_, request) = Call::open("ListIncidents", request)?;
    let mut f = Fields::default();
    let (size, view) = (f.page_size(request.page_size), view(&mut f, request.view));
    f.finish(()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let order = filter::order(&request.order_by)?;
    let kind = if request.imported { "imported" } else { "incident" };
    let arguments = [request.filter.as_str(), request.order_by.as_str(), kind];
    let scope = Scope { secret: engine.secret(), method: "ListIncidents", arguments: &arguments };
    let after = scope.position::<Position>(&request.page_token)?.map(Position::after);
    let filter = Some(real(filter::parse(&request.filter)?));
    let query = ListQuery { kind: kind.to_owned(), filter, order: order.clone(), after, limit: size };
    let rows = engine.list(query).await.map_err(status::of_engine)?;
    let mut answer = v1::ListIncidentsResponse::default();
    if rows.len() == size as usize {
        answer.next_page_token =
            rows.last().map(|row| scope.token(Position::of(row, &order))).unwrap_or_default();
    }
    for row in rows {
        let state = engine.read(&InstanceId(row.id)).await.map_err(status::of_engine)?;
        answer.incidents.push(seen(engine, &state, view).await?);
    }
    Ok(Response::new(answer))
}

/// Exercises are told by their drill alone.
pub(super) fn real(filter: Option<Filter>) -> Filter {
    let real = Filter::Compare(Column::Exercise, Op::Eq, Value::Bool(false));
    Filter::All(std::iter::once(real).chain(filter).collect())
}

pub(super) async fn timeline(
    engine: &Engine,
    request: Request<v1::ListTimelineEntriesRequest>,
) -> Result<Response<v1::ListTimelineEntriesResponse>, Status> {
    let (_, request) = Call::open("ListTimelineEntries", request)?;
    let mut f = Fields::default();
    let (size, review) = (f.page_size(request.page_size), request.parent.starts_with("reviews/"));
    let name =
        if review { f.review("parent", &request.parent) } else { f.incident("parent", &request.parent) };
    let name = f.finish(name).map_err(|wrong| status::invalid_fields(&wrong))?;
    let id = match name {
        Name::Number(n) if review => engine.find("review", n).await.map_err(status::of_engine)?,
        name => call::find(engine, &name).await?,
    };
    let owner = format!("{}/{id}", if review { "reviews" } else { "incidents" });
    let direction = if request.newest_first { "newest" } else { "oldest" };
    let arguments = [request.parent.as_str(), direction];
    let scope = Scope { secret: engine.secret(), method: "ListTimelineEntries", arguments: &arguments };
    let last = engine.read(&id).await.map_err(status::of_engine)?.version();
    let from = scope.position::<u64>(&request.page_token)?;
    // Both ends of the page, in numbers of entries; the first is left out.
    let (after, upto) = match (request.newest_first, from) {
        (false, from) => (from.unwrap_or(0), from.unwrap_or(0).saturating_add(size.into()).min(last)),
        (true, from) => (from.unwrap_or(last).saturating_sub(size.into()), from.unwrap_or(last).min(last)),
    };
    let mut entries = page(engine, &id, &owner, after, upto).await?;
    let mut next_page_token = String::new();
    if request.newest_first {
        entries.reverse();
        next_page_token.extend((after > 0).then(|| scope.token(after)));
    } else {
        next_page_token.extend((upto < last).then(|| scope.token(upto)));
    }
    Ok(Response::new(v1::ListTimelineEntriesResponse { timeline_entries: entries, next_page_token }))
}

/// The entries above `after` and up to `upto`. A transition has at least one, so that many are enough.
async fn page(
    engine: &Engine,
    id: &InstanceId,
    owner: &str,
    after: u64,
    upto: u64,
) -> Result<Vec<v1::TimelineEntry>, Status> {
    let limit = u32::try_from(upto.saturating_sub(after)).unwrap_or(limits::PAGE_MAX);
    if limit == 0 {
        return Ok(Vec::new());
    }
    let transitions = engine.history(id, after, limit).await.map_err(status::of_engine)?;
    let wanted = |entry: &v1::TimelineEntry| {
        u64::try_from(entry.number).is_ok_and(|number| number > after && number <= upto)
    };
    Ok(transitions.iter().flat_map(|t| timeline::entries(owner, t)).filter(wanted).collect())
}
