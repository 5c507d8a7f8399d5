//! The only place where wire messages and domain types meet: in, once, at the edge; out, rendered from state.
//! Nothing is decided here.

mod invalid;
pub mod signal;
pub mod status;

pub use invalid::Invalid;
