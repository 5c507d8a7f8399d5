//! Beats over plain HTTP: `/heartbeats/{id}/{key}` by GET, HEAD or POST, the key being an integration's. The answer comes
//! after the commit.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use http::{Response, StatusCode};
use serde_json::json;
use stentor_core::id::HeartbeatId;
use stentor_engine::{Engine, Error};

use super::takes;
use crate::auth::Guardian;

/// Whatever a job posts beside its beat is not read beyond this.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Senders wait little longer than this.
const TIME_MAX: Duration = Duration::from_secs(10);

struct Door {
    engine: Engine,
    guardian: Arc<Guardian>,
}

/// The route.
pub fn routes(engine: Engine, guardian: Arc<Guardian>) -> Router {
    Router::new()
        .route("/heartbeats/{id}/{key}", get(beat).post(beat))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(Arc::new(Door { engine, guardian }))
}

async fn beat(State(door): State<Arc<Door>>, Path((id, key)): Path<(String, String)>) -> Response<Body> {
    let Some(caller) = door.guardian.integration(&key) else {
        return (StatusCode::NOT_FOUND, "no integration has this key\n").into_response();
    };
    let id = HeartbeatId(id);
    if !takes(&door.engine, &id, &caller.role) {
        return (StatusCode::NOT_FOUND, "there is no such heartbeat monitor for this key\n").into_response();
    }
    match tokio::time::timeout(TIME_MAX, door.engine.send_heartbeat(&id)).await {
        Ok(Ok(h)) => {
            let due = h.monitor.due.map(|at| at.to_string());
            Json(json!({"status": "ok", "heartbeat": id.as_str(), "due": due})).into_response()
        }
        Ok(Err(Error::NotFound(_))) => {
            (StatusCode::NOT_FOUND, "there is no such heartbeat monitor\n").into_response()
        }
        Ok(Err(error)) => {
            tracing::warn!(heartbeat = %id, %error, "a beat was not taken");
            (StatusCode::SERVICE_UNAVAILABLE, "try again\n").into_response()
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "try again\n").into_response(),
    }
}
