//! Makes the rules durable: commands are decided in batches, committed in one transaction, and only then answered.
//! Deadlines, effects and the change feed all come out of those commits; nothing else changes an instance.
//!
//! Reading order: [`engine`] (the door), `committer` (the loop), `wheel` (deadlines), `dispatch` (effects), `sweep`
//! (silences that begin), `inhibit` (alerts that hold others back), `feed`, `sink` (the way out), `audit`, [`import`] (histories of other tools), [`store`] (all SQL).
//! Absent on purpose: gRPC, rules, and any second way to write.

pub mod clock;
pub mod engine;
pub mod error;
pub mod ids;
pub mod import;
pub mod limits;
pub mod observe;
pub mod policies;
pub mod records;
pub mod request;
pub mod slot;
pub mod standing;
pub mod store;

mod audit;
mod cache;
mod chain;
mod committer;
mod directory;
mod dispatch;
mod feed;
mod heartbeats;
mod inhibit;
mod lease;
mod project;
mod rates;
mod refusals;
mod signals;
mod sink;
mod sweep;
mod wheel;

pub use dispatch::{Delivery, Sender, Sent};
pub use engine::{Engine, Heartbeat, Options};
pub use engine::{Place, Reasons, Suppressed, Suppression, Wanted};
pub use error::Error;
pub use feed::{FeedItem, Transition};
pub use policies::PolicyVersion;
pub use project::listing;
pub use refusals::{Cause, Refused};
pub use request::{Reply, RequestId, SignalOutcome, SignalReply, Submission, To};
pub use sink::{Sink, SinkStatus, Start, Untaken};
pub use standing::{StandingReply, StandingSubmission};
