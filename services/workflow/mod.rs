//! WorkflowService: reading incidents, following changes, and the door for other roles. It decides nothing; streams end
//! by themselves so that clients spread over replicas.

mod clock;
mod compliance;
mod events;
mod follow;
mod import;
mod incidents;
mod reads;
mod records;
mod submit;

use std::pin::Pin;
use std::sync::Arc;

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::workflow_service_server::{WorkflowService, WorkflowServiceServer};
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::streams::Streams;
use crate::wire::Invalid;
use crate::wire::limits;

/// The service over an engine; `shutdown` ends its streams.
pub fn service(engine: Engine, shutdown: CancellationToken) -> WorkflowServiceServer<impl WorkflowService> {
    WorkflowServiceServer::new(Workflow { engine, shutdown, streams: Arc::new(Streams::default()) })
}

struct Workflow {
    engine: Engine,
    shutdown: CancellationToken,
    streams: Arc<Streams>,
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl WorkflowService for Workflow {
    type WatchIncidentsStream = Answers<v1::WatchIncidentsResponse>;
    type WatchEventsStream = Answers<v1::WatchEventsResponse>;

    async fn get_incident(
        &self,
        request: Request<v1::GetIncidentRequest>,
    ) -> Result<Response<v1::GetIncidentResponse>, Status> {
        reads::get(&self.engine, request).await
    }

    async fn get_clock(
        &self,
        request: Request<v1::GetClockRequest>,
    ) -> Result<Response<v1::GetClockResponse>, Status> {
        clock::get(&self.engine, request).await
    }

    async fn compute_sla_compliance(
        &self,
        request: Request<v1::ComputeSlaComplianceRequest>,
    ) -> Result<Response<v1::ComputeSlaComplianceResponse>, Status> {
        compliance::compute(&self.engine, request).await
    }

    async fn batch_get_incidents(
        &self,
        request: Request<v1::BatchGetIncidentsRequest>,
    ) -> Result<Response<v1::BatchGetIncidentsResponse>, Status> {
        reads::batch(&self.engine, request).await
    }

    async fn list_incidents(
        &self,
        request: Request<v1::ListIncidentsRequest>,
    ) -> Result<Response<v1::ListIncidentsResponse>, Status> {
        reads::list(&self.engine, request).await
    }

    async fn list_timeline_entries(
        &self,
        request: Request<v1::ListTimelineEntriesRequest>,
    ) -> Result<Response<v1::ListTimelineEntriesResponse>, Status> {
        reads::timeline(&self.engine, request).await
    }

    async fn list_records(
        &self,
        request: Request<v1::ListRecordsRequest>,
    ) -> Result<Response<v1::ListRecordsResponse>, Status> {
        records::list(&self.engine, request).await
    }

    async fn watch_incidents(
        &self,
        request: Request<v1::WatchIncidentsRequest>,
    ) -> Result<Response<Self::WatchIncidentsStream>, Status> {
        incidents::watch(&self.engine, &self.streams, self.shutdown.clone(), request).await
    }

    async fn watch_events(
        &self,
        request: Request<v1::WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        events::watch(&self.engine, &self.streams, self.shutdown.clone(), request).await
    }

    async fn import_incidents(
        &self,
        request: Request<v1::ImportIncidentsRequest>,
    ) -> Result<Response<v1::ImportIncidentsResponse>, Status> {
        import::records(&self.engine, request).await
    }

    async fn submit_command(
        &self,
        request: Request<v1::SubmitCommandRequest>,
    ) -> Result<Response<v1::SubmitCommandResponse>, Status> {
        submit::command(&self.engine, request).await
    }

    async fn ping(&self, request: Request<v1::PingRequest>) -> Result<Response<v1::PingResponse>, Status> {
        let payload = request.into_inner().payload;
        if payload.len() > limits::PING_BYTES {
            return Err(Invalid::new("payload", format!("has more than {} bytes", limits::PING_BYTES)).into());
        }
        Ok(Response::new(v1::PingResponse { payload }))
    }
}
