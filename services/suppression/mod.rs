//! SuppressionService: what has alerts page nobody for a while. Every handler understands, submits and renders; what a
//! silence does is decided by the rules.

mod log;
mod silences;
mod windows;

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::suppression_service_server::{SuppressionService, SuppressionServiceServer};
use tonic::{Request, Response, Status};

/// The service over an engine.
pub fn service(engine: Engine) -> SuppressionServiceServer<impl SuppressionService> {
    SuppressionServiceServer::new(Suppression { engine })
}

struct Suppression {
    engine: Engine,
}

#[tonic::async_trait]
impl SuppressionService for Suppression {
    async fn create_silence(
        &self,
        request: Request<v1::CreateSilenceRequest>,
    ) -> Result<Response<v1::CreateSilenceResponse>, Status> {
        silences::create(&self.engine, request).await
    }

    async fn get_silence(
        &self,
        request: Request<v1::GetSilenceRequest>,
    ) -> Result<Response<v1::GetSilenceResponse>, Status> {
        silences::get(&self.engine, request).await
    }

    async fn list_silences(
        &self,
        request: Request<v1::ListSilencesRequest>,
    ) -> Result<Response<v1::ListSilencesResponse>, Status> {
        silences::list(&self.engine, request).await
    }

    async fn cancel_silence(
        &self,
        request: Request<v1::CancelSilenceRequest>,
    ) -> Result<Response<v1::CancelSilenceResponse>, Status> {
        silences::cancel(&self.engine, request).await
    }

    async fn create_maintenance_window(
        &self,
        request: Request<v1::CreateMaintenanceWindowRequest>,
    ) -> Result<Response<v1::CreateMaintenanceWindowResponse>, Status> {
        windows::create(&self.engine, request).await
    }

    async fn get_maintenance_window(
        &self,
        request: Request<v1::GetMaintenanceWindowRequest>,
    ) -> Result<Response<v1::GetMaintenanceWindowResponse>, Status> {
        windows::get(&self.engine, request).await
    }

    async fn list_maintenance_windows(
        &self,
        request: Request<v1::ListMaintenanceWindowsRequest>,
    ) -> Result<Response<v1::ListMaintenanceWindowsResponse>, Status> {
        windows::list(&self.engine, request).await
    }

    async fn cancel_maintenance_window(
        &self,
        request: Request<v1::CancelMaintenanceWindowRequest>,
    ) -> Result<Response<v1::CancelMaintenanceWindowResponse>, Status> {
        windows::cancel(&self.engine, request).await
    }

    async fn list_suppressions(
        &self,
        request: Request<v1::ListSuppressionsRequest>,
    ) -> Result<Response<v1::ListSuppressionsResponse>, Status> {
        log::list(&self.engine, request).await
    }
}
