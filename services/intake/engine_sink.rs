//! The engine as webhooks see it. It translates outcomes and errors; what becomes of a signal is decided by the rules.

use std::time::Duration;

use stentor_core::id::IntegrationId;
use stentor_core::incident::Outcome as Heard;
use stentor_core::policy::document::Integration;
use stentor_core::refusal::Refusal;
use stentor_core::signal::Signal;
use stentor_core::time::Timestamp;
use stentor_engine::{Engine, Error, SignalOutcome};

use super::sink::{Outcome, SignalSink, SinkError};
use crate::auth::Principal;

/// Webhooks' way into an engine.
#[derive(Debug, Clone)]
pub struct EngineSink(pub Engine);

#[tonic::async_trait]
impl SignalSink for EngineSink {
    fn integration(&self, id: &IntegrationId) -> Option<Integration> {
        self.0.policy()?.document().integrations.get(id).cloned()
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn hear(&self, caller: &Principal, signals: Vec<Signal>) -> Result<Vec<Outcome>, SinkError> {
        let signals = signals.into_iter().map(|signal| (signal, None)).collect();
        let replies = self.0.hear_together(&caller.actor, signals).await;
        let outcome = |reply: Result<stentor_engine::SignalReply, Error>| {
            reply
                .map(|reply| if reply.replayed { Outcome::Replayed } else { told(&reply.outcome) })
                .map_err(failed)
        };
        replies.into_iter().map(outcome).collect()
    }

    async fn acknowledge(&self, caller: &Principal, key: &str) -> Result<bool, SinkError> {
        let identity = match &caller.actor {
            stentor_core::actor::Actor::Integration(id) => format!("{id}:{key}"),
            _ => return Ok(false),
        };
        match self.0.acknowledge_alert(caller.actor.clone(), identity, None).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound(_) | Error::Refused(Refusal::AlertUnknown { .. })) => Ok(false),
            Err(other) => Err(failed(other)),
        }
    }
}

fn told(outcome: &SignalOutcome) -> Outcome {
    match outcome {
        SignalOutcome::Forgotten => Outcome::Resolved,
        SignalOutcome::Discarded(_) => Outcome::Suppressed,
        SignalOutcome::Heard(heard) => match heard.outcome {
            Heard::Created => Outcome::Created,
            Heard::Joined => Outcome::Joined,
            Heard::Repeated => Outcome::Repeated,
            Heard::Cleared => Outcome::Resolved,
            Heard::Suppressed(_) => Outcome::Suppressed,
        },
    }
}

fn failed(error: Error) -> SinkError {
    match error {
        Error::Refused(refusal) => SinkError::Refused { reason: refusal.reason().to_owned() },
        Error::RefusedAll(refusals) => {
            SinkError::Refused { reason: refusals.first().map_or("REFUSED", Refusal::reason).to_owned() }
        }
        Error::NotFound(_) => SinkError::Refused { reason: "NOT_FOUND".to_owned() },
        Error::Overloaded { retry_after_ms } => {
            SinkError::Overloaded { retry_after: Duration::from_millis(retry_after_ms) }
        }
        Error::Unavailable(_) | Error::Late => SinkError::Unavailable,
        Error::Internal(_) => SinkError::Internal,
    }
}
