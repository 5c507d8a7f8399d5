//! The incident: its state, what may happen to it, and what follows. Rules only; nothing here reads a clock.

pub mod kinds;
