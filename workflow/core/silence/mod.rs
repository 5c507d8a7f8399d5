//! Silences and maintenance windows: which alerts page nobody for a while. Who made one stands with the standing records;
//! what a mark does to an incident stands with the incident.

mod matcher;
mod silences;
mod window;

pub use matcher::{Compiled, MATCHERS, Matcher, Operator, SETS, compile};
pub use silences::{Silenced, Silences};
pub use window::{Mode, Plan, Weekly, Window};
