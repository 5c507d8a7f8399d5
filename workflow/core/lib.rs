//! The rules of Stentor as pure functions. Nothing here reads a clock, draws lots or does I/O.

pub mod actor;
pub mod id;
pub mod incident;
pub mod policy;
pub mod signal;
pub mod time;
