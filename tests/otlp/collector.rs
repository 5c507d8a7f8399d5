//! A collector that keeps the names of what it receives. It asks nothing and refuses nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// A running collector.
pub(crate) struct Collector {
    pub(crate) url: String,
    received: Kept,
}

/// What has come in.
#[derive(Debug, Default, Clone)]
pub(crate) struct Received {
    /// The resource's `service.name`.
    pub(crate) service: String,
    pub(crate) spans: Vec<Span>,
    pub(crate) metrics: Vec<String>,
    /// Bodies of log records.
    pub(crate) logs: Vec<String>,
}

/// A span as far as the tests look.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) trace: String,
    pub(crate) parent: String,
    pub(crate) id: String,
    pub(crate) kind: SpanKind,
    /// Ids of the spans that it is linked to.
    pub(crate) links: Vec<String>,
    attributes: Vec<KeyValue>,
}

impl Span {
    /// An attribute as text; empty if it is absent.
    pub(crate) fn attribute(&self, key: &str) -> String {
        text_of(&self.attributes, key)
    }
}

#[derive(Debug, Default, Clone)]
struct Kept(Arc<Mutex<Received>>, Arc<Notify>);

impl Collector {
    /// Listens on a free port of the loopback for as long as the test runs.
    pub(crate) async fn start() -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Kept::default();
        let served = Server::builder()
            .add_service(TraceServiceServer::new(received.clone()))
            .add_service(MetricsServiceServer::new(received.clone()))
            .add_service(LogsServiceServer::new(received.clone()))
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(served);
        Collector { url, received }
    }

    /// Waits until a span of this name has come, for at most a minute.
    pub(crate) async fn span(&self, name: &str) -> Span {
        let come = async {
            loop {
                if let Some(span) = self.received().spans.into_iter().find(|span| span.name == name) {
                    return span;
                }
                self.received.1.notified().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), come).await;
        waited.unwrap_or_else(|_| panic!("no span {name} among {:?}", self.received().spans))
    }

    /// What came so far, spans in the order of their starts.
    pub(crate) fn received(&self) -> Received {
        self.received.lock().clone()
    }
}

impl Kept {
    fn lock(&self) -> std::sync::MutexGuard<'_, Received> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tonic::async_trait]
impl TraceService for Kept {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut kept = self.lock();
        for of_resource in request.into_inner().resource_spans {
            kept.service = service(of_resource.resource.as_ref());
            let mut spans: Vec<_> = of_resource.scope_spans.into_iter().flat_map(|s| s.spans).collect();
            spans.sort_by_key(|span| span.start_time_unix_nano);
            kept.spans.extend(spans.into_iter().map(|span| Span {
                kind: span.kind(),
                trace: hex::encode(span.trace_id),
                name: span.name,
                parent: hex::encode(span.parent_span_id),
                id: hex::encode(span.span_id),
                links: span.links.into_iter().map(|link| hex::encode(link.span_id)).collect(),
                attributes: span.attributes,
            }));
        }
        drop(kept);
        self.1.notify_one();
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Kept {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let of_scopes = request.into_inner().resource_metrics.into_iter().flat_map(|r| r.scope_metrics);
        self.lock().metrics.extend(of_scopes.flat_map(|s| s.metrics).map(|metric| metric.name));
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Kept {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let of_scopes = request.into_inner().resource_logs.into_iter().flat_map(|r| r.scope_logs);
        let records = of_scopes.flat_map(|s| s.log_records);
        self.lock().logs.extend(records.map(|record| text(record.body.as_ref())));
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}

fn service(resource: Option<&Resource>) -> String {
    resource.map(|r| text_of(&r.attributes, "service.name")).unwrap_or_default()
}

fn text_of(attributes: &[KeyValue], key: &str) -> String {
    text(attributes.iter().find(|a| a.key == key).and_then(|a| a.value.as_ref()))
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|v| v.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(other) => format!("{other:?}"),
        None => String::new(),
    }
}
