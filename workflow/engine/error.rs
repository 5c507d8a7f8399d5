//! What the engine answers when it does not answer with a state. How that travels over the wire is not known here.

use stentor_core::refusal::Refusal;

/// Why a submission got no reply.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The rules said no; nothing changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Asked what would happen, and these would all say no.
    #[error("refused for {} reasons", .0.len())]
    RefusedAll(Vec<Refusal>),
    /// No instance of this name.
    #[error("{0} does not exist")]
    NotFound(String),
    /// Too much is waiting; nothing was applied.
    #[error("too much is waiting; try again in {retry_after_ms} ms")]
    Overloaded { retry_after_ms: u64 },
    /// The integration sends more than its rate; nothing was applied.
    #[error("integrations/{integration} sends more than its rate; try again in {retry_after_ms} ms")]
    RateExceeded { integration: String, retry_after_ms: u64 },
    /// The store cannot answer now. For a command: it may have been applied if the message says so.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The caller's deadline passed before the command was decided; nothing was applied.
    #[error("the deadline passed before the command was decided")]
    Late,
    /// A defect.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<crate::store::Error> for Error {
    fn from(e: crate::store::Error) -> Error {
        match e {
            crate::store::Error::Conflict(text) => Error::Unavailable(text),
            crate::store::Error::Data(text) => Error::Internal(text),
            other => Error::Unavailable(other.to_string()),
        }
    }
}
