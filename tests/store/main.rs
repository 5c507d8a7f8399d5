//! What every store must do, asked of SQLite and PostgreSQL alike. Each case runs on a fresh database of either kind.

mod alerts;
mod commit;
mod faults;
mod harness;
mod heartbeats;
mod history;
mod keys;
mod list;
mod migrations;
mod outbox;
mod plans;
mod replicas;
mod requests;
mod rows;
mod sinks;
mod small;
mod suppressions;
mod wakes;
