//! The port as callers meet it: over real connections, with every layer in its place.

mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use http::uri::PathAndQuery;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use stentor_proto::v1::workflow_service_client::WorkflowServiceClient;
use stentor_proto::v1::workflow_service_server::{WorkflowService, WorkflowServiceServer};
use stentor_proto::v1::*;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};
use tonic_types::StatusExt;

use super::{DoorLayer, Options, Readiness, Tls, serve, service_names, with_reflection};
use crate::auth::{AdminKey, Guardian, Principal};
use crate::telemetry::RpcTelemetry;

struct Fake;

type Never<T> = futures::stream::Pending<Result<T, Status>>;

/// Answers pings by what they ask for: the caller, a panic, or nothing at all.
#[tonic::async_trait]
impl WorkflowService for Fake {
    type WatchIncidentsStream = Never<WatchIncidentsResponse>;
    type WatchEventsStream = Never<WatchEventsResponse>;

    async fn ping(&self, request: Request<PingRequest>) -> Result<Response<PingResponse>, Status> {
        match request.metadata().get("do").map(|value| value.as_bytes()) {
            Some(b"panic") => panic!("on request"),
            Some(b"hang") => std::future::pending().await,
            _ => {
                let mut response = Response::new(PingResponse::default());
                let caller = Principal::of(request.extensions()).map_err(Status::from)?;
                response.metadata_mut().insert("caller", caller.actor.to_string().parse().unwrap());
                Ok(response)
            }
        }
    }

    async fn get_incident(
        &self,
        _: Request<GetIncidentRequest>,
    ) -> Result<Response<GetIncidentResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_clock(&self, _: Request<GetClockRequest>) -> Result<Response<GetClockResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn compute_sla_compliance(
        &self,
        _: Request<ComputeSlaComplianceRequest>,
    ) -> Result<Response<ComputeSlaComplianceResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn batch_get_incidents(
        &self,
        _: Request<BatchGetIncidentsRequest>,
    ) -> Result<Response<BatchGetIncidentsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_incidents(
        &self,
        _: Request<ListIncidentsRequest>,
    ) -> Result<Response<ListIncidentsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_timeline_entries(
        &self,
        _: Request<ListTimelineEntriesRequest>,
    ) -> Result<Response<ListTimelineEntriesResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_records(
        &self,
        _: Request<ListRecordsRequest>,
    ) -> Result<Response<ListRecordsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn watch_incidents(
        &self,
        _: Request<WatchIncidentsRequest>,
    ) -> Result<Response<Self::WatchIncidentsStream>, Status> {
        Ok(Response::new(futures::stream::pending()))
    }

    async fn watch_events(
        &self,
        _: Request<WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        Ok(Response::new(futures::stream::pending()))
    }

    async fn import_incidents(
        &self,
        _: Request<ImportIncidentsRequest>,
    ) -> Result<Response<ImportIncidentsResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn submit_command(
        &self,
        _: Request<SubmitCommandRequest>,
    ) -> Result<Response<SubmitCommandResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

struct World {
    address: SocketAddr,
    readiness: Readiness,
    shutdown: CancellationToken,
    server: tokio::task::JoinHandle<Result<(), super::ServeError>>,
    telemetry: Arc<RpcTelemetry>,
    _meters: SdkMeterProvider,
}

impl World {
    async fn start(guardian: Guardian) -> World {
        World::with_tls(guardian, None).await
    }

    async fn with_tls(guardian: Guardian, tls: Option<Arc<Tls>>) -> World {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (readiness, health) = Readiness::start(service_names()).await;
        let grpc =
            with_reflection(Routes::new(health)).unwrap().add_service(WorkflowServiceServer::new(Fake));
        let http = Router::new().route("/hook", post(|| async { "taken" }));
        let meters = SdkMeterProvider::builder().build();
        let telemetry = Arc::new(RpcTelemetry::new(&meters.meter("test"), None));
        let door = DoorLayer::new(Arc::clone(&telemetry), Arc::new(guardian));
        let shutdown = CancellationToken::new();
        let server =
            serve(listener, grpc, http, door, Options { tls, ..Options::default() }, shutdown.clone());
        let server = tokio::spawn(server);
        World { address, readiness, shutdown, server, telemetry, _meters: meters }
    }

    async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    async fn ping(&self, metadata: &[(&'static str, &str)]) -> Result<Response<PingResponse>, Status> {
        let mut request = Request::new(PingRequest::default());
        for (name, value) in metadata {
            request.metadata_mut().insert(*name, value.parse().unwrap());
        }
        WorkflowServiceClient::new(self.channel().await).ping(request).await
    }

    async fn health(&self, service: &str) -> Result<i32, Code> {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = HealthClient::new(self.channel().await).check(request).await;
        answer.map(|answer| answer.into_inner().status).map_err(|status| status.code())
    }
}

fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn dev() -> Guardian {
    Guardian::dev("secret".into())
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

#[tokio::test]
async fn health_starts_as_not_serving_and_follows_its_handle() {
    let world = World::start(dev()).await;
    for name in ["", "readiness", "stentor.v1.TriageService"] {
        assert_eq!(world.health(name).await, Ok(ServingStatus::NotServing as i32), "{name:?}");
    }
    assert_eq!(world.health("liveness").await, Ok(ServingStatus::Serving as i32));
    assert_eq!(world.health("nobody").await, Err(Code::NotFound));

    world.readiness.set(true).await;
    assert_eq!(world.health("readiness").await, Ok(ServingStatus::Serving as i32));
    world.readiness.set(false).await;
    assert_eq!(world.health("").await, Ok(ServingStatus::NotServing as i32));
}

#[tokio::test]
async fn without_credentials_health_answers_and_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let key = AdminKey::load_or_make(&folder.path().join("admin.key")).unwrap();
    let world = World::start(Guardian::strict(&key, "secret".into())).await;

    assert!(world.health("").await.is_ok());
    let refused = world.ping(&[]).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unauthenticated, "CREDENTIALS_MISSING"));

    let key = std::fs::read_to_string(folder.path().join("admin.key")).unwrap();
    let header = format!("Bearer {}", key.trim());
    let answer = world.ping(&[("authorization", &header), ("stentor-actor", "people/ana")]).await.unwrap();
    assert_eq!(answer.metadata().get("caller").unwrap(), "people/ana");
}

#[tokio::test]
async fn a_call_that_takes_too_long_ends_with_deadline_exceeded() {
    let world = World::start(dev()).await;
    // Not by tonic's client: it ends the call by its own clock, and says CANCELLED.
    let answer = http()
        .post(format!("http://{}/stentor.v1.WorkflowService/Ping", world.address))
        .header("content-type", "application/grpc-web+proto")
        .header("grpc-timeout", "80m")
        .header("do", "hang")
        .body(vec![0_u8; 5])
        .send()
        .await
        .unwrap();
    let status = Status::from_header_map(answer.headers()).unwrap();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"));
}

#[tokio::test]
async fn a_panic_is_internal_and_the_server_goes_on() {
    let world = World::start(dev()).await;
    let failed = world.ping(&[("do", "panic")]).await.unwrap_err();
    assert_eq!((failed.code(), failed.message().contains("on request")), (Code::Internal, false));
    assert!(world.ping(&[]).await.is_ok());
}

#[tokio::test]
async fn an_unknown_path_is_404_for_webhooks_and_unimplemented_for_grpc() {
    let world = World::start(dev()).await;
    let client = http();
    let hook = client.post(format!("http://{}/hook", world.address)).body("{}").send().await.unwrap();
    assert_eq!(hook.status(), 200);
    let missing = client.post(format!("http://{}/nope", world.address)).body("{}").send().await.unwrap();
    assert_eq!((missing.status().as_u16(), missing.headers().contains_key("grpc-status")), (404, false));

    let mut grpc = tonic::client::Grpc::new(world.channel().await);
    grpc.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<PingRequest, PingResponse>::default();
    let path = PathAndQuery::from_static("/made.Up/Thing");
    let status = grpc.unary(Request::new(PingRequest::default()), path, codec).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unimplemented, "METHOD_UNKNOWN"));
}

#[tokio::test]
async fn a_browser_calls_over_http_1_with_grpc_web() {
    let world = World::start(dev()).await;
    let answer = http()
        .post(format!("http://{}/stentor.v1.WorkflowService/Ping", world.address))
        .header("content-type", "application/grpc-web+proto")
        .body(vec![0_u8; 5])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let body = answer.bytes().await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("grpc-status:0"), "{body:?}");
}

#[tokio::test]
async fn a_call_is_active_until_its_last_frame_or_its_end_by_the_caller() {
    let world = World::start(dev()).await;
    let mut client = WorkflowServiceClient::new(world.channel().await);
    let stream = client.watch_incidents(WatchIncidentsRequest::default()).await.unwrap();
    assert_eq!(world.telemetry.active("stentor.v1.WorkflowService/WatchIncidents"), 1);
    drop(stream);
    drop(client);
    let gone = async {
        while world.telemetry.active("stentor.v1.WorkflowService/WatchIncidents") != 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone)
        .await
        .expect("the server notices that the caller left");
}

#[tokio::test]
async fn the_server_ends_when_it_is_told_to() {
    let world = World::start(dev()).await;
    world.ping(&[]).await.unwrap();
    world.shutdown.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(5), world.server).await;
    assert!(ended.expect("an idle server ends at once").unwrap().is_ok());
    assert!(Endpoint::from_shared(format!("http://{}", world.address)).unwrap().connect().await.is_err());
}
