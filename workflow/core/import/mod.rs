//! Another tool's records as histories of ours: the events that tell what the record tells, at its instants, by its
//! people. Nothing is decided and nobody is paged here; what a record leaves out is not made up.
//!
//! Reading order: [`retell`] (a record becomes transitions), `signals` and `actions` (an entry becomes events).

mod actions;
mod retell;
mod signals;

pub use retell::{Left, Place, Retold, Transition, retell};

#[cfg(test)]
mod tests;
