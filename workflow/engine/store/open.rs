//! Opens the store that a database address names. It knows the forms of addresses, and nothing of what is stored.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::migration::MigrateReport;
use super::postgres::{self, PostgresStore};
use super::sqlite::{self, SqliteStore};
use super::{Error, Result, Store};

/// Where the data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file on a local file system.
    Sqlite(PathBuf),
    /// A `postgres://` address.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" || text.contains("://") && !text.starts_with("sqlite:") {
            return Err(Error::Fatal(
                "a database is sqlite:PATH, a path, or postgres://user@host/name".to_owned(),
            ));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

/// How to open a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOptions {
    /// Connections for reading.
    pub readers: u32,
    /// Name of this replica, shown by PostgreSQL as `application_name`.
    pub replica: String,
    /// Whether PostgreSQL is migrated too; a SQLite file always is.
    pub migrate: bool,
    /// Partitions of a database that this call creates: a power of two up to 64. SQLite has one.
    pub partitions: u16,
    /// Whether a migration of PostgreSQL waits for others by an advisory lock; off for databases without them.
    pub advisory_lock: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { readers: 4, replica: "stentor".to_owned(), migrate: false, partitions: 1, advisory_lock: true }
    }
}

/// Opens `sqlite:PATH`, a plain path or `postgres://…`.
pub async fn open(database: &str, options: OpenOptions) -> Result<Arc<dyn Store>> {
    match database.parse()? {
        DatabaseUrl::Sqlite(path) => {
            let store = blocking(move || SqliteStore::open_with(&path, options.readers)).await?;
            Ok(Arc::new(store))
        }
        DatabaseUrl::Postgres(url) => Ok(Arc::new(PostgresStore::open(&url, &options).await?)),
    }
}

/// Creates the schema or brings it to what this binary knows.
pub async fn migrate(database: &DatabaseUrl) -> Result<MigrateReport> {
    migrate_with(database, &OpenOptions::default()).await
}

/// As [`migrate`], with a number of partitions for a new database or without the advisory lock.
pub async fn migrate_with(database: &DatabaseUrl, options: &OpenOptions) -> Result<MigrateReport> {
    match database.clone() {
        DatabaseUrl::Sqlite(path) => blocking(move || sqlite::migrate(&path)).await,
        DatabaseUrl::Postgres(url) => postgres::migrate(&url, options).await,
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let task = tokio::task::spawn_blocking(work);
    task.await.unwrap_or_else(|error| Err(Error::Fatal(format!("opening ended early: {error}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_their_database() {
        let sqlite = |path: &str| DatabaseUrl::Sqlite(PathBuf::from(path));
        assert_eq!("sqlite:data/stentor.db".parse::<DatabaseUrl>().unwrap(), sqlite("data/stentor.db"));
        assert_eq!("sqlite:///var/lib/s.db".parse::<DatabaseUrl>().unwrap(), sqlite("/var/lib/s.db"));
        assert_eq!("./s.db".parse::<DatabaseUrl>().unwrap(), sqlite("./s.db"));
        let postgres = "postgres://ops@db/stentor";
        assert_eq!(postgres.parse::<DatabaseUrl>().unwrap(), DatabaseUrl::Postgres(postgres.to_owned()));
    }

    #[test]
    fn other_addresses_are_refused() {
        for text in ["", "sqlite:", "mysql://db/x", "sqlite::memory:"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
    }
}
