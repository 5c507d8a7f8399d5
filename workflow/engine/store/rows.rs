//! The rows that the engine writes and reads, in the shape of the tables. Nothing here knows the rules: states and
//! events are opaque JSON text, instants are milliseconds since 1970 in UTC, ids are opaque text.

use std::collections::BTreeMap;

/// An instance (incident, review, …) as it is after a transition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InstanceRow {
    /// Instance id; its slot names the partition.
    pub id: String,
    /// `incident` or `review`.
    pub kind: String,
    /// The version the transition was decided on; 0 creates the row. The commit writes only if the row still has it.
    pub prev_version: i64,
    /// Number of the last event, so versions of an instance are 1..n without a gap.
    pub version: i64,
    /// Whether anything can still happen by itself; an open row always has a `wake_at`.
    pub open: bool,
    /// The earliest deadline of the state.
    pub wake_at: Option<i64>,
    /// The key under which signals join this instance; unique among rows that have one.
    pub open_key: Option<String>,
    /// Version of the decision logic that wrote the state.
    pub logic: i32,
    /// Number of the pinned policy.
    pub policy: i64,
    /// Hex digest that chains the instance's history.
    pub chain: String,
    /// The state, JSON.
    pub state: String,
}

/// One transition in the history: every event that one command or tick caused, as one row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventRow {
    /// Position in the partition's feed; the store assigns it, 0 on the way in.
    pub pos: i64,
    /// The instance.
    pub id: String,
    /// Number of the first event of this transition.
    pub first: i64,
    /// Number of the last event, equal to the instance's version after it.
    pub version: i64,
    /// Instant of the transition.
    pub at: i64,
    /// Who caused it, e.g. `people/ana`.
    pub actor: String,
    /// The command's id: what a caller whose commit outcome is unknown looks up.
    pub cause: String,
    /// The instance's next wake-up after it.
    pub wake_at: Option<i64>,
    /// JSON array of the events.
    pub data: String,
    /// Hex digest over the previous digest and this row.
    pub chain: String,
}

/// What lists and the triage queue show and filter by: a pure projection of the state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListingRow {
    pub id: String,
    pub kind: String,
    /// The number in the human reference: 1042 of `INC-1042`.
    pub number: i64,
    pub phase: String,
    /// 1 to 5; 0 where there is none.
    pub priority: i32,
    pub service: String,
    pub team: String,
    pub assignee: String,
    pub acknowledged: bool,
    pub suppressed: bool,
    pub on_hold: bool,
    pub exhausted: bool,
    /// Escalation level reached, 0 before the first.
    pub level: i32,
    /// `OVERDUE`, `AT_RISK`, `OK`, `PAUSED` or `NONE`.
    pub sla_state: String,
    /// Earliest due instant of a running clock.
    pub next_due_at: Option<i64>,
    /// Order in the triage queue: rank first, then instant, then number. See semantics of the queue.
    pub queue_rank: i32,
    pub queue_at: i64,
    pub title: String,
    pub created_at: i64,
    /// Set for exercises, which no ordinary list shows.
    pub exercise: bool,
    /// The subject of a review: its incident's id.
    pub subject: String,
    pub category: String,
    /// When the instance last changed. It stands in the history alone, so that what changes nothing else writes no row
    /// here: 0 on the way in, and in lists that neither filter nor sort by it.
    pub updated_at: i64,
    /// Labels to filter by, sorted by name.
    pub labels: Vec<(String, String)>,
}

/// An alert's row: which incident holds the identity, and how often it was heard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertRow {
    /// The identity: integration and key.
    pub key: String,
    /// The incident.
    pub id: String,
    /// Number of the alert inside the incident.
    pub n: i64,
    /// Whether the incident is open and so owns the identity; at most one row per key has it.
    pub held: bool,
    /// Whether it fires.
    pub firing: bool,
    /// Signals to add to the row's count: 1 for the signal that made this row change.
    pub heard: i64,
    /// First and last time heard; the store keeps the earliest and the latest.
    pub first_at: i64,
    pub last_at: i64,
    /// When it clears by itself unless heard again.
    pub ends_at: Option<i64>,
}

/// An alert as read back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertRecord {
    pub key: String,
    pub id: String,
    pub n: i64,
    pub held: bool,
    pub firing: bool,
    pub count: i64,
    pub first_at: i64,
    pub last_at: i64,
    pub ends_at: Option<i64>,
}

/// A pure repeat: counted without an event. Applies only while the row of (key, id) fires.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bump {
    pub key: String,
    pub id: String,
    pub count: i64,
    pub last_at: i64,
    /// The newest `ends_at` heard; kept if later than the stored one.
    pub ends_at: Option<i64>,
}

/// An effect to carry out, written in the commit that wanted it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxRow {
    /// `{instance}.{version}.{ordinal}`: the idempotency id everywhere.
    pub effect_id: String,
    pub id: String,
    /// When it may be claimed next.
    pub due_at: i64,
    /// How often it was claimed; the fence against stale results.
    pub attempt: i32,
    /// Destination: one slow destination delays no other.
    pub dest: String,
    /// JSON.
    pub payload: String,
}

/// An effect taken for sending: the row's attempt becomes `attempt + 1` and its next try `next_at`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    pub effect_id: String,
    /// The attempt number that the claimant saw.
    pub attempt: i32,
    pub next_at: i64,
}

/// Removes an effect: settled (only with this attempt) or no longer wanted (`attempt` absent).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gone {
    pub effect_id: String,
    pub attempt: Option<i32>,
    /// The instance row in the same batch that this removal belongs to; it happens only if that row won.
    /// Empty: unconditional (an effect whose state no longer lists it).
    pub id: String,
}

/// A request id remembered with the change it caused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestRow {
    /// `caller/method/request id`.
    pub key: String,
    /// Instance and the version that the answer was given at.
    pub id: String,
    pub version: i64,
    /// Small JSON: what the first answer said besides the instance.
    pub outcome: String,
    /// Digest of the request's body.
    pub body_hash: String,
    pub at: i64,
}

/// Everything that one transaction of a partition writes. Rows of an instance whose row loses are left out;
/// the rest commits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// One row per instance with its last state.
    pub instances: Vec<InstanceRow>,
    pub events: Vec<EventRow>,
    pub listings: Vec<ListingRow>,
    pub alerts: Vec<AlertRow>,
    pub bumps: Vec<Bump>,
    pub outbox: Vec<OutboxRow>,
    pub gone: Vec<Gone>,
    pub claims: Vec<Claim>,
    pub requests: Vec<RequestRow>,
    /// Requests of pure repeats: the index of the bump in `bumps`, and the row that is written only if it applied.
    pub bump_requests: Vec<(usize, RequestRow)>,
    /// `open_key`s to clear on rows other than those in `instances`, before these are written: (id, key).
    pub released_keys: Vec<(String, String)>,
    /// Instances whose version is to be confirmed (refusals that rest on it): as committed before this batch.
    pub checks: Vec<String>,
}

impl Batch {
    /// Whether there is nothing to write or confirm.
    pub fn is_empty(&self) -> bool {
        !self.writes() && self.checks.is_empty()
    }

    /// Whether there is anything to write.
    pub fn writes(&self) -> bool {
        !(self.instances.is_empty()
            && self.events.is_empty()
            && self.listings.is_empty()
            && self.alerts.is_empty()
            && self.bumps.is_empty()
            && self.outbox.is_empty()
            && self.gone.is_empty()
            && self.claims.is_empty()
            && self.requests.is_empty()
            && self.bump_requests.is_empty()
            && self.released_keys.is_empty())
    }
}

/// What a commit did. Each vector of bools is parallel to the batch's vector.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Committed {
    /// The partition's head before this batch: the events got positions `base + 1 …` in order.
    pub base: i64,
    /// Which instance rows were written; `false` = its version had moved.
    pub won: Vec<bool>,
    /// Which bumps found a firing row.
    pub bumped: Vec<bool>,
    /// Which claims won.
    pub claimed: Vec<bool>,
    /// Versions of `checks`, 0 where the instance does not exist.
    pub at: Vec<i64>,
}

/// A deadline to arm: instance, its version and wake-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wake {
    pub id: String,
    pub version: i64,
    pub wake_at: Option<i64>,
}

/// Open incidents of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCount {
    pub phase: String,
    pub priority: i32,
    pub service: String,
    pub count: i64,
}

/// Head of a partition's feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub partition: u16,
    pub head: i64,
    /// Positions up to this one may be gone.
    pub trimmed: i64,
}

/// A version of the policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyRow {
    /// 1, 2, … without gaps; the highest is current.
    pub number: i64,
    /// SHA-256 of the canonical JSON, hex.
    pub hash: String,
    pub at: i64,
    pub actor: String,
    /// Canonical JSON document.
    pub document: String,
    /// The text as it was applied (YAML).
    pub source: String,
}

/// One change of standing records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StandingRow {
    /// 1, 2, … without gaps.
    pub number: i64,
    pub at: i64,
    pub actor: String,
    /// `caller/method/request id`; unique among rows that have one.
    pub request: Option<String>,
    /// Digest of the request's body.
    pub body_hash: Option<String>,
    /// JSON array of events.
    pub data: String,
}

/// A place among the transitions that mark alerts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Marked {
    pub at: i64,
    pub id: String,
    pub version: i64,
}

/// Signals of one identity that were not taken in for one cause, on one day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefusalRow {
    /// Unique, and what rows of one instant are ordered by.
    pub key: String,
    pub first_at: i64,
    pub last_at: i64,
    /// How many; on the way in, how many more.
    pub heard: i64,
    /// JSON: what they were about and why. The newest one stays.
    pub data: String,
}

/// A heartbeat monitor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeartbeatRow {
    pub id: String,
    /// How often it was written; 0: not yet.
    pub version: i64,
    /// When it is to be looked at.
    pub due_at: Option<i64>,
    /// JSON: what is known of it.
    pub data: String,
}

/// A sink of the event stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SinkRow {
    pub name: String,
    /// The position in each partition's feed up to which everything was accepted.
    pub positions: BTreeMap<u16, i64>,
    /// Attempts in a row that failed, of what comes next.
    pub failures: i64,
    /// Not tried again before this instant.
    pub next_at: i64,
    /// Since when it gets nothing any more; 0 if it does.
    pub disabled_at: i64,
    /// The last failure; empty if there was none.
    pub error: String,
    /// When that was; 0 if there was none.
    pub error_at: i64,
    /// When it last accepted something; 0 if it never did.
    pub accepted_at: i64,
    /// Who drives it now, by the database's clock.
    pub owner: Option<String>,
}

/// A column that lists filter and sort by. The store turns them into SQL; nobody else names a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Id,
    Number,
    Phase,
    Priority,
    Service,
    Team,
    Assignee,
    Acknowledged,
    Suppressed,
    OnHold,
    Exhausted,
    Level,
    SlaState,
    NextDueAt,
    QueueRank,
    QueueAt,
    CreatedAt,
    Exercise,
    Subject,
    Category,
    UpdatedAt,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Int(i64),
    Bool(bool),
    /// An absent instant. Only in [`ListQuery::after`]; ask for absence with [`Filter::Has`].
    Null,
}

/// A condition on listing rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Compare(Column, Op, Value),
    /// Text matches a pattern in which `*` stands for any text.
    Like(Column, String),
    /// The column has a value (text not empty, instant present).
    Has(Column),
    /// A label has this value; `None`: exists at all.
    Label(String, Option<String>),
}

/// A page of listing rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// `incident` or `review`.
    pub kind: String,
    pub filter: Option<Filter>,
    /// Sort keys, `true` = descending; the store appends the id as the last key, in the direction of the key before
    /// it, unless it is among them.
    pub order: Vec<(Column, bool)>,
    /// Values of the sort keys, then the id, of the last row of the page before. Absent instants
    /// ([`Value::Null`]) sort last in both directions.
    pub after: Option<(Vec<Value>, String)>,
    pub limit: u32,
}

/// What a replica asks of a partition's lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseOp {
    /// Take it if it expired, or renew it if `owner` has it.
    Hold { owner: String, addr: String, ttl_ms: i64 },
    /// Give it up.
    Resign { owner: String },
}
