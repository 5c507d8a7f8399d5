//! ReviewService: learning from what happened. Every handler understands, submits and renders; what is allowed is
//! decided by the rules.

mod command;
mod reads;

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::review_service_server::{ReviewService, ReviewServiceServer};
use tonic::{Request, Response, Status};

/// The service over an engine.
pub fn service(engine: Engine) -> ReviewServiceServer<impl ReviewService> {
    ReviewServiceServer::new(Reviews { engine })
}

struct Reviews {
    engine: Engine,
}

#[tonic::async_trait]
impl ReviewService for Reviews {
    async fn get_review(
        &self,
        request: Request<v1::GetReviewRequest>,
    ) -> Result<Response<v1::GetReviewResponse>, Status> {
        reads::get(&self.engine, request).await
    }

    async fn list_reviews(
        &self,
        request: Request<v1::ListReviewsRequest>,
    ) -> Result<Response<v1::ListReviewsResponse>, Status> {
        reads::list(&self.engine, request).await
    }

    async fn request_review(
        &self,
        request: Request<v1::RequestReviewRequest>,
    ) -> Result<Response<v1::RequestReviewResponse>, Status> {
        command::request(&self.engine, request).await
    }

    async fn redraft_review(
        &self,
        request: Request<v1::RedraftReviewRequest>,
    ) -> Result<Response<v1::RedraftReviewResponse>, Status> {
        command::redraft(&self.engine, request).await
    }

    async fn edit_review_section(
        &self,
        request: Request<v1::EditReviewSectionRequest>,
    ) -> Result<Response<v1::EditReviewSectionResponse>, Status> {
        command::review(&self.engine, "EditReviewSection", request).await
    }

    async fn waive_review_section(
        &self,
        request: Request<v1::WaiveReviewSectionRequest>,
    ) -> Result<Response<v1::WaiveReviewSectionResponse>, Status> {
        command::review(&self.engine, "WaiveReviewSection", request).await
    }

    async fn record_review_meeting(
        &self,
        request: Request<v1::RecordReviewMeetingRequest>,
    ) -> Result<Response<v1::RecordReviewMeetingResponse>, Status> {
        command::review(&self.engine, "RecordReviewMeeting", request).await
    }

    async fn publish_review(
        &self,
        request: Request<v1::PublishReviewRequest>,
    ) -> Result<Response<v1::PublishReviewResponse>, Status> {
        command::review(&self.engine, "PublishReview", request).await
    }

    async fn amend_review(
        &self,
        request: Request<v1::AmendReviewRequest>,
    ) -> Result<Response<v1::AmendReviewResponse>, Status> {
        command::review(&self.engine, "AmendReview", request).await
    }

    async fn excuse_review_breach(
        &self,
        request: Request<v1::ExcuseReviewBreachRequest>,
    ) -> Result<Response<v1::ExcuseReviewBreachResponse>, Status> {
        command::review(&self.engine, "ExcuseReviewBreach", request).await
    }

    async fn add_action_item(
        &self,
        request: Request<v1::AddActionItemRequest>,
    ) -> Result<Response<v1::AddActionItemResponse>, Status> {
        command::review(&self.engine, "AddActionItem", request).await
    }

    async fn update_action_item(
        &self,
        request: Request<v1::UpdateActionItemRequest>,
    ) -> Result<Response<v1::UpdateActionItemResponse>, Status> {
        command::review(&self.engine, "UpdateActionItem", request).await
    }
}
