//! Claims about conditions.
