//! The sinks of the event stream on SQLite: one row for each. What an event is is not known here.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::rows::{LeaseOp, SinkRow};
use super::super::{Error, Result, positions};
use super::small::NOW;

pub(super) fn all(conn: &Connection) -> Result<Vec<SinkRow>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT name, positions, failures, next_at, disabled_at, error, error_at, accepted_at,
                CASE WHEN until_at >= {NOW} THEN owner END FROM sink ORDER BY name"
    ))?;
    let rows = statement.query_map([], |row| Ok((sink(row)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (row, upto) = row?;
        Ok(SinkRow { positions: positions::from_json(&upto)?, ..row })
    })
    .collect()
}

fn sink(row: &Row<'_>) -> rusqlite::Result<SinkRow> {
    Ok(SinkRow {
        name: row.get(0)?,
        positions: BTreeMap::new(),
        failures: row.get(2)?,
        next_at: row.get(3)?,
        disabled_at: row.get(4)?,
        error: row.get(5)?,
        error_at: row.get(6)?,
        accepted_at: row.get(7)?,
        owner: row.get(8)?,
    })
}

pub(super) fn add(conn: &Connection, name: &str, upto: &BTreeMap<u16, i64>) -> Result<()> {
    let mut statement = conn
        .prepare_cached("INSERT INTO sink (name, positions) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING")?;
    statement.execute(params![name, positions::to_json(upto)])?;
    Ok(())
}

pub(super) fn lease(conn: &Connection, name: &str, op: &LeaseOp) -> Result<Option<i64>> {
    match op {
        LeaseOp::Hold { owner, ttl_ms, .. } => {
            let mut statement = conn.prepare_cached(&format!(
                "UPDATE sink SET owner = ?2, epoch = epoch + (owner IS NOT ?2), until_at = {NOW} + ?3
                 WHERE name = ?1 AND (owner = ?2 OR until_at < {NOW}) RETURNING epoch"
            ))?;
            Ok(statement.query_row(params![name, owner, ttl_ms], |row| row.get(0)).optional()?)
        }
        LeaseOp::Resign { owner } => {
            let mut statement = conn.prepare_cached(
                "UPDATE sink SET owner = NULL, until_at = 0 WHERE name = ?1 AND owner = ?2",
            )?;
            statement.execute([name, owner])?;
            Ok(None)
        }
    }
}

/// The process that held the leases is gone: the lock file says so.
pub(super) fn free_leases(conn: &Connection) -> Result<()> {
    conn.execute("UPDATE sink SET owner = NULL, until_at = 0 WHERE owner IS NOT NULL", [])?;
    Ok(())
}

pub(super) fn save(conn: &Connection, epoch: i64, row: &SinkRow) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "UPDATE sink SET positions = ?3, failures = ?4, next_at = ?5, disabled_at = ?6, error = ?7, error_at = ?8,
                accepted_at = ?9
         WHERE name = ?1 AND epoch = ?2 AND owner IS NOT NULL",
    )?;
    let changed = statement.execute(params![
        row.name,
        epoch,
        positions::to_json(&row.positions),
        row.failures,
        row.next_at,
        row.disabled_at,
        row.error,
        row.error_at,
        row.accepted_at
    ])?;
    match changed {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::Data(format!("the sink {} stands there twice", row.name))),
    }
}

pub(super) fn resume(conn: &Connection, name: &str, upto: &BTreeMap<u16, i64>) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "UPDATE sink SET positions = ?2, failures = 0, next_at = 0, disabled_at = 0
         WHERE name = ?1 AND (disabled_at > 0 OR failures > 0)",
    )?;
    Ok(statement.execute(params![name, positions::to_json(upto)])? > 0)
}

pub(super) fn forget(conn: &Connection, name: &str) -> Result<bool> {
    let mut statement =
        conn.prepare_cached(&format!("DELETE FROM sink WHERE name = ?1 AND until_at < {NOW}"))?;
    Ok(statement.execute([name])? > 0)
}
