//! NotificationService: trying out whether people would be reached. What is sent when something happens is decided by the
//! rules, and does not pass here.

use std::sync::Arc;
use std::time::Duration;

use stentor_engine::Engine;
use stentor_proto::v1;
use stentor_proto::v1::notification_service_server::{NotificationService, NotificationServiceServer};
use tokio::sync::Semaphore;
use tonic::{Request, Response, Status};

use super::carrier::Carrier;
use super::trial;
use crate::auth::Role;
use crate::call::Call;
use crate::wire::notification::{self, Target};
use crate::wire::status::{self, Fault};

/// Tests under way at once: providers have limits, which pages may need.
const AT_ONCE: usize = 4;

/// The service over an engine, with what carries its messages.
pub fn service(engine: Engine, carrier: Arc<Carrier>) -> NotificationServiceServer<impl NotificationService> {
    NotificationServiceServer::new(Notification { engine, carrier, places: Semaphore::new(AT_ONCE) })
}

struct Notification {
    engine: Engine,
    carrier: Arc<Carrier>,
    places: Semaphore,
}

#[tonic::async_trait]
impl NotificationService for Notification {
    async fn test_notification(
        &self,
        request: Request<v1::TestNotificationRequest>,
    ) -> Result<Response<v1::TestNotificationResponse>, Status> {
        let (call, request) = Call::open("TestNotification", request)?;
        let target = notification::target(&request).map_err(|wrong| status::invalid_fields(&wrong))?;
        if matches!(target, Target::Provider { .. }) && call.principal.role != Role::Admin {
            let method = "stentor.v1.NotificationService/TestNotification of a provider".to_owned();
            return Err(Fault::Forbidden { method, role: call.principal.role.as_str() }.into());
        }
        let busy = |_| Fault::Overloaded { retry_after: Duration::from_secs(1) };
        let _place = self.places.try_acquire().map_err(busy)?;
        let policy = self.engine.policy().ok_or_else(no_policy)?;
        let tried = trial::run(&self.carrier, &policy, &target, call.actor(), self.engine.now()).await;
        let tried = tried.map_err(|unknown| Fault::NotFound { kind: unknown.kind, name: unknown.name })?;
        for one in &tried {
            tracing::info!(
                by = %call.actor(), name = request.name, contact = one.contact, provider = one.provider,
                outcome = ?one.verdict, "a test message"
            );
        }
        let outcomes = tried.into_iter().map(|one| notification::outcome(&request.name, one)).collect();
        Ok(Response::new(v1::TestNotificationResponse { outcomes }))
    }
}

fn no_policy() -> Status {
    status::of_engine(stentor_engine::Error::Refused(stentor_core::refusal::Refusal::NoPolicy))
}
