//! SubscriptionService: who gets status updates. Every handler understands, submits and renders; who is told what is decided
//! by the rules.

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::subscription_service_server::{SubscriptionService, SubscriptionServiceServer};
use tonic::{Request, Response, Status};

use crate::call::Call;
use crate::pages::{Cut, newest_first};
use crate::standing::{change, id_of};
use crate::wire::standing::number;
use crate::wire::status::{self, Fault};
use crate::wire::subscription::{self, subscription};

/// The service over an engine.
pub fn service(engine: Engine) -> SubscriptionServiceServer<impl SubscriptionService> {
    SubscriptionServiceServer::new(Subscriptions { engine })
}

struct Subscriptions {
    engine: Engine,
}

#[tonic::async_trait]
impl SubscriptionService for Subscriptions {
    async fn create_subscription(
        &self,
        request: Request<v1::CreateSubscriptionRequest>,
    ) -> Result<Response<v1::CreateSubscriptionResponse>, Status> {
        let (call, request) = Call::open("CreateSubscription", request)?;
        let reply = change(&self.engine, &call, subscription::create(&request, call.actor())).await?;
        let subscription = reply.book.subscription(id_of(&reply)).map(subscription);
        Ok(Response::new(v1::CreateSubscriptionResponse { subscription, replayed: reply.replayed }))
    }

    async fn get_subscription(
        &self,
        request: Request<v1::GetSubscriptionRequest>,
    ) -> Result<Response<v1::GetSubscriptionResponse>, Status> {
        let (_, request) = Call::open("GetSubscription", request)?;
        let number =
            number(&request.name, "subscriptions").map_err(|wrong| status::invalid_fields(&wrong))?;
        let book = self.engine.standing().await.map_err(status::of_engine)?;
        let name = subscription::name(number);
        let found = book.subscription(number).ok_or(Fault::NotFound { kind: "subscription", name })?;
        Ok(Response::new(v1::GetSubscriptionResponse { subscription: Some(subscription(found)) }))
    }

    async fn list_subscriptions(
        &self,
        request: Request<v1::ListSubscriptionsRequest>,
    ) -> Result<Response<v1::ListSubscriptionsResponse>, Status> {
        let (_, request) = Call::open("ListSubscriptions", request)?;
        let (of, size) = subscription::list(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
        let book = self.engine.standing().await.map_err(status::of_engine)?;
        let found = book.subscriptions().filter(|s| {
            (request.show_cancelled || s.is_open()) && of.as_ref().is_none_or(|of| s.wants.subscriber == *of)
        });
        let items = found.map(|s| (newest_first(s.id), subscription(s))).collect();
        let (all, of) = (request.show_cancelled.to_string(), of.unwrap_or_default());
        let (arguments, token) = ([all.as_str(), &of], request.page_token.as_str());
        let cut =
            Cut { engine: &self.engine, method: "ListSubscriptions", arguments: &arguments, token, size };
        let (subscriptions, next_page_token) = cut.page(items)?;
        Ok(Response::new(v1::ListSubscriptionsResponse { subscriptions, next_page_token }))
    }

    async fn cancel_subscription(
        &self,
        request: Request<v1::CancelSubscriptionRequest>,
    ) -> Result<Response<v1::CancelSubscriptionResponse>, Status> {
        let (call, request) = Call::open("CancelSubscription", request)?;
        let reply = change(&self.engine, &call, subscription::cancel(&request)).await?;
        let subscription = reply.book.subscription(id_of(&reply)).map(subscription);
        Ok(Response::new(v1::CancelSubscriptionResponse { subscription, replayed: reply.replayed }))
    }
}
