//! Silences: which alerts page nobody for a while, said by matchers of labels. Who made one, and when it ends, stands with
//! the standing records; what a mark does to an incident stands with the incident.

mod matcher;
mod silences;

pub use matcher::{Compiled, MATCHERS, Matcher, Operator, SETS, compile};
pub use silences::{Silenced, Silences};
