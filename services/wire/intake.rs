//! Reports and alerts as they come by the API, and what became of them. Keys, severities and instants are made sense of
//! in `signal`.

use stentor_core::id::{IntegrationId, ServiceId};
use stentor_core::incident::Outcome;
use stentor_core::incident::kinds::Phase;
use stentor_core::instance::Instance;
use stentor_core::policy::document::Integration;
use stentor_core::signal::Signal;
use stentor_core::time::Timestamp;
use stentor_engine::store::rows::ListingRow;
use stentor_engine::{Reply, SignalOutcome, SignalReply};
use stentor_proto::v1;
use stentor_proto::v1::stream_alerts_response::Answer;
use tonic::Status;
use tonic_types::StatusExt;

use super::Invalid;
use super::enums::{self, Impact, Urgency};
use super::fields::{Fields, Name, Understood};
use super::limits;
use super::signal::{RawSignal, normalise};

/// Through what signals come, and when.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub integration: &'a IntegrationId,
    pub entry: &'a Integration,
    pub at: Timestamp,
}

/// A report, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub signal: Signal,
    /// The incident that it names.
    pub join: Option<Name>,
    pub request: Option<String>,
    pub validate_only: bool,
}

/// Reads a report. `caller` stands in for a reporter who is not named.
pub fn report(request: v1::ReportIncidentRequest, caller: &str, arrival: Arrival<'_>) -> Understood<Report> {
    let mut f = Fields::default();
    let join = (!request.incident.is_empty()).then(|| f.incident("incident", &request.incident));
    let key = f.text("client_key", &request.client_key, limits::WORD);
    // A platform's own key is as good as a UUID, and cannot be mistaken for one.
    let own = (!key.is_empty()).then(|| format!("client:{key}"));
    let request_id = f.request_id(&request.request_id).or(own);
    let raw = RawSignal {
        report: true,
        reporter: if request.reporter.is_empty() { caller.to_owned() } else { request.reporter },
        service: f.id("service", &request.service, "services"),
        impact: f.word::<Impact>("impact", request.impact).map(|i| i.0),
        urgency: f.word::<Urgency>("urgency", request.urgency).map(|u| u.0),
        observed_at: f.instant("observe_time", request.observe_time.as_ref()),
        title: request.title,
        description: request.description,
        labels: request.labels,
        url: request.url,
        declare: request.declare,
        ..RawSignal::default()
    };
    let signal = normalised(&mut f, raw, arrival, None);
    f.finish(signal).map(|signal| Report {
        // Refused above if it is absent.
        signal: signal.expect("without problems there is a signal"),
        join,
        request: request_id,
        validate_only: request.validate_only,
    })
}

/// Reads alerts, all or none. `parent` names the field of each.
pub fn alerts(
    alerts: Vec<v1::AlertSignal>,
    parent: impl Fn(usize) -> String,
    request_id: &str,
    arrival: Arrival<'_>,
) -> Understood<(Vec<Signal>, Option<String>)> {
    let mut f = Fields::default();
    let request = f.request_id(request_id);
    if alerts.is_empty() {
        f.refuse("alerts", "is required");
    }
    if alerts.len() > limits::BATCH {
        f.refuse("alerts", format!("has {} entries, at most {} are taken", alerts.len(), limits::BATCH));
        return f.finish((Vec::new(), request));
    }
    let mut signals = Vec::with_capacity(alerts.len());
    for (i, alert) in alerts.into_iter().enumerate() {
        signals.extend(one(&mut f, alert, &parent(i), arrival));
    }
    f.finish((signals, request))
}

fn one(f: &mut Fields, alert: v1::AlertSignal, parent: &str, arrival: Arrival<'_>) -> Option<Signal> {
    let at = |field: &str| format!("{parent}.{field}");
    let status = v1::SignalStatus::try_from(alert.status);
    if status.is_err() {
        f.refuse(&at("status"), format!("has an unknown value: {}", alert.status));
    }
    let raw = RawSignal {
        clear: status == Ok(v1::SignalStatus::Clear),
        service: f.id::<ServiceId>(&at("service"), &alert.service, "services"),
        impact: f.word::<Impact>(&at("impact"), alert.impact).map(|i| i.0),
        urgency: f.word::<Urgency>(&at("urgency"), alert.urgency).map(|u| u.0),
        observed_at: f.instant(&at("observe_time"), alert.observe_time.as_ref()),
        starts_at: f.instant(&at("start_time"), alert.start_time.as_ref()),
        ends_at: f.instant(&at("end_time"), alert.end_time.as_ref()),
        key: alert.dedup_key,
        title: alert.title,
        description: alert.description,
        severity: alert.severity,
        source: alert.source,
        labels: alert.labels,
        annotations: alert.annotations,
        values: alert.values,
        url: alert.url,
        ..RawSignal::default()
    };
    normalised(f, raw, arrival, Some(parent))
}

fn normalised(f: &mut Fields, raw: RawSignal, arrival: Arrival<'_>, parent: Option<&str>) -> Option<Signal> {
    match normalise(raw, arrival.integration, arrival.entry, arrival.at) {
        Ok(signal) => Some(signal),
        Err(invalid) => {
            let Invalid { field, problem } = match parent {
                Some(parent) => invalid.within(parent),
                None => invalid,
            };
            f.refuse(&field, problem);
            None
        }
    }
}

/// What became of a signal. `key` is the alert's, empty for reports.
pub fn result(reply: &SignalReply, key: &str) -> v1::IntakeResult {
    let incident = reply.state.as_deref().and_then(Instance::incident);
    let mut result = v1::IntakeResult {
        incident: reply.id.as_ref().map(super::incident::name).unwrap_or_default(),
        reference: incident.map(stentor_core::incident::Incident::reference).unwrap_or_default(),
        dedup_key: key.to_owned(),
        ..outcome(&reply.outcome)
    };
    if reply.replayed {
        result.original = result.outcome;
        result.outcome = v1::IntakeOutcome::Replayed.into();
    }
    result
}

fn outcome(outcome: &SignalOutcome) -> v1::IntakeResult {
    let of = |outcome: v1::IntakeOutcome| v1::IntakeResult {
        outcome: outcome.into(),
        ..v1::IntakeResult::default()
    };
    match outcome {
        SignalOutcome::Forgotten => of(v1::IntakeOutcome::Resolved),
        SignalOutcome::Discarded(why) => v1::IntakeResult {
            suppression_reason: discarded(why).into(),
            ..of(v1::IntakeOutcome::Suppressed)
        },
        SignalOutcome::Heard(heard) => {
            let (word, reason) = match heard.outcome {
                Outcome::Created => (v1::IntakeOutcome::Created, 0),
                Outcome::Joined => (v1::IntakeOutcome::Joined, 0),
                Outcome::Repeated => (v1::IntakeOutcome::Repeated, 0),
                Outcome::Cleared => (v1::IntakeOutcome::Resolved, 0),
                Outcome::Suppressed(reason) => (v1::IntakeOutcome::Suppressed, enums::suppression(reason)),
            };
            v1::IntakeResult {
                suppression_reason: reason,
                refired: heard.refired,
                reopened: heard.reopened,
                storm: heard.storm,
                stale: heard.stale,
                muted: heard.muted,
                known: heard.outcome == Outcome::Cleared,
                ..of(word)
            }
        }
    }
}

/// What became of one alert of a stream.
pub fn answered(number: i64, result: Result<v1::IntakeResult, Status>) -> v1::StreamAlertsResponse {
    let answer = match result {
        Ok(result) => Answer::Result(result),
        Err(status) => Answer::Error(refused(&status)),
    };
    v1::StreamAlertsResponse { number, answer: Some(answer) }
}

fn refused(status: &Status) -> v1::StreamAlertError {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    let wait = details.retry_info().and_then(|info| info.retry_delay);
    v1::StreamAlertError {
        code: status.code().into(),
        reason: details.error_info().map(|info| info.reason.clone()).unwrap_or_default(),
        message: status.message().to_owned(),
        retry_delay: wait.and_then(|wait| prost_types::Duration::try_from(wait).ok()),
        field_violations: violations.iter().map(|v| format!("{}: {}", v.field, v.description)).collect(),
    }
}

fn discarded(why: &str) -> v1::SuppressionReason {
    if why == "MAINTENANCE_DROP" {
        v1::SuppressionReason::MaintenanceDrop
    } else {
        v1::SuppressionReason::RouteDiscard
    }
}

/// The entry of callers who are no integration: people, and bots that speak for them.
pub fn nobodys_entry() -> Integration {
    Integration::plain(stentor_core::policy::document::IntegrationKind::Native)
}

/// The integration that a request names, or the caller's own.
pub fn integration(named: &str, own: Option<&IntegrationId>) -> Understood<IntegrationId> {
    let mut f = Fields::default();
    let id: Option<IntegrationId> = f.id("integration", named, "integrations");
    match (&id, own) {
        (None, None) if named.is_empty() => {
            f.refuse("integration", "is required of callers who are no integration")
        }
        (Some(id), Some(own)) if id != own => f.refuse("integration", "is not the caller's own"),
        _ => {}
    }
    f.finish(id.or_else(|| own.cloned()).unwrap_or_default())
}

/// The key of an alert, as it stands in its identity.
pub fn key(field: &str, value: &str, request_id: &str) -> Understood<(String, Option<String>)> {
    let mut f = Fields::default();
    let key = f.required(field, value, limits::KEY);
    let request = f.request_id(request_id);
    f.finish((key, request))
}

/// The incident that an alert's acknowledgement reached.
pub fn acknowledged(reply: &Reply) -> v1::AcknowledgeAlertResponse {
    let incident = reply.state.as_deref().and_then(Instance::incident);
    v1::AcknowledgeAlertResponse {
        incident: super::incident::name(&reply.id),
        reference: incident.map(stentor_core::incident::Incident::reference).unwrap_or_default(),
        replayed: reply.replayed,
    }
}

/// An open incident that resembles a report; its score is in thousandths.
pub fn similar(row: &ListingRow, score: u32) -> v1::SimilarIncident {
    v1::SimilarIncident {
        incident: format!("incidents/{}", row.id),
        reference: format!("INC-{}", row.number),
        title: row.title.clone(),
        phase: Phase::parse(&row.phase).map(enums::phase).unwrap_or_default(),
        score: f64::from(score) / 1000.0,
    }
}
