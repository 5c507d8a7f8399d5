//! The review of an incident: what was learned, and what is done about it. It has a life, deadlines and refusals of its
//! own; that an incident needs one is decided there, and who may do what is decided elsewhere.
//!
//! Reading order: [`section`], [`state`], [`command`], [`event`], then `decide` (what may happen), `apply` (the fold)
//! and [`draft`] (the text that the history writes by itself).

pub mod section;
pub mod state;

pub mod command;
pub mod event;

pub mod draft;

mod apply;
mod clocks;
mod decide;
mod effects;
mod remind;
mod transition;

pub use apply::{apply, open};
pub use command::{Command, Opening};
pub use decide::decide;
pub use event::{Event, ReviewEvent};
pub use section::Section;
pub use state::Review;
