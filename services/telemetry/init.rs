//! Starts telemetry and ends it: subscriber, providers, exporters. What is recorded is decided where it happens.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::TracerProvider;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::config::{Exports, LogFormat, TelemetryConfig};
use super::derived::DerivedIds;
use super::format::JsonLines;
use super::metrics::Metrics;
use super::resource::{SCHEMA_URL, resource};
use super::rpc::RpcTelemetry;
use super::sampler;
use super::spans::Spans;

/// How long the last batches may take to leave at shutdown.
const FLUSH_SECONDS_MAX: Duration = Duration::from_secs(5);

/// What exporters use themselves would be exported without end.
const NOT_EXPORTED: &str =
    "info,h2=off,hyper=off,hyper_util=off,tonic=off,tower=off,reqwest=off,opentelemetry=off";

/// Telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error("the log filter {filter:?} cannot be read: {problem}")]
    Filter { filter: String, problem: String },
    #[error("the OTLP exporter of {signal} cannot be built: {problem}")]
    Exporter { signal: &'static str, problem: String },
    #[error("the Prometheus reader cannot be built: {0}")]
    Prometheus(String),
}

/// Running telemetry. End it with [`Guard::shutdown`], or what is not yet sent is lost.
pub struct Guard {
    pub metrics: Arc<Metrics>,
    pub rpc: Arc<RpcTelemetry>,
    /// Spans of the engine; absent where no traces go out.
    pub spans: Option<Arc<Spans>>,
    /// What the Prometheus page shows.
    pub registry: prometheus::Registry,
    traces: Option<SdkTracerProvider>,
    meters: SdkMeterProvider,
    logs: Option<SdkLoggerProvider>,
}

/// Starts logs, metrics and traces. Must run inside a tokio runtime; a subscriber that is already set stays.
pub fn init(config: &TelemetryConfig) -> Result<Guard, InitError> {
    let exports = Exports::from_env(config.otlp_endpoint.as_deref());
    let endpoint = config.otlp_endpoint.as_deref();
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let resource = resource();
    let traces = exports.traces.then(|| traces(endpoint, &resource)).transpose()?;
    let logs = exports.logs.then(|| logs(endpoint, &resource)).transpose()?;
    let registry = prometheus::Registry::new();
    let meters = meters(exports.metrics, endpoint, &resource, &registry)?;
    let scope = InstrumentationScope::builder("stentor")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(SCHEMA_URL);
    let scope = scope.build();
    let tracer = traces.as_ref().map(|provider| provider.tracer_with_scope(scope.clone()));
    subscribe(config, tracer.clone(), logs.as_ref())?;

    let meter = meters.meter_with_scope(scope);
    super::process::observe(&meter);
    let metrics = Arc::new(Metrics::new(&meter));
    let spans = tracer.clone().map(|tracer| Arc::new(Spans::new(tracer)));
    let rpc = Arc::new(RpcTelemetry::new(&meter, tracer));
    Ok(Guard { metrics, rpc, spans, registry, traces, meters, logs })
}

impl Guard {
    /// Sends what is left, for at most 5 s. Failures are of no consequence any more and only logged.
    pub async fn shutdown(self) {
        let work = tokio::task::spawn_blocking(move || {
            let mut problems = Vec::new();
            if let Some(traces) = &self.traces {
                problems.extend(traces.shutdown_with_timeout(FLUSH_SECONDS_MAX).err());
            }
            problems.extend(self.meters.shutdown_with_timeout(FLUSH_SECONDS_MAX).err());
            if let Some(logs) = &self.logs {
                problems.extend(logs.shutdown_with_timeout(FLUSH_SECONDS_MAX).err());
            }
            for problem in problems {
                tracing::debug!(%problem, "telemetry ended with something unsent");
            }
        });
        if tokio::time::timeout(FLUSH_SECONDS_MAX, work).await.is_err() {
            tracing::debug!("telemetry took too long to end");
        }
    }
}

fn failed(signal: &'static str) -> impl Fn(opentelemetry_otlp::ExporterBuildError) -> InitError {
    move |error| InitError::Exporter { signal, problem: error.to_string() }
}

fn traces(endpoint: Option<&str>, resource: &Resource) -> Result<SdkTracerProvider, InitError> {
    let mut exporter = SpanExporter::builder().with_tonic();
    if let Some(endpoint) = endpoint {
        exporter = exporter.with_endpoint(endpoint);
    }
    let exporter = exporter.build().map_err(failed("traces"))?;
    Ok(SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_sampler(sampler::from_env())
        .with_id_generator(DerivedIds::default())
        .with_batch_exporter(exporter)
        .build())
}

fn logs(endpoint: Option<&str>, resource: &Resource) -> Result<SdkLoggerProvider, InitError> {
    let mut exporter = LogExporter::builder().with_tonic();
    if let Some(endpoint) = endpoint {
        exporter = exporter.with_endpoint(endpoint);
    }
    let exporter = exporter.build().map_err(failed("logs"))?;
    Ok(SdkLoggerProvider::builder().with_resource(resource.clone()).with_batch_exporter(exporter).build())
}

fn meters(
    push: bool,
    endpoint: Option<&str>,
    resource: &Resource,
    registry: &prometheus::Registry,
) -> Result<SdkMeterProvider, InitError> {
    let page = opentelemetry_prometheus::exporter()
        .with_registry(registry.clone())
        .scope_info_enabled(false)
        .build()
        .map_err(|error| InitError::Prometheus(error.to_string()))?;
    let mut provider = SdkMeterProvider::builder().with_resource(resource.clone()).with_reader(page);
    if push {
        let mut exporter = MetricExporter::builder().with_tonic();
        if let Some(endpoint) = endpoint {
            exporter = exporter.with_endpoint(endpoint);
        }
        provider = provider.with_periodic_exporter(exporter.build().map_err(failed("metrics"))?);
    }
    Ok(provider.build())
}

fn subscribe(
    config: &TelemetryConfig,
    tracer: Option<SdkTracer>,
    logs: Option<&SdkLoggerProvider>,
) -> Result<(), InitError> {
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = Vec::new();
    let filter = filter(config)?;
    layers.push(match config.log_format {
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .fmt_fields(JsonFields::new())
            .event_format(JsonLines)
            .with_writer(std::io::stdout)
            .with_filter(filter)
            .boxed(),
        LogFormat::Text => {
            tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(filter).boxed()
        }
    });
    if let Some(tracer) = tracer {
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        layers.push(layer.with_filter(EnvFilter::new(NOT_EXPORTED)).boxed());
    }
    if let Some(logs) = logs {
        let layer = OpenTelemetryTracingBridge::new(logs);
        layers.push(layer.with_filter(EnvFilter::new(NOT_EXPORTED)).boxed());
    }
    // Tests and the demonstration may have set one before; theirs stays.
    let _ = tracing_subscriber::registry().with(layers).try_init();
    Ok(())
}

fn filter(config: &TelemetryConfig) -> Result<EnvFilter, InitError> {
    let variable = |name| std::env::var(name).ok().filter(|text: &String| !text.is_empty());
    let text = config
        .log_filter
        .clone()
        .or_else(|| variable("STENTOR_LOG"))
        .or_else(|| variable("RUST_LOG"))
        .unwrap_or_else(|| "info".to_owned());
    EnvFilter::try_new(&text).map_err(|error| InitError::Filter { filter: text, problem: error.to_string() })
}
