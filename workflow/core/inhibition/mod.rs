//! Inhibitions: alerts that page nobody while another one fires. The rules stand in the policy; what a mark does to an
//! incident stands with the incident.

mod firing;
mod rules;
#[cfg(test)]
mod tests;

pub use firing::{Due, Firing};
pub use rules::{Inhibited, Key, Roles, Rules};
