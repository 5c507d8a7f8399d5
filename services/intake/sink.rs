//! What the webhooks need of whoever commits signals: policy entry and map, clock, and the submit itself.
//! It holds no implementation; the intake service brings the real one, tests their own.

use std::sync::Arc;
use std::time::Duration;

use stentor_core::id::IntegrationId;
use stentor_core::policy::document::Integration;
use stentor_core::policy::expr::Mapping;
use stentor_core::signal::Signal;
use stentor_core::time::Timestamp;

use crate::auth::Principal;

/// What became of a signal, as far as a webhook's answer and the metrics care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Joined,
    Repeated,
    Resolved,
    Suppressed,
    Replayed,
}

impl Outcome {
    /// The metrics' label.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Created => "created",
            Outcome::Joined => "joined",
            Outcome::Repeated => "repeated",
            Outcome::Resolved => "resolved",
            Outcome::Suppressed => "suppressed",
            Outcome::Replayed => "replayed",
        }
    }
}

/// Why signals were not taken. Nothing of the call was committed, unless the variant says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    #[error("too much at once; try again in {} s", retry_after.as_secs_f32())]
    Overloaded { retry_after: Duration },
    /// The commit may have happened.
    #[error("the store is unavailable")]
    Unavailable,
    #[error("refused: {reason}")]
    Refused { reason: String },
    #[error("something went wrong inside")]
    Internal,
}

/// A signal as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub signal: Signal,
    /// What its sender calls this delivery, if that stays the same when it repeats it: the repeat is answered as the
    /// first was and changes nothing.
    pub delivery: Option<String>,
}

/// Something that changed elsewhere, for example a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What routes it: its service is that of an alert with the same labels.
    pub signal: Signal,
    pub summary: String,
    pub source: String,
    /// Empty if there is none.
    pub url: String,
    pub at: Option<Timestamp>,
}

/// Takes signals and commits them before it answers.
#[tonic::async_trait]
pub trait SignalSink: Send + Sync + 'static {
    /// The policy's entry for an integration.
    fn integration(&self, id: &IntegrationId) -> Option<Integration>;

    /// How an integration's bodies are read; `None` if its entry has no map.
    fn mapping(&self, id: &IntegrationId) -> Option<Arc<Mapping>>;

    /// The clock.
    fn now(&self) -> Timestamp;

    /// Commits the signals, all through the caller's integration; an outcome for each, in order.
    async fn hear(&self, caller: &Principal, signals: Vec<Sent>) -> Result<Vec<Outcome>, SinkError>;

    /// Acknowledges the incident of an alert; false if no open incident has it.
    async fn acknowledge(&self, caller: &Principal, key: &str) -> Result<bool, SinkError>;

    /// Adds a note to the incident of an alert; false if there is none.
    async fn note(&self, caller: &Principal, key: &str, text: String) -> Result<bool, SinkError>;

    /// Puts a change into the timelines of the open incidents of its service; how many there are.
    async fn change(&self, caller: &Principal, change: Change) -> Result<usize, SinkError>;
}
