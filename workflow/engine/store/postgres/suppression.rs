//! The suppression log on PostgreSQL: transitions that mark alerts, and signals that were not taken in. What they mean is
//! not known here.

use sqlx::Row;
use sqlx::postgres::PgPool;

use super::super::Result;
use super::super::rows::{EventRow, Marked, RefusalRow};
use super::read;

/// Newest first, up to and with a transition.
pub(super) async fn marked(pool: &PgPool, upto: Marked, limit: u32) -> Result<Vec<EventRow>> {
    let query = sqlx::query(MARKED).bind(upto.at).bind(upto.id).bind(upto.version).bind(i64::from(limit));
    read::rows(query.fetch_all(pool).await, read::event)
}

pub(super) const MARKED: &str =
    "SELECT pos, id, first, version, at, actor, cause, wake_at, data, chain FROM event
     WHERE (strpos(data, '\"AlertMarked\"') > 0
         OR strpos(data, '\"Suppressed\":{\"reason\":\"TRANSIENT\"') > 0
         OR strpos(data, '\"Suppressed\":{\"reason\":\"NOT_PAGED\"') > 0)
       AND (at, id, version) <= ($1, $2, $3)
     ORDER BY at DESC, id DESC, version DESC LIMIT $4";

pub(super) async fn add(pool: PgPool, rows: Vec<RefusalRow>) -> Result<()> {
    let mut tx = pool.begin().await?;
    for row in rows {
        let query = sqlx::query(
            "INSERT INTO refusal AS r (key, first_at, last_at, heard, data) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (key) DO UPDATE SET first_at = least(r.first_at, excluded.first_at),
               last_at = greatest(r.last_at, excluded.last_at), heard = r.heard + excluded.heard,
               data = excluded.data",
        );
        let query = query.bind(row.key).bind(row.first_at).bind(row.last_at).bind(row.heard).bind(row.data);
        query.execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Newest first, after a row.
pub(super) async fn refusals(pool: &PgPool, after: (i64, String), limit: u32) -> Result<Vec<RefusalRow>> {
    let query = sqlx::query(REFUSALS).bind(after.0).bind(after.1).bind(i64::from(limit));
    read::rows(query.fetch_all(pool).await, |row| {
        Ok(RefusalRow {
            key: row.try_get(0)?,
            first_at: row.try_get(1)?,
            last_at: row.try_get(2)?,
            heard: row.try_get(3)?,
            data: row.try_get(4)?,
        })
    })
}

pub(super) const REFUSALS: &str = "SELECT key, first_at, last_at, heard, data FROM refusal
     WHERE (first_at, key) < ($1, $2) ORDER BY first_at DESC, key DESC LIMIT $3";

pub(super) async fn forget(pool: PgPool, before: i64) -> Result<()> {
    // What is heard again on another day has another row, so a row is no longer heard than a day.
    let query = sqlx::query("DELETE FROM refusal WHERE first_at < $1 - 86400000 AND last_at < $1");
    query.bind(before).execute(&pool).await?;
    Ok(())
}
