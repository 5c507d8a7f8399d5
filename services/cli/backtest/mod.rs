//! `stentor backtest`: past incidents replayed under another policy, and what differs.
//! The replay and the counting are the core's; here stands where records and policies come from, and the page they make.

mod args;
mod bars;
mod html;
mod log;
mod source;

pub use args::Backtest;

#[cfg(test)]
mod tests;
