//! Opens connections with the settings that durability rests on, and checks that they hold. It creates no tables.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::super::{Error, Result};

/// Below this version two connections can corrupt a WAL file between them.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Nobody but our own readers ever holds a lock; this covers a person with a command line tool.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Rows of instances and events have a kilobyte or more: at 4 KiB a fourth of each page stays empty and twice as many
/// writes are made. Measured at batches of 256: 15 % more reports a second than with 4 KiB, 16 KiB no better.
const PAGE_BYTES: i64 = 8_192;

/// Pages that a reader keeps, in KiB. Every commit makes them stale as a whole and the system keeps the file anyway, so
/// more would be memory without use: a server that is idle would hold on to what its last long scan read.
const READER_CACHE_KIB: i64 = 2_048;

/// Texts of statements kept prepared on each connection.
const STATEMENTS_MAX: usize = 64;

/// Takes the lock file beside the database: one process per file. The lock ends with the returned handle.
pub(super) fn lock(database: &Path) -> Result<File> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let describe = |error: &dyn std::fmt::Display| format!("lock file {}: {error}", path.display());
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| Error::Unavailable(describe(&error)))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Error::Fatal(describe(&"another process uses this database; a SQLite file has one server")))
        }
        Err(TryLockError::Error(error)) => Err(Error::Unavailable(describe(&error))),
    }
}

/// The one connection that writes and checkpoints.
pub(super) fn writer(path: &Path) -> Result<Connection> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(Error::Fatal(format!("SQLite {} is too old to be safe", rusqlite::version())));
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    // The timeout comes first: switching to WAL already takes a lock.
    conn.busy_timeout(BUSY_TIMEOUT)?;
    // Takes effect on a new file only.
    conn.pragma_update(None, "page_size", PAGE_BYTES)?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "cache_size", -65_536)?;
    conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
    common(&conn)?;
    Ok(conn)
}

/// A connection that only reads, and never checkpoints.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    common(&conn)?;
    Ok(conn)
}

fn common(conn: &Connection) -> Result<()> {
    conn.pragma_update(None, "mmap_size", 0)?;
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(())
}

/// Refuses settings that could lose an answered commit.
pub(super) fn check(conn: &Connection) -> Result<()> {
    let journal: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    let synchronous: i64 = conn.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    let mapped: i64 = conn.pragma_query_value(None, "mmap_size", |row| row.get(0))?;
    if journal != "wal" || synchronous != 2 || mapped != 0 {
        return Err(Error::Fatal(format!(
            "SQLite would run with journal_mode={journal}, synchronous={synchronous}, mmap_size={mapped}; \
             it must be wal, 2, 0 (is the file on a local file system?)"
        )));
    }
    Ok(())
}
