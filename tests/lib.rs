//! What several test binaries need and none of them is about. It holds no cases.

pub mod support;
pub mod world;
