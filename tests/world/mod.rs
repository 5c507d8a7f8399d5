//! A whole Stentor in virtual time: real services, engine and store; only the clock and the carrier of pages are
//! made up. Scenarios speak to it in words of the domain; it holds no cases itself.

mod axe;
mod place;
mod post;
mod process;
mod rpc;
mod words;
#[expect(clippy::module_inception, reason = "the module is named after its one type")]
mod world;

pub use axe::{Axe, Edge};
pub use place::{Backend, Place};
pub use post::{Fate, Letter, Post};
pub use process::Process;
pub use rpc::{Refused, Rpc, as_actor};
pub use words::{alert, at, clear, hours, minutes, seconds};
pub use world::{START, World};
