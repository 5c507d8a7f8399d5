//! Heartbeat monitors on SQLite: one row for each. What a beat means is not known here.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::Result;
use super::super::rows::HeartbeatRow;
use super::read;

fn row(row: &Row<'_>) -> rusqlite::Result<HeartbeatRow> {
    Ok(HeartbeatRow { id: row.get(0)?, version: row.get(1)?, due_at: row.get(2)?, data: row.get(3)? })
}

pub(super) fn after(conn: &Connection, after: &str, limit: u32) -> Result<Vec<HeartbeatRow>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, version, due_at, data FROM heartbeat WHERE id > ?1 ORDER BY id LIMIT ?2",
    )?;
    read::all(statement.query_map(params![after, limit], row)?)
}

pub(super) fn one(conn: &Connection, id: &str) -> Result<Option<HeartbeatRow>> {
    let mut statement =
        conn.prepare_cached("SELECT id, version, due_at, data FROM heartbeat WHERE id = ?1")?;
    Ok(statement.query_row([id], row).optional()?)
}

pub(super) fn due(conn: &Connection, upto: i64, limit: u32) -> Result<Vec<HeartbeatRow>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, version, due_at, data FROM heartbeat WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2",
    )?;
    read::all(statement.query_map(params![upto, limit], row)?)
}

pub(super) fn save(conn: &Connection, row: &HeartbeatRow) -> Result<bool> {
    if row.version == 0 {
        let mut statement = conn.prepare_cached(
            "INSERT INTO heartbeat (id, version, due_at, data) VALUES (?1, 1, ?2, ?3) ON CONFLICT (id) DO NOTHING",
        )?;
        return Ok(statement.execute(params![row.id, row.due_at, row.data])? == 1);
    }
    let mut statement = conn.prepare_cached(
        "UPDATE heartbeat SET version = version + 1, due_at = ?3, data = ?4 WHERE id = ?1 AND version = ?2",
    )?;
    Ok(statement.execute(params![row.id, row.version, row.due_at, row.data])? == 1)
}

pub(super) fn remove(conn: &Connection, id: &str, version: i64) -> Result<bool> {
    let mut statement = conn.prepare_cached("DELETE FROM heartbeat WHERE id = ?1 AND version = ?2")?;
    Ok(statement.execute(params![id, version])? == 1)
}
