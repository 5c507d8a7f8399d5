//! What the test binaries and the load generator share. It holds no cases.

pub mod support;
pub mod world;
