//! The small writes beside the batches: counters, leases, policy versions, values of the deployment. Each is one
//! statement, run in a task of its own so that a caller who goes away cannot cut it short.

use std::time::Duration;

use sqlx::postgres::PgPool;

use super::super::rows::{LeaseOp, PolicyRow};
use super::super::{Error, Result};
use super::connect;

/// As for batches: a server that cannot even say that time is up is given up.
const ANSWER_TIMEOUT: Duration = connect::STATEMENT_TIMEOUT.saturating_add(connect::CONNECT_TIMEOUT);

/// Runs a write to its end, whoever still waits for it.
pub(super) async fn detached<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let ended = |what: &str| Err(Error::Unknown(format!("the write {what}")));
    match tokio::spawn(tokio::time::timeout(ANSWER_TIMEOUT, work)).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => ended("was not answered in time"),
        Err(_) => ended("ended early"),
    }
}

pub(super) async fn reserve(pool: PgPool, counter: &'static str, n: i64) -> Result<i64> {
    let query = sqlx::query_scalar(
        "INSERT INTO counter AS c (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = c.value + $2 RETURNING c.value - $2 + 1",
    );
    Ok(query.bind(counter).bind(n).fetch_one(&pool).await?)
}

pub(super) async fn unreserve(pool: PgPool, counter: &'static str, first: i64, end: i64) -> Result<()> {
    let query =
        sqlx::query("UPDATE counter SET value = $2 - 1 WHERE name = $1 AND value = $3 - 1 AND $2 < $3");
    query.bind(counter).bind(first).bind(end).execute(&pool).await?;
    Ok(())
}

pub(super) async fn forget_requests(
    pool: PgPool,
    partition: u16,
    after: String,
    before: i64,
    limit: u32,
) -> Result<Option<String>> {
    let p = partition as i16;
    let query = sqlx::query_scalar(
        "SELECT key FROM request WHERE p = $1 AND key > $2 ORDER BY key LIMIT 1 OFFSET $3",
    );
    let skip = i64::from(limit.saturating_sub(1));
    let last: Option<String> = query.bind(p).bind(&after).bind(skip).fetch_optional(&pool).await?;
    let query = sqlx::query(
        "DELETE FROM request r WHERE r.p = $1 AND r.key > $2 AND ($3::text IS NULL OR r.key <= $3) AND r.at < $4
           AND NOT EXISTS (SELECT 1 FROM instance i WHERE i.p = r.p AND i.id = r.id AND i.open)",
    );
    query.bind(p).bind(&after).bind(&last).bind(before).execute(&pool).await?;
    Ok(last)
}

/// Expiry is by the database's clock, the only one that all replicas share.
pub(super) async fn forget_clears(pool: PgPool, partition: u16, before: i64) -> Result<()> {
    // The key is part of the primary key: only remembered clears are walked.
    let query =
        sqlx::query("DELETE FROM alert WHERE p = $1 AND key >= 'clear/' AND key < 'clear0' AND last_at < $2");
    query.bind(partition as i16).bind(before).execute(&pool).await?;
    Ok(())
}

pub(super) async fn lease(pool: PgPool, partition: u16, op: LeaseOp) -> Result<Option<i64>> {
    match op {
        LeaseOp::Hold { owner, addr, ttl_ms } => {
            let query = sqlx::query_scalar(
                "UPDATE part_lease AS l SET owner = $2, addr = $3, epoch = l.epoch + (l.owner IS DISTINCT FROM $2)::int,
                        until_at = c.now + $4
                 FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) AS c
                 WHERE l.p = $1 AND (l.owner = $2 OR l.until_at < c.now) RETURNING l.epoch",
            );
            let query = query.bind(partition as i16).bind(owner).bind(addr).bind(ttl_ms);
            Ok(query.fetch_optional(&pool).await?)
        }
        LeaseOp::Resign { owner } => {
            let query = sqlx::query(
                "UPDATE part_lease SET owner = NULL, addr = NULL, until_at = 0 WHERE p = $1 AND owner = $2",
            );
            query.bind(partition as i16).bind(owner).execute(&pool).await?;
            Ok(None)
        }
    }
}

pub(super) async fn add_policy(pool: PgPool, row: PolicyRow) -> Result<()> {
    let conflict = || Error::Conflict(format!("policy {} is not the next version", row.number));
    let query = sqlx::query(
        "INSERT INTO policy (number, hash, at, actor, document, source) SELECT $1, $2, $3, $4, $5, $6
         WHERE $1 = (SELECT coalesce(max(number), 0) + 1 FROM policy)",
    );
    let query = query.bind(row.number).bind(&row.hash).bind(row.at).bind(&row.actor);
    match query.bind(&row.document).bind(&row.source).execute(&pool).await.map_err(Error::from) {
        Ok(done) if done.rows_affected() == 1 => Ok(()),
        Ok(_) | Err(Error::Duplicate(_)) => Err(conflict()),
        Err(error) => Err(error),
    }
}

/// Two statements: the second one's snapshot sees what somebody else wrote first.
pub(super) async fn meta(pool: PgPool, name: &'static str, value: String) -> Result<String> {
    let insert = sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
    insert.bind(name).bind(value).execute(&pool).await?;
    let select = sqlx::query_scalar("SELECT value FROM meta WHERE name = $1");
    Ok(select.bind(name).fetch_one(&pool).await?)
}
