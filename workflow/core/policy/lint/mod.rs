//! What is wrong with a document and what is doubtful: errors refuse it, warnings must be accepted, information never
//! blocks. Nothing here changes a document.

mod accept;
mod cycles;
mod escalation;
mod limits;
mod references;
mod structure;

pub use accept::{ALLOW_DEMO, accepted, blocks};
pub(super) use structure::{condition_name, structure};
