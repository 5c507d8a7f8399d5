//! The store for many replicas, on PostgreSQL. A batch is one statement on a connection that its partition owns; no
//! transaction ever lives in a caller's future.
//!
//! Reading order: `store` (the trait, one line per method), `committer` and `commit` (batches), `read` and `list`,
//! `small`, `standing`, `sink`, `suppression`, then `connect`, `migrate`, `numbered` and `error`.

mod commit;
mod committer;
mod connect;
mod error;
mod heartbeat;
mod list;
mod migrate;
mod numbered;
mod read;
mod sink;
mod small;
mod standing;
mod store;
mod suppression;

pub use connect::session_options;
pub use migrate::migrate;
pub use read::frequent_statements;
pub use store::PostgresStore;
