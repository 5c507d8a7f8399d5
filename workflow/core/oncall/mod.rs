//! Schedules: who is on call at an instant, for how long, and when nobody is. Answers only; whom an incident pages and
//! what a hand-off announces is decided elsewhere.

mod answer;
mod compile;
mod fairness;
mod handovers;
mod overrides;
mod rotation;
#[cfg(test)]
mod shares;
mod shifts;
#[cfg(test)]
mod vectors;

pub use answer::{HORIZON, Shift};
pub use compile::Schedule;
pub use fairness::Load;
pub use handovers::HandOver;
pub use overrides::Override;
