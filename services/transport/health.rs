//! Health as gRPC probes and Kubernetes ask for it: one handle that whoever knows the store and the timers flips.
//! It starts as not ready and never becomes ready by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::HealthReporter;

/// The names that probes ask for beside the services.
const LIVENESS: &str = "liveness";
const READINESS: &str = "readiness";

/// Whether the server says SERVING.
#[derive(Clone)]
pub struct Readiness {
    reporter: HealthReporter,
    names: Arc<[String]>,
    ready: Arc<AtomicBool>,
}

impl Readiness {
    /// Registers the server's own name, `readiness`, `liveness` and every service. All but liveness start
    /// as NOT_SERVING: a process that answers at all is alive.
    pub async fn start(services: impl IntoIterator<Item = String>) -> (Readiness, HealthServer<impl Health>) {
        let (reporter, server) = tonic_health::server::health_reporter();
        let mut names = vec![String::new(), READINESS.to_owned()];
        names.extend(services);
        for name in &names {
            reporter.set_service_status(name, ServingStatus::NotServing).await;
        }
        reporter.set_service_status(LIVENESS, ServingStatus::Serving).await;
        (Readiness { reporter, names: names.into(), ready: Arc::new(AtomicBool::new(false)) }, server)
    }

    /// Says SERVING or NOT_SERVING under every name but liveness.
    pub async fn set(&self, ready: bool) {
        if self.ready.swap(ready, Ordering::SeqCst) == ready {
            return;
        }
        tracing::info!(ready, "readiness changed");
        let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
        for name in self.names.iter() {
            self.reporter.set_service_status(name, status).await;
        }
    }

    /// What was said last.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::SeqCst)
    }
}
