//! Attempts against providers on the loopback that answer as each test asks, over real sockets.
//! The senders come from a file of providers, as everybody's do.

mod chat;
mod fake;
mod links;
mod matrix;
mod smtp;
mod smtp_server;
mod webhook;
