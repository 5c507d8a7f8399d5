//! One caller: it makes one call of its scenario at a time. What it needs beforehand (incidents, firing alerts) is
//! prepared by the bench.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use stentor_proto::v1::intake_service_client::IntakeServiceClient;
use stentor_proto::v1::resolution_service_client::ResolutionServiceClient;
use stentor_proto::v1::workflow_service_client::WorkflowServiceClient;
use stentor_proto::v1::{AcknowledgeIncidentRequest, BatchSendAlertsRequest, PingRequest, SendAlertRequest};
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::args::Scenario;
use crate::delivered::Delivered;
use crate::requests;

/// Alerts that alerts-repeat repeats.
pub(crate) const FIRING: u64 = 1000;

/// What all callers of a run share.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) batch: usize,
    pub(crate) request_ids: bool,
    pub(crate) services: u64,
    /// Names of incidents to acknowledge, each once.
    pub(crate) incidents: std::sync::OnceLock<Vec<String>>,
    pub(crate) acknowledged: AtomicU64,
    pub(crate) delivered: Arc<Delivered>,
}

/// A caller.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) scenario: Scenario,
    pub(crate) common: Arc<Common>,
    pub(crate) intake: IntakeServiceClient<Channel>,
    pub(crate) workflow: WorkflowServiceClient<Channel>,
    pub(crate) resolution: ResolutionServiceClient<Channel>,
}

impl Caller {
    /// A caller on a connection.
    pub(crate) fn new(scenario: Scenario, common: &Arc<Common>, channel: &Channel) -> Caller {
        Caller {
            scenario,
            common: Arc::clone(common),
            intake: IntakeServiceClient::new(channel.clone()),
            workflow: WorkflowServiceClient::new(channel.clone()),
            resolution: ResolutionServiceClient::new(channel.clone()),
        }
    }

    /// Makes call number `n`: how much it did. `None` if there is nothing left to do.
    pub(crate) async fn call(&mut self, n: u64) -> Option<Result<u64, Status>> {
        Some(match self.scenario {
            Scenario::Noop => self.ping().await,
            Scenario::Report | Scenario::Deadlines => self.report(n).await.map(|_| 1),
            Scenario::AlertsNew => self.alert(format!("new-{n}"), "plain", n).await,
            Scenario::AlertsPaged => self.paged(n).await,
            Scenario::AlertsRepeat if self.common.batch > 1 => self.repeats(n).await,
            Scenario::AlertsRepeat => self.alert(format!("repeat-{}", n % FIRING), "plain", n % FIRING).await,
            Scenario::Ack => return self.acknowledge().await,
            Scenario::Store => return None,
        })
    }

    async fn ping(&mut self) -> Result<u64, Status> {
        self.workflow.ping(PingRequest { payload: Vec::new() }).await.map(|_| 1)
    }

    /// Reports something new; the name of the incident.
    pub(crate) async fn report(&mut self, n: u64) -> Result<String, Status> {
        let id = requests::request_id(self.common.request_ids);
        let answer = self.intake.report_incident(requests::report(n, self.common.services, id)).await?;
        answer.into_inner().result.map(|r| r.incident).ok_or_else(|| Status::internal("no result"))
    }

    /// Sends one alert.
    pub(crate) async fn alert(&mut self, key: String, class: &str, n: u64) -> Result<u64, Status> {
        let request = SendAlertRequest {
            alert: Some(requests::alert(key, class, n)),
            integration: "integrations/dev".to_owned(),
            request_id: requests::request_id(self.common.request_ids),
        };
        self.intake.send_alert(as_integration(request)).await.map(|_| 1)
    }

    async fn paged(&mut self, n: u64) -> Result<u64, Status> {
        let delivered = Arc::clone(&self.common.delivered);
        delivered.begin(n).await;
        let sent = self.alert(format!("paged-{n}"), "paged", n).await;
        if sent.is_err() {
            delivered.give_up(n);
        }
        sent
    }

    async fn repeats(&mut self, n: u64) -> Result<u64, Status> {
        let batch = self.common.batch as u64;
        let numbers = (0..batch).map(|i| (n * batch + i) % FIRING);
        let request = BatchSendAlertsRequest {
            alerts: numbers.map(|n| requests::alert(format!("repeat-{n}"), "plain", n)).collect(),
            integration: "integrations/dev".to_owned(),
            request_id: requests::request_id(self.common.request_ids),
        };
        self.intake.batch_send_alerts(as_integration(request)).await.map(|_| batch)
    }

    async fn acknowledge(&mut self) -> Option<Result<u64, Status>> {
        let n = self.common.acknowledged.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = self.common.incidents.get()?.get(n as usize)?.clone();
        let request = AcknowledgeIncidentRequest {
            name,
            request_id: requests::request_id(self.common.request_ids),
            ..AcknowledgeIncidentRequest::default()
        };
        Some(self.resolution.acknowledge_incident(request).await.map(|_| 1))
    }
}

/// Alerts come from a machine, whose key in development is `dev`: without it they would queue among those of people.
fn as_integration<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", MetadataValue::from_static("Bearer dev"));
    request
}
