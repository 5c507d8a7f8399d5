//! The log of standing records on SQLite. What they mean is not known here.

use rusqlite::{Connection, params};

use super::super::rows::StandingRow;
use super::super::{Error, Result};

pub(super) fn add(conn: &Connection, row: &StandingRow) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO standing (number, at, actor, request, body_hash, data) SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE ?1 = (SELECT coalesce(max(number), 0) + 1 FROM standing)
           AND NOT EXISTS (SELECT 1 FROM standing WHERE request = ?4)",
    )?;
    match statement.execute(params![row.number, row.at, row.actor, row.request, row.body_hash, row.data])? {
        1 => Ok(()),
        _ => Err(Error::Conflict(format!("standing record {} is not the next one", row.number))),
    }
}

pub(super) fn after(conn: &Connection, after: i64) -> Result<Vec<StandingRow>> {
    let mut statement = conn.prepare_cached(
        "SELECT number, at, actor, request, body_hash, data FROM standing WHERE number > ?1 ORDER BY number",
    )?;
    let rows = statement.query_map([after], |row| {
        Ok(StandingRow {
            number: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            request: row.get(3)?,
            body_hash: row.get(4)?,
            data: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
