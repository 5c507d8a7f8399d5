//! The rules of Stentor as pure functions. Nothing here reads a clock, draws lots or does I/O.

pub mod actor;
pub mod backtest;
pub mod calendar;
pub mod civil;
pub mod compliance;
pub mod context;
pub mod effect;
pub mod fault;
pub mod heartbeat;
pub mod history_log;
pub mod id;
pub mod import;
pub mod incident;
pub mod inhibition;
pub mod instance;
pub mod limits;
pub mod oncall;
pub mod policy;
pub mod refusal;
pub mod review;
pub mod signal;
pub mod silence;
pub mod simulate;
pub mod sla;
pub mod standing;
pub mod subscription;
#[cfg(test)]
mod testing;
pub mod time;
pub mod triage;
