//! The door: what comes in is queued at its partition's committer and answered after the commit. Dropping a caller's
//! future changes nothing: the command is taken whole or not at all.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::instance::Instance;
use stentor_core::time::{Duration, Timestamp};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cache::Cache;
use crate::clock::Clock;
use crate::committer::{Answers, Budget, Clears, Committer, Done, Item, Lane, Payload, Senders, Work, lanes};
use crate::directory::Directory;
use crate::dispatch::{self, Dispatch, Sender};
use crate::error::Error;
use crate::feed::{self, Feed};
use crate::heartbeats::{self as monitors, Heartbeats};
use crate::inhibit::{self, Inhibitions};
use crate::observe::{Observer, Origin};
use crate::policies::Policies;
use crate::rates::Rates;
use crate::refusals::{self, Refusals};
use crate::request::{Reply, Submission, To};
use crate::slot::partition_of;
use crate::standing::Standing;
use crate::store::Store;
use crate::sweep::{self, Sweep};
use crate::wheel::{self, Wheel};
use crate::{audit, ids, lease, limits};

mod alerts;
mod heartbeats;
mod reads;
mod signals;
mod silences;
mod sinks;
mod standing;
mod suppressions;

pub use heartbeats::Heartbeat;
pub use suppressions::{Place, Reasons, Suppressed, Suppression, Wanted};

/// What an engine runs on.
#[derive(Debug)]
pub struct Options {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub sender: Arc<dyn Sender>,
    pub observer: Arc<dyn Observer>,
    /// Name of this replica, unique among those on one store.
    pub replica: String,
    /// Where other replicas reach this one; may be empty.
    pub address: String,
}

/// The engine. Cheap to clone; every clone is the same one.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

/// What all parts of the engine share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sender: Arc<dyn Sender>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) policies: Policies,
    pub(crate) rates: Rates,
    pub(crate) standing: Standing,
    pub(crate) sweep: Sweep,
    pub(crate) inhibitions: Inhibitions,
    pub(crate) refusals: Refusals,
    pub(crate) heartbeats: Heartbeats,
    pub(crate) feed: Feed,
    pub(crate) stopping: CancellationToken,
    /// Since when intake has been listening.
    pub(crate) listening_since: Timestamp,
    /// This process is the only one that writes the store.
    pub(crate) single_writer: bool,
    /// How long a replica that does not lead a partition leaves its due deadlines to the one that does.
    pub(crate) follower_delay: Duration,
    pub(crate) secret: Vec<u8>,
    pub(crate) replica: String,
    pub(crate) address: String,
    partitions: Vec<Partition>,
    tasks: TaskTracker,
    committers: TaskTracker,
    in_flight: AtomicUsize,
    failed: Mutex<Option<String>>,
    beats: Mutex<BTreeMap<&'static str, Instant>>,
}

#[derive(Debug)]
struct Partition {
    senders: Mutex<Option<Senders>>,
    cache: Cache,
    wheel: Wheel,
    dispatch: Dispatch,
    leads: AtomicBool,
    sang: Mutex<Option<Instant>>,
}

impl Engine {
    /// Checks the store, loads policies and deadlines, and starts working.
    ///
    /// # Errors
    /// If the store refuses the checks or cannot be read.
    pub async fn start(options: Options) -> Result<Engine, Error> {
        options.store.check().await?;
        let count = options.store.partitions();
        if count != 1 {
            let why = format!("the database has {count} partitions; this version serves one");
            return Err(Error::Unavailable(why));
        }
        let random = hex::encode(rand::random::<[u8; 32]>());
        let secret = options.store.meta("secret", random).await?;
        let single_writer = options.store.kind() == "sqlite";
        let mut inboxes = Vec::new();
        let partitions = (0..count)
            .map(|_| {
                let (senders, inbox) = lanes();
                inboxes.push(inbox);
                Partition::new(senders, single_writer)
            })
            .collect();
        let rates = Rates::new(Arc::clone(&options.clock));
        let shared = Arc::new(Shared {
            listening_since: options.clock.now(),
            store: options.store,
            clock: options.clock,
            sender: options.sender,
            observer: options.observer,
            policies: Policies::default(),
            rates,
            standing: Standing::default(),
            sweep: Sweep::default(),
            inhibitions: Inhibitions::default(),
            refusals: Refusals::default(),
            heartbeats: Heartbeats::default(),
            feed: Feed::new(),
            stopping: CancellationToken::new(),
            single_writer,
            follower_delay: Duration(500),
            secret: hex::decode(&secret).unwrap_or_else(|_| secret.into_bytes()),
            replica: options.replica,
            address: options.address,
            partitions,
            tasks: TaskTracker::new(),
            committers: TaskTracker::new(),
            in_flight: AtomicUsize::new(0),
            failed: Mutex::default(),
            beats: Mutex::default(),
        });
        shared.policies.load(shared.store.as_ref()).await?;
        shared.load_standing().await?;
        for partition in 0..count {
            let armed = wheel::load(&shared, partition).await?;
            tracing::debug!(partition, armed, "deadlines loaded");
        }
        inhibit::load(&shared).await;
        spawn(&shared, inboxes);
        Ok(Engine { shared })
    }

    /// Decides a command and answers after its commit.
    ///
    /// # Errors
    /// See [`Error`]. After [`Error::Unavailable`] the command may have been applied if it was already being committed;
    /// a repeat with the same request id finds out.
    pub async fn submit(&self, submission: Submission) -> Result<Reply, Error> {
        let lane = if submission.actor.is_person() { Lane::People } else { Lane::Signals };
        let done = queue(&self.shared, submission, lane).await?;
        reply(done)
    }

    /// Stops taking work, finishes what was taken, and closes the store.
    pub async fn stop(&self) {
        self.shared.stopping.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
        for p in &self.shared.partitions {
            p.senders.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        self.shared.committers.close();
        self.shared.committers.wait().await;
        lease::resign_all(&self.shared).await;
        self.shared.store.close().await;
    }
}

/// Starts every loop.
fn spawn(shared: &Arc<Shared>, inboxes: Vec<crate::committer::Inbox>) {
    for (partition, inbox) in inboxes.into_iter().enumerate() {
        let partition = partition as u16;
        let committer = Committer {
            partition,
            shared: Arc::clone(shared),
            inbox,
            clears: Clears::default(),
            budget: Budget::default(),
            directory: Directory::new(limits::REMEMBERED_KEYS),
            requests: std::collections::HashMap::new(),
            numbers: (0, 0),
            reserve_next: 0,
            reserved_at: None,
            flight: None,
        };
        shared.committers.spawn(committer.run());
        shared.tasks.spawn(wheel::run(Arc::clone(shared), partition));
        shared.tasks.spawn(dispatch::run(Arc::clone(shared), partition));
    }
    shared.tasks.spawn(sweep::run(Arc::clone(shared)));
    shared.tasks.spawn(inhibit::run(Arc::clone(shared)));
    shared.tasks.spawn(refusals::run(Arc::clone(shared)));
    shared.tasks.spawn(monitors::run(Arc::clone(shared)));
    shared.tasks.spawn(audit::run(Arc::clone(shared)));
    shared.tasks.spawn(audit::canary(Arc::clone(shared)));
    shared.tasks.spawn(audit::forget(Arc::clone(shared)));
    if !shared.single_writer {
        shared.tasks.spawn(feed::run(Arc::clone(shared)));
        shared.tasks.spawn(lease::run(Arc::clone(shared)));
    }
}

/// Queues a submission and waits for its answer.
pub(crate) async fn queue(shared: &Arc<Shared>, s: Submission, lane: Lane) -> Result<Done, Error> {
    let payload = match s.to {
        To::Instance(id) => Payload::To { id, command: s.command, may_open: false },
        To::New(id) => Payload::To { id, command: s.command, may_open: true },
        To::Signal => return Err(Error::Internal("signals come in by hear".to_owned())),
    };
    let (work, answer) = work(shared, payload, s.actor);
    let work = Work {
        request: s.request,
        expected_version: s.expected_version,
        deadline: s.deadline,
        validate_only: s.validate_only,
        ..work
    };
    enqueue(shared, work, lane, answer).await
}

/// A command without conditions, and where its answer will come.
pub(crate) fn work(
    shared: &Shared,
    payload: Payload,
    actor: Actor,
) -> (Work, oneshot::Receiver<Result<Done, Error>>) {
    let (reply, answer) = oneshot::channel();
    let work = command(payload, actor, Answers::One(reply), shared.observer.caller());
    (work, answer)
}

/// A command without conditions whose answer goes where it is told.
pub(crate) fn command(payload: Payload, actor: Actor, reply: Answers, origin: Option<Origin>) -> Work {
    let id = ids::command();
    Work {
        payload,
        actor,
        request: None,
        expected_version: None,
        deadline: None,
        validate_only: false,
        cause: origin.map_or_else(|| id.clone(), |origin| origin.noted(&id)),
        origin,
        due: None,
        tries: 0,
        reply,
    }
}

/// Queues work in its partition and waits for the answer.
pub(crate) async fn enqueue(
    shared: &Arc<Shared>,
    work: Work,
    lane: Lane,
    answer: oneshot::Receiver<Result<Done, Error>>,
) -> Result<Done, Error> {
    shared.check_failed()?;
    let partition = shared.partition_of(&work.payload);
    let busy = shared.busy();
    let item = Item::Command(Box::new(work));
    match lane {
        Lane::System => shared.senders(partition).push(item).await?,
        lane => shared.senders(partition).offer(lane, item)?,
    }
    let result = answer.await.unwrap_or_else(|_| Err(Error::Unavailable("shutting down".to_owned())));
    if let Ok(Done { id: Some(id), .. }) = &result {
        shared.observer.answered(id);
    }
    drop(busy);
    result
}

fn reply(done: Done) -> Result<Reply, Error> {
    let crate::committer::What::Answer(answer) = done.what else {
        return Err(Error::Internal("a command was answered like a signal".to_owned()));
    };
    let id = done.id.ok_or_else(|| Error::Internal("an answer names no instance".to_owned()))?;
    Ok(Reply { id, state: done.state, answer, replayed: done.replayed })
}

/// A command of the engine itself: a delivery's outcome, a command to another instance.
pub(crate) async fn submit_system(shared: &Arc<Shared>, s: Submission) -> Result<Reply, Error> {
    reply(queue(shared, s, Lane::System).await?)
}

/// The newest committed state of an instance.
pub(crate) async fn state_of(
    shared: &Shared,
    partition: u16,
    id: &InstanceId,
) -> Result<Arc<Instance>, Error> {
    if let Some(entry) = shared.cache(partition).get(id) {
        return Ok(entry.state);
    }
    match feed::load_state(shared, id).await? {
        Some((id, entry)) => {
            let state = Arc::clone(&entry.state);
            shared.cache(partition).put(&id, entry);
            Ok(state)
        }
        None => Err(Error::NotFound(id.to_string())),
    }
}

impl Partition {
    fn new(senders: Senders, leads: bool) -> Partition {
        Partition {
            senders: Mutex::new(Some(senders)),
            cache: Cache::new(limits::CACHED_INSTANCES),
            wheel: Wheel::default(),
            dispatch: Dispatch::default(),
            leads: AtomicBool::new(leads),
            sang: Mutex::default(),
        }
    }
}

/// Counts work under way for as long as it lives.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Shared>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Shared {
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(self))
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// Runs something that a stop waits for.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    pub(crate) fn senders(&self, partition: u16) -> Senders {
        let senders = self.partitions[usize::from(partition)].senders.lock();
        // After the stop a closed channel answers every offer with "shutting down".
        senders.unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_else(|| lanes().0)
    }

    pub(crate) fn cache(&self, partition: u16) -> &Cache {
        &self.partitions[usize::from(partition)].cache
    }

    pub(crate) fn wheel(&self, partition: u16) -> &Wheel {
        &self.partitions[usize::from(partition)].wheel
    }

    pub(crate) fn dispatch(&self, partition: u16) -> &Dispatch {
        &self.partitions[usize::from(partition)].dispatch
    }

    /// Whether this replica fires deadlines and sends effects of the partition. It saves work; safety lies elsewhere.
    pub(crate) fn leads(&self, partition: u16) -> bool {
        self.partitions[usize::from(partition)].leads.load(Ordering::SeqCst)
    }

    pub(crate) fn set_leads(&self, partition: u16, leads: bool) {
        let led = self.partitions[usize::from(partition)].leads.swap(leads, Ordering::SeqCst);
        if led != leads {
            self.dispatch(partition).look();
            self.wheel(partition).look();
            // Who led before may have had no time for it.
            self.look_for_silences();
            self.inhibitions.look(self.clock.now());
            self.heartbeats.look();
        }
    }

    /// Reads standing records that were written since, by whom ever.
    pub(crate) async fn load_standing(&self) -> Result<(), Error> {
        self.standing.load(self.store.as_ref()).await?;
        self.heed_silences();
        Ok(())
    }

    /// Has open incidents looked at if silences have changed.
    pub(crate) fn heed_silences(&self) {
        if self.standing.silences_have_changed() {
            self.look_for_silences();
        }
    }

    /// Has open incidents looked at.
    fn look_for_silences(&self) {
        let others_hear = (!self.single_writer).then_some(Duration(limits::OTHERS_HEAR_MS));
        self.sweep.want(self.clock.now(), others_hear);
    }

    fn partition_of(&self, payload: &Payload) -> u16 {
        let partitions = self.store.partitions();
        match payload {
            Payload::To { id, .. } => partition_of(id.as_str(), partitions),
            Payload::Signal(heed) => ids::partition_for(heed.prepared.routed.service.as_str(), partitions),
        }
    }

    /// The store must not be used any more.
    pub(crate) fn fail(&self, why: &str) {
        tracing::error!(why, "the store failed; no more writes");
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get_or_insert_with(|| why.to_owned());
    }

    pub(crate) fn failed(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn check_failed(&self) -> Result<(), Error> {
        self.failed().map_or(Ok(()), |why| Err(Error::Unavailable(why)))
    }

    /// A loop is alive.
    pub(crate) fn beat(&self, name: &'static str) {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Instant::now());
    }

    /// A canary of the partition came back from its commit.
    pub(crate) fn sang(&self, partition: u16) {
        let sang = &self.partitions[usize::from(partition)].sang;
        *sang.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// The oldest of the partitions' last canaries.
    pub(crate) fn oldest_canary(&self) -> Option<Instant> {
        let sang = self.partitions.iter().map(|p| *p.sang.lock().unwrap_or_else(PoisonError::into_inner));
        sang.collect::<Option<Vec<_>>>()?.into_iter().min()
    }
}
