//! What Stentor tells about itself: logs, metrics, traces, and the page that Prometheus reads.
//! Nothing here decides anything, and nothing here may fail a request.

mod config;
mod derived;
mod format;
mod init;
mod labels;
mod levels;
mod lifecycle;
pub mod listener;
mod methods;
mod metrics;
mod observer;
mod process;
pub mod propagation;
mod resource;
mod rpc;
mod sampler;
mod spans;
mod story;

pub use config::{Exports, LogFormat, TelemetryConfig};
pub use init::{Guard, InitError, init};
pub use levels::{Levels, OpenIncidents};
pub use lifecycle::tell_lifecycles;
pub use metrics::{Metrics, TimeTo};
pub use observer::{EngineObserver, levels_of};
pub use rpc::{Call, RpcTelemetry};
pub use spans::Spans;
