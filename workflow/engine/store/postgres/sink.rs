//! The sinks of the event stream on PostgreSQL: one row for each. What an event is is not known here.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use super::super::rows::{LeaseOp, SinkRow};
use super::super::{Result, positions};

pub(super) async fn all(pool: &PgPool) -> Result<Vec<SinkRow>> {
    let query = sqlx::query(
        "SELECT name, positions, failures, next_at, disabled_at, error, error_at, accepted_at,
                CASE WHEN until_at >= (extract(epoch FROM clock_timestamp()) * 1000)::bigint THEN owner END
         FROM sink ORDER BY name",
    );
    let rows = query.fetch_all(pool).await?;
    rows.iter().map(sink).collect()
}

fn sink(row: &PgRow) -> Result<SinkRow> {
    Ok(SinkRow {
        name: row.try_get(0)?,
        positions: positions::from_json(row.try_get(1)?)?,
        failures: row.try_get(2)?,
        next_at: row.try_get(3)?,
        disabled_at: row.try_get(4)?,
        error: row.try_get(5)?,
        error_at: row.try_get(6)?,
        accepted_at: row.try_get(7)?,
        owner: row.try_get(8)?,
    })
}

pub(super) async fn add(pool: PgPool, name: String, upto: BTreeMap<u16, i64>) -> Result<()> {
    let query =
        sqlx::query("INSERT INTO sink (name, positions) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
    query.bind(name).bind(positions::to_json(&upto)).execute(&pool).await?;
    Ok(())
}

pub(super) async fn lease(pool: PgPool, name: String, op: LeaseOp) -> Result<Option<i64>> {
    match op {
        LeaseOp::Hold { owner, ttl_ms, .. } => {
            let query = sqlx::query_scalar(
                "UPDATE sink AS s SET owner = $2, epoch = s.epoch + (s.owner IS DISTINCT FROM $2)::int, until_at = c.now + $3
                 FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) AS c
                 WHERE s.name = $1 AND (s.owner = $2 OR s.until_at < c.now) RETURNING s.epoch",
            );
            Ok(query.bind(name).bind(owner).bind(ttl_ms).fetch_optional(&pool).await?)
        }
        LeaseOp::Resign { owner } => {
            let query =
                sqlx::query("UPDATE sink SET owner = NULL, until_at = 0 WHERE name = $1 AND owner = $2");
            query.bind(name).bind(owner).execute(&pool).await?;
            Ok(None)
        }
    }
}

pub(super) async fn save(pool: PgPool, epoch: i64, row: SinkRow) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE sink SET positions = $3, failures = $4, next_at = $5, disabled_at = $6, error = $7, error_at = $8,
                accepted_at = $9
         WHERE name = $1 AND epoch = $2 AND owner IS NOT NULL",
    );
    let query = query.bind(&row.name).bind(epoch).bind(positions::to_json(&row.positions)).bind(row.failures);
    let query = query.bind(row.next_at).bind(row.disabled_at).bind(&row.error).bind(row.error_at);
    Ok(query.bind(row.accepted_at).execute(&pool).await?.rows_affected() > 0)
}

pub(super) async fn resume(pool: PgPool, name: String, upto: BTreeMap<u16, i64>) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE sink SET positions = $2, failures = 0, next_at = 0, disabled_at = 0
         WHERE name = $1 AND (disabled_at > 0 OR failures > 0)",
    );
    Ok(query.bind(name).bind(positions::to_json(&upto)).execute(&pool).await?.rows_affected() > 0)
}

pub(super) async fn forget(pool: PgPool, name: String) -> Result<bool> {
    let query = sqlx::query(
        "DELETE FROM sink WHERE name = $1 AND until_at < (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
    );
    Ok(query.bind(name).execute(&pool).await?.rows_affected() > 0)
}
