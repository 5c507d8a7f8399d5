//! Drives one sink: holds its lease, reads the feed behind its position, keeps what became of it. One replica at a time
//! does; what another one wrote in the meantime is seen by the lease's epoch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::Rng as _;
use stentor_core::id::InstanceId;
use stentor_core::time::{Duration as Span, Timestamp};
use tokio::sync::broadcast::Receiver;

use super::ship::{Accepted, ship};
use super::{Sink, Untaken, position};
use crate::engine::Shared;
use crate::error::Error;
use crate::feed::{FeedItem, load_state, transition};
use crate::limits;
use crate::store::rows::{LeaseOp, SinkRow};

/// Trusted for so much less than it lasts, counted from before it was asked for.
const MARGIN: Duration = Duration::from_secs(1);

/// The only process there is needs no renewal: the next one frees what it finds.
const ALONE_MS: i64 = 10 * 365 * 86_400_000;

/// Until the engine stops.
pub(crate) async fn run(shared: Arc<Shared>, sink: Arc<dyn Sink>) {
    while !shared.stopping.is_cancelled() {
        let asked = Instant::now();
        match hold(&shared, sink.name()).await {
            Ok(Some(epoch)) => {
                if let Err(error) = lead(&shared, sink.as_ref(), epoch, asked).await {
                    tracing::warn!(sink = sink.name(), %error, "the sink cannot be driven");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(sink = sink.name(), %error, "the sink's lease cannot be asked for"),
        }
        tokio::select! {
            () = shared.stopping.cancelled() => {}
            () = tokio::time::sleep(limits::LEASE_EVERY) => {}
        }
    }
    let op = LeaseOp::Resign { owner: shared.replica.clone() };
    // Not resigned, it runs out by itself.
    let _ = shared.store.lease_sink(sink.name().to_owned(), op).await;
}

async fn hold(shared: &Shared, name: &str) -> Result<Option<i64>, Error> {
    let ttl_ms = if shared.single_writer { ALONE_MS } else { limits::LEASE_MS };
    let op = LeaseOp::Hold { owner: shared.replica.clone(), addr: String::new(), ttl_ms };
    Ok(shared.store.lease_sink(name.to_owned(), op).await?)
}

/// Drives the sink for as long as the lease is ours.
async fn lead(shared: &Arc<Shared>, sink: &dyn Sink, epoch: i64, asked: Instant) -> Result<(), Error> {
    let row = read(shared, sink.name()).await?;
    let mut drive =
        Drive { shared, sink, epoch, row, accepted: Accepted::new(), unsaved: false, saved: Instant::now() };
    tokio::select! {
        () = shared.stopping.cancelled() => drive.save().await.map(drop),
        () = lost(shared, sink.name(), epoch, asked) => Ok(()),
        ended = drive.run() => ended,
    }
}

/// Renews the lease; returns once it may be another replica's.
async fn lost(shared: &Shared, name: &str, epoch: i64, asked: Instant) {
    if shared.single_writer {
        return std::future::pending().await;
    }
    let life = Duration::from_millis(limits::LEASE_MS as u64) - MARGIN;
    let mut trusted = asked + life;
    loop {
        tokio::time::sleep(limits::LEASE_EVERY).await;
        let asked = Instant::now();
        match tokio::time::timeout_at(trusted.into(), hold(shared, name)).await {
            Ok(Ok(Some(now))) if now == epoch => trusted = asked + life,
            Ok(Err(_)) if Instant::now() < trusted => {}
            _ => return,
        }
    }
}

async fn read(shared: &Shared, name: &str) -> Result<SinkRow, Error> {
    let rows = shared.store.sinks().await?;
    rows.into_iter().find(|row| row.name == name).ok_or_else(|| Error::NotFound(format!("sinks/{name}")))
}

struct Drive<'a> {
    shared: &'a Arc<Shared>,
    sink: &'a dyn Sink,
    epoch: i64,
    /// As the store has it, but for what is `unsaved`.
    row: SinkRow,
    /// Beyond the position: what was accepted although something before it was not.
    accepted: Accepted,
    unsaved: bool,
    saved: Instant,
}

impl Drive<'_> {
    /// Returns when the row is another replica's.
    async fn run(&mut self) -> Result<(), Error> {
        let mut tail = self.shared.feed.follow();
        loop {
            if self.row.disabled_at > 0 || self.row.next_at > self.shared.clock.now().0 {
                self.rest().await?;
                continue;
            }
            if self.unsaved && self.saved.elapsed() >= limits::SINK_SAVE && !self.save().await? {
                return Ok(());
            }
            // What is told from here on is read after the heads.
            tail = tail.resubscribe();
            match self.next().await? {
                Ok((_, items)) if items.is_empty() => self.idle(&mut tail).await,
                Ok((partition, items)) => {
                    self.leave_out_exercises(partition, &items).await?;
                    let shipped = ship(self.sink, &items, &mut self.accepted).await;
                    self.pass(partition, shipped.upto);
                    if let Some(failure) = shipped.failure
                        && !self.fail(&failure, shipped.upto.is_some()).await?
                    {
                        return Ok(());
                    }
                }
                Err(why) => {
                    self.disable(&why);
                    if !self.save().await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// What comes next of the first partition that has anything; why it cannot be told if the feed does not have it.
    async fn next(&self) -> Result<Result<(u16, Vec<FeedItem>), String>, Error> {
        // After a failure one event shows whether the other end is back.
        let limit = if self.row.failures > 0 { 1 } else { limits::SINK_CHUNK };
        for head in self.shared.store.heads().await? {
            let at = position(&self.row.positions, head.partition);
            if at < head.trimmed {
                let why =
                    format!("the feed no longer has what follows {at}; it begins after {}", head.trimmed);
                return Ok(Err(why));
            }
            if at > head.head {
                return Ok(Err(format!(
                    "the feed ends at {}, before {at}: the store lost its tail",
                    head.head
                )));
            }
            if at < head.head {
                let rows = self.shared.store.feed(head.partition, at, head.head, limit).await?;
                let items = rows.iter().map(|row| {
                    let transition = transition(row)?;
                    let (partition, pos, id) = (head.partition, row.pos, row.id.clone().into());
                    Ok(FeedItem { partition, pos, id, transition })
                });
                let items: Vec<FeedItem> = items.collect::<Result<_, Error>>()?;
                // Positions of lost rows are holes, and there may be nothing but holes.
                if !items.is_empty() {
                    return Ok(Ok((head.partition, items)));
                }
            }
        }
        Ok(Ok((0, Vec::new())))
    }

    /// Nobody outside hears of exercises: they count as accepted.
    async fn leave_out_exercises(&mut self, partition: u16, items: &[FeedItem]) -> Result<(), Error> {
        let mut exercises: BTreeMap<&InstanceId, bool> = BTreeMap::new();
        for item in items {
            if !exercises.contains_key(&item.id) {
                // Not kept in memory: old history that is sent must not drive out what is at work.
                let entry = match self.shared.cache(partition).get(&item.id) {
                    Some(entry) => Some(entry),
                    None => load_state(self.shared, &item.id).await?.map(|(_, entry)| entry),
                };
                let incident = entry.as_ref().and_then(|entry| entry.state.incident());
                exercises.insert(&item.id, incident.is_some_and(|incident| incident.exercise));
            }
            if exercises.get(&item.id) == Some(&true) {
                self.accepted.insert(item.pos, item.transition.events.len());
            }
        }
        Ok(())
    }

    /// Until something is told, or what was accepted is to be saved.
    async fn idle(&self, tail: &mut Receiver<Arc<FeedItem>>) {
        let longest = if self.unsaved { limits::SINK_SAVE } else { limits::SINK_IDLE };
        // Told or left behind: the store has it in either case.
        let _ = tokio::time::timeout(longest, tail.recv()).await;
    }

    /// While it is disabled or waits: until its time has come or somebody resumed it.
    async fn rest(&mut self) -> Result<(), Error> {
        let due = if self.row.disabled_at > 0 { i64::MAX } else { self.row.next_at };
        tokio::select! {
            () = self.shared.clock.sleep_until(Timestamp(due)), if due < i64::MAX => {}
            () = tokio::time::sleep(limits::SINK_LOOK) => {}
        }
        let row = read(self.shared, self.sink.name()).await?;
        if row.positions != self.row.positions {
            self.accepted.clear();
        }
        self.row = row;
        Ok(())
    }

    fn pass(&mut self, partition: u16, upto: Option<i64>) {
        let Some(upto) = upto else { return };
        self.row.positions.insert(partition, upto);
        self.row.accepted_at = self.shared.clock.now().0;
        self.row.failures = 0;
        self.row.next_at = 0;
        if !self.unsaved {
            // The time to save runs from the first thing that is not saved.
            (self.unsaved, self.saved) = (true, Instant::now());
        }
    }

    /// Notes a failure, and when it is tried again if ever; whether the row is still ours.
    async fn fail(&mut self, failure: &Untaken, moved: bool) -> Result<bool, Error> {
        let (waits, endless) = self.sink.retries();
        self.row.failures = if moved { 1 } else { self.row.failures + 1 };
        let index = usize::try_from(self.row.failures - 1).unwrap_or(usize::MAX);
        let wait = waits.get(index).or_else(|| waits.last().filter(|_| endless)).copied();
        match wait {
            Some(wait) if !failure.gone => {
                let asked = failure.retry_after.unwrap_or_default().min(limits::SINK_PATIENCE);
                let millis = wait.max(asked).as_millis() as i64;
                // Up to a tenth more, so that sinks that failed together do not come back together.
                let jitter = rand::rng().random_range(0..=millis / 10);
                let now = self.shared.clock.now();
                self.row.next_at = (now + Span(millis + jitter)).0;
                (self.row.error, self.row.error_at) = (failure.why.clone(), now.0);
                tracing::warn!(
                    sink = self.sink.name(), failures = self.row.failures, why = %failure.why,
                    next = %Timestamp(self.row.next_at), "a sink did not take an event"
                );
            }
            _ => self.disable(&failure.why),
        }
        self.save().await
    }

    fn disable(&mut self, why: &str) {
        let now = self.shared.clock.now().0;
        self.row.disabled_at = now;
        (self.row.error, self.row.error_at) = (why.to_owned(), now);
        tracing::error!(
            sink = self.sink.name(),
            why,
            "the sink is disabled and gets no more events until it is resumed"
        );
    }

    /// Writes the row; whether it was still ours.
    async fn save(&mut self) -> Result<bool, Error> {
        let kept = self.shared.store.save_sink(self.epoch, self.row.clone()).await?;
        (self.unsaved, self.saved) = (false, Instant::now());
        Ok(kept)
    }
}
