//! Puts gRPC, gRPC-Web and webhooks on one listener and drains it at the end.
//! The order of the layers and the fallback are deliberate: a webhook must never get a gRPC answer with HTTP 200.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use rand::Rng;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_web::GrpcWebLayer;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::cors::CorsLayer;

use super::door::DoorLayer;
use super::limits::{
    CONNECTION_AGE, DRAIN_MAX, HEADER_BYTES_MAX, KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, PREFLIGHT_AGE,
    STREAMS_PER_CONNECTION_MAX,
};
use super::tls::{self, Tls};
use crate::wire::status::Fault;

/// What a deployment may choose.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Pages of these origins may call from a browser; none by default.
    pub cors_origins: Vec<HeaderValue>,
    /// TLS on the port itself.
    pub tls: Option<Arc<Tls>>,
}

/// The port failed.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("serving failed: {0}")]
    Transport(#[from] tonic::transport::Error),
    #[error("TLS cannot be served: {0}")]
    Tls(#[from] rustls::Error),
}

/// Serves until `shutdown` is cancelled, then lets open calls end for at most 25 s.
pub async fn serve(
    listener: TcpListener,
    grpc: Routes,
    http: Router,
    door: DoorLayer,
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let app = app(grpc, http, &door, &options);
    let server = Server::builder()
        .accept_http1(true)
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .max_connection_age(connection_age())
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .add_routes(Routes::from(app).prepare());
    let end = shutdown.clone().cancelled_owned();
    let serving: Pin<Box<dyn Future<Output = _> + Send>> = match options.tls {
        None => {
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            Box::pin(server.serve_with_incoming_shutdown(incoming, end))
        }
        Some(tls) => {
            let incoming = tls::incoming(listener, tls, shutdown.clone())?;
            Box::pin(server.serve_with_incoming_shutdown(incoming, end))
        }
    };
    tokio::select! {
        ended = serving => Ok(ended?),
        () = drained(shutdown) => {
            tracing::warn!("some connections did not end in time");
            Ok(())
        }
    }
}

async fn drained(shutdown: CancellationToken) {
    shutdown.cancelled().await;
    tokio::time::sleep(DRAIN_MAX).await;
}

/// A tenth more or less for each process, so that not all clients come back at once.
fn connection_age() -> Duration {
    CONNECTION_AGE.mul_f64(rand::rng().random_range(0.9..1.1))
}

fn app(grpc: Routes, http: Router, door: &DoorLayer, options: &Options) -> Router {
    let stack = || ServiceBuilder::new().layer(cors(options)).layer(GrpcWebLayer::new()).layer(door.clone());
    let unknown = Router::new().fallback(unimplemented).layer(stack());
    let grpc = grpc.into_axum_router().reset_fallback().layer(stack());
    Router::new()
        .merge(grpc)
        .merge(http)
        .fallback(move |request: Request<Body>| by_content_type(unknown, request))
}

/// Only a gRPC caller gets a gRPC answer; to all others an unknown path is 404.
async fn by_content_type(unknown: Router, request: Request<Body>) -> Response<Body> {
    let grpc = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
    if !grpc {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    }
    unknown.oneshot(request).await.into_response()
}

async fn unimplemented(request: Request<Body>) -> Response<Body> {
    let method = request.uri().path().trim_start_matches('/').to_owned();
    Status::from(Fault::Unimplemented { method }).into_http()
}

fn cors(options: &Options) -> CorsLayer {
    let header = HeaderName::from_static;
    CorsLayer::new()
        .allow_origin(options.cors_origins.clone())
        .allow_methods([Method::POST])
        .allow_headers([
            CONTENT_TYPE,
            AUTHORIZATION,
            header("x-grpc-web"),
            header("x-user-agent"),
            header("grpc-timeout"),
            header("stentor-actor"),
            header("traceparent"),
            header("tracestate"),
        ])
        .expose_headers([header("grpc-status"), header("grpc-message"), header("grpc-status-details-bin")])
        .max_age(PREFLIGHT_AGE)
}
