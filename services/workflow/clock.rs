//! One clock as of an instant: the history up to then, read page by page and followed. What it comes to is known in the
//! rules.

use stentor_core::id::InstanceId;
use stentor_core::incident::as_of::{Follower, Reading};
use stentor_core::instance::Meta;
use stentor_core::time::Timestamp;
use stentor_engine::Engine;
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::{self, Call};
use crate::wire::clocks;
use crate::wire::fields::{Fields, Name, Owner};
use crate::wire::status::{self, Fault};

/// Transitions read at once.
const PAGE: u32 = 500;

pub(super) async fn get(
    engine: &Engine,
    request: Request<v1::GetClockRequest>,
) -> Result<Response<v1::GetClockResponse>, Status> {
    let (_, request) = Call::open("GetClock", request)?;
    let mut f = Fields::default();
    let (owner, clock) = f.clock("name", &request.name);
    let at = f.instant("read_time", request.read_time.as_ref());
    f.finish(()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let at = at.unwrap_or_else(|| engine.now());
    let (collection, id) = match &owner {
        Owner::Incident(name) => ("incidents", call::find(engine, name).await?),
        Owner::Review(Name::Id(id)) => ("reviews", id.clone()),
        Owner::Review(Name::Number(n)) => {
            ("reviews", engine.find("review", *n).await.map_err(status::of_engine)?)
        }
    };
    // An owner that does not exist is told apart from one without such a clock.
    let state = engine.read(&id).await.map_err(status::of_engine)?;
    if state.review().is_some() != (collection == "reviews") {
        let kind = if collection == "reviews" { "review" } else { "incident" };
        return Err(Fault::NotFound { kind, name: id.to_string() }.into());
    }
    let reading = read(engine, &id, &clock, at).await?;
    let reading =
        reading.ok_or_else(|| Status::from(Fault::NotFound { kind: "clock", name: request.name.clone() }))?;
    let policy = call::pinned(engine, reading.policy).await;
    let owner = format!("{collection}/{id}");
    Ok(Response::new(clocks::reading(&owner, &reading, policy.as_deref(), at)))
}

async fn read(
    engine: &Engine,
    id: &InstanceId,
    clock: &str,
    at: Timestamp,
) -> Result<Option<Reading>, Status> {
    let mut follower = Follower::new(id.clone(), clock);
    let mut after = 0;
    loop {
        let page = engine.history(id, after, PAGE).await.map_err(status::of_engine)?;
        for transition in page.iter().take_while(|t| t.at <= at) {
            for (n, event) in (transition.first..).zip(transition.events.iter()) {
                follower.take(event, &Meta { n, at: transition.at, actor: &transition.actor });
            }
        }
        match page.last() {
            Some(last) if last.at <= at && page.len() == PAGE as usize => after = last.version,
            _ => return Ok(follower.read(at)),
        }
    }
}
