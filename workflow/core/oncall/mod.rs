//! Schedules: who is on call at an instant, for how long, and when nobody is. Answers only; whom an incident pages and
//! what a hand-off announces is decided elsewhere.

mod answer;
mod compile;
mod overrides;
mod rotation;
mod shifts;
#[cfg(test)]
mod vectors;

pub use answer::Shift;
pub use compile::Schedule;
pub use overrides::Override;
