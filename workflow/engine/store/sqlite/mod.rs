//! The embedded store: one SQLite file, one writer thread, a few readers. It knows no other process: a lock file
//! keeps them out, which is why nothing here waits for a foreign lock.
//!
//! Reading order: `store` (the trait, one line per method), `writer` and `readers` (who runs what where), `commit`,
//! `read`, `small`, `standing`, `sink`, `suppression`, then `setup`, `migrate` and `error`.

mod commit;
mod error;
mod heartbeat;
mod migrate;
mod read;
mod readers;
mod setup;
mod sink;
mod small;
mod standing;
mod store;
mod suppression;
mod writer;

pub use migrate::migrate;
pub use read::frequent_statements;
pub use store::SqliteStore;
