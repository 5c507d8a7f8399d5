//! `stentor oncall …`: who is on call, who is next, and who takes over for a while.
//! Nothing is computed here: every answer is the server's.

mod command;
mod overrides;
mod reads;
mod swaps;

pub use command::OncallCommand;
