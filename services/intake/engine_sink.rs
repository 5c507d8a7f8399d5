//! The engine as webhooks see it. It translates outcomes and errors; what becomes of a signal is decided by the rules.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use stentor_core::id::IntegrationId;
use stentor_core::incident::command::WorkCommand;
use stentor_core::incident::kinds::Phase;
use stentor_core::incident::{self, Outcome as Heard};
use stentor_core::instance::Command;
use stentor_core::policy::document::Integration;
use stentor_core::policy::expr::Mapping;
use stentor_core::refusal::Refusal;
use stentor_core::time::Timestamp;
use stentor_engine::store::rows::{Column, Filter, ListQuery, Op, Value};
use stentor_engine::{Engine, Error, RequestId, SignalOutcome, Submission};

use super::sink::{Change, Outcome, Sent, SignalSink, SinkError};
use crate::auth::Principal;

/// So many open incidents of a service are told of a change: one commit each, and the sender waits for them.
const TOLD_MAX: u32 = 20;

/// Webhooks' way into an engine.
#[derive(Debug, Clone)]
pub struct EngineSink(pub Engine);

#[tonic::async_trait]
impl SignalSink for EngineSink {
    fn integration(&self, id: &IntegrationId) -> Option<Integration> {
        self.0.policy()?.document().integrations.get(id).cloned()
    }

    fn mapping(&self, id: &IntegrationId) -> Option<Arc<Mapping>> {
        self.0.policy()?.mapping(id)
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn hear(&self, caller: &Principal, signals: Vec<Sent>) -> Result<Vec<Outcome>, SinkError> {
        let request = |delivery: String| delivered(caller, &delivery);
        let signals = signals.into_iter().map(|sent| (sent.signal, sent.delivery.map(request))).collect();
        let replies = self.0.hear_together(&caller.actor, signals).await;
        let outcome = |reply: Result<stentor_engine::SignalReply, Error>| {
            reply
                .map(|reply| if reply.replayed { Outcome::Replayed } else { told(&reply.outcome) })
                .map_err(failed)
        };
        replies.into_iter().map(outcome).collect()
    }

    async fn acknowledge(&self, caller: &Principal, key: &str) -> Result<bool, SinkError> {
        self.command(caller, key, incident::Command::Acknowledge).await
    }

    async fn note(&self, caller: &Principal, key: &str, text: String) -> Result<bool, SinkError> {
        let note = WorkCommand::AddNote { text, by_reporter: false };
        self.command(caller, key, incident::Command::Work(note)).await
    }

    async fn change(&self, caller: &Principal, change: Change) -> Result<usize, SinkError> {
        let service = self.0.assess(&change.signal).map_err(failed)?.service;
        let rows = self.0.list(open_of(service.as_str())).await.map_err(failed)?;
        let mut told = 0;
        for row in rows {
            let Change { summary, source, url, at, .. } = change.clone();
            let command = Command::Incident(incident::Command::Work(WorkCommand::ReportChange {
                summary,
                source,
                url,
                at,
            }));
            let submission = Submission::new(row.id.into(), caller.actor.clone(), command);
            match self.0.submit(submission).await {
                Ok(_) => told += 1,
                // It has ended meanwhile.
                Err(Error::Refused(_) | Error::RefusedAll(_) | Error::NotFound(_)) => {}
                Err(other) => return Err(failed(other)),
            }
        }
        Ok(told)
    }
}

/// The newest open incidents of a service.
fn open_of(service: &str) -> ListQuery {
    let is = |column, value: &str| Filter::Compare(column, Op::Eq, Value::Text(value.to_owned()));
    let phases = [Phase::Triage, Phase::Active, Phase::Mitigated];
    let open = phases.iter().map(|phase| is(Column::Phase, phase.as_str())).collect();
    ListQuery {
        kind: "incident".to_owned(),
        filter: Some(Filter::All(vec![is(Column::Service, service), Filter::Any(open)])),
        order: vec![(Column::Number, true)],
        after: None,
        limit: TOLD_MAX,
    }
}

impl EngineSink {
    /// Sends a command to the incident of an alert; false if there is none.
    async fn command(
        &self,
        caller: &Principal,
        key: &str,
        command: incident::Command,
    ) -> Result<bool, SinkError> {
        let identity = match &caller.actor {
            stentor_core::actor::Actor::Integration(id) => format!("{id}:{key}"),
            _ => return Ok(false),
        };
        match self.0.command_alert(caller.actor.clone(), identity, command, None).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound(_) | Error::Refused(Refusal::AlertUnknown { .. })) => Ok(false),
            Err(other) => Err(failed(other)),
        }
    }
}

/// A delivery as a request. Its name alone decides what is a repeat: senders may write the same thing differently when
/// they repeat it.
fn delivered(caller: &Principal, delivery: &str) -> RequestId {
    let name = hex::encode(Sha256::digest(delivery.as_bytes()));
    RequestId { key: format!("{}/webhook/{name}", caller.actor), body_hash: name }
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
        Error::Overloaded { retry_after_ms } | Error::RateExceeded { retry_after_ms, .. } => {
            SinkError::Overloaded { retry_after: Duration::from_millis(retry_after_ms) }
        }
        Error::Unavailable(_) | Error::Late => SinkError::Unavailable,
        Error::Internal(_) => SinkError::Internal,
    }
}
