//! Brings a SQLite file to the newest schema, one transaction per step. It never goes back.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::super::migration::{MigrateReport, SQLITE, refuse_newer};
use super::super::{Error, Result};
use super::setup;

/// Creates or upgrades the file. Nobody else may have it open.
pub fn migrate(path: &Path) -> Result<MigrateReport> {
    create_folder(path)?;
    let _lock = setup::lock(path)?;
    run(&mut setup::writer(path)?)
}

/// Creates the folder of a database that does not exist yet.
pub(super) fn create_folder(path: &Path) -> Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|error| Error::Unavailable(format!("create {}: {error}", folder.display()))),
        _ => Ok(()),
    }
}

pub(super) fn run(conn: &mut Connection) -> Result<MigrateReport> {
    conn.execute(
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL)
         STRICT",
        [],
    )?;
    let from =
        conn.query_row("SELECT coalesce(max(version), 0) FROM schema_version", [], |row| row.get(0))?;
    let min_schema = match from {
        0 => None,
        _ => conn
            .query_row("SELECT value FROM meta WHERE name = 'min_schema'", [], |row| row.get::<_, String>(0))
            .optional()?,
    };
    refuse_newer(SQLITE, min_schema.as_deref())?;
    let mut report = MigrateReport { from, to: from, applied: Vec::new() };
    for step in SQLITE.iter().filter(|step| step.version > from) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let failed = |error| Error::Fatal(format!("migration {}: {error}", step.name));
        tx.execute_batch(step.sql).map_err(failed)?;
        tx.execute(
            "INSERT INTO schema_version (version, name, at) VALUES (?1, ?2, CAST(unixepoch('subsec') * 1000 AS INTEGER))",
            params![step.version, step.name],
        )?;
        tx.commit()?;
        report.to = step.version;
        report.applied.push(step.name.to_owned());
    }
    Ok(report)
}
