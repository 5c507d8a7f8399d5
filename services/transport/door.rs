//! What every gRPC call passes, in this order: measurement, overload, identity, deadline, and a net for panics.
//! It answers for itself when it turns a call away, so that each refusal is measured and has a reason.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{Request, Response};
use opentelemetry::context::FutureExt as _;
use tonic::Status;
use tower::{Layer, Service};

use super::deadline::{Deadline, allowed};
use super::limits::{CALLS_IN_FLIGHT_MAX, OVERLOAD_RETRY};
use crate::auth::Guardian;
use crate::telemetry::RpcTelemetry;
use crate::wire::status::Fault;

/// Health must be answered even when nothing else is, and without credentials: probes have none.
const ALWAYS_OPEN: &str = "/grpc.health.v1.Health/";

/// Puts the door before gRPC services.
#[derive(Clone)]
pub struct DoorLayer {
    shared: Arc<Shared>,
}

struct Shared {
    telemetry: Arc<RpcTelemetry>,
    guardian: Arc<Guardian>,
    in_flight: Arc<AtomicUsize>,
}

impl DoorLayer {
    pub fn new(telemetry: Arc<RpcTelemetry>, guardian: Arc<Guardian>) -> DoorLayer {
        DoorLayer { shared: Arc::new(Shared { telemetry, guardian, in_flight: Arc::default() }) }
    }
}

impl<S> Layer<S> for DoorLayer {
    type Service = Door<S>;

    fn layer(&self, inner: S) -> Door<S> {
        Door { inner, shared: Arc::clone(&self.shared) }
    }
}

/// A service behind the door.
#[derive(Clone)]
pub struct Door<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S, B> Service<Request<B>> for Door<S>
where
    S: Service<Request<B>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let call = self.shared.telemetry.begin(&request);
        let admission = match self.shared.admit(&mut request) {
            Ok(admission) => admission,
            Err(fault) => {
                let answer = call.answer(Status::from(fault).into_http());
                return Box::pin(std::future::ready(Ok(answer)));
            }
        };
        let context = call.context();
        let handled = self.inner.call(request);
        let answer = async move { call.answer(admission.watch(handled).await) };
        match context {
            Some(context) => Box::pin(answer.map(Ok).with_context(context)),
            None => Box::pin(answer.map(Ok)),
        }
    }
}

impl Shared {
    /// Lets the call in, with its identity and deadline among its extensions, or says why not.
    fn admit<B>(&self, request: &mut Request<B>) -> Result<Admission, Fault> {
        let time = allowed(request.headers());
        let path = request.uri().path();
        if path.starts_with(ALWAYS_OPEN) {
            return Ok(Admission { place: None, time });
        }
        let place = Place::take(&self.in_flight).ok_or(Fault::Overloaded { retry_after: OVERLOAD_RETRY })?;
        let principal = self.guardian.admit(path, request.headers())?;
        let extensions = request.extensions_mut();
        extensions.insert(principal);
        extensions.insert(Deadline(Instant::now() + time));
        Ok(Admission { place: Some(place), time })
    }
}

/// What a call that was let in holds until it is answered.
struct Admission {
    place: Option<Place>,
    time: Duration,
}

impl Admission {
    /// Waits for the handler: at most the call's time, and a panic becomes INTERNAL.
    async fn watch<F>(self, handled: F) -> Response<Body>
    where
        F: Future<Output = Result<Response<Body>, Infallible>>,
    {
        let handled = AssertUnwindSafe(handled).catch_unwind();
        let response = match tokio::time::timeout(self.time, handled).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(never))) => match never {},
            // The hook has logged the panic and where it was.
            Ok(Err(_)) => Status::from(Fault::Internal).into_http(),
            Err(_) => Status::from(Fault::Late).into_http(),
        };
        drop(self.place);
        response
    }
}

/// One of the places for calls in flight, given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(count: &Arc<AtomicUsize>) -> Option<Place> {
        let place = Place(Arc::clone(count));
        (count.fetch_add(1, Ordering::Relaxed) < CALLS_IN_FLIGHT_MAX).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
