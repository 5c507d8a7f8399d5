//! Heartbeat monitors: when silence is missed, when it is forgiven, and what alert tells of it. The alert itself goes through
//! intake like any other; nothing here sends or stores.

mod alert;
mod monitor;
#[cfg(test)]
mod tests;

pub use alert::{alert, key};
pub use monitor::{HeartbeatState, Monitor, Pause, Step};
