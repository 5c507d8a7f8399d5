//! `stentor demo`: a server of its own, a story told on it, and a look at what happened, all through the public API.
//! It reaches into no part of the server; what it shows is what any client can see.

mod api;
mod closing;
mod host;
mod payload;
mod run;
mod show;
mod step;
mod story;

pub use run::run;
