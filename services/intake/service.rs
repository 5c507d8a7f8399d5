//! IntakeService: reports and alerts by the API. Every handler understands, submits and renders; what becomes of a signal
//! is decided by the rules.

use std::sync::Arc;

use stentor_core::id::IntegrationId;
use stentor_core::policy::document::Integration;
use stentor_core::signal::Signal;
use stentor_core::triage::Traits;
use stentor_engine::{Engine, Error, SignalReply};
use stentor_proto::v1;
use stentor_proto::v1::intake_service_server::{IntakeService, IntakeServiceServer};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::similar::Similar;
use super::stream;
use crate::auth::{Principal, Role};
use crate::call::{self, Call};
use crate::streams::Streams;
use crate::wire::intake::{self, Arrival};
use crate::wire::status::{self, Fault};

/// The service over an engine; `shutdown` ends its streams.
pub fn service(engine: Engine, shutdown: CancellationToken) -> IntakeServiceServer<impl IntakeService> {
    let (similar, streams) = (Arc::default(), Arc::default());
    IntakeServiceServer::new(Intake { engine, similar, streams, shutdown })
}

#[derive(Clone)]
pub(super) struct Intake {
    pub(super) engine: Engine,
    similar: Arc<Similar>,
    pub(super) streams: Arc<Streams>,
    pub(super) shutdown: CancellationToken,
}

#[tonic::async_trait]
impl IntakeService for Intake {
    async fn report_incident(
        &self,
        request: Request<v1::ReportIncidentRequest>,
    ) -> Result<Response<v1::ReportIncidentResponse>, Status> {
        let (call, request) = Call::open("ReportIncident", request)?;
        let caller = call.actor().to_string();
        let (id, entry) = self.through(&call.principal);
        unsigned(&call.principal, &entry)?;
        let arrival = Arrival { integration: &id, entry: &entry, at: self.engine.now() };
        let report =
            intake::report(request, &caller, arrival).map_err(|wrong| status::invalid_fields(&wrong))?;
        self.known(report.signal.service.as_ref())?;
        self.hear_report(&call, report).await
    }

    async fn send_alert(
        &self,
        request: Request<v1::SendAlertRequest>,
    ) -> Result<Response<v1::SendAlertResponse>, Status> {
        let (call, request) = Call::open("SendAlert", request)?;
        let alerts: Vec<_> = request.alert.into_iter().collect();
        let parent = |_| "alert".to_owned();
        let mut results = self.hear(&call, alerts, parent, &request.integration, &request.request_id).await?;
        Ok(Response::new(v1::SendAlertResponse { result: results.pop() }))
    }

    async fn batch_send_alerts(
        &self,
        request: Request<v1::BatchSendAlertsRequest>,
    ) -> Result<Response<v1::BatchSendAlertsResponse>, Status> {
        let (call, request) = Call::open("BatchSendAlerts", request)?;
        let parent = |i| format!("alerts[{i}]");
        let results =
            self.hear(&call, request.alerts, parent, &request.integration, &request.request_id).await?;
        let replayed = results.iter().all(|r| r.outcome == i32::from(v1::IntakeOutcome::Replayed));
        Ok(Response::new(v1::BatchSendAlertsResponse { results, replayed }))
    }

    type StreamAlertsStream = stream::Answers;

    async fn stream_alerts(
        &self,
        request: Request<Streaming<v1::StreamAlertsRequest>>,
    ) -> Result<Response<Self::StreamAlertsStream>, Status> {
        stream::alerts(self, request)
    }

    async fn acknowledge_alert(
        &self,
        request: Request<v1::AcknowledgeAlertRequest>,
    ) -> Result<Response<v1::AcknowledgeAlertResponse>, Status> {
        let (call, request) = Call::open("AcknowledgeAlert", request)?;
        let (id, _) = self.integration(&call.principal, &request.integration)?;
        let (key, request_id) = intake::key("dedup_key", &request.dedup_key, &request.request_id)
            .map_err(|wrong| status::invalid_fields(&wrong))?;
        let (actor, request) = (call.actor().clone(), call.request(request_id.as_ref()));
        let reply = self.engine.acknowledge_alert(actor, format!("{id}:{key}"), request).await;
        let reply = reply.map_err(status::of_engine)?;
        Ok(Response::new(intake::acknowledged(&reply)))
    }
}

impl Intake {
    /// Submits a report and renders what became of it.
    async fn hear_report(
        &self,
        call: &Call,
        report: intake::Report,
    ) -> Result<Response<v1::ReportIncidentResponse>, Status> {
        let join = match &report.join {
            Some(name) => Some(call::find(&self.engine, name).await?),
            None => None,
        };
        if report.validate_only {
            if let Some(id) = &join {
                call::incident_of(&*self.engine.read(id).await.map_err(status::of_engine)?)?;
            }
            let expected = self.engine.assess(&report.signal).map_err(status::of_engine)?;
            let similar_incidents = self.similar.to(&self.engine, &expected, None).await;
            return Ok(Response::new(v1::ReportIncidentResponse { similar_incidents, ..Default::default() }));
        }
        let request = call.request(report.request.as_ref());
        let reply = self.engine.hear(call.actor(), report.signal, join, request).await;
        let reply = reply.map_err(status::of_engine)?;
        let (mut incident, mut similar_incidents) = (None, Vec::new());
        if let Some(state) = &reply.state {
            let i = call::incident_of(state)?;
            let traits = Traits::of(i.service.clone(), &i.category, &i.title);
            similar_incidents = self.similar.to(&self.engine, &traits, Some(&i.id)).await;
            incident = Some(call::full(&self.engine, state).await?);
        }
        let result = Some(intake::result(&reply, ""));
        Ok(Response::new(v1::ReportIncidentResponse { result, incident, similar_incidents }))
    }

    /// Takes one alert of a stream in.
    pub(super) async fn one(
        &self,
        call: &Call,
        message: v1::StreamAlertsRequest,
    ) -> Result<v1::IntakeResult, Status> {
        let alerts: Vec<_> = message.alert.into_iter().collect();
        let parent = |_| "alert".to_owned();
        let mut results = self.hear(call, alerts, parent, &message.integration, &message.request_id).await?;
        results.pop().ok_or_else(|| Fault::Internal.into())
    }

    /// Submits alerts and renders what became of each. The first error is the answer: the same request id finds what
    /// was committed beside it.
    async fn hear(
        &self,
        call: &Call,
        alerts: Vec<v1::AlertSignal>,
        parent: impl Fn(usize) -> String + Send,
        integration: &str,
        request_id: &str,
    ) -> Result<Vec<v1::IntakeResult>, Status> {
        let (id, entry) = self.integration(&call.principal, integration)?;
        let arrival = Arrival { integration: &id, entry: &entry, at: self.engine.now() };
        let (signals, request) = intake::alerts(alerts, parent, request_id, arrival)
            .map_err(|wrong| status::invalid_fields(&wrong))?;
        let keys: Vec<String> = signals.iter().map(|signal| signal.key.clone()).collect();
        let replies = self.submit(call, signals, request).await;
        let replies: Vec<SignalReply> =
            replies.into_iter().collect::<Result<_, _>>().map_err(status::of_engine)?;
        Ok(replies.iter().zip(&keys).map(|(reply, key)| intake::result(reply, key)).collect())
    }

    /// Submits signals together; under a request id each is remembered by its place in the request.
    async fn submit(
        &self,
        call: &Call,
        signals: Vec<Signal>,
        request: Option<String>,
    ) -> Vec<Result<SignalReply, Error>> {
        let remembered = |i| request.as_ref().and_then(|id| call.request(Some(&format!("{id}/{i}"))));
        let signals = signals.into_iter().enumerate().map(|(i, signal)| (signal, remembered(i))).collect();
        self.engine.hear_together(call.actor(), signals).await
    }

    /// The integration that a request comes through: the one it names, or the caller's own.
    fn integration(&self, caller: &Principal, named: &str) -> Result<(IntegrationId, Integration), Status> {
        let own = own(caller);
        let id = intake::integration(named, own).map_err(|wrong| status::invalid_fields(&wrong))?;
        let policy = self.engine.policy();
        let entry = policy.as_ref().and_then(|policy| policy.document().integrations.get(&id));
        let absent = || Fault::NotFound { kind: "integration", name: format!("integrations/{id}") };
        let entry = entry.cloned().ok_or_else(absent)?;
        unsigned(caller, &entry)?;
        Ok((id, entry))
    }

    /// What a report comes through: an integration's own entry, or nobody's.
    fn through(&self, caller: &Principal) -> (IntegrationId, Integration) {
        let own = own(caller).cloned();
        let policy = self.engine.policy();
        let entry = own.as_ref().and_then(|id| policy.as_ref()?.document().integrations.get(id).cloned());
        (own.unwrap_or_else(|| "api".into()), entry.unwrap_or_else(intake::nobodys_entry))
    }

    /// Refuses a service that the policy does not know.
    fn known(&self, service: Option<&stentor_core::id::ServiceId>) -> Result<(), Status> {
        let policy = self.engine.policy();
        match service.filter(|id| policy.as_ref().is_none_or(|policy| policy.service(id).is_none())) {
            Some(id) => Err(Fault::NotFound { kind: "service", name: format!("services/{id}") }.into()),
            None => Ok(()),
        }
    }
}

/// Refuses an integration whose sender signs: its key stands in an address and so gets into logs, and here nobody would
/// look at a signature.
fn unsigned(caller: &Principal, entry: &Integration) -> Result<(), Status> {
    if own(caller).is_none() || !entry.kind.is_signed() {
        return Ok(());
    }
    let method = "IntakeService: what it sends must be signed".to_owned();
    Err(Fault::Forbidden { method, role: caller.role.as_str() }.into())
}

fn own(caller: &Principal) -> Option<&IntegrationId> {
    match &caller.role {
        Role::Integration(id) => Some(id),
        Role::Admin | Role::Responder => None,
    }
}

#[cfg(test)]
mod tests {
    use stentor_core::policy::document::IntegrationKind;

    use super::*;

    #[test]
    fn who_signs_is_not_heard_where_nobody_looks_at_signatures() {
        let guardian = crate::auth::Guardian::dev("secret".into());
        let caller = guardian.integration("dev").unwrap();
        let refused = unsigned(&caller, &Integration::plain(IntegrationKind::Github)).unwrap_err();
        assert_eq!(refused.code(), tonic::Code::PermissionDenied);
        assert!(unsigned(&caller, &Integration::plain(IntegrationKind::Json)).is_ok());
    }
}
