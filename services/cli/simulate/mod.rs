//! `stentor simulate`: what would happen under a policy, line by line or drawn as a timeline.
//! With a file it needs no server; with a version the server plays the same scenario by the same rules.

mod args;
mod given;
mod svg;

pub use args::Simulate;
pub(super) use args::instant;
pub(super) use svg::escape;

#[cfg(test)]
mod tests;
