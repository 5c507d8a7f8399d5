//! Everything around the engine that talks to the world: the API's handlers, webhooks, telemetry, command line.
//! It decides nothing about incidents and holds no SQL.

pub mod auth;
pub mod call;
pub mod cli;
pub mod demo;
pub mod entry;
pub mod heartbeat;
mod import;
pub mod intake;
pub mod links;
pub mod migrate;
pub mod notify;
pub mod oncall;
mod pages;
pub mod policy;
pub mod resolution;
pub mod review;
pub mod serve;
mod shell;
pub mod sinks;
mod standing;
mod streams;
pub mod subscription;
pub mod suppression;
pub mod telemetry;
pub mod transport;
pub mod triage;
pub mod wire;
pub mod workflow;
