//! The suppression log on SQLite: transitions that mark alerts, and signals that were not taken in. What they mean is not
//! known here.

use rusqlite::{Connection, TransactionBehavior, params};

use super::super::rows::{EventRow, RefusalRow};
use super::super::{Result, rows::Marked};
use super::read;

/// Newest first, up to and with a transition.
pub(super) fn marked(conn: &Connection, upto: &Marked, limit: u32) -> Result<Vec<EventRow>> {
    let mut statement = conn.prepare_cached(MARKED)?;
    read::all(statement.query_map(params![upto.at, upto.id, upto.version, limit], read::event)?)
}

pub(super) const MARKED: &str =
    "SELECT pos, id, first, version, at, actor, cause, wake_at, data, chain FROM event
     WHERE (instr(data, '\"AlertMarked\"') > 0
         OR instr(data, '\"Suppressed\":{\"reason\":\"TRANSIENT\"') > 0
         OR instr(data, '\"Suppressed\":{\"reason\":\"NOT_PAGED\"') > 0)
       AND (at, id, version) <= (?1, ?2, ?3)
     ORDER BY at DESC, id DESC, version DESC LIMIT ?4";

pub(super) fn add(conn: &mut Connection, rows: &[RefusalRow]) -> Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO refusal (key, first_at, last_at, heard, data) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (key) DO UPDATE SET first_at = min(first_at, excluded.first_at),
           last_at = max(last_at, excluded.last_at), heard = heard + excluded.heard, data = excluded.data",
    )?;
    for row in rows {
        statement.execute(params![row.key, row.first_at, row.last_at, row.heard, row.data])?;
    }
    drop(statement);
    Ok(tx.commit()?)
}

/// Newest first, after a row.
pub(super) fn refusals(conn: &Connection, after: &(i64, String), limit: u32) -> Result<Vec<RefusalRow>> {
    let mut statement = conn.prepare_cached(REFUSALS)?;
    read::all(statement.query_map(params![after.0, after.1, limit], |row| {
        Ok(RefusalRow {
            key: row.get(0)?,
            first_at: row.get(1)?,
            last_at: row.get(2)?,
            heard: row.get(3)?,
            data: row.get(4)?,
        })
    })?)
}

pub(super) const REFUSALS: &str = "SELECT key, first_at, last_at, heard, data FROM refusal
     WHERE (first_at, key) < (?1, ?2) ORDER BY first_at DESC, key DESC LIMIT ?3";

pub(super) fn forget(conn: &Connection, before: i64) -> Result<()> {
    // What is heard again on another day has another row, so a row is no longer heard than a day.
    conn.prepare_cached("DELETE FROM refusal WHERE first_at < ?1 - 86400000 AND last_at < ?1")?
        .execute([before])?;
    Ok(())
}
