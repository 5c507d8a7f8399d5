//! OnCallService: who is on call, and who takes over for a while. Every handler understands, asks and renders; who is
//! on call and what may be changed is decided by the rules. `feed` serves the same over HTTP to calendar clients.

mod feed;
mod plan;
mod reads;
mod records;

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::on_call_service_server::{OnCallService, OnCallServiceServer};
use tonic::{Request, Response, Status};

pub use feed::routes;

/// The service over an engine.
pub fn service(engine: Engine) -> OnCallServiceServer<impl OnCallService> {
    OnCallServiceServer::new(OnCall { engine })
}

struct OnCall {
    engine: Engine,
}

#[tonic::async_trait]
impl OnCallService for OnCall {
    async fn get_on_call(
        &self,
        request: Request<v1::GetOnCallRequest>,
    ) -> Result<Response<v1::GetOnCallResponse>, Status> {
        reads::one(&self.engine, request).await
    }

    async fn list_on_call(
        &self,
        request: Request<v1::ListOnCallRequest>,
    ) -> Result<Response<v1::ListOnCallResponse>, Status> {
        reads::many(&self.engine, request).await
    }

    async fn list_shifts(
        &self,
        request: Request<v1::ListShiftsRequest>,
    ) -> Result<Response<v1::ListShiftsResponse>, Status> {
        reads::shifts(&self.engine, request).await
    }

    async fn list_schedule_handovers(
        &self,
        request: Request<v1::ListScheduleHandoversRequest>,
    ) -> Result<Response<v1::ListScheduleHandoversResponse>, Status> {
        reads::handovers(&self.engine, request).await
    }

    async fn list_coverage_gaps(
        &self,
        request: Request<v1::ListCoverageGapsRequest>,
    ) -> Result<Response<v1::ListCoverageGapsResponse>, Status> {
        reads::gaps(&self.engine, request).await
    }

    async fn list_on_call_shares(
        &self,
        request: Request<v1::ListOnCallSharesRequest>,
    ) -> Result<Response<v1::ListOnCallSharesResponse>, Status> {
        reads::shares(&self.engine, request).await
    }

    async fn create_override(
        &self,
        request: Request<v1::CreateOverrideRequest>,
    ) -> Result<Response<v1::CreateOverrideResponse>, Status> {
        records::create(&self.engine, request).await
    }

    async fn get_override(
        &self,
        request: Request<v1::GetOverrideRequest>,
    ) -> Result<Response<v1::GetOverrideResponse>, Status> {
        records::get_override(&self.engine, request).await
    }

    async fn list_overrides(
        &self,
        request: Request<v1::ListOverridesRequest>,
    ) -> Result<Response<v1::ListOverridesResponse>, Status> {
        records::list_overrides(&self.engine, request).await
    }

    async fn cancel_override(
        &self,
        request: Request<v1::CancelOverrideRequest>,
    ) -> Result<Response<v1::CancelOverrideResponse>, Status> {
        records::cancel(&self.engine, request).await
    }

    async fn request_swap(
        &self,
        request: Request<v1::RequestSwapRequest>,
    ) -> Result<Response<v1::RequestSwapResponse>, Status> {
        records::request(&self.engine, request).await
    }

    async fn get_swap(
        &self,
        request: Request<v1::GetSwapRequest>,
    ) -> Result<Response<v1::GetSwapResponse>, Status> {
        records::get_swap(&self.engine, request).await
    }

    async fn list_swaps(
        &self,
        request: Request<v1::ListSwapsRequest>,
    ) -> Result<Response<v1::ListSwapsResponse>, Status> {
        records::list_swaps(&self.engine, request).await
    }

    async fn accept_swap(
        &self,
        request: Request<v1::AcceptSwapRequest>,
    ) -> Result<Response<v1::AcceptSwapResponse>, Status> {
        records::accept(&self.engine, request).await
    }

    async fn decline_swap(
        &self,
        request: Request<v1::DeclineSwapRequest>,
    ) -> Result<Response<v1::DeclineSwapResponse>, Status> {
        records::decline(&self.engine, request).await
    }

    async fn withdraw_swap(
        &self,
        request: Request<v1::WithdrawSwapRequest>,
    ) -> Result<Response<v1::WithdrawSwapResponse>, Status> {
        records::withdraw(&self.engine, request).await
    }

    async fn get_calendar_feed(
        &self,
        request: Request<v1::GetCalendarFeedRequest>,
    ) -> Result<Response<v1::GetCalendarFeedResponse>, Status> {
        feed::get(&self.engine, request).await
    }
}
