//! Pages of listing rows over all partitions: one limited sub-select each, merged. It builds no conditions itself.

use sqlx::postgres::{PgPool, PgRow};
use sqlx::{AssertSqlSafe, Row};

use super::super::filter::{Dialect, clauses};
use super::super::rows::{ListQuery, ListingRow, Value};
use super::super::{Error, Result, labels};
use super::error::reading;

const COLUMNS: &str =
    "id, kind, number, phase, priority, service, team, assignee, acknowledged, suppressed, on_hold,
     exhausted, level, sla_state, next_due_at, queue_rank, queue_at, title, created_at, exercise, subject,
     category, updated_at";

pub(super) async fn list(pool: &PgPool, partitions: u16, query: &ListQuery) -> Result<Vec<ListingRow>> {
    let clauses = clauses(Dialect::Postgres, query)?;
    let (from, condition, order, limit) = (clauses.rows, &clauses.condition, &clauses.order, query.limit);
    let part = |p: u16| {
        format!(
            "(SELECT {COLUMNS}, labels FROM {from} WHERE p = {p} AND {condition} ORDER BY {order} LIMIT {limit})"
        )
    };
    let parts: Vec<String> = (0..partitions).map(part).collect();
    let parts = parts.join(" UNION ALL ");
    let sql = format!("SELECT {COLUMNS}, labels::text FROM ({parts}) AS l ORDER BY {order} LIMIT {limit}");
    // The text holds names of columns from an enum and numbers of parameters; no value is in it. It is not kept
    // prepared, because filters are as many as callers.
    let mut statement = sqlx::query(AssertSqlSafe(sql)).persistent(false);
    for value in clauses.binds {
        statement = match value {
            Value::Text(text) => statement.bind(text),
            Value::Int(number) => statement.bind(number),
            Value::Bool(flag) => statement.bind(flag),
            Value::Null => statement.bind(None::<i64>),
        };
    }
    let rows = statement.fetch_all(pool).await.map_err(reading)?;
    rows.iter().map(listing).collect()
}

fn listing(row: &PgRow) -> Result<ListingRow> {
    Ok(ListingRow {
        id: get(row, 0)?,
        kind: get(row, 1)?,
        number: get(row, 2)?,
        phase: get(row, 3)?,
        priority: get(row, 4)?,
        service: get(row, 5)?,
        team: get(row, 6)?,
        assignee: get(row, 7)?,
        acknowledged: get(row, 8)?,
        suppressed: get(row, 9)?,
        on_hold: get(row, 10)?,
        exhausted: get(row, 11)?,
        level: get(row, 12)?,
        sla_state: get(row, 13)?,
        next_due_at: get(row, 14)?,
        queue_rank: get(row, 15)?,
        queue_at: get(row, 16)?,
        title: get(row, 17)?,
        created_at: get(row, 18)?,
        exercise: get(row, 19)?,
        subject: get(row, 20)?,
        category: get(row, 21)?,
        updated_at: get(row, 22)?,
        labels: labels::from_json(&get::<String>(row, 23)?)?,
    })
}

fn get<'r, T>(row: &'r PgRow, column: usize) -> Result<T>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(column).map_err(Error::from)
}
