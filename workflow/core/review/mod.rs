//! The review of an incident. Placeholder of the contract; see the items' documentation.
