//! Past incidents under another policy: each record is replayed on both sides by the same rules, and what differs is
//! counted. Nothing is written and nobody is paged.
//!
//! What was heard and what people did keeps its absolute instant and its actor on both sides, whether or not a side
//! would have paged that person. What a side refuses is dropped and counted; nothing is ever invented.
//!
//! Reading order: [`Version`] (a policy to replay by), [`replay`] (one record on one side), [`Report`] (all of them).

mod clocks;
mod compare;
mod figures;
mod percentile;
mod replay;
mod report;
mod text;
mod version;

pub use clocks::ClockLine;
pub use compare::{Compared, compare};
pub use figures::{Breaches, Hours, Pages, Side as SideFigures};
pub use percentile::Spread;
pub use replay::{Dropped, PageAt, Side, replay};
pub use report::Report;
pub use text::summary;
pub use version::{Overrides, Version};

#[cfg(test)]
mod tests;
