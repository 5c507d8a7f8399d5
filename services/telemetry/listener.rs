//! The plaintext listener for machines that watch: `/metrics`, `/livez`, `/readyz`.
//! It asks for no credentials and shows no incident, so it belongs on a network of its own.

use axum::extract::State;
use axum::routing::get;
use axum::{Router, http::StatusCode};
use http::header::CONTENT_TYPE;
use prometheus::TextEncoder;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::transport::Readiness;

#[derive(Clone)]
struct Page {
    registry: prometheus::Registry,
    readiness: Readiness,
}

/// Serves until `shutdown` is cancelled.
pub async fn serve(
    listener: TcpListener,
    registry: prometheus::Registry,
    readiness: Readiness,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let app = Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .with_state(Page { registry, readiness });
    axum::serve(listener, app).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

async fn metrics(
    State(page): State<Page>,
) -> Result<([(http::HeaderName, &'static str); 1], String), StatusCode> {
    let text = TextEncoder::new().encode_to_string(&page.registry.gather()).map_err(|problem| {
        tracing::error!(%problem, "metrics cannot be written");
        StatusCode::INTERNAL_SERVER_ERROR
    })?;
    Ok(([(CONTENT_TYPE, prometheus::TEXT_FORMAT)], text))
}

async fn readyz(State(page): State<Page>) -> (StatusCode, &'static str) {
    if page.readiness.is_ready() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
