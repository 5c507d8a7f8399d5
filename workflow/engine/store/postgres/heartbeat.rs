//! Heartbeat monitors on PostgreSQL: one row for each. What a beat means is not known here.

use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use super::super::Result;
use super::super::rows::HeartbeatRow;
use super::read;

fn row(row: &PgRow) -> std::result::Result<HeartbeatRow, sqlx::Error> {
    Ok(HeartbeatRow {
        id: row.try_get(0)?,
        version: row.try_get(1)?,
        due_at: row.try_get(2)?,
        data: row.try_get(3)?,
    })
}

pub(super) async fn after(pool: &PgPool, after: String, limit: u32) -> Result<Vec<HeartbeatRow>> {
    let query =
        sqlx::query("SELECT id, version, due_at, data FROM heartbeat WHERE id > $1 ORDER BY id LIMIT $2");
    read::rows(query.bind(after).bind(i64::from(limit)).fetch_all(pool).await, row)
}

pub(super) async fn one(pool: &PgPool, id: String) -> Result<Option<HeartbeatRow>> {
    let query = sqlx::query("SELECT id, version, due_at, data FROM heartbeat WHERE id = $1");
    Ok(read::rows(query.bind(id).fetch_all(pool).await, row)?.pop())
}

pub(super) async fn due(pool: &PgPool, upto: i64, limit: u32) -> Result<Vec<HeartbeatRow>> {
    let query = sqlx::query(
        "SELECT id, version, due_at, data FROM heartbeat WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2",
    );
    read::rows(query.bind(upto).bind(i64::from(limit)).fetch_all(pool).await, row)
}

pub(super) async fn save(pool: PgPool, row: HeartbeatRow) -> Result<bool> {
    let query = match row.version {
        0 => sqlx::query(
            "INSERT INTO heartbeat (id, version, due_at, data) VALUES ($1, $2 + 1, $3, $4) ON CONFLICT (id) DO NOTHING",
        ),
        _ => sqlx::query(
            "UPDATE heartbeat SET version = version + 1, due_at = $3, data = $4 WHERE id = $1 AND version = $2",
        ),
    };
    let query = query.bind(row.id).bind(row.version).bind(row.due_at).bind(row.data);
    Ok(query.execute(&pool).await?.rows_affected() == 1)
}

pub(super) async fn remove(pool: PgPool, id: String, version: i64) -> Result<bool> {
    let query = sqlx::query("DELETE FROM heartbeat WHERE id = $1 AND version = $2");
    Ok(query.bind(id).bind(version).execute(&pool).await?.rows_affected() == 1)
}
