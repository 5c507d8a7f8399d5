//! An incident's life as spans, from a whole server: every one of them leads to its cause and to the incident.
//! The deadlines are real ones of the demonstration's policy, whose delays are seconds.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use stentor::serve::Server;
use stentor_proto::v1::intake_service_client::IntakeServiceClient;
use stentor_proto::v1::triage_service_client::TriageServiceClient;
use stentor_proto::v1::{CancelIncidentRequest, CancelReason, ReportIncidentRequest};
use tonic::transport::Endpoint;

use crate::arguments;
use crate::collector::{Collector, Received, Span};

pub(crate) async fn commits_deadlines_and_deliveries_lead_to_their_cause_and_the_end_tells_the_life() {
    let collector = Collector::start().await;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&arguments(folder.path(), &collector.url)).await.unwrap();
    let (api, _) = server.shell.addresses().unwrap();
    let shutdown = server.shell.shutdown.clone();
    let served = tokio::spawn(server.serve());
    let channel = Endpoint::from_shared(format!("http://{api}")).unwrap().connect_lazy();

    let report = ReportIncidentRequest { title: "Customers cannot pay".to_owned(), ..Default::default() };
    let reported = IntakeServiceClient::new(channel.clone()).report_incident(report).await.unwrap();
    let incident = reported.into_inner().incident.unwrap();
    collector.span("timer escalation").await;
    let cancel = CancelIncidentRequest {
        name: incident.name.clone(),
        reason: CancelReason::FalseAlarm.into(),
        note: "a drill".to_owned(),
        ..Default::default()
    };
    TriageServiceClient::new(channel).cancel_incident(cancel).await.unwrap();
    let life = collector.span("incident lifecycle").await;
    shutdown.cancel();
    served.await.unwrap().unwrap();

    let got = collector.received();
    let id = incident.name.trim_start_matches("incidents/");
    let report = one(&got, "stentor.v1.IntakeService/ReportIncident");
    assert_eq!(report.attribute("stentor.incident.id"), id);
    assert_eq!(report.links, std::slice::from_ref(&life.id), "the call leads to the life");
    committed_after(&got, report);
    delivered_after(&got, report, &life);
    let timer = one(&got, "timer escalation");
    assert_eq!(timer.attribute("stentor.incident.id"), id);
    assert_eq!(timer.links, std::slice::from_ref(&life.id));
    committed_after(&got, timer);
    told(&got, &life, report);
}

/// A commit of its own trace is linked to the span.
fn committed_after(got: &Received, cause: &Span) {
    let commits = got.spans.iter().filter(|s| s.name == "commit" && s.links.contains(&cause.id));
    let commits: Vec<_> = commits.collect();
    assert!(!commits.is_empty(), "no commit of {}", cause.name);
    assert!(commits.iter().all(|s| s.parent.is_empty() && s.trace != cause.trace));
}

/// The first page waits as a message that leads to the report and the life; its attempt hangs on it.
fn delivered_after(got: &Received, report: &Span, life: &Span) {
    let queued = got.spans.iter().find(|s| s.name == "create people").unwrap();
    assert_eq!(
        (queued.kind, queued.links.clone()),
        (SpanKind::Producer, vec![life.id.clone(), report.id.clone()])
    );
    let attempt = got.spans.iter().find(|s| s.parent == queued.id).unwrap();
    assert_eq!((attempt.name.as_str(), attempt.kind), ("process people", SpanKind::Consumer));
    assert_eq!(attempt.trace, queued.trace);
    assert_eq!(attempt.attribute("messaging.message.id"), queued.attribute("messaging.message.id"));
}

/// The life's parts hang on it, and the first phase leads to the report that began it.
fn told(got: &Received, life: &Span, report: &Span) {
    assert_eq!(life.attribute("stentor.incident.phase"), "CANCELLED");
    let parts: Vec<_> = got.spans.iter().filter(|s| s.parent == life.id).collect();
    assert!(parts.iter().all(|s| s.trace == life.trace));
    let phase = parts.iter().find(|s| s.name == "phase").unwrap();
    assert_eq!(phase.links, std::slice::from_ref(&report.id));
    let level = parts.iter().find(|s| s.name == "escalation level").unwrap();
    assert_eq!(level.links, std::slice::from_ref(&report.id), "the first level is reached with the report");
    assert!(parts.iter().any(|s| s.name == "clock acknowledge"), "{parts:?}");
}

fn one<'a>(got: &'a Received, name: &str) -> &'a Span {
    got.spans.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no {name}"))
}
