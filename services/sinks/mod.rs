//! The event stream out: every event as a CloudEvent, to the sinks that a file names. Order, retries and positions are
//! the engine's business; people are told by `notify`.

mod file;
mod meter;
#[cfg(feature = "nats")]
mod nats;
#[cfg(not(feature = "nats"))]
#[path = "no_nats.rs"]
mod nats;
mod service;
mod webhook;

#[cfg(test)]
mod tests;

pub use file::{SinkError, load};
pub use meter::metered;
pub use service::service;
