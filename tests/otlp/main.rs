//! The server's telemetry as a collector receives it: OTLP over gRPC, from a whole server to a collector of our own.
//! What each span and metric means is told where it is made.

mod collector;
mod life;

use std::net::SocketAddr;
use std::path::Path;

use collector::Collector;
use stentor::cli::args::ServeArgs;
use stentor::serve::Server;
use stentor_proto::v1::ReportIncidentRequest;
use stentor_proto::v1::intake_service_client::IntakeServiceClient;
use tonic::Request;
use tonic::transport::Endpoint;

/// A caller's trace, as W3C writes it.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// One after the other: a process has one subscriber, and it belongs to the first server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_hears_of_every_call_and_of_everything_that_follows_from_it() {
    a_call_leaves_a_span_in_its_callers_trace_and_numbers_and_logs_beside_it().await;
    life::commits_deadlines_and_deliveries_lead_to_their_cause_and_the_end_tells_the_life().await;
}

async fn a_call_leaves_a_span_in_its_callers_trace_and_numbers_and_logs_beside_it() {
    let collector = Collector::start().await;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&arguments(folder.path(), &collector.url)).await.unwrap();
    let (api, _) = server.shell.addresses().unwrap();
    let shutdown = server.shell.shutdown.clone();
    let served = tokio::spawn(server.serve());

    let channel = Endpoint::from_shared(format!("http://{api}")).unwrap().connect_lazy();
    let mut intake = IntakeServiceClient::new(channel);
    let mut request = Request::new(ReportIncidentRequest {
        title: "Customers cannot pay".to_owned(),
        ..ReportIncidentRequest::default()
    });
    let parent = format!("00-{TRACE}-{PARENT}-01").parse().unwrap();
    request.metadata_mut().insert("traceparent", parent);
    intake.report_incident(request).await.unwrap();
    let mut bad = Request::new(ReportIncidentRequest::default());
    let parent = format!("00-{TRACE}-{PARENT}-01").parse().unwrap();
    bad.metadata_mut().insert("traceparent", parent);
    intake.report_incident(bad).await.unwrap_err();

    drop(intake);
    shutdown.cancel();
    served.await.unwrap().unwrap();

    let got = collector.received();
    let calls: Vec<_> =
        got.spans.iter().filter(|s| s.name == "stentor.v1.IntakeService/ReportIncident").collect();
    let statuses: Vec<_> = calls.iter().map(|s| s.attribute("rpc.response.status_code")).collect();
    assert_eq!(statuses, ["OK", "INVALID_ARGUMENT"], "one span for each call: {:?}", got.spans);
    for call in calls {
        assert_eq!((call.trace.as_str(), call.parent.as_str()), (TRACE, PARENT), "in the caller's trace");
    }
    assert_eq!(got.service, "stentor");
    for metric in ["rpc.server.call.duration", "stentor.commit.commands"] {
        assert!(got.metrics.iter().any(|name| name == metric), "no {metric} in {:?}", got.metrics);
    }
    assert!(got.logs.iter().any(|line| line == "listening"), "{:?}", got.logs);
}

fn arguments(folder: &Path, collector: &str) -> ServeArgs {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let mut arguments = ServeArgs::development(folder.to_owned(), any, any);
    arguments.telemetry.log = "info".to_owned();
    arguments.telemetry.otlp_endpoint = Some(collector.to_owned());
    arguments
}
