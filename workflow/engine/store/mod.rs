//! All SQL of Stentor: one trait, two databases, one behaviour. It knows rows and transactions, never rules.
//!
//! Reading order: [`rows`], [`error`], [`mod@open`], then `sqlite` and `postgres`, whose files stand side by side by
//! concern; `filter`, `labels`, `positions` and `migration` are what they share.

pub mod error;
pub mod open;
pub mod rows;

mod filter;
mod labels;
mod migration;
mod positions;

pub mod postgres;
pub mod sqlite;

pub use error::{Error, Result};
pub use migration::MigrateReport;
pub use open::{DatabaseUrl, OpenOptions, migrate, migrate_with, open};

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use rows::{
    AlertRecord, Batch, Committed, EventRow, Head, HeartbeatRow, InstanceRow, LeaseOp, ListQuery, ListingRow,
    Marked, OpenCount, OutboxRow, PolicyRow, RefusalRow, RequestRow, SinkRow, StandingRow, Wake,
};

/// What the engine needs of a database. Every method may be called from any task; a dropped future never leaves a
/// transaction open nor a half-applied batch.
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Name of the kind of store: `sqlite` or `postgres`.
    fn kind(&self) -> &'static str;

    /// Number of partitions, fixed when the database was created.
    fn partitions(&self) -> u16;

    /// Refuses a database whose settings could lose a commit or whose schema this binary does not fit.
    fn check(&self) -> BoxFuture<'_, Result<()>>;

    /// Commits a batch in one transaction. Losers (see [`Committed::won`]) leave nothing behind, winners everything;
    /// rows of ids that are not in [`Batch::instances`] are written unconditionally. The engine merges two changes of
    /// one row beforehand: a batch has at most one row per key in each of its vectors.
    fn commit(&self, partition: u16, batch: Batch) -> BoxFuture<'_, Result<Committed>>;

    /// Which of these causes (command ids) stand in the history of their instance: asked when a commit's outcome
    /// is unknown. Waits for a live transaction of the same partition to end first.
    fn applied(&self, partition: u16, causes: Vec<(String, i64, String)>)
    -> BoxFuture<'_, Result<Vec<bool>>>;

    /// Instances by id; those that do not exist are left out.
    fn load(&self, ids: Vec<String>) -> BoxFuture<'_, Result<Vec<InstanceRow>>>;

    /// Instances that have these open keys: (key, id).
    fn find_open_keys(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<(String, String)>>>;

    /// The newest alert row of each identity.
    fn find_alerts(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<AlertRecord>>>;

    /// All alert rows of an incident.
    fn alerts_of(&self, id: String) -> BoxFuture<'_, Result<Vec<AlertRecord>>>;

    /// Remembered requests.
    fn find_requests(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<RequestRow>>>;

    /// Open instances in order of (wake_at, id) after the given one, with `wake_at < before`.
    fn wakes(
        &self,
        partition: u16,
        after: (i64, String),
        before: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Wake>>>;

    /// Open instances whose wake-up is older than `before` or absent: what the auditor repairs.
    fn overdue(&self, partition: u16, before: i64, limit: u32) -> BoxFuture<'_, Result<Vec<Wake>>>;

    /// Effects due at `now`, oldest first.
    fn outbox_due(&self, partition: u16, now: i64, limit: u32) -> BoxFuture<'_, Result<Vec<OutboxRow>>>;

    /// Heads of all partitions.
    fn heads(&self) -> BoxFuture<'_, Result<Vec<Head>>>;

    /// Feed rows with `after < pos <= upto`, in order.
    fn feed(&self, partition: u16, after: i64, upto: i64, limit: u32)
    -> BoxFuture<'_, Result<Vec<EventRow>>>;

    /// Transitions of an instance whose last event number is above `after`, in order.
    fn history(&self, id: String, after: i64, limit: u32) -> BoxFuture<'_, Result<Vec<EventRow>>>;

    /// The transitions of an instance that these events belong to, each once, in order.
    fn events(&self, id: String, numbers: Vec<i64>) -> BoxFuture<'_, Result<Vec<EventRow>>>;

    /// A page of listing rows.
    fn list(&self, query: ListQuery) -> BoxFuture<'_, Result<Vec<ListingRow>>>;

    /// How many incidents are open, by phase, priority and service.
    fn open_counts(&self) -> BoxFuture<'_, Result<Vec<OpenCount>>>;

    /// Takes `n` numbers of a counter: the first of them (the first ever is 1). Durable before it returns.
    fn reserve(&self, counter: &'static str, n: i64) -> BoxFuture<'_, Result<i64>>;

    /// Gives back the unused tail `first..` of a reservation that ended at `end`, if nobody reserved since: what
    /// is given back is `first..end`, as what was reserved is `reserved..reserved + n`.
    fn unreserve(&self, counter: &'static str, first: i64, end: i64) -> BoxFuture<'_, Result<()>>;

    /// The lease's epoch if `owner` holds it now.
    fn lease(&self, partition: u16, op: LeaseOp) -> BoxFuture<'_, Result<Option<i64>>>;

    /// Adds a policy version; its number must be the next one, else [`Error::Conflict`].
    fn add_policy(&self, row: PolicyRow) -> BoxFuture<'_, Result<()>>;

    /// Policy versions with `number > after`, in order.
    fn policies(&self, after: i64) -> BoxFuture<'_, Result<Vec<PolicyRow>>>;

    /// Adds a change of standing records; its number must be the next one and its request a new one, else
    /// [`Error::Conflict`].
    fn add_standing(&self, row: StandingRow) -> BoxFuture<'_, Result<()>>;

    /// Changes of standing records with `number > after`, in order.
    fn standing(&self, after: i64) -> BoxFuture<'_, Result<Vec<StandingRow>>>;

    /// Transitions that mark alerts or hold an incident back from the start, newest first by (at, id, version), up to and
    /// with a place.
    fn marked(&self, upto: Marked, limit: u32) -> BoxFuture<'_, Result<Vec<EventRow>>>;

    /// Counts signals that were not taken in on the rows of their keys, or begins these.
    fn add_refusals(&self, rows: Vec<RefusalRow>) -> BoxFuture<'_, Result<()>>;

    /// Signals that were not taken in, newest first by (first_at, key), after a row.
    fn refusals(&self, after: (i64, String), limit: u32) -> BoxFuture<'_, Result<Vec<RefusalRow>>>;

    /// Forgets rows of [`Store::refusals`] that were last counted before an instant.
    fn forget_refusals(&self, before: i64) -> BoxFuture<'_, Result<()>>;

    /// Heartbeat monitors by id, after one.
    fn heartbeats(&self, after: String, limit: u32) -> BoxFuture<'_, Result<Vec<HeartbeatRow>>>;

    /// One monitor.
    fn heartbeat(&self, id: String) -> BoxFuture<'_, Result<Option<HeartbeatRow>>>;

    /// Monitors that are to be looked at up to an instant, earliest first.
    fn due_heartbeats(&self, upto: i64, limit: u32) -> BoxFuture<'_, Result<Vec<HeartbeatRow>>>;

    /// Writes a monitor over the version that was read; false if there is another one by now.
    fn save_heartbeat(&self, row: HeartbeatRow) -> BoxFuture<'_, Result<bool>>;

    /// Forgets a monitor of this version; false if there is another one by now.
    fn remove_heartbeat(&self, id: String, version: i64) -> BoxFuture<'_, Result<bool>>;

    /// All sinks of the event stream that were ever added, by name.
    fn sinks(&self) -> BoxFuture<'_, Result<Vec<SinkRow>>>;

    /// Adds a sink that has accepted everything up to its positions; one that exists stays as it is.
    fn add_sink(&self, name: String, positions: BTreeMap<u16, i64>) -> BoxFuture<'_, Result<()>>;

    /// The lease's epoch if `owner` drives the sink now. As for partitions, expiry is by the database's clock.
    fn lease_sink(&self, name: String, op: LeaseOp) -> BoxFuture<'_, Result<Option<i64>>>;

    /// Keeps what became of a sink, if its lease still has this epoch; whether it has.
    fn save_sink(&self, epoch: i64, row: SinkRow) -> BoxFuture<'_, Result<bool>>;

    /// Lets a sink go on at once from these positions if it is disabled or waits after a failure; whether it was so.
    fn resume_sink(&self, name: String, positions: BTreeMap<u16, i64>) -> BoxFuture<'_, Result<bool>>;

    /// Forgets a sink and its position if nobody drives it; whether it is gone.
    fn forget_sink(&self, name: String) -> BoxFuture<'_, Result<bool>>;

    /// Forgets requests remembered before an instant whose instance is no longer open, looking at `limit` of them in
    /// the order of their keys after `after`. The key to go on from; `None` once the end is reached.
    fn forget_requests(
        &self,
        partition: u16,
        after: String,
        before: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Option<String>>>;

    /// Forgets clears remembered under `clear/…` and not heard again since an instant.
    fn forget_clears(&self, partition: u16, before: i64) -> BoxFuture<'_, Result<()>>;

    /// A value that belongs to the deployment (e.g. its secret), written once: the stored one, which is `value`
    /// unless somebody was first.
    fn meta(&self, name: &'static str, value: String) -> BoxFuture<'_, Result<String>>;

    /// Ends background work and closes connections after what runs has finished.
    fn close(&self) -> BoxFuture<'_, ()>;
}
