//! The policy: one versioned document. It says who is paged, by what rules, and what is promised; it never changes
//! under a running incident.

pub mod document;
pub mod expr;
pub mod lint;

mod bundled;
mod canonical;
mod compiled;
mod diff;
mod finding;
mod locate;
mod parse;
mod priority;
mod promise;
mod route;
mod schema;

#[cfg(test)]
pub(crate) mod samples;

pub use bundled::{DEMO, SAMPLE};
pub use canonical::{canonical_json, content_hash};
pub use compiled::Policy;
pub use diff::{Change, diff};
pub use expr::SlaSubject;
pub use finding::{Finding, FindingCode, Severity};
pub use locate::locate;
pub use parse::{MAX_BYTES, parse};
pub use priority::{AllClearAcked, AllClearUnacked, PriorityRules};
pub use route::Routed;
pub use schema::schema;
