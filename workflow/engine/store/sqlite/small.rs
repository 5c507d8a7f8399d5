//! The small writes beside the batches: counters, lease, policy versions, values of the deployment. Each is one
//! statement or one transaction on the writer's connection.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::super::rows::{LeaseOp, PolicyRow};
use super::super::{Error, Result};

/// Milliseconds since 1970 by the clock of the database's host, which on SQLite is ours.
pub(super) const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

pub(super) fn reserve(conn: &Connection, counter: &str, n: i64) -> Result<i64> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO counter (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = value + ?2 RETURNING value - ?2 + 1",
    )?;
    Ok(statement.query_row(params![counter, n], |row| row.get(0))?)
}

pub(super) fn unreserve(conn: &Connection, counter: &str, first: i64, end: i64) -> Result<()> {
    let mut statement = conn
        .prepare_cached("UPDATE counter SET value = ?2 - 1 WHERE name = ?1 AND value = ?3 - 1 AND ?2 < ?3")?;
    statement.execute(params![counter, first, end])?;
    Ok(())
}

pub(super) fn forget_requests(
    conn: &Connection,
    after: &str,
    before: i64,
    limit: u32,
) -> Result<Option<String>> {
    let mut statement =
        conn.prepare_cached("SELECT key FROM request WHERE key > ?1 ORDER BY key LIMIT 1 OFFSET ?2")?;
    let last: Option<String> =
        statement.query_row(params![after, limit.saturating_sub(1)], |row| row.get(0)).optional()?;
    let mut statement = conn.prepare_cached(
        "DELETE FROM request WHERE key > ?1 AND (?2 IS NULL OR key <= ?2) AND at < ?3
           AND NOT EXISTS (SELECT 1 FROM instance WHERE instance.id = request.id AND open = 1)",
    )?;
    statement.execute(params![after, last, before])?;
    Ok(last)
}

pub(super) fn forget_clears(conn: &Connection, before: i64) -> Result<()> {
    // The key is the primary key: only remembered clears are walked.
    let mut statement =
        conn.prepare_cached("DELETE FROM alert WHERE key >= 'clear/' AND key < 'clear0' AND last_at < ?1")?;
    statement.execute([before])?;
    Ok(())
}

pub(super) fn lease(conn: &Connection, op: &LeaseOp) -> Result<Option<i64>> {
    match op {
        LeaseOp::Hold { owner, addr, ttl_ms } => {
            let mut statement = conn.prepare_cached(&format!(
                "UPDATE part_lease SET owner = ?1, addr = ?2, epoch = epoch + (owner IS NOT ?1), until_at = {NOW} + ?3
                 WHERE p = 0 AND (owner = ?1 OR until_at < {NOW}) RETURNING epoch"
            ))?;
            Ok(statement.query_row(params![owner, addr, ttl_ms], |row| row.get(0)).optional()?)
        }
        LeaseOp::Resign { owner } => {
            let mut statement = conn.prepare_cached(
                "UPDATE part_lease SET owner = NULL, addr = NULL, until_at = 0 WHERE p = 0 AND owner = ?1",
            )?;
            statement.execute([owner])?;
            Ok(None)
        }
    }
}

/// The process that held the lease is gone: the lock file says so.
pub(super) fn free_lease(conn: &Connection) -> Result<()> {
    conn.execute(
        "UPDATE part_lease SET owner = NULL, addr = NULL, until_at = 0 WHERE owner IS NOT NULL",
        [],
    )?;
    Ok(())
}

pub(super) fn add_policy(conn: &Connection, row: &PolicyRow) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO policy (number, hash, at, actor, document, source) SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE ?1 = (SELECT coalesce(max(number), 0) + 1 FROM policy)",
    )?;
    match statement.execute(params![row.number, row.hash, row.at, row.actor, row.document, row.source])? {
        1 => Ok(()),
        _ => Err(Error::Conflict(format!("policy {} is not the next version", row.number))),
    }
}

pub(super) fn policies(conn: &Connection, after: i64) -> Result<Vec<PolicyRow>> {
    let mut statement = conn.prepare_cached(
        "SELECT number, hash, at, actor, document, source FROM policy WHERE number > ?1 ORDER BY number",
    )?;
    let rows = statement.query_map([after], |row| {
        Ok(PolicyRow {
            number: row.get(0)?,
            hash: row.get(1)?,
            at: row.get(2)?,
            actor: row.get(3)?,
            document: row.get(4)?,
            source: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn meta(conn: &mut Connection, name: &str, value: &str) -> Result<String> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.prepare_cached("INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING")?
        .execute([name, value])?;
    let stored =
        tx.prepare_cached("SELECT value FROM meta WHERE name = ?1")?.query_row([name], |row| row.get(0))?;
    tx.commit()?;
    Ok(stored)
}
