//! One port for gRPC, gRPC-Web and webhooks, and what every call passes on its way in.
//! It knows no service by name and decides nothing about incidents.

mod deadline;
mod door;
mod health;
mod limits;
mod reflection;
mod serve;
mod tls;

pub use deadline::Deadline;
pub use door::DoorLayer;
pub use health::Readiness;
pub use limits::{DECODE_BYTES_MAX, ENCODE_BYTES_MAX};
pub use reflection::{service_names, with_reflection};
pub use serve::{Options, ServeError, serve};
pub use tls::{Tls, TlsError};

#[cfg(test)]
mod tests;
