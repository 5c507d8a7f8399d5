//! The stream of incidents: those that match first, then their changes. States in between may be left out; the order of
//! one incident's states is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use stentor_core::id::InstanceId;
use stentor_core::incident::Incident;
use stentor_core::instance::Instance;
use stentor_engine::Engine;
use stentor_engine::store::rows::{Column, Filter, ListQuery, ListingRow};
use stentor_proto::v1;
use stentor_proto::v1::watch_incidents_response::Item;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::follow::{Follower, From, ending, misplaced};
use super::{Answers, reads};
use crate::call::{self, Call};
use crate::streams::{Place, Streams, heartbeat, lifetime};
use crate::wire::clocks::instant;
use crate::wire::page::Position;
use crate::wire::status::{self, Fault};
use crate::wire::{filter, matches};

/// Messages that wait for a reader.
const BUFFER: usize = 64;

/// How long a full buffer may stay full.
const PATIENCE: Duration = Duration::from_secs(10);

/// Incidents of the initial state that are read at once.
const PAGE: u32 = 200;

/// Opens the stream.
pub(super) async fn watch(
    engine: &Engine,
    streams: &Arc<Streams>,
    shutdown: CancellationToken,
    request: Request<v1::WatchIncidentsRequest>,
) -> Result<Response<Answers<v1::WatchIncidentsResponse>>, Status> {
    let (call, request) = Call::open("WatchIncidents", request)?;
    let place = streams.enter(&call.principal.credential)?;
    let filter = reads::real(filter::parse(&request.filter)?);
    if !request.resume_token.is_empty() && request.skip_initial_state {
        return Err(misplaced("is given together with skip_initial_state"));
    }
    let resumed = !request.resume_token.is_empty();
    let from = if resumed { From::Token(&request.resume_token) } else { From::Now };
    let follower = Follower::begin(engine, from).await?;
    let (to, answers) = mpsc::channel(BUFFER);
    let snapshot = !resumed && !request.skip_initial_state;
    let watch = Watch {
        engine: engine.clone(),
        filter,
        follower,
        to,
        shown: BTreeMap::new(),
        complete: !resumed && snapshot,
    };
    tokio::spawn(watch.run(snapshot, shutdown, place));
    Ok(Response::new(Box::pin(ReceiverStream::new(answers))))
}

struct Watch {
    engine: Engine,
    filter: Filter,
    follower: Follower,
    to: mpsc::Sender<Result<v1::WatchIncidentsResponse, Status>>,
    /// Whether the reader was last shown an incident as matching.
    shown: BTreeMap<InstanceId, bool>,
    /// Whether `shown` knows everything that the reader has.
    complete: bool,
}

/// The reader is gone, or too slow; the stream is over.
struct Over;

impl Watch {
    async fn run(mut self, snapshot: bool, shutdown: CancellationToken, _place: Place) {
        let to = self.to.clone();
        let end = tokio::select! {
            () = shutdown.cancelled() => Some(ending()),
            () = tokio::time::sleep(lifetime()) => None,
            () = to.closed() => None,
            end = self.stream(snapshot) => end,
        };
        if let Some(status) = end {
            // A reader that is too slow for changes may be too slow for this one.
            let _ = tokio::time::timeout(PATIENCE, to.send(Err(status))).await;
        }
    }

    /// Runs until something ends it.
    async fn stream(&mut self, snapshot: bool) -> Option<Status> {
        if snapshot && let Err(end) = self.initial().await {
            return end;
        }
        loop {
            let items = match tokio::time::timeout(heartbeat(), self.follower.next()).await {
                Ok(Ok(items)) => items,
                Ok(Err(status)) => return Some(status),
                Err(_) => {
                    let beat = v1::Heartbeat { beat_time: Some(instant(self.engine.now())) };
                    match self.send(Item::Heartbeat(beat)).await {
                        Ok(()) => continue,
                        Err(Over) => return Some(Fault::WatcherSlow.into()),
                    }
                }
            };
            let changed: BTreeSet<InstanceId> = items.iter().map(|item| item.id.clone()).collect();
            // The token of each message must not promise what the reader has not got yet.
            let mut left = changed.len();
            for id in changed {
                left -= 1;
                if left == 0 {
                    items.iter().for_each(|item| self.follower.pass(item));
                }
                if let Err(end) = self.change(&id).await {
                    return end;
                }
            }
        }
    }

    /// Everything that matches now, then the word that this was all.
    async fn initial(&mut self) -> Result<(), Option<Status>> {
        let order = vec![(Column::CreatedAt, false)];
        let (mut after, mut count) = (None, 0);
        loop {
            let (filter, order) = (Some(self.filter.clone()), order.clone());
            let query =
                ListQuery { kind: "incident".to_owned(), filter, order: order.clone(), after, limit: PAGE };
            let rows = self.engine.list(query).await.map_err(|e| Some(status::of_engine(e)))?;
            for row in &rows {
                let id = InstanceId(row.id.clone());
                let state = self.engine.read(&id).await.map_err(|e| Some(status::of_engine(e)))?;
                self.shown.insert(id, true);
                self.show(v1::ChangeKind::Snapshot, &state).await?;
                count += 1;
            }
            if rows.len() < PAGE as usize {
                break;
            }
            after = rows.last().map(|row| Position::of(row, &order).after());
        }
        let complete = v1::SnapshotComplete { incident_count: count };
        self.send(Item::SnapshotComplete(complete)).await.map_err(|Over| Some(Fault::WatcherSlow.into()))
    }

    /// Shows a change of an incident, if it concerns the reader.
    async fn change(&mut self, id: &InstanceId) -> Result<(), Option<Status>> {
        let state = self.engine.read(id).await.map_err(|e| Some(status::of_engine(e)))?;
        if state.incident().is_none_or(Incident::is_imported) {
            return Ok(());
        }
        let row = ListingRow { updated_at: state.updated_at().0, ..stentor_engine::listing(&state) };
        let now = matches::matches(&self.filter, &row);
        let before = self.shown.get(id).copied().unwrap_or(!self.complete);
        match (before, now) {
            (_, true) => {
                self.shown.insert(id.clone(), true);
                self.show(v1::ChangeKind::Changed, &state).await
            }
            (true, false) => {
                self.shown.insert(id.clone(), false);
                self.show(v1::ChangeKind::Removed, &state).await
            }
            (false, false) => Ok(()),
        }
    }

    async fn show(&mut self, kind: v1::ChangeKind, state: &Instance) -> Result<(), Option<Status>> {
        let incident = call::basic(&self.engine, state).await.map_err(Some)?;
        let change = v1::Change { kind: kind.into(), incident: Some(incident) };
        self.send(Item::Change(Box::new(change))).await.map_err(|Over| Some(Fault::WatcherSlow.into()))
    }

    async fn send(&mut self, item: Item) -> Result<(), Over> {
        let resume_token = self.follower.cursor.token(self.engine.secret());
        let message = v1::WatchIncidentsResponse { item: Some(item), resume_token };
        match tokio::time::timeout(PATIENCE, self.to.send(Ok(message))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over),
        }
    }
}
