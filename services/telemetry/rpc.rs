//! One span and one measurement for each call that arrives, ended by the status in its trailers.
//! Without OTLP there is no span and no attribute is made: a clock reading, a lookup and one recorded number.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Instant;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use opentelemetry::metrics::{Histogram, Meter};
use opentelemetry::trace::{SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;
use tonic::Code;

use super::labels::CALL_SECONDS;
use super::methods::{Method, Methods, STATUS_CODE, is_server_error, word};
use super::propagation;

/// Measures the calls of one server.
pub struct RpcTelemetry {
    methods: Arc<Methods>,
    duration: Histogram<f64>,
    tracer: Option<SdkTracer>,
}

impl RpcTelemetry {
    pub(crate) fn new(meter: &Meter, tracer: Option<SdkTracer>) -> RpcTelemetry {
        let methods = Arc::new(Methods::known());
        let duration = meter
            .f64_histogram("rpc.server.call.duration")
            .with_unit("s")
            .with_description("Duration of calls to this server")
            .with_boundaries(CALL_SECONDS.to_vec())
            .build();
        let observed = Arc::clone(&methods);
        meter
            .i64_observable_up_down_counter("stentor.rpc.server.active")
            .with_unit("{call}")
            .with_description("Calls that have begun and not ended")
            .with_callback(move |observer| {
                for method in observed.all().filter(|method| method.active() != 0) {
                    let labels = [
                        KeyValue::new("rpc.method", method.name.clone()),
                        KeyValue::new("kind", method.kind),
                    ];
                    observer.observe(method.active(), &labels);
                }
            })
            .build();
        RpcTelemetry { methods, duration, tracer }
    }

    /// Calls of a method that have begun and not ended.
    pub fn active(&self, method: &str) -> i64 {
        self.methods.of(&format!("/{method}")).active()
    }

    /// Begins the measurement of a call; dropped before its end, the call counts as CANCELLED.
    pub fn begin<B>(&self, request: &Request<B>) -> Call {
        let method = Arc::clone(self.methods.of(request.uri().path()));
        method.began();
        let context = match &self.tracer {
            Some(tracer) if method.traced => Some(span(tracer, &method, request)),
            _ => propagation::extract(request.headers()),
        };
        let spanned = self.tracer.is_some() && method.traced;
        Call {
            method,
            context,
            spanned,
            began: Instant::now(),
            duration: self.duration.clone(),
            ended: false,
        }
    }
}

fn span<B>(tracer: &SdkTracer, method: &Method, request: &Request<B>) -> Context {
    let parent = propagation::extract(request.headers()).unwrap_or_default();
    let path = request.uri().path().trim_start_matches('/');
    let mut attributes =
        vec![KeyValue::new("rpc.system.name", "grpc"), KeyValue::new("rpc.method", method.name.clone())];
    let known = method.name == path;
    if !known {
        attributes.push(KeyValue::new("rpc.method_original", path.chars().take(256).collect::<String>()));
    }
    if let Some(authority) = request.uri().authority() {
        attributes.push(KeyValue::new("server.address", authority.host().to_owned()));
        attributes.extend(authority.port_u16().map(|port| KeyValue::new("server.port", i64::from(port))));
    }
    let plain = request.extensions().get::<TcpConnectInfo>();
    let tls = request.extensions().get::<TlsConnectInfo<TcpConnectInfo>>().map(TlsConnectInfo::get_ref);
    if let Some(address) = plain.or(tls).and_then(|info| info.remote_addr()) {
        attributes.push(KeyValue::new("network.peer.address", address.ip().to_string()));
        attributes.push(KeyValue::new("network.peer.port", i64::from(address.port())));
    }
    let name = if known { method.name.clone() } else { "grpc".to_owned() };
    let builder = tracer.span_builder(name).with_kind(SpanKind::Server).with_attributes(attributes);
    let span = tracer.build_with_context(builder, &parent);
    parent.with_span(span)
}

/// A call under way.
pub struct Call {
    method: Arc<Method>,
    /// Its span's context, or the caller's if we make no spans.
    context: Option<Context>,
    spanned: bool,
    began: Instant,
    duration: Histogram<f64>,
    ended: bool,
}

impl Call {
    /// The context that the handler runs in.
    pub fn context(&self) -> Option<Context> {
        self.context.clone()
    }

    /// Follows the response to its last frame.
    pub fn answer(mut self, response: Response<Body>) -> Response<Body> {
        if let Some(code) = code_in(response.headers()) {
            self.end(code);
            return response;
        }
        if !response.status().is_success() {
            self.end(Code::Unknown);
            return response;
        }
        response.map(|body| Body::new(Followed { body, call: self }))
    }

    fn end(&mut self, code: Code) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.method.ended();
        self.duration.record(self.began.elapsed().as_secs_f64(), self.method.labels(code));
        if matches!(code, Code::Internal | Code::Unknown | Code::DataLoss) {
            let _attached = self.context.clone().map(Context::attach);
            tracing::error!(name: "rpc.server.call.exception", method = self.method.name, code = word(code), "a call failed");
        }
        if let Some(context) = self.context.take().filter(|_| self.spanned) {
            let span = context.span();
            span.set_attribute(KeyValue::new(STATUS_CODE, word(code)));
            if code != Code::Ok {
                span.set_attribute(KeyValue::new("error.type", word(code)));
            }
            if is_server_error(code) {
                span.set_status(Status::error(""));
            }
            span.end();
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}

fn code_in(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|value| Code::from_bytes(value.as_bytes()))
}

/// A body that ends its call with the status of its trailers.
struct Followed {
    body: Body,
    call: Call,
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.call.end(code_in(trailers).unwrap_or(Code::Unknown));
                }
            }
            Poll::Ready(Some(Err(_)) | None) => self.call.end(Code::Unknown),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
