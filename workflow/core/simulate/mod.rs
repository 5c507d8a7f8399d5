//! What would happen: the rules driven in virtual time, as they are, with nobody late and every delivery succeeding.
//! Nothing is stored and nobody is told.
//!
//! [`World`] drives instances; [`simulate`] plays a [`Scenario`] in one and tells it as [`Line`]s.

mod describe;
mod line;
mod moved;
mod outcome;
mod scenario;
mod world;

pub use line::{Kind, Line, table};
pub use moved::{Moved, preview_move};
pub use outcome::{Call, Outcome, outcomes};
pub use scenario::{Do, LENGTH_MAX, LINES_MAX, Overrun, Scenario, Step, simulate};
pub use world::{Seen, World};

#[cfg(test)]
mod tests;
