//! Taking in: what arrives over HTTP in the formats of other tools, and the trait through which it is submitted.
//! Nothing is decided here; a signal's fate is the rules' business.

pub mod sink;
pub mod webhook;
