//! The shared store for many replicas. It holds nothing yet that could be opened.
