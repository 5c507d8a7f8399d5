//! The incident: its state, what may happen to it, and what follows. Rules only; nothing here reads a clock.
//!
//! Reading order: [`kinds`], [`state`] and its parts, [`command`], [`event`], then `decide` (one file per phase of the
//! incident's life), `apply` (the fold) and `wake` (the earliest deadline).

pub mod kinds;
pub mod state;

pub mod alerts;
pub mod as_of;
pub mod checklist;
pub mod clock;
pub mod paging;
pub mod work;

pub mod command;
pub mod event;
pub mod heard;
pub mod work_event;

pub mod place;

mod apply;
mod decide;
mod draft;
mod effects;
mod wake;

pub use apply::{apply, open};
pub use command::Command;
pub use decide::{decide, refusals};
pub use effects::review_id;
pub use event::Event;
pub use heard::{Heard, Outcome, Prepared};
pub use state::Incident;

#[cfg(test)]
mod tests;
