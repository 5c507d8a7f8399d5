//! The stream of events: each one, in the order of commits, none left out. It renders what the feed brings and keeps
//! nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use stentor_core::id::InstanceId;
use stentor_core::instance::Event;
use stentor_engine::{Engine, FeedItem};
use stentor_proto::v1;
use stentor_proto::v1::watch_events_response::Item;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::Answers;
use super::follow::{Follower, From, ending, misplaced};
use crate::call::{self, Call};
use crate::streams::{Place, Streams, heartbeat, lifetime};
use crate::wire::clocks::instant;
use crate::wire::fields::{Fields, Name};
use crate::wire::status::{self, Fault};
use crate::wire::{limits, timeline};

/// Messages that wait for a reader.
const BUFFER: usize = 256;

/// How long a full buffer may stay full.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens the stream.
pub(super) async fn watch(
    engine: &Engine,
    streams: &Arc<Streams>,
    shutdown: CancellationToken,
    request: Request<v1::WatchEventsRequest>,
) -> Result<Response<Answers<v1::WatchEventsResponse>>, Status> {
    let (call, request) = Call::open("WatchEvents", request)?;
    let place = streams.enter(&call.principal.credential)?;
    let only = instance(engine, &request).await?;
    let from = match (request.resume_token.as_slice(), request.from_start) {
        ([], true) => From::Start,
        ([], false) => From::Now,
        (_, true) => return Err(misplaced("is given together with from_start")),
        (token, false) => From::Token(token),
    };
    let follower = Follower::begin(engine, from).await?;
    let (to, answers) = mpsc::channel(BUFFER);
    let kinds = request.kinds.into_iter().collect();
    let watch = Watch { engine: engine.clone(), kinds, only, follower, to };
    tokio::spawn(watch.run(shutdown, place));
    Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
}

/// The one instance that is asked for, if one is.
async fn instance(engine: &Engine, request: &v1::WatchEventsRequest) -> Result<Option<InstanceId>, Status> {
    let mut f = Fields::default();
    if request.kinds.len() > limits::LIST {
        f.refuse("kinds", format!("has more than {} entries", limits::LIST));
    }
    let review = request.instance.starts_with("reviews/");
    let name = match request.instance.as_str() {
        "" => None,
        name if review => Some(f.review("instance", name)),
        name => Some(f.incident("instance", name)),
    };
    match f.finish(name).map_err(|wrong| status::invalid_fields(&wrong))? {
        None => Ok(None),
        Some(Name::Number(n)) if review => {
            engine.find("review", n).await.map(Some).map_err(status::of_engine)
        }
        Some(name) => call::find(engine, &name).await.map(Some),
    }
}

struct Watch {
    engine: Engine,
    /// Empty: every kind.
    kinds: BTreeSet<String>,
    only: Option<InstanceId>,
    follower: Follower,
    to: mpsc::Sender<Result<v1::WatchEventsResponse, Status>>,
}

impl Watch {
    async fn run(mut self, shutdown: CancellationToken, _place: Place) {
        let to = self.to.clone();
        let end = tokio::select! {
            () = shutdown.cancelled() => Some(ending()),
            () = tokio::time::sleep(lifetime()) => None,
            () = to.closed() => None,
            end = self.stream() => Some(end),
        };
        if let Some(status) = end {
            let _ = tokio::time::timeout(PATIENCE, to.send(Err(status))).await;
        }
    }

    /// Runs until something ends it.
    async fn stream(&mut self) -> Status {
        loop {
            let sent = match tokio::time::timeout(heartbeat(), self.follower.next()).await {
                Ok(Ok(items)) => self.show(&items).await,
                Ok(Err(status)) => Err(status),
                Err(_) => {
                    let beat = v1::Heartbeat { beat_time: Some(instant(self.engine.now())) };
                    self.send(Item::Heartbeat(beat)).await
                }
            };
            if let Err(status) = sent {
                return status;
            }
        }
    }

    /// Only the last message of a transition moves the token past it: who stops in between gets it again.
    async fn show(&mut self, items: &[Arc<FeedItem>]) -> Result<(), Status> {
        for item in items {
            let mut events = self.wanted(item);
            let last = events.pop();
            for event in events {
                self.send(Item::Event(event)).await?;
            }
            self.follower.pass(item);
            if let Some(event) = last {
                self.send(Item::Event(event)).await?;
            }
        }
        Ok(())
    }

    fn wanted(&self, item: &FeedItem) -> Vec<v1::Event> {
        if self.only.as_ref().is_some_and(|only| *only != item.id) {
            return Vec::new();
        }
        let collection = match item.transition.events.first() {
            Some(Event::Review(_)) => "reviews",
            Some(Event::Incident(_)) | None => "incidents",
        };
        let mut events = timeline::feed(&format!("{collection}/{}", item.id), &item.transition);
        events.retain(|event| self.kinds.is_empty() || self.kinds.contains(&event.kind));
        events
    }

    async fn send(&mut self, item: Item) -> Result<(), Status> {
        let resume_token = self.follower.cursor.token(self.engine.secret());
        let message = v1::WatchEventsResponse { item: Some(item), resume_token };
        match tokio::time::timeout(PATIENCE, self.to.send(Ok(message))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Fault::WatcherSlow.into()),
        }
    }
}
