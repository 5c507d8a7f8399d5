//! The command line against a server that answers what a test says, over a real connection.
//! It tests no rule of incidents; there is none behind these answers.

mod commands;
mod fake;
mod grammar;
mod integration;
mod notify;
mod oncall;
mod stream;
