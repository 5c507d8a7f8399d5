//! Taking in: what arrives over gRPC, and over HTTP in the formats of other tools, and how it is submitted.
//! Nothing is decided here; a signal's fate is the rules' business.

mod engine_sink;
mod service;
mod similar;
pub mod sink;
mod stream;
pub mod webhook;

pub use engine_sink::EngineSink;
pub use service::service;
