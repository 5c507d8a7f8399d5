//! The embedded store behind the trait: every method says where it runs. The work itself lies in the other files.

use std::collections::BTreeMap;
use std::path::Path;

use futures::future::{BoxFuture, FutureExt};

use super::super::rows::{
    AlertRecord, Batch, Committed, EventRow, Head, HeartbeatRow, InstanceRow, LeaseOp, ListQuery, ListingRow,
    Marked, OpenCount, OutboxRow, PolicyRow, RefusalRow, RequestRow, SinkRow, StandingRow, Wake,
};
use super::super::{Result, Store};
use super::readers::Readers;
use super::writer::Writer;
use super::{commit, heartbeat, migrate, read, setup, sink, small, standing, suppression};

/// A SQLite file that this process alone serves.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    reader_count: u32,
}

impl SqliteStore {
    /// Opens the file with four readers; creates and migrates it as needed. Blocks, so call it off the runtime's
    /// threads or at start-up.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, 4)
    }

    /// As [`Self::open`], with this many reading connections.
    pub fn open_with(path: &Path, readers: u32) -> Result<Self> {
        migrate::create_folder(path)?;
        let lock = setup::lock(path)?;
        let mut conn = setup::writer(path)?;
        setup::check(&conn)?;
        migrate::run(&mut conn)?;
        small::free_lease(&conn)?;
        sink::free_leases(&conn)?;
        let writer = Writer::start(conn, lock)?;
        Ok(Self { writer, readers: Readers::new(path.to_owned(), readers), reader_count: readers })
    }
}

impl Store for SqliteStore {
    fn kind(&self) -> &'static str {
        "sqlite"
    }

    fn partitions(&self) -> u16 {
        1
    }

    fn check(&self) -> BoxFuture<'_, Result<()>> {
        self.writer.call(|conn| setup::check(conn)).boxed()
    }

    fn commit(&self, _partition: u16, batch: Batch) -> BoxFuture<'_, Result<Committed>> {
        self.writer.call(move |conn| commit::commit(conn, &batch)).boxed()
    }

    fn applied(
        &self,
        _partition: u16,
        causes: Vec<(String, i64, String)>,
    ) -> BoxFuture<'_, Result<Vec<bool>>> {
        // On the writer's thread, hence after every commit that was sent before.
        self.writer.call(move |conn| read::applied(conn, &causes)).boxed()
    }

    fn load(&self, ids: Vec<String>) -> BoxFuture<'_, Result<Vec<InstanceRow>>> {
        self.readers.call(move |conn| read::load(conn, &ids)).boxed()
    }

    fn find_open_keys(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<(String, String)>>> {
        self.readers.call(move |conn| read::find_open_keys(conn, &keys)).boxed()
    }

    fn find_alerts(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<AlertRecord>>> {
        self.readers.call(move |conn| read::find_alerts(conn, &keys)).boxed()
    }

    fn alerts_of(&self, id: String) -> BoxFuture<'_, Result<Vec<AlertRecord>>> {
        self.readers.call(move |conn| read::alerts_of(conn, &id)).boxed()
    }

    fn find_requests(&self, keys: Vec<String>) -> BoxFuture<'_, Result<Vec<RequestRow>>> {
        self.readers.call(move |conn| read::find_requests(conn, &keys)).boxed()
    }

    fn wakes(
        &self,
        _partition: u16,
        after: (i64, String),
        before: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<Wake>>> {
        self.readers.call(move |conn| read::wakes(conn, after, before, limit)).boxed()
    }

    fn overdue(&self, _partition: u16, before: i64, limit: u32) -> BoxFuture<'_, Result<Vec<Wake>>> {
        self.readers.call(move |conn| read::overdue(conn, before, limit)).boxed()
    }

    fn outbox_due(&self, _partition: u16, now: i64, limit: u32) -> BoxFuture<'_, Result<Vec<OutboxRow>>> {
        self.readers.call(move |conn| read::outbox_due(conn, now, limit)).boxed()
    }

    fn heads(&self) -> BoxFuture<'_, Result<Vec<Head>>> {
        self.readers.call(read::heads).boxed()
    }

    fn open_counts(&self) -> BoxFuture<'_, Result<Vec<OpenCount>>> {
        self.readers.call(read::open_counts).boxed()
    }

    fn feed(
        &self,
        _partition: u16,
        after: i64,
        upto: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.readers.call(move |conn| read::feed(conn, after, upto, limit)).boxed()
    }

    fn history(&self, id: String, after: i64, limit: u32) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.readers.call(move |conn| read::history(conn, &id, after, limit)).boxed()
    }

    fn events(&self, id: String, numbers: Vec<i64>) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.readers.call(move |conn| read::events(conn, &id, &numbers)).boxed()
    }

    fn list(&self, query: ListQuery) -> BoxFuture<'_, Result<Vec<ListingRow>>> {
        self.readers.call(move |conn| read::list(conn, &query)).boxed()
    }

    fn reserve(&self, counter: &'static str, n: i64) -> BoxFuture<'_, Result<i64>> {
        self.writer.call(move |conn| small::reserve(conn, counter, n)).boxed()
    }

    fn unreserve(&self, counter: &'static str, first: i64, end: i64) -> BoxFuture<'_, Result<()>> {
        self.writer.call(move |conn| small::unreserve(conn, counter, first, end)).boxed()
    }

    fn forget_requests(
        &self,
        _partition: u16,
        after: String,
        before: i64,
        limit: u32,
    ) -> BoxFuture<'_, Result<Option<String>>> {
        self.writer.call(move |conn| small::forget_requests(conn, &after, before, limit)).boxed()
    }

    fn forget_clears(&self, _partition: u16, before: i64) -> BoxFuture<'_, Result<()>> {
        self.writer.call(move |conn| small::forget_clears(conn, before)).boxed()
    }

    fn lease(&self, _partition: u16, op: LeaseOp) -> BoxFuture<'_, Result<Option<i64>>> {
        self.writer.call(move |conn| small::lease(conn, &op)).boxed()
    }

    fn add_policy(&self, row: PolicyRow) -> BoxFuture<'_, Result<()>> {
        self.writer.call(move |conn| small::add_policy(conn, &row)).boxed()
    }

    fn policies(&self, after: i64) -> BoxFuture<'_, Result<Vec<PolicyRow>>> {
        self.readers.call(move |conn| small::policies(conn, after)).boxed()
    }

    fn add_standing(&self, row: StandingRow) -> BoxFuture<'_, Result<()>> {
        self.writer.call(move |conn| standing::add(conn, &row)).boxed()
    }

    fn standing(&self, after: i64) -> BoxFuture<'_, Result<Vec<StandingRow>>> {
        self.readers.call(move |conn| standing::after(conn, after)).boxed()
    }

    fn marked(&self, upto: Marked, limit: u32) -> BoxFuture<'_, Result<Vec<EventRow>>> {
        self.readers.call(move |conn| suppression::marked(conn, &upto, limit)).boxed()
    }

    fn add_refusals(&self, rows: Vec<RefusalRow>) -> BoxFuture<'_, Result<()>> {
        self.writer.call(move |conn| suppression::add(conn, &rows)).boxed()
    }

    fn refusals(&self, after: (i64, String), limit: u32) -> BoxFuture<'_, Result<Vec<RefusalRow>>> {
        self.readers.call(move |conn| suppression::refusals(conn, &after, limit)).boxed()
    }

    fn forget_refusals(&self, before: i64) -> BoxFuture<'_, Result<()>> {
        self.writer.call(move |conn| suppression::forget(conn, before)).boxed()
    }

    fn heartbeats(&self, after: String, limit: u32) -> BoxFuture<'_, Result<Vec<HeartbeatRow>>> {
        self.readers.call(move |conn| heartbeat::after(conn, &after, limit)).boxed()
    }

    fn heartbeat(&self, id: String) -> BoxFuture<'_, Result<Option<HeartbeatRow>>> {
        self.readers.call(move |conn| heartbeat::one(conn, &id)).boxed()
    }

    fn due_heartbeats(&self, upto: i64, limit: u32) -> BoxFuture<'_, Result<Vec<HeartbeatRow>>> {
        self.readers.call(move |conn| heartbeat::due(conn, upto, limit)).boxed()
    }

    fn save_heartbeat(&self, row: HeartbeatRow) -> BoxFuture<'_, Result<bool>> {
        self.writer.call(move |conn| heartbeat::save(conn, &row)).boxed()
    }

    fn remove_heartbeat(&self, id: String, version: i64) -> BoxFuture<'_, Result<bool>> {
        self.writer.call(move |conn| heartbeat::remove(conn, &id, version)).boxed()
    }

    fn sinks(&self) -> BoxFuture<'_, Result<Vec<SinkRow>>> {
        self.readers.call(sink::all).boxed()
    }

    fn add_sink(&self, name: String, positions: BTreeMap<u16, i64>) -> BoxFuture<'_, Result<()>> {
        self.writer.call(move |conn| sink::add(conn, &name, &positions)).boxed()
    }

    fn lease_sink(&self, name: String, op: LeaseOp) -> BoxFuture<'_, Result<Option<i64>>> {
        self.writer.call(move |conn| sink::lease(conn, &name, &op)).boxed()
    }

    fn save_sink(&self, epoch: i64, row: SinkRow) -> BoxFuture<'_, Result<bool>> {
        self.writer.call(move |conn| sink::save(conn, epoch, &row)).boxed()
    }

    fn resume_sink(&self, name: String, positions: BTreeMap<u16, i64>) -> BoxFuture<'_, Result<bool>> {
        self.writer.call(move |conn| sink::resume(conn, &name, &positions)).boxed()
    }

    fn forget_sink(&self, name: String) -> BoxFuture<'_, Result<bool>> {
        self.writer.call(move |conn| sink::forget(conn, &name)).boxed()
    }

    fn meta(&self, name: &'static str, value: String) -> BoxFuture<'_, Result<String>> {
        self.writer.call(move |conn| small::meta(conn, name, &value)).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        async move {
            self.readers.close(self.reader_count).await;
            self.writer.close().await;
        }
        .boxed()
    }
}
