//! The log of standing records on PostgreSQL. What they mean is not known here.

use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use super::super::rows::StandingRow;
use super::super::{Error, Result};

/// The primary key and the index of requests settle what two replicas write at once.
pub(super) async fn add(pool: PgPool, row: StandingRow) -> Result<()> {
    let conflict = || Error::Conflict(format!("standing record {} is not the next one", row.number));
    let query = sqlx::query(
        "INSERT INTO standing (number, at, actor, request, body_hash, data) SELECT $1, $2, $3, $4, $5, $6
         WHERE $1 = (SELECT coalesce(max(number), 0) + 1 FROM standing)",
    );
    let query = query.bind(row.number).bind(row.at).bind(&row.actor).bind(&row.request);
    match query.bind(&row.body_hash).bind(&row.data).execute(&pool).await.map_err(Error::from) {
        Ok(done) if done.rows_affected() == 1 => Ok(()),
        Ok(_) | Err(Error::Duplicate(_)) => Err(conflict()),
        Err(error) => Err(error),
    }
}

pub(super) async fn after(pool: &PgPool, after: i64) -> Result<Vec<StandingRow>> {
    let query = sqlx::query(
        "SELECT number, at, actor, request, body_hash, data FROM standing WHERE number > $1 ORDER BY number",
    );
    let rows = query.bind(after).fetch_all(pool).await?;
    Ok(rows.iter().map(standing).collect::<std::result::Result<_, _>>()?)
}

fn standing(row: &PgRow) -> std::result::Result<StandingRow, sqlx::Error> {
    Ok(StandingRow {
        number: row.try_get(0)?,
        at: row.try_get(1)?,
        actor: row.try_get(2)?,
        request: row.try_get(3)?,
        body_hash: row.try_get(4)?,
        data: row.try_get(5)?,
    })
}
