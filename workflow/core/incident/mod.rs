//! The incident: its state, what may happen to it, and what follows. Rules only; nothing here reads a clock.
//!
//! Reading order: [`kinds`], [`state`] and its parts, then commands, events and `decide`.

pub mod kinds;
pub mod state;

pub mod alerts;
pub mod clock;
pub mod paging;
pub mod work;

pub use state::Incident;
