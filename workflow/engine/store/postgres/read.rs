//! Everything that is read by key or in feed order. It never writes; lists are next door.

use sqlx::postgres::{PgPool, PgRow};
use sqlx::{PgConnection, Row};

use super::super::rows::{
    AlertRecord, Committed, EventRow, Head, InstanceRow, OpenCount, OutboxRow, PolicyRow, RequestRow, Wake,
};
use super::super::{Error, Result};
use super::error::reading;
use super::{commit, suppression};
use crate::slot::partition_of;

type Rows = std::result::Result<Vec<PgRow>, sqlx::Error>;

/// Statements that run all the time, with an index that each must walk: (name, text, index). For tests of plans.
pub fn frequent_statements() -> [(&'static str, &'static str, &'static str); 9] {
    [
        ("commit", commit::text(), "instance_pkey"),
        ("wakes", WAKES, "instance_wake"),
        ("overdue", LATE, "instance_wake"),
        ("without wake-up", ABSENT, "instance_wake"),
        ("outbox", OUTBOX_DUE, "outbox_due"),
        ("feed", FEED, "event_pkey"),
        ("history", HISTORY, "event_history"),
        ("marked", suppression::MARKED, "event_marked"),
        ("refusals", suppression::REFUSALS, "refusal_first"),
    ]
}

const WAKES: &str = "SELECT id, version, wake_at FROM instance
     WHERE p = $1 AND open AND (wake_at, id) > ($2, $3) AND wake_at < $4 ORDER BY wake_at, id LIMIT $5";

const ABSENT: &str =
    "SELECT id, version, wake_at FROM instance WHERE p = $1 AND open AND wake_at IS NULL LIMIT $2";

const LATE: &str = "SELECT id, version, wake_at FROM instance
     WHERE p = $1 AND open AND wake_at < $2 ORDER BY wake_at, id LIMIT $3";

const OUTBOX_DUE: &str = "SELECT effect_id, id, due_at, attempt, dest, payload FROM outbox
     WHERE p = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3";

const FEED: &str = "SELECT pos, id, first, version, at, actor, cause, wake_at, data, chain FROM event
     WHERE p = $1 AND pos > $2 AND pos <= $3 ORDER BY pos LIMIT $4";

const HISTORY: &str = "SELECT pos, id, first, version, at, actor, cause, wake_at, data, chain FROM event
     WHERE p = $1 AND id = $2 AND version > $3 ORDER BY version LIMIT $4";

const EVENTS: &str =
    "SELECT DISTINCT e.pos, e.id, e.first, e.version, e.at, e.actor, e.cause, e.wake_at, e.data, e.chain
     FROM unnest($3::int8[]) AS k (n) CROSS JOIN LATERAL (
       SELECT * FROM event WHERE p = $1 AND id = $2 AND version >= k.n ORDER BY version LIMIT 1
     ) AS e ORDER BY e.version";

pub(super) async fn load(pool: &PgPool, partitions: u16, ids: &[String]) -> Result<Vec<InstanceRow>> {
    let homes: Vec<i16> = ids.iter().map(|id| partition_of(id, partitions) as i16).collect();
    let query = sqlx::query(
        "SELECT i.id, i.kind, i.version, i.open, i.wake_at, i.open_key, i.logic, i.policy, i.chain, i.state
         FROM unnest($1::int2[], $2::text[]) AS k (p, id) JOIN instance AS i ON i.p = k.p AND i.id = k.id",
    );
    rows(query.bind(homes).bind(ids).fetch_all(pool).await, instance)
}

/// Keys may lie in any partition: where a route put them is not recomputed.
pub(super) async fn find_open_keys(
    pool: &PgPool,
    partitions: u16,
    keys: &[String],
) -> Result<Vec<(String, String)>> {
    let query = sqlx::query(
        "SELECT i.open_key, i.id FROM unnest($1::text[]) AS k (key), generate_series(0, $2) AS g (p)
         JOIN instance AS i ON true
         WHERE i.p = g.p::int2 AND i.open_key = k.key AND i.open_key IS NOT NULL",
    );
    let found = query.bind(keys).bind(i32::from(partitions) - 1).fetch_all(pool).await;
    rows(found, |row| Ok((row.try_get(0)?, row.try_get(1)?)))
}

pub(super) async fn find_alerts(pool: &PgPool, partitions: u16, keys: &[String]) -> Result<Vec<AlertRecord>> {
    let query = sqlx::query(
        "SELECT DISTINCT ON (a.key) a.key, a.id, a.n, a.held, a.firing, a.count, a.first_at, a.last_at, a.ends_at
         FROM unnest($1::text[]) AS k (key), generate_series(0, $2) AS g (p),
              LATERAL (SELECT key, id, n, held, firing, count, first_at, last_at, ends_at FROM alert
                       WHERE p = g.p::int2 AND key = k.key ORDER BY id DESC LIMIT 1) AS a
         ORDER BY a.key, a.id DESC",
    );
    rows(query.bind(keys).bind(i32::from(partitions) - 1).fetch_all(pool).await, alert)
}

pub(super) async fn alerts_of(pool: &PgPool, partitions: u16, id: &str) -> Result<Vec<AlertRecord>> {
    let query = sqlx::query(
        "SELECT key, id, n, held, firing, count, first_at, last_at, ends_at FROM alert
         WHERE p = $1 AND id = $2 ORDER BY n, key",
    );
    rows(query.bind(partition_of(id, partitions) as i16).bind(id).fetch_all(pool).await, alert)
}

pub(super) async fn find_requests(
    pool: &PgPool,
    partitions: u16,
    keys: &[String],
) -> Result<Vec<RequestRow>> {
    let query = sqlx::query(
        "SELECT r.key, r.id, r.version, r.outcome, r.body_hash, r.at
         FROM unnest($1::text[]) AS k (key), generate_series(0, $2) AS g (p)
         JOIN request AS r ON true
         WHERE r.p = g.p::int2 AND r.key = k.key",
    );
    rows(query.bind(keys).bind(i32::from(partitions) - 1).fetch_all(pool).await, |row| {
        Ok(RequestRow {
            key: row.try_get(0)?,
            id: row.try_get(1)?,
            version: row.try_get(2)?,
            outcome: row.try_get(3)?,
            body_hash: row.try_get(4)?,
            at: row.try_get(5)?,
        })
    })
}

pub(super) async fn wakes(
    pool: &PgPool,
    partition: u16,
    after: (i64, String),
    before: i64,
    limit: u32,
) -> Result<Vec<Wake>> {
    let query = sqlx::query(WAKES).bind(partition as i16).bind(after.0).bind(after.1).bind(before);
    rows(query.bind(i64::from(limit)).fetch_all(pool).await, wake)
}

/// Two statements, as on SQLite: each of them walks the index.
pub(super) async fn overdue(pool: &PgPool, partition: u16, before: i64, limit: u32) -> Result<Vec<Wake>> {
    let absent = sqlx::query(ABSENT).bind(partition as i16).bind(i64::from(limit));
    let mut found = rows(absent.fetch_all(pool).await, wake)?;
    let rest = i64::from(limit) - found.len() as i64;
    let late = sqlx::query(LATE).bind(partition as i16).bind(before).bind(rest);
    found.extend(rows(late.fetch_all(pool).await, wake)?);
    Ok(found)
}

pub(super) async fn outbox_due(
    pool: &PgPool,
    partition: u16,
    now: i64,
    limit: u32,
) -> Result<Vec<OutboxRow>> {
    let query = sqlx::query(OUTBOX_DUE).bind(partition as i16).bind(now).bind(i64::from(limit));
    rows(query.fetch_all(pool).await, |row| {
        Ok(OutboxRow {
            effect_id: row.try_get(0)?,
            id: row.try_get(1)?,
            due_at: row.try_get(2)?,
            attempt: row.try_get(3)?,
            dest: row.try_get(4)?,
            payload: row.try_get(5)?,
        })
    })
}

pub(super) async fn heads(pool: &PgPool) -> Result<Vec<Head>> {
    let query = sqlx::query("SELECT p, head, trimmed FROM part_head ORDER BY p");
    rows(query.fetch_all(pool).await, |row| {
        let partition: i16 = row.try_get(0)?;
        Ok(Head { partition: partition as u16, head: row.try_get(1)?, trimmed: row.try_get(2)? })
    })
}

/// What is open stands before rank 99 in the queue, so that what has ended is never read.
pub(super) async fn open_counts(pool: &PgPool) -> Result<Vec<OpenCount>> {
    let query = sqlx::query(
        "SELECT phase, priority::int4, service, count(*) FROM listing
         WHERE kind = 'incident' AND queue_rank < 99 AND NOT exercise GROUP BY phase, priority, service",
    );
    rows(query.fetch_all(pool).await, |row| {
        Ok(OpenCount {
            phase: row.try_get(0)?,
            priority: row.try_get(1)?,
            service: row.try_get(2)?,
            count: row.try_get(3)?,
        })
    })
}

pub(super) async fn feed(
    pool: &PgPool,
    partition: u16,
    after: i64,
    upto: i64,
    limit: u32,
) -> Result<Vec<EventRow>> {
    let query = sqlx::query(FEED).bind(partition as i16).bind(after).bind(upto).bind(i64::from(limit));
    rows(query.fetch_all(pool).await, event)
}

pub(super) async fn history(
    pool: &PgPool,
    partitions: u16,
    id: &str,
    after: i64,
    limit: u32,
) -> Result<Vec<EventRow>> {
    let home = partition_of(id, partitions) as i16;
    let query = sqlx::query(HISTORY).bind(home).bind(id).bind(after).bind(i64::from(limit));
    rows(query.fetch_all(pool).await, event)
}

/// The transitions in which these events are, each once.
pub(super) async fn events(
    pool: &PgPool,
    partitions: u16,
    id: &str,
    numbers: &[i64],
) -> Result<Vec<EventRow>> {
    let home = partition_of(id, partitions) as i16;
    rows(sqlx::query(EVENTS).bind(home).bind(id).bind(numbers).fetch_all(pool).await, event)
}

pub(super) async fn policies(pool: &PgPool, after: i64) -> Result<Vec<PolicyRow>> {
    let query = sqlx::query(
        "SELECT number, hash, at, actor, document, source FROM policy WHERE number > $1 ORDER BY number",
    );
    rows(query.bind(after).fetch_all(pool).await, |row| {
        Ok(PolicyRow {
            number: row.try_get(0)?,
            hash: row.try_get(1)?,
            at: row.try_get(2)?,
            actor: row.try_get(3)?,
            document: row.try_get(4)?,
            source: row.try_get(5)?,
        })
    })
}

/// A batch that only checks: nothing is locked and nothing written.
pub(super) async fn versions(conn: &mut PgConnection, partition: u16, ids: &[String]) -> Result<Committed> {
    let head = sqlx::query_scalar("SELECT head FROM part_head WHERE p = $1").bind(partition as i16);
    let base = head.fetch_optional(&mut *conn).await.map_err(reading)?;
    let base = base.ok_or_else(|| Error::Fatal(format!("partition {partition} has no head")))?;
    let query = sqlx::query(
        "SELECT coalesce(i.version, 0)
         FROM unnest($2::text[]) WITH ORDINALITY AS k (id, n) LEFT JOIN instance AS i ON i.p = $1 AND i.id = k.id
         ORDER BY k.n",
    );
    let found = query.bind(partition as i16).bind(ids).fetch_all(conn).await;
    Ok(Committed { base, at: rows(found, |row| row.try_get(0))?, ..Committed::default() })
}

/// The lock first, in a statement of its own: it waits for a transaction whose client has gone, and only the next
/// statement's snapshot is younger than that transaction's end.
pub(super) async fn applied(
    conn: &mut PgConnection,
    partition: u16,
    causes: &[(String, i64, String)],
) -> Result<Vec<bool>> {
    let lock = sqlx::query("SELECT head FROM part_head WHERE p = $1 FOR UPDATE").bind(partition as i16);
    lock.fetch_one(&mut *conn).await.map_err(reading)?;
    let query = sqlx::query(
        "SELECT coalesce(e.cause = k.cause, false)
         FROM unnest($2::text[], $3::int8[], $4::text[]) WITH ORDINALITY AS k (id, version, cause, n)
         LEFT JOIN event AS e ON e.p = $1 AND e.id = k.id AND e.version = k.version
         ORDER BY k.n",
    )
    .bind(partition as i16)
    .bind(causes.iter().map(|(id, _, _)| id.as_str()).collect::<Vec<_>>())
    .bind(causes.iter().map(|(_, version, _)| *version).collect::<Vec<_>>())
    .bind(causes.iter().map(|(_, _, cause)| cause.as_str()).collect::<Vec<_>>());
    rows(query.fetch_all(conn).await, |row| row.try_get(0))
}

pub(super) fn rows<T>(
    found: Rows,
    decode: impl Fn(&PgRow) -> std::result::Result<T, sqlx::Error>,
) -> Result<Vec<T>> {
    found.and_then(|rows| rows.iter().map(decode).collect()).map_err(reading)
}

fn instance(row: &PgRow) -> std::result::Result<InstanceRow, sqlx::Error> {
    Ok(InstanceRow {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        prev_version: 0,
        version: row.try_get(2)?,
        open: row.try_get(3)?,
        wake_at: row.try_get(4)?,
        open_key: row.try_get(5)?,
        logic: row.try_get(6)?,
        policy: row.try_get(7)?,
        chain: row.try_get(8)?,
        state: row.try_get(9)?,
    })
}

fn alert(row: &PgRow) -> std::result::Result<AlertRecord, sqlx::Error> {
    Ok(AlertRecord {
        key: row.try_get(0)?,
        id: row.try_get(1)?,
        n: row.try_get(2)?,
        held: row.try_get(3)?,
        firing: row.try_get(4)?,
        count: row.try_get(5)?,
        first_at: row.try_get(6)?,
        last_at: row.try_get(7)?,
        ends_at: row.try_get(8)?,
    })
}

fn wake(row: &PgRow) -> std::result::Result<Wake, sqlx::Error> {
    Ok(Wake { id: row.try_get(0)?, version: row.try_get(1)?, wake_at: row.try_get(2)? })
}

pub(super) fn event(row: &PgRow) -> std::result::Result<EventRow, sqlx::Error> {
    Ok(EventRow {
        pos: row.try_get(0)?,
        id: row.try_get(1)?,
        first: row.try_get(2)?,
        version: row.try_get(3)?,
        at: row.try_get(4)?,
        actor: row.try_get(5)?,
        cause: row.try_get(6)?,
        wake_at: row.try_get(7)?,
        data: row.try_get(8)?,
        chain: row.try_get(9)?,
    })
}
