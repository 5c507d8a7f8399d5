//! The policies that travel with the binary: one to read and start from, one to play with. Neither is ever applied by
//! itself.

/// A policy that uses most of what a policy can say, free of findings. It is the sample of the documentation.
pub const SAMPLE: &str = include_str!("sample.yaml");

/// The policy of the demonstration and of development servers: delays are seconds, pages go to the console. Lint refuses
/// it unless [`super::lint::ALLOW_DEMO`] is accepted.
pub const DEMO: &str = include_str!("demo.yaml");
