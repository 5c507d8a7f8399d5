//! Past incidents as records of a history log. Who replays them, and under which policy, is not known here.

use stentor_core::time::Timestamp;
use stentor_engine::Engine;
use stentor_engine::records::{Cursor, Span};
use stentor_proto::v1;
use tonic::{Request, Response, Status};

use crate::call::Call;
use crate::wire::fields::Fields;
use crate::wire::page::Scope;
use crate::wire::status;

pub(super) async fn list(
    engine: &Engine,
    request: Request<v1::ListRecordsRequest>,
) -> Result<Response<v1::ListRecordsResponse>, Status> {
    let (_, request) = Call::open("ListRecords", request)?;
    let mut f = Fields::default();
    let size = f.page_size(request.page_size);
    let span = Span {
        from: f.instant("start_time", request.start_time.as_ref()),
        to: f.instant("end_time", request.end_time.as_ref()),
    };
    f.finish(()).map_err(|wrong| status::invalid_fields(&wrong))?;
    let arguments = [span.from, span.to].map(|at| at.map(|at| at.to_string()).unwrap_or_default());
    let arguments = [arguments[0].as_str(), arguments[1].as_str()];
    let scope = Scope { secret: engine.secret(), method: "ListRecords", arguments: &arguments };
    let after: Option<Cursor> = scope.position(&request.page_token)?;
    let page = engine.records(span, after.unwrap_or_default(), size).await.map_err(status::of_engine)?;
    let text = |record| serde_json::to_string(record).expect("a record has only text keys");
    let overrides_json = match after {
        Some(_) => String::new(),
        None => {
            let book = engine.standing().await.map_err(status::of_engine)?;
            serde_json::to_string(&book.in_force(Timestamp(i64::MIN))).expect("overrides have only text keys")
        }
    };
    Ok(Response::new(v1::ListRecordsResponse {
        records_json: page.records.iter().map(text).collect(),
        next_page_token: page.next.map(|next| scope.token(next)).unwrap_or_default(),
        overrides_json,
    }))
}
