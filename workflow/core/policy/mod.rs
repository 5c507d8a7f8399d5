//! The policy: one versioned document. It says who is paged, by what rules, and what is promised; it never changes
//! under a running incident.

pub mod document;
