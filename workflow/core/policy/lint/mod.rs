//! What is wrong with a document and what is doubtful: errors refuse it, warnings must be accepted, information never
//! blocks. Nothing here changes a document.

mod accept;
mod calendars;
mod clocks;
mod contacts;
mod coverage;
mod cycles;
mod escalation;
mod findings;
mod keys;
mod limits;
mod references;
mod rules;
mod structure;
mod unused;
mod view;

#[cfg(test)]
mod tests;

pub use accept::{ALLOW_DEMO, accepted, blocks};
pub use findings::findings;
pub use keys::revived_keys;
pub(super) use structure::{condition_name, structure};
