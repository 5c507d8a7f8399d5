//! Store errors, sorted by what the committer must do next. It does not say what was attempted; callers do.

/// Result of a store call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a store call failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nothing was applied and the same call may succeed soon (busy, serialization failure, deadlock, lost connection
    /// before anything was sent).
    #[error("the store is busy: {0}")]
    Transient(String),
    /// Nothing was applied: a unique key in the batch is taken. Read the keys again and decide again.
    #[error("a key is taken: {0}")]
    Duplicate(String),
    /// Nothing was applied: a value does not fit. Retrying the same batch is useless.
    #[error("the store refused a value: {0}")]
    Data(String),
    /// Somebody else was first (policy number).
    #[error("somebody else was first: {0}")]
    Conflict(String),
    /// It may or may not have been applied: ask with [`super::Store::applied`].
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
    /// The store cannot take writes now (disk full, read-only, unreachable). Nothing was applied.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The store must not be used any more (I/O error, corruption, settings that lose commits, newer schema).
    #[error("the store failed: {0}")]
    Fatal(String),
}
