//! SLA clocks: arithmetic of elapsed time, due instants and thresholds. Which clocks an incident has, and what a breach
//! triggers, is not decided here.

pub mod meter;
#[cfg(test)]
mod vectors;
