//! Conditions of the policy, and the formulas of its maps: CEL, with hard limits, a few names and no clock. What a
//! condition is for is decided by routes, triage and SLA definitions, not here.

mod check;
mod facts;
mod fast;
mod field;
mod guard;
mod json;
mod map;
mod program;
mod show;
mod value;

#[cfg(test)]
mod map_tests;
#[cfg(test)]
mod tests;

pub use facts::{Calendars, Facts, ServiceFacts, SignalFacts, SlaSubject};
pub use field::Scope;
pub use map::{ALERTS_MAX, Mapped, Mapping, Wrong};
pub use program::Program;
