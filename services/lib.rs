//! Everything around the engine that talks to the world: the API's handlers, webhooks, telemetry, command line.
//! It decides nothing about incidents and holds no SQL.

pub mod cli;
