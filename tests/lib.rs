//! Placeholder.

pub mod support;
