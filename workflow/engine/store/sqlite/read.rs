//! Everything that is read by key, in feed order or in pages. It never writes and never sees an open transaction.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::super::filter::{Dialect, clauses};
use super::super::rows::{
    AlertRecord, EventRow, Head, InstanceRow, ListQuery, ListingRow, OpenCount, OutboxRow, RequestRow, Value,
    Wake,
};
use super::super::{Result, labels};
use super::suppression;

/// Statements that run all the time, with the index that each must walk: (name, text, index). For tests of plans.
pub fn frequent_statements() -> [(&'static str, &'static str, &'static str); 9] {
    [
        ("wakes", WAKES, "instance_wake"),
        ("overdue", LATE, "instance_wake"),
        ("without wake-up", ABSENT, "instance_wake"),
        ("outbox", OUTBOX_DUE, "outbox_due"),
        ("feed", FEED, "INTEGER PRIMARY KEY"),
        ("history", HISTORY, "event_history"),
        ("event", EVENT_AT, "event_history"),
        ("marked", suppression::MARKED, "event_marked"),
        ("refusals", suppression::REFUSALS, "refusal_first"),
    ]
}

pub(super) fn load(conn: &Connection, ids: &[String]) -> Result<Vec<InstanceRow>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, kind, version, open, wake_at, open_key, logic, policy, chain, state FROM instance WHERE id = ?1",
    )?;
    each(ids, |id| Ok(statement.query_row([id], instance).optional()?))
}

pub(super) fn find_open_keys(conn: &Connection, keys: &[String]) -> Result<Vec<(String, String)>> {
    let mut statement = conn.prepare_cached("SELECT open_key, id FROM instance WHERE open_key = ?1")?;
    each(keys, |key| Ok(statement.query_row([key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?))
}

pub(super) fn find_alerts(conn: &Connection, keys: &[String]) -> Result<Vec<AlertRecord>> {
    let mut statement = conn.prepare_cached(
        "SELECT key, id, n, held, firing, count, first_at, last_at, ends_at FROM alert
         WHERE key = ?1 ORDER BY id DESC LIMIT 1",
    )?;
    each(keys, |key| Ok(statement.query_row([key], alert).optional()?))
}

pub(super) fn alerts_of(conn: &Connection, id: &str) -> Result<Vec<AlertRecord>> {
    let mut statement = conn.prepare_cached(
        "SELECT key, id, n, held, firing, count, first_at, last_at, ends_at FROM alert WHERE id = ?1 ORDER BY n, key",
    )?;
    all(statement.query_map([id], alert)?)
}

pub(super) fn find_requests(conn: &Connection, keys: &[String]) -> Result<Vec<RequestRow>> {
    let mut statement =
        conn.prepare_cached("SELECT key, id, version, outcome, body_hash, at FROM request WHERE key = ?1")?;
    each(keys, |key| Ok(statement.query_row([key], request).optional()?))
}

pub(super) fn wakes(conn: &Connection, after: (i64, String), before: i64, limit: u32) -> Result<Vec<Wake>> {
    let mut statement = conn.prepare_cached(WAKES)?;
    all(statement.query_map(params![after.0, after.1, before, limit], wake)?)
}

const WAKES: &str = "SELECT id, version, wake_at FROM instance INDEXED BY instance_wake
     WHERE open = 1 AND (wake_at, id) > (?1, ?2) AND wake_at < ?3 ORDER BY wake_at, id LIMIT ?4";

/// Two statements, since one condition over both arms would leave the index.
pub(super) fn overdue(conn: &Connection, before: i64, limit: u32) -> Result<Vec<Wake>> {
    let mut statement = conn.prepare_cached(ABSENT)?;
    let mut found = all(statement.query_map([limit], wake)?)?;
    let mut statement = conn.prepare_cached(LATE)?;
    found.extend(all(statement.query_map(params![before, limit.saturating_sub(found.len() as u32)], wake)?)?);
    Ok(found)
}

const ABSENT: &str = "SELECT id, version, wake_at FROM instance INDEXED BY instance_wake
     WHERE open = 1 AND wake_at IS NULL LIMIT ?1";

const LATE: &str = "SELECT id, version, wake_at FROM instance INDEXED BY instance_wake
     WHERE open = 1 AND wake_at < ?1 ORDER BY wake_at, id LIMIT ?2";

pub(super) fn outbox_due(conn: &Connection, now: i64, limit: u32) -> Result<Vec<OutboxRow>> {
    let mut statement = conn.prepare_cached(OUTBOX_DUE)?;
    all(statement.query_map(params![now, limit], |row| {
        Ok(OutboxRow {
            effect_id: row.get(0)?,
            id: row.get(1)?,
            due_at: row.get(2)?,
            attempt: row.get(3)?,
            dest: row.get(4)?,
            payload: row.get(5)?,
        })
    })?)
}

const OUTBOX_DUE: &str = "SELECT effect_id, id, due_at, attempt, dest, payload FROM outbox
     WHERE due_at <= ?1 ORDER BY due_at, effect_id LIMIT ?2";

pub(super) fn heads(conn: &Connection) -> Result<Vec<Head>> {
    let mut statement = conn.prepare_cached("SELECT p, head, trimmed FROM part_head ORDER BY p")?;
    all(statement
        .query_map([], |row| Ok(Head { partition: row.get(0)?, head: row.get(1)?, trimmed: row.get(2)? }))?)
}

pub(super) fn open_counts(conn: &Connection) -> Result<Vec<OpenCount>> {
    let mut statement = conn.prepare_cached(OPEN_COUNTS)?;
    all(statement.query_map([], |row| {
        Ok(OpenCount { phase: row.get(0)?, priority: row.get(1)?, service: row.get(2)?, count: row.get(3)? })
    })?)
}

/// What is open stands before rank 99 in the queue, so that what has ended is never read.
const OPEN_COUNTS: &str = "SELECT phase, priority, service, count(*) FROM listing
     WHERE kind = 'incident' AND queue_rank < 99 AND exercise = 0 GROUP BY phase, priority, service";

pub(super) fn feed(conn: &Connection, after: i64, upto: i64, limit: u32) -> Result<Vec<EventRow>> {
    let mut statement = conn.prepare_cached(FEED)?;
    all(statement.query_map(params![after, upto, limit], event)?)
}

const FEED: &str = "SELECT pos, id, first, version, at, actor, cause, wake_at, data, chain FROM event
     WHERE pos > ?1 AND pos <= ?2 ORDER BY pos LIMIT ?3";

pub(super) fn history(conn: &Connection, id: &str, after: i64, limit: u32) -> Result<Vec<EventRow>> {
    let mut statement = conn.prepare_cached(HISTORY)?;
    all(statement.query_map(params![id, after, limit], event)?)
}

const HISTORY: &str = "SELECT pos, id, first, version, at, actor, cause, wake_at, data, chain FROM event
     WHERE id = ?1 AND version > ?2 ORDER BY version LIMIT ?3";

/// The transitions in which these events are, each once.
pub(super) fn events(conn: &Connection, id: &str, numbers: &[i64]) -> Result<Vec<EventRow>> {
    let mut statement = conn.prepare_cached(EVENT_AT)?;
    let mut found: Vec<EventRow> = Vec::with_capacity(numbers.len());
    for number in numbers {
        if found.iter().any(|row| (row.first..=row.version).contains(number)) {
            continue;
        }
        found.extend(statement.query_row(params![id, number], event).optional()?);
    }
    Ok(found)
}

const EVENT_AT: &str = "SELECT pos, id, first, version, at, actor, cause, wake_at, data, chain FROM event
     WHERE id = ?1 AND version >= ?2 ORDER BY version LIMIT 1";

pub(super) fn applied(conn: &Connection, causes: &[(String, i64, String)]) -> Result<Vec<bool>> {
    let mut statement = conn.prepare_cached("SELECT cause = ?3 FROM event WHERE id = ?1 AND version = ?2")?;
    causes
        .iter()
        .map(|(id, version, cause)| {
            let found = statement.query_row(params![id, version, cause], |row| row.get(0)).optional()?;
            Ok(found.unwrap_or(false))
        })
        .collect()
}

pub(super) fn list(conn: &Connection, query: &ListQuery) -> Result<Vec<ListingRow>> {
    let clauses = clauses(Dialect::Sqlite, query)?;
    let sql = format!(
        "SELECT id, kind, number, phase, priority, service, team, assignee, acknowledged, suppressed, on_hold,
                exhausted, level, sla_state, next_due_at, queue_rank, queue_at, title, created_at, exercise, subject,
                category, updated_at, labels
         FROM {} WHERE {} ORDER BY {} LIMIT {}",
        clauses.rows, clauses.condition, clauses.order, query.limit
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = all(statement.query_map(params_from_iter(&clauses.binds), listing)?)?;
    rows.into_iter().map(|(row, text)| Ok(ListingRow { labels: labels::from_json(&text)?, ..row })).collect()
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::from(text.as_str())),
            Self::Int(number) => ToSqlOutput::from(*number),
            Self::Bool(flag) => ToSqlOutput::from(*flag),
            Self::Null => ToSqlOutput::from(rusqlite::types::Null),
        })
    }
}

fn each<T>(keys: &[String], mut find: impl FnMut(&String) -> Result<Option<T>>) -> Result<Vec<T>> {
    keys.iter().filter_map(|key| find(key).transpose()).collect()
}

pub(super) fn all<T>(rows: impl Iterator<Item = rusqlite::Result<T>>) -> Result<Vec<T>> {
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn instance(row: &Row<'_>) -> rusqlite::Result<InstanceRow> {
    Ok(InstanceRow {
        id: row.get(0)?,
        kind: row.get(1)?,
        prev_version: 0,
        version: row.get(2)?,
        open: row.get(3)?,
        wake_at: row.get(4)?,
        open_key: row.get(5)?,
        logic: row.get(6)?,
        policy: row.get(7)?,
        chain: row.get(8)?,
        state: row.get(9)?,
    })
}

fn alert(row: &Row<'_>) -> rusqlite::Result<AlertRecord> {
    Ok(AlertRecord {
        key: row.get(0)?,
        id: row.get(1)?,
        n: row.get(2)?,
        held: row.get(3)?,
        firing: row.get(4)?,
        count: row.get(5)?,
        first_at: row.get(6)?,
        last_at: row.get(7)?,
        ends_at: row.get(8)?,
    })
}

fn request(row: &Row<'_>) -> rusqlite::Result<RequestRow> {
    Ok(RequestRow {
        key: row.get(0)?,
        id: row.get(1)?,
        version: row.get(2)?,
        outcome: row.get(3)?,
        body_hash: row.get(4)?,
        at: row.get(5)?,
    })
}

fn wake(row: &Row<'_>) -> rusqlite::Result<Wake> {
    Ok(Wake { id: row.get(0)?, version: row.get(1)?, wake_at: row.get(2)? })
}

pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        pos: row.get(0)?,
        id: row.get(1)?,
        first: row.get(2)?,
        version: row.get(3)?,
        at: row.get(4)?,
        actor: row.get(5)?,
        cause: row.get(6)?,
        wake_at: row.get(7)?,
        data: row.get(8)?,
        chain: row.get(9)?,
    })
}

fn listing(row: &Row<'_>) -> rusqlite::Result<(ListingRow, String)> {
    let listing = ListingRow {
        id: row.get(0)?,
        kind: row.get(1)?,
        number: row.get(2)?,
        phase: row.get(3)?,
        priority: row.get(4)?,
        service: row.get(5)?,
        team: row.get(6)?,
        assignee: row.get(7)?,
        acknowledged: row.get(8)?,
        suppressed: row.get(9)?,
        on_hold: row.get(10)?,
        exhausted: row.get(11)?,
        level: row.get(12)?,
        sla_state: row.get(13)?,
        next_due_at: row.get(14)?,
        queue_rank: row.get(15)?,
        queue_at: row.get(16)?,
        title: row.get(17)?,
        created_at: row.get(18)?,
        exercise: row.get(19)?,
        subject: row.get(20)?,
        category: row.get(21)?,
        updated_at: row.get(22)?,
        labels: Vec::new(),
    };
    Ok((listing, row.get(23)?))
}
