//! Keeping histories of other tools, as the command line reads them. What a record means is known in the rules.

use stentor_core::history_log::{self, Record};
use stentor_engine::Engine;
use stentor_engine::import::{BATCH, Taken};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::Call;
use crate::wire::Invalid;
use crate::wire::status;

pub(super) async fn records(
    engine: &Engine,
    request: Request<v1::ImportIncidentsRequest>,
) -> Result<Response<v1::ImportIncidentsResponse>, Status> {
    let (_, request) = Call::open("ImportIncidents", request)?;
    let records = understood(&request.records)?;
    let taken = engine.import(&records).await.map_err(status::of_engine)?;
    Ok(Response::new(answer(taken)))
}

fn understood(lines: &[String]) -> Result<Vec<Record>, Invalid> {
    if lines.is_empty() || lines.len() > BATCH {
        let why = format!("has {} entries, 1 to {BATCH} are taken", lines.len());
        return Err(Invalid::new("records", why));
    }
    let read = |(i, line): (usize, &String)| {
        history_log::read(1, line).map_err(|bad| Invalid::new(format!("records[{i}]"), bad.why))
    };
    lines.iter().enumerate().map(read).collect()
}

fn answer(taken: Taken) -> v1::ImportIncidentsResponse {
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let leftovers = taken.left.into_iter().map(|(source_ref, left)| v1::ImportLeftover {
        source_ref,
        what: left.what,
        time: left.at.to_string(),
    });
    v1::ImportIncidentsResponse {
        stored_count: count(taken.stored),
        unchanged_count: count(taken.known),
        differing_refs: taken.differing,
        leftovers: leftovers.collect(),
    }
}
