//! Conditions of the policy: CEL, with hard limits, a few names and no clock. What a condition is for is decided by
//! routes, triage and SLA definitions, not here.

mod check;
mod facts;
mod fast;
mod field;
mod guard;
mod program;
mod show;
mod value;

#[cfg(test)]
mod tests;

pub use facts::{Calendars, Facts, ServiceFacts, SignalFacts, SlaSubject};
pub use field::Scope;
pub use program::Program;
