//! Clocks and schedules against a slow and simple second opinion. The oracle walks the wall clock of a zone second by
//! second, knows nothing of the product's arithmetic, and is asked about a million random samples of each kind, over
//! every zone of the tz data.
//!
//! `ORACLE_SAMPLES=10000000 cargo test -p stentor-tests --test oracle` asks more, `ORACLE_SEED=…` other ones.

mod campaign;
mod changes;
mod clocks;
mod lots;
mod schedules;
mod seconds;
mod shares;
mod walk;
mod windows;
