//! StreamAlerts: alerts that come one after the other, each answered in order after its commit. A stream is read no further
//! ahead than it is answered, so a slow store slows its senders and loses nothing of theirs.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt, stream};
use stentor_proto::v1;
use tonic::{Request, Response, Status, Streaming};

use super::service::Intake;
use crate::auth::Principal;
use crate::call::Call;
use crate::streams::lifetime;
use crate::wire::intake;
use crate::wire::status::Fault;

/// Alerts of one stream that are read and not yet answered.
const AHEAD: usize = 256;

/// By then another server answers, or this one again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What goes back.
pub(super) type Answers = Pin<Box<dyn Stream<Item = Result<v1::StreamAlertsResponse, Status>> + Send>>;

/// Answers until the sender ends, its time is up or the server ends.
pub(super) fn alerts(
    service: &Intake,
    request: Request<Streaming<v1::StreamAlertsRequest>>,
) -> Result<Response<Answers>, Status> {
    let principal = Principal::of(request.extensions())?;
    let place = service.streams.enter(&principal.credential)?;
    let (service, shutdown) = (service.clone(), service.shutdown.clone());
    let end = {
        let shutdown = shutdown.clone();
        async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(lifetime()) => {}
            }
        }
    };
    // Polled in the order in which they were read, and each is queued when it is first polled: no clear overtakes its alert.
    let answers = request.into_inner().take_until(end).map(move |message| {
        let (service, principal) = (service.clone(), Arc::clone(&principal));
        async move { Ok(answer(&service, principal, message?).await) }
    });
    let last = stream::once(async move {
        let ending =
            Fault::Unavailable { what: "the server, which is about to end", retry_after: RETRY_AFTER };
        // The place is given back when the stream ends.
        drop(place);
        shutdown.is_cancelled().then(|| Err(Status::from(ending)))
    });
    Ok(Response::new(Box::pin(answers.buffered(AHEAD).chain(last.filter_map(std::future::ready)))))
}

async fn answer(
    service: &Intake,
    principal: Arc<Principal>,
    message: v1::StreamAlertsRequest,
) -> v1::StreamAlertsResponse {
    let number = message.number;
    let mut request = Request::new(message);
    request.extensions_mut().insert(principal);
    let result = match Call::open("StreamAlerts", request) {
        Ok((call, message)) => service.one(&call, message).await,
        Err(status) => Err(status),
    };
    intake::answered(number, result)
}
