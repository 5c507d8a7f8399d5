//! What several test binaries need and none of them is about. It holds no cases.

pub mod around;
pub mod hook;
pub mod nats;
pub mod postgres;
pub mod receiver;
pub mod server;
pub mod web;
