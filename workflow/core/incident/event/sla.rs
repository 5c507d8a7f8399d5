//! What happened to an incident's clocks, as its history tells it. Their arithmetic is not known here.

use serde::{Deserialize, Serialize};

use crate::incident::clock::{Clock, Mark, PauseWhy};
use crate::policy::document::ThresholdAction;
use crate::time::Timestamp;

/// Clocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SlaEvent {
    /// A clock attached, complete with its instants.
    SlaStarted {
        clock: Box<Clock>,
    },
    SlaPaused {
        clock: String,
        why: PauseWhy,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap_at: Option<Timestamp>,
    },
    SlaResumed {
        clock: String,
        due: Option<Timestamp>,
        next: Option<Mark>,
        capped: bool,
    },
    SlaWarned {
        clock: String,
        percent: u32,
        at: Timestamp,
        next: Option<Mark>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        action: Option<ThresholdAction>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        skipped: bool,
    },
    SlaBreached {
        clock: String,
        due: Timestamp,
        next: Option<Mark>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        action: Option<ThresholdAction>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_attach: bool,
    },
    SlaStopped {
        clock: String,
        at: Timestamp,
        met: bool,
    },
    SlaCancelled {
        clock: String,
        why: SlaCancelWhy,
    },
    /// Somebody says why a breach is nobody's failure. It stays a breach, and is told beside.
    SlaExcused {
        clock: String,
        reason: String,
    },
    /// Another policy version changed the target or calendar; the whole clock after it.
    SlaMoved {
        clock: Box<Clock>,
    },
}

/// Why a clock was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SlaCancelWhy {
    /// Its definition no longer matches.
    NoMatch,
    Priority,
    /// The incident was cancelled or merged.
    Ended,
    /// It ended without ever being acknowledged.
    Unanswered,
    Reopened,
    Policy,
    Condition,
}
