//! Brings a PostgreSQL database to the newest schema, one transaction per step. It never goes back.

use sqlx::{Connection, PgConnection, raw_sql};

use super::super::migration::{MigrateReport, POSTGRES, Step, refuse_newer};
use super::super::open::OpenOptions;
use super::super::{Error, Result};
use super::connect;

/// Key of the advisory lock that lets one migration run at a time: "stentor" in ASCII.
const LOCK: i64 = 0x0073_7465_6e74_6f72;

/// Creates or upgrades the schema in the database that the address names.
pub async fn migrate(url: &str, options: &OpenOptions) -> Result<MigrateReport> {
    if !options.partitions.is_power_of_two() || options.partitions > 64 {
        return Err(Error::Fatal(format!(
            "{} partitions: must be a power of two up to 64",
            options.partitions
        )));
    }
    let mut conn = connect::connect(&connect::options(url, "stentor migrate")?).await?;
    // A step may rewrite a table, and waits for others to finish theirs.
    run(&mut conn, "SET statement_timeout = 0; SET lock_timeout = '60s'").await?;
    if options.advisory_lock {
        sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut conn).await?;
    }
    let report = steps(&mut conn, options.partitions).await;
    // The lock ends with the session in any case.
    conn.close().await?;
    report
}

async fn steps(conn: &mut PgConnection, partitions: u16) -> Result<MigrateReport> {
    run(
        conn,
        "CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY, name text NOT NULL,
           at timestamptz NOT NULL DEFAULT clock_timestamp())",
    )
    .await?;
    let from: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM schema_version")
        .fetch_one(&mut *conn)
        .await?;
    if from > 0 {
        let min_schema: Option<String> =
            sqlx::query_scalar("SELECT value FROM meta WHERE name = 'min_schema'")
                .fetch_optional(&mut *conn)
                .await?;
        refuse_newer(POSTGRES, min_schema.as_deref())?;
    }
    let mut report = MigrateReport { from, to: from, applied: Vec::new() };
    for step in POSTGRES.iter().filter(|step| step.version > from) {
        apply(conn, step, partitions)
            .await
            .map_err(|error| Error::Fatal(format!("migration {}: {error}", step.name)))?;
        report.to = step.version;
        report.applied.push(step.name.to_owned());
    }
    Ok(report)
}

/// The row of the step comes first: whoever applies the same step at the same time waits for it and then fails.
async fn apply(conn: &mut PgConnection, step: &Step, partitions: u16) -> Result<()> {
    let mut tx = conn.begin().await?;
    sqlx::query("INSERT INTO schema_version (version, name) VALUES ($1, $2)")
        .bind(step.version)
        .bind(step.name)
        .execute(&mut *tx)
        .await?;
    raw_sql(step.sql).execute(&mut *tx).await?;
    if step.version == 1 {
        create_partitions(&mut tx, partitions).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn create_partitions(conn: &mut PgConnection, partitions: u16) -> Result<()> {
    let last = i32::from(partitions) - 1;
    sqlx::query("INSERT INTO meta (name, value) VALUES ('partitions', $1)")
        .bind(partitions.to_string())
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO part_head (p, head) SELECT p, 0 FROM generate_series(0, $1) AS p")
        .bind(last)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO part_lease (p) SELECT p FROM generate_series(0, $1) AS p")
        .bind(last)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

async fn run(conn: &mut PgConnection, sql: &'static str) -> Result<()> {
    raw_sql(sql).execute(conn).await?;
    Ok(())
}
