//! The only place where wire messages and domain types meet: in, once, at the edge; out, rendered from state.
//! Nothing is decided here.
//!
//! Reading order: [`fields`] and [`ask`], the requests by family, then what is rendered, lists and streams, statuses.

pub mod fields;
pub mod interval;
mod invalid;
pub mod limits;

pub mod ask;
pub mod intake;
mod paging;
mod repair;
pub mod review;
pub mod signal;
pub mod triage;
mod work;

pub mod clocks;
pub mod cloud_event;
pub mod compliance;
pub mod directory;
pub mod enums;
pub mod heartbeat;
pub mod incident;
pub mod notification;
pub mod oncall;
pub mod policy;
pub mod queue;
pub mod record;
pub mod simulation;
pub mod sink;
pub mod timeline;

pub mod filter;
pub mod link;
pub mod matches;
pub mod page;
pub mod resume;
pub mod seal;

pub mod standing;
pub mod status;
pub mod subscription;
pub mod suppression;

pub use invalid::Invalid;
