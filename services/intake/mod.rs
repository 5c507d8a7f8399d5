//! Taking in: what arrives over HTTP in the formats of other tools, and the trait through which it is submitted.
//! Nothing is decided here; a signal's fate is the rules' business.

mod engine_sink;
mod service;
pub mod sink;
pub mod webhook;

pub use engine_sink::EngineSink;
pub use service::service;
