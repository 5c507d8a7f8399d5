//! Connections with the settings that every statement of ours relies on, and the check that the server keeps what it
//! acknowledges. It knows no tables but the schema's version.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, Row};

use super::super::migration::{POSTGRES, newest, refuse_newer};
use super::super::{Error, Result};
use super::error::reading;

/// A statement that runs longer is ended by the server.
pub(super) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// Reaching the server takes no longer than this, or it counts as unreachable.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Settings of every session. Every statement of the store looks keys up or walks an index, so the planner is kept
/// from other plans: one that looked cheap while a table was small would stay cached when it is large.
const SETTINGS: &[(&str, &str)] = &[
    ("statement_timeout", "10s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("TimeZone", "UTC"),
    ("client_min_messages", "error"),
    ("jit", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// How the store's own sessions connect. For tests of plans, which depend on their settings.
pub fn session_options(url: &str) -> Result<PgConnectOptions> {
    options(url, "stentor")
}

/// How to connect, from an address.
pub(super) fn options(url: &str, replica: &str) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| Error::Fatal(format!("the address of the database: {error}")))?;
    Ok(options
        .application_name(replica)
        .options(SETTINGS.iter().copied())
        .statement_cache_capacity(256)
        .disable_statement_logging())
}

/// One connection of our own.
pub(super) async fn connect(options: &PgConnectOptions) -> Result<PgConnection> {
    match tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(options)).await {
        Ok(connection) => connection.map_err(reading),
        Err(_) => Err(Error::Unavailable("the database does not answer".to_owned())),
    }
}

/// Connections for reading and for small writes. A connection that comes back is rolled back first: whatever a
/// dropped future left behind ends there.
pub(super) fn pool(options: PgConnectOptions, size: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(size.max(1))
        .acquire_timeout(CONNECT_TIMEOUT)
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.execute("ROLLBACK").await?;
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}

/// Refuses a server that may forget what it acknowledged, or that is not the primary.
pub(super) async fn check_settings(pool: &PgPool) -> Result<()> {
    const REQUIRED: &[(&str, &[&str])] = &[
        ("fsync", &["on"]),
        ("full_page_writes", &["on"]),
        ("synchronous_commit", &["on", "remote_apply"]),
        ("transaction_read_only", &["off"]),
        ("server_encoding", &["UTF8"]),
    ];
    for (name, allowed) in REQUIRED {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(name)
            .fetch_one(pool)
            .await
            .map_err(reading)?;
        if !allowed.contains(&value.as_str()) {
            return Err(Error::Fatal(format!(
                "PostgreSQL runs with {name} = {value}; it must be {}",
                allowed[0]
            )));
        }
    }
    let standby: bool =
        sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(pool).await.map_err(reading)?;
    match standby {
        true => Err(Error::Unavailable("this PostgreSQL is a standby".to_owned())),
        false => Ok(()),
    }
}

/// Refuses a schema that this binary does not fit; the number of partitions of one that it does.
pub(super) async fn check_schema(pool: &PgPool) -> Result<u16> {
    let known = newest(POSTGRES);
    let behind = |found| {
        let hint = "run `stentor migrate` first";
        Error::Fatal(format!("the schema is at version {found}, this binary needs {known}: {hint}"))
    };
    let table: Option<String> = sqlx::query_scalar("SELECT to_regclass('schema_version')::text")
        .fetch_one(pool)
        .await
        .map_err(reading)?;
    if table.is_none() {
        return Err(behind(0));
    }
    let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM schema_version")
        .fetch_one(pool)
        .await
        .map_err(reading)?;
    if found < known {
        return Err(behind(found));
    }
    let rows = sqlx::query("SELECT name, value FROM meta WHERE name IN ('min_schema', 'partitions')")
        .fetch_all(pool)
        .await
        .map_err(reading)?;
    let value = |name| rows.iter().find(|row| row.get::<&str, _>(0) == name).map(|row| row.get::<&str, _>(1));
    refuse_newer(POSTGRES, value("min_schema"))?;
    let partitions = value("partitions").and_then(|text| text.parse().ok());
    partitions.ok_or_else(|| Error::Fatal("the database does not say how many partitions it has".to_owned()))
}
