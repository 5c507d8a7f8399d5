//! Limits of the engine's queues and batches, each with its reason.

use std::time::Duration;

/// Commands that one transaction takes at most: beyond it latency grows faster than throughput. Half of it is for
/// deadlines, so that thousands of one instant fire in few commits.
pub const BATCH: usize = 2048;

/// Commands of people waiting per partition; more than this is seconds of work.
pub const PEOPLE_QUEUE: usize = 4096;

/// Alerts and reports waiting per partition.
pub const SIGNAL_QUEUE: usize = 8192;

/// Deadlines and delivery results waiting per partition; who sends them waits instead of being refused.
pub const SYSTEM_QUEUE: usize = 16_384;

/// How often heartbeat monitors are read where another replica may have changed them.
pub const HEARTBEATS_LOOK: Duration = Duration::from_secs(5);

/// How often a command is decided again after losing its version to another replica.
pub const TRIES: u32 = 5;

/// How often a change of standing records is decided again after another one came first.
pub const STANDING_TRIES: u32 = 20;

/// What a refused caller is told to wait.
pub const RETRY_AFTER_MS: u64 = 200;

/// Instances kept in memory per partition, 6 to 10 KB each; the rest is read from its row when needed.
pub const CACHED_INSTANCES: usize = 20_000;

/// Keys remembered per partition.
pub const REMEMBERED_KEYS: usize = 500_000;

/// Reference numbers reserved at once: a killed server leaves a gap no longer than this.
pub const NUMBERS: i64 = 64;

/// The same under load: numbers that last for less than [`NUMBERS_FAST`] are reserved twice as many the next time.
pub const NUMBERS_MAX: i64 = 4096;

/// See [`NUMBERS_MAX`].
pub const NUMBERS_FAST: Duration = Duration::from_secs(1);

/// Events kept for those who follow the feed; who falls further behind reads the table.
pub const TAIL: usize = 4096;

/// Effects being sent at once by one replica.
pub const SENDING: usize = 256;

/// Effects on their way to one destination at once: a dead one does not take every place.
pub const SENDING_PER_DESTINATION: usize = 64;

/// Effects read from the outbox in one go.
pub const OUTBOX_PAGE: u32 = 1000;

/// How often the outbox is read for what nobody in this process has offered.
pub const OUTBOX_SCAN: Duration = Duration::from_secs(5);

/// A claim whose result is lost is retried after this.
pub const SEND_LEASE_MS: i64 = 30_000;

/// Waits after each failed attempt to deliver a page, in milliseconds; then the channel gives up. Semantics §5.
pub const PAGE_RETRIES: [i64; 5] = [1000, 2000, 4000, 8000, 15_000];

/// The same for notices.
pub const NOTICE_RETRIES: [i64; 4] = [5000, 60_000, 300_000, 1_800_000];

/// Waits before a command to another instance is tried again; the last one repeats.
pub const SUBMIT_RETRIES: [i64; 5] = [100, 1000, 5000, 30_000, 60_000];

/// Deadlines loaded from the store in one page.
pub const WAKES_PAGE: u32 = 5000;

/// Of the incidents that a service got lately so many are asked whether one is open, before further alerts gather.
pub const STORM_LOOKS: usize = 20;

/// Open incidents read at once to see whether a silence that begins concerns them.
pub const SWEEP_PAGE: u32 = 200;

/// What alerts hold back is looked at again so long after the last time, even if nothing has changed.
pub const INHIBITIONS_LOOKED_AT_MS: i64 = 300_000;

/// How often a replica waits for [`TAIL_EVERY`] until it has read what others committed.
pub const CATCH_UP_TRIES: u32 = 100;

/// Signals that are not taken in are told one by one in the log for so many identities a day, the rest together.
pub const REFUSALS_TOLD: usize = 1000;

/// Counts of what is not taken in are written no more often than this.
pub const REFUSALS_SAVE: Duration = Duration::from_millis(200);

/// And kept so long.
pub const REFUSALS_KEPT_MS: i64 = 30 * 86_400_000;

/// By then every replica has read a change of the standing records: twice as long as it may wait before it looks, and the
/// time to read.
pub const OTHERS_HEAR_MS: i64 = 1000;

/// How often the auditor looks for open instances without a wake-up.
pub const AUDIT_EVERY: Duration = Duration::from_secs(30);

/// An overdue wake-up that old is one the wheel has lost.
pub const OVERDUE_MS: i64 = 5000;

/// How often old request ids are forgotten.
pub const FORGET_EVERY: Duration = Duration::from_secs(3600);

/// Request ids looked at in one transaction.
pub const FORGET_PAGE: u32 = 1000;

/// Pause between two such transactions.
pub const FORGET_PAUSE: Duration = Duration::from_millis(20);

/// A request id is remembered at least so long, and as long as its instance is open.
pub const REQUESTS_KEPT_MS: i64 = 72 * 3_600_000;

/// How often the store is asked whether it still commits.
pub const CANARY_EVERY: Duration = Duration::from_secs(5);

/// A canary older than this means that the engine is stuck.
pub const CANARY_LIMIT: Duration = Duration::from_secs(10);

/// How often a replica looks for events of others.
pub const TAIL_EVERY: Duration = Duration::from_millis(20);

/// The same when nothing has happened for a while.
pub const TAIL_IDLE: Duration = Duration::from_millis(250);

/// Life of a partition's lease, and how often it is renewed.
pub const LEASE_MS: i64 = 4000;

/// How often leases are renewed.
pub const LEASE_EVERY: Duration = Duration::from_secs(1);

/// Transitions that a sink of the event stream is given at once: few enough to be kept whole in memory.
pub const SINK_CHUNK: u32 = 128;

/// Instances of a chunk whose events are on their way to one sink at once; those of one instance wait for each other.
pub const SINK_LINES: usize = 16;

/// A sink's position is written no more often than this: a kill repeats what it accepted in between.
pub const SINK_SAVE: Duration = Duration::from_millis(200);

/// How often the store is asked for events although nothing was told.
pub const SINK_IDLE: Duration = Duration::from_secs(1);

/// How often a sink that rests is looked at: somebody may have resumed it.
pub const SINK_LOOK: Duration = Duration::from_secs(1);

/// A sink that asks for more patience is asked again after this.
pub const SINK_PATIENCE: Duration = Duration::from_secs(24 * 3600);
