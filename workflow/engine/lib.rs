//! Placeholder.

pub mod slot;
pub mod store;
