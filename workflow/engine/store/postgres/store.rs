//! The shared store behind the trait: every method says where it runs. The work itself lies in the other files.

use std::collections::BTreeMap;

use futures::future::{BoxFuture, FutureExt};
use sqlx::postgres::PgPool;

use super::super::rows::{
    AlertRecord, Batch, Committed, EventRow, Head, HeartbeatRow, InstanceRow, LeaseOp, ListQuery, ListingRow,
    Marked, OpenCount, OutboxRow, PolicyRow, RefusalRow, RequestRow, SinkRow, StandingRow, Wake,
};
use super::super::{Error, OpenOptions, Result, Store};
use super::committer::Committer;
use super::small::detached;
use super::{connect, heartbeat, list, migrate, read, sink, small, standing, suppression};

/// A PostgreSQL database that other replicas may serve too.
#[derive(Debug)]
pub struct PostgresStore {
    pool: PgPool,
    committers: Vec<Committer>,
    partitions: u16,
}

impl PostgresStore {
    /// Opens the database that the address names. The schema must be up to date unless `options.migrate` asks to
    /// bring it there.
    pub async fn open(url: &str, options: &OpenOptions) -> Result<Self> {
        if options.migrate {
            migrate::migrate(url, options).await?;
        }
        let connect_options = connect::options(url, &options.replica)?;
        let pool = connect::pool(connect_options.clone(), options.readers);
        let partitions = connect::check_schema(&pool).await?;
        let start = |partition| Committer::start(partition, connect_options.clone());
        Ok(Self { committers: (0..partitions).map(start).collect(), pool, partitions })
    }

    fn committer(&self, partition: u16) -> Result<&Committer> {
        let absent = || Error::Data(format!("there is no partition {partition}"));
        self.committers.get(usize::from(partition)).ok_or_else(absent)
    }
}

impl Store for PostgresStore {
    fn kind(&self) -> &'static str {
        "postgres"
    }

    fn partitions(&self) -> u16 {
        self.partitions
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        async move {
            connect::check_settings(&self.pool).await?;
            connect::check_schema(&self.pool).await.map(drop)
        }
        .boxed()
    }

    fn commit(&self, partition: u16, batch: Batch) -> BoxFuture<'_, Result<Committed>> {
        async move { self.committer(partition)?.commit(batch).await }.boxed()
    }

    fn applied(
        &self,
        partition: u16,
        causes: Vec<(String, i64, String)>,
    ) -> BoxFuture<'_, Result<Vec<bool>>> {
        async move { self.committer(partition)?.applied(causes).await }.boxed()
    }

    fn load(&self, ids: Vec<String>) -> BoxFuture<'_, Result<Vec<InstanceRow>>> {
        async move { read::load(&self.pool, self.partitions, &ids).await }.boxed()
    }

    fn find_open_keys(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<(String, String)>>> {
        async move { read::find_open_keys(&self.pool, self.partitions, &keys).await }.boxed()
    }

    fn find_alerts(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<AlertRecord>>> {
        async move { read::find_alerts(&self.pool, self.partitions, &keys).await }.boxed()
    }

    fn alerts_of(&self, id: String) -> BoxFuture<'_, Result<Vec<AlertRecord>>> {
        async move { read::alerts_of(&self.pool, self.partitions, &id).await }.boxed()
    }

    fn find_requests(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<RequestRow>>> {
        async move { read::find_requests(&self.pool, self.partitions, &keys).await }.boxed()
    }

    fn wakes(
        &self,
        partition: u16,
        after: (i64, String),
        before: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Wake>>> {
        read::wakes(&self.pool, partition, after, before, limit).boxed()
    }

    fn overdue(&self, partition: u16, before: i64, limit: u32) -> BoxFuture<'_, Result<Vec<Wake>>> {
        read::overdue(&self.pool, partition, before, limit).boxed()
    }

    fn outbox_due(&self, partition: u16, now: i64, limit: u32) -> BoxFuture<'_, Result<Vec<OutboxRow>>> {
        read::outbox_due(&self.pool, partition, now, limit).boxed()
    }

    fn heads(&self) -> BoxFuture<'_, Result<Vec<Head>>> {
        read::heads(&self.pool).boxed()
    }

    fn open_counts(&self) -> BoxFuture<'_, Result<Vec<OpenCount>>> {
        read::open_counts(&self.pool).boxed()
    }

    fn feed(
        &self,
        partition: u16,
        after: i64,
        upto: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        read::feed(&self.pool, partition, after, upto, limit).boxed()
    }

    fn history(&self, id: String, after: i64, limit: u32) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        async move { read::history(&self.pool, self.partitions, &id, after, limit).await }.boxed()
    }

    fn events(&self, id: String, numbers: Vec<i64>) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        async move { read::events(&self.pool, self.partitions, &id, &numbers).await }.boxed()
    }

    fn list(&self, query: ListQuery) -> BoxFuture<'_, Result<Vec<ListingRow>>> {
        async move { list::list(&self.pool, self.partitions, &query).await }.boxed()
    }

    fn reserve(&self, counter: &'static str, n: i64) -> BoxFuture<'_, Result<i64>> {
        detached(small::reserve(self.pool.clone(), counter, n)).boxed()
    }

    fn unreserve(&self, counter: &'static str, first: i64, end: i64) -> BoxFuture<'_, Result<()>> {
        detached(small::unreserve(self.pool.clone(), counter, first, end)).boxed()
    }

    fn forget_requests(
        &self,
        partition: u16,
        after: String,
        before: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Option<String>>> {
        let pool = self.pool.clone();
        detached(small::forget_requests(pool, partition, after, before, limit)).boxed()
    }

    fn forget_clears(&self, partition: u16, before: i64) -> BoxFuture<'_, Result<()>> {
        detached(small::forget_clears(self.pool.clone(), partition, before)).boxed()
    }

    fn lease(&self, partition: u16, op: LeaseOp) -> BoxFuture<'_, Result<Option<i64>>> {
        detached(small::lease(self.pool.clone(), partition, op)).boxed()
    }

    fn add_policy(&self, row: PolicyRow) -> BoxFuture<'_, Result<()>> {
        detached(small::add_policy(self.pool.clone(), row)).boxed()
    }

    fn policies(&self, after: i64) -> BoxFuture<'_, Result<Vec<PolicyRow>>> {
        read::policies(&self.pool, after).boxed()
    }

    fn add_standing(&self, row: StandingRow) -> BoxFuture<'_, Result<()>> {
        detached(standing::add(self.pool.clone(), row)).boxed()
    }

    fn standing(&self, after: i64) -> BoxFuture<'_, Result<Vec<StandingRow>>> {
        standing::after(&self.pool, after).boxed()
    }

    fn marked(&self, upto: Marked, limit: u32) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        suppression::marked(&self.pool, upto, limit).boxed()
    }

    fn add_refusals(&self, rows: Vec<RefusalRow>) -> BoxFuture<'_, Result<()>> {
        detached(suppression::add(self.pool.clone(), rows)).boxed()
    }

    fn refusals(&self, after: (i64, String), limit: u32) -> BoxFuture<'_, Result<Vec<RefusalRow>>> {
        suppression::refusals(&self.pool, after, limit).boxed()
    }

    fn forget_refusals(&self, before: i64) -> BoxFuture<'_, Result<()>> {
        detached(suppression::forget(self.pool.clone(), before)).boxed()
    }

    fn heartbeats(&self, after: String, limit: u32) -> BoxFuture<'_, Result<Vec<HeartbeatRow>>> {
        heartbeat::after(&self.pool, after, limit).boxed()
    }

    fn heartbeat(&self, id: String) -> BoxFuture<'_, Result<Option<HeartbeatRow>>> {
        heartbeat::one(&self.pool, id).boxed()
    }

    fn due_heartbeats(&self, upto: i64, limit: u32) -> BoxFuture<'_, Result<Vec<HeartbeatRow>>> {
        heartbeat::due(&self.pool, upto, limit).boxed()
    }

    fn save_heartbeat(&self, row: HeartbeatRow) -> BoxFuture<'_, Result<bool>> {
        detached(heartbeat::save(self.pool.clone(), row)).boxed()
    }

    fn remove_heartbeat(&self, id: String, version: i64) -> BoxFuture<'_, Result<bool>> {
        detached(heartbeat::remove(self.pool.clone(), id, version)).boxed()
    }

    fn sinks(&self) -> BoxFuture<'_, Result<Vec<SinkRow>>> {
        sink::all(&self.pool).boxed()
    }

    fn add_sink(&self, name: String, positions: BTreeMap<u16, i64>) -> BoxFuture<'_, Result<()>> {
        detached(sink::add(self.pool.clone(), name, positions)).boxed()
    }

    fn lease_sink(&self, name: String, op: LeaseOp) -> BoxFuture<'_, Result<Option<i64>>> {
        detached(sink::lease(self.pool.clone(), name, op)).boxed()
    }

    fn save_sink(&self, epoch: i64, row: SinkRow) -> BoxFuture<'_, Result<bool>> {
        detached(sink::save(self.pool.clone(), epoch, row)).boxed()
    }

    fn resume_sink(&self, name: String, positions: BTreeMap<u16, i64>) -> BoxFuture<'_, Result<bool>> {
        detached(sink::resume(self.pool.clone(), name, positions)).boxed()
    }

    fn forget_sink(&self, name: String) -> BoxFuture<'_, Result<bool>> {
        detached(sink::forget(self.pool.clone(), name)).boxed()
    }

    fn meta(&self, name: &'static str, value: String) -> BoxFuture<'_, Result<String>> {
        detached(small::meta(self.pool.clone(), name, value)).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            for committer in &self.committers {
                committer.close().await;
            }
            self.pool.close().await;
        }
        .boxed()
    }
}
