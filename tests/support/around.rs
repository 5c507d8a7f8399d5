//! A store that does what another one does, but for its commits, which go through somebody else's hands.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use stentor_engine::store::rows::{
    AlertRecord, Batch, Committed, EventRow, Head, HeartbeatRow, InstanceRow, LeaseOp, ListQuery, ListingRow,
    Marked, OpenCount, OutboxRow, PolicyRow, RefusalRow, RequestRow, SinkRow, StandingRow, Wake,
};
use stentor_engine::store::{Result, Store};

/// What becomes of a commit.
pub trait Hands: Send + Sync + std::fmt::Debug + 'static {
    /// Passes a batch on to the store, or does not.
    fn commit(
        &self,
        store: Arc<dyn Store>,
        partition: u16,
        batch: Batch,
    ) -> BoxFuture<'static, Result<Committed>>;
}

/// A store whose commits pass through somebody's hands.
#[derive(Debug)]
pub struct Around<H> {
    pub store: Arc<dyn Store>,
    pub hands: Arc<H>,
}

impl<H: Hands> Store for Around<H> {
    fn commit(&self, partition: u16, batch: Batch) -> BoxFuture<'_, Result<Committed>> {
        self.hands.commit(Arc::clone(&self.store), partition, batch)
    }

    fn kind(&self) -> &'static str {
        self.store.kind()
    }
    fn partitions(&self) -> u16 {
        self.store.partitions()
    }
    fn check(&self) -> BoxFuture<'_, Result<()>> {
        self.store.check()
    }
    fn applied(
        &self,
        partition: u16,
        causes: Vec<(String, i64, String)>,
    ) -> BoxFuture<'_, Result<Vec<bool>>> {
        self.store.applied(partition, causes)
    }
    fn load(&self, ids: Vec<String>) -> BoxFuture<'_, Result<Vec<InstanceRow>>> {
        self.store.load(ids)
    }
    fn find_open_keys(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<(String, String)>>> {
        self.store.find_open_keys(keys)
    }
    fn find_alerts(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<AlertRecord>>> {
        self.store.find_alerts(keys)
    }
    fn alerts_of(&self, id: String) -> BoxFuture<'_, Result<Vec<AlertRecord>>> {
        self.store.alerts_of(id)
    }
    fn find_requests(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<RequestRow>>> {
        self.store.find_requests(keys)
    }
    fn wakes(
        &self,
        partition: u16,
        after: (i64, String),
        before: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Wake>>> {
        self.store.wakes(partition, after, before, limit)
    }
    fn overdue(&self, partition: u16, before: i64, limit: u32) -> BoxFuture<'_, Result<Vec<Wake>>> {
        self.store.overdue(partition, before, limit)
    }
    fn outbox_due(&self, partition: u16, now: i64, limit: u32) -> BoxFuture<'_, Result<Vec<OutboxRow>>> {
        self.store.outbox_due(partition, now, limit)
    }
    fn open_counts(&self) -> BoxFuture<'_, Result<Vec<OpenCount>>> {
        self.store.open_counts()
    }

    fn forget_requests(
        &self,
        partition: u16,
        after: String,
        before: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Option<String>>> {
        self.store.forget_requests(partition, after, before, limit)
    }

    fn heads(&self) -> BoxFuture<'_, Result<Vec<Head>>> {
        self.store.heads()
    }
    fn feed(
        &self,
        partition: u16,
        after: i64,
        upto: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.store.feed(partition, after, upto, limit)
    }
    fn history(&self, id: String, after: i64, limit: u32) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.store.history(id, after, limit)
    }
    fn events(&self, id: String, numbers: Vec<i64>) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.store.events(id, numbers)
    }
    fn list(&self, query: ListQuery) -> BoxFuture<'_, Result<Vec<ListingRow>>> {
        self.store.list(query)
    }
    fn reserve(&self, counter: &'static str, n: i64) -> BoxFuture<'_, Result<i64>> {
        self.store.reserve(counter, n)
    }
    fn unreserve(&self, counter: &'static str, first: i64, end: i64) -> BoxFuture<'_, Result<()>> {
        self.store.unreserve(counter, first, end)
    }
    fn lease(&self, partition: u16, op: LeaseOp) -> BoxFuture<'_, Result<Option<i64>>> {
        self.store.lease(partition, op)
    }
    fn add_policy(&self, row: PolicyRow) -> BoxFuture<'_, Result<()>> {
        self.store.add_policy(row)
    }
    fn policies(&self, after: i64) -> BoxFuture<'_, Result<Vec<PolicyRow>>> {
        self.store.policies(after)
    }
    fn add_standing(&self, row: StandingRow) -> BoxFuture<'_, Result<()>> {
        self.store.add_standing(row)
    }
    fn standing(&self, after: i64) -> BoxFuture<'_, Result<Vec<StandingRow>>> {
        self.store.standing(after)
    }
    fn forget_clears(&self, partition: u16, before: i64) -> BoxFuture<'_, Result<()>> {
        self.store.forget_clears(partition, before)
    }
    fn marked(&self, upto: Marked, limit: u32) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.store.marked(upto, limit)
    }
    fn add_refusals(&self, rows: Vec<RefusalRow>) -> BoxFuture<'_, Result<()>> {
        self.store.add_refusals(rows)
    }
    fn refusals(&self, after: (i64, String), limit: u32) -> BoxFuture<'_, Result<Vec<RefusalRow>>> {
        self.store.refusals(after, limit)
    }
    fn forget_refusals(&self, before: i64) -> BoxFuture<'_, Result<()>> {
        self.store.forget_refusals(before)
    }
    fn heartbeats(&self, after: String, limit: u32) -> BoxFuture<'_, Result<Vec<HeartbeatRow>>> {
        self.store.heartbeats(after, limit)
    }
    fn heartbeat(&self, id: String) -> BoxFuture<'_, Result<Option<HeartbeatRow>>> {
        self.store.heartbeat(id)
    }
    fn due_heartbeats(&self, upto: i64, limit: u32) -> BoxFuture<'_, Result<Vec<HeartbeatRow>>> {
        self.store.due_heartbeats(upto, limit)
    }
    fn save_heartbeat(&self, row: HeartbeatRow) -> BoxFuture<'_, Result<bool>> {
        self.store.save_heartbeat(row)
    }
    fn remove_heartbeat(&self, id: String, version: i64) -> BoxFuture<'_, Result<bool>> {
        self.store.remove_heartbeat(id, version)
    }
    fn sinks(&self) -> BoxFuture<'_, Result<Vec<SinkRow>>> {
        self.store.sinks()
    }
    fn add_sink(&self, name: String, positions: BTreeMap<u16, i64>) -> BoxFuture<'_, Result<()>> {
        self.store.add_sink(name, positions)
    }
    fn lease_sink(&self, name: String, op: LeaseOp) -> BoxFuture<'_, Result<Option<i64>>> {
        self.store.lease_sink(name, op)
    }
    fn save_sink(&self, epoch: i64, row: SinkRow) -> BoxFuture<'_, Result<bool>> {
        self.store.save_sink(epoch, row)
    }
    fn resume_sink(&self, name: String, positions: BTreeMap<u16, i64>) -> BoxFuture<'_, Result<bool>> {
        self.store.resume_sink(name, positions)
    }
    fn forget_sink(&self, name: String) -> BoxFuture<'_, Result<bool>> {
        self.store.forget_sink(name)
    }
    fn meta(&self, name: &'static str, value: String) -> BoxFuture<'_, Result<String>> {
        self.store.meta(name, value)
    }
    fn close(&self) -> BoxFuture<'_, ()> {
        self.store.close()
    }
}
