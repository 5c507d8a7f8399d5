//! What came of one attempt to tell somebody, in the same words for every channel.
//! Whether and when to try again is the engine's business.

use std::time::Duration;

/// The provider took the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// How it said so, for the timeline.
    pub text: String,
}

/// The provider did not take the message, or nobody knows whether it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Another attempt would fail too.
    pub permanent: bool,
    /// How long the provider asks to wait. Whether that is too long for the message is the engine's business.
    pub retry_after: Option<Duration>,
    /// For the timeline. It carries no secret.
    pub text: String,
    /// For the metrics: `address`, `answer`, `connect`, `denied`, `request`, `status`, `timeout`.
    pub class: &'static str,
}

impl Failure {
    /// A failure that may pass.
    pub(super) fn passing(class: &'static str, text: impl Into<String>) -> Failure {
        Failure { permanent: false, retry_after: None, text: text.into(), class }
    }

    /// A failure that every further attempt would repeat.
    pub(super) fn lasting(class: &'static str, text: impl Into<String>) -> Failure {
        Failure { permanent: true, ..Failure::passing(class, text) }
    }
}
