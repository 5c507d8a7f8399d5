//! TriageService: what an incident is, how pressing, and whose. Every handler understands, submits and renders; what is
//! allowed is decided by the rules.

mod pair;
mod queue;

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::triage_service_server::{TriageService, TriageServiceServer};
use tonic::{Request, Response, Status};

use crate::call;

/// The service over an engine.
pub fn service(engine: Engine) -> TriageServiceServer<impl TriageService> {
    TriageServiceServer::new(Triage { engine })
}

struct Triage {
    engine: Engine,
}

#[tonic::async_trait]
impl TriageService for Triage {
    async fn declare_incident(
        &self,
        request: Request<v1::DeclareIncidentRequest>,
    ) -> Result<Response<v1::DeclareIncidentResponse>, Status> {
        call::incident(&self.engine, "DeclareIncident", request).await
    }

    async fn triage_incident(
        &self,
        request: Request<v1::TriageIncidentRequest>,
    ) -> Result<Response<v1::TriageIncidentResponse>, Status> {
        call::incident(&self.engine, "TriageIncident", request).await
    }

    async fn set_incident_priority(
        &self,
        request: Request<v1::SetIncidentPriorityRequest>,
    ) -> Result<Response<v1::SetIncidentPriorityResponse>, Status> {
        call::incident(&self.engine, "SetIncidentPriority", request).await
    }

    async fn assign_incident(
        &self,
        request: Request<v1::AssignIncidentRequest>,
    ) -> Result<Response<v1::AssignIncidentResponse>, Status> {
        call::incident(&self.engine, "AssignIncident", request).await
    }

    async fn cancel_incident(
        &self,
        request: Request<v1::CancelIncidentRequest>,
    ) -> Result<Response<v1::CancelIncidentResponse>, Status> {
        call::incident(&self.engine, "CancelIncident", request).await
    }

    async fn merge_incident(
        &self,
        request: Request<v1::MergeIncidentRequest>,
    ) -> Result<Response<v1::MergeIncidentResponse>, Status> {
        pair::merge(&self.engine, request).await
    }

    async fn split_incident(
        &self,
        request: Request<v1::SplitIncidentRequest>,
    ) -> Result<Response<v1::SplitIncidentResponse>, Status> {
        pair::split(&self.engine, request).await
    }

    async fn relate_incident(
        &self,
        request: Request<v1::RelateIncidentRequest>,
    ) -> Result<Response<v1::RelateIncidentResponse>, Status> {
        pair::relate(&self.engine, request).await
    }

    async fn list_triage_queue(
        &self,
        request: Request<v1::ListTriageQueueRequest>,
    ) -> Result<Response<v1::ListTriageQueueResponse>, Status> {
        queue::list(&self.engine, request).await
    }
}
