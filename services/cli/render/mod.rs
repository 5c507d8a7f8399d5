//! Answers as people read them: tables, details, timelines.
//! It asks the server nothing and writes nothing; it makes text.

pub(super) mod clock;
pub(super) mod compliance;
pub(super) mod details;
pub(super) mod heartbeat;
pub(super) mod incident;
pub(super) mod integration;
pub(super) mod maintenance;
pub(super) mod notify;
pub(super) mod oncall;
pub(super) mod policy;
pub(super) mod review;
pub(super) mod silence;
pub(super) mod sink;
pub(super) mod subscription;
pub(super) mod suppression;
pub(super) mod table;
pub(super) mod timeline;
