//! Signals on their way in: routed and assessed by the newest policy before they are queued, so that the committer only
//! decides.

use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident::{self, Prepared};
use stentor_core::instance::{Answer, Command};
use stentor_core::refusal::Refusal;
use stentor_core::signal::Signal;
use stentor_core::triage::{self, Traits};

use crate::committer::{Done, Lane, Payload, What, Work};
use crate::error::Error;
use crate::request::{Reply, RequestId, SignalOutcome, SignalReply};

use super::{Engine, Shared, enqueue, reply, work};

impl Engine {
    /// Takes signals in; answers come in order, each after its commit. `join` names the incident that a report belongs
    /// to. With a request id there is one signal.
    pub async fn hear(
        &self,
        actor: Actor,
        signals: Vec<Signal>,
        join: Option<InstanceId>,
        request: Option<RequestId>,
    ) -> Vec<Result<SignalReply, Error>> {
        let asked = signals.into_iter().map(|s| self.one(&actor, s, join.clone(), request.clone()));
        futures::future::join_all(asked).await
    }

    /// What the newest policy would make of a signal. Nothing is taken in.
    ///
    /// # Errors
    /// [`Refusal::NoPolicy`] before the first one.
    pub fn assess(&self, signal: &Signal) -> Result<Traits, Error> {
        let p = prepare(&self.shared, signal.clone())?;
        Ok(Traits::of(p.routed.service, &p.assessment.category, &p.signal.title))
    }

    async fn one(
        &self,
        actor: &Actor,
        signal: Signal,
        join: Option<InstanceId>,
        request: Option<RequestId>,
    ) -> Result<SignalReply, Error> {
        let prepared = Box::new(prepare(&self.shared, signal)?);
        let payload = match join {
            Some(id) => {
                let command = Command::Incident(incident::Command::Hear(prepared));
                Payload::To { id, command, may_open: false }
            }
            None => Payload::Signal(prepared),
        };
        let (work, answer) = work(payload, actor.clone());
        let work = Work { request, ..work };
        let lane = if actor.is_person() { Lane::People } else { Lane::Signals };
        signal_reply(enqueue(&self.shared, work, lane, answer).await?)
    }

    /// Acknowledges the incident that an alert (`integration:key`) is attached to.
    ///
    /// # Errors
    /// [`Refusal::AlertUnknown`] if there is none; refusals of an acknowledgement.
    pub async fn acknowledge_alert(
        &self,
        actor: Actor,
        identity: String,
        request: Option<RequestId>,
    ) -> Result<Reply, Error> {
        let found = self.shared.store.find_alerts(vec![identity.clone()]).await?;
        let alert = found.into_iter().next().ok_or(Refusal::AlertUnknown { key: identity })?;
        let command = Command::Incident(incident::Command::Acknowledge);
        let payload = Payload::To { id: alert.id.into(), command, may_open: false };
        let (work, answer) = work(payload, actor);
        reply(enqueue(&self.shared, Work { request, ..work }, Lane::People, answer).await?)
    }
}

/// Routes and assesses a signal.
fn prepare(shared: &Arc<Shared>, signal: Signal) -> Result<Prepared, Error> {
    let policy = shared.policies.newest().ok_or(Refusal::NoPolicy)?.policy;
    let routed = policy.route(&signal);
    let assessment = triage::assess(&policy, &signal, &routed.service);
    Ok(Prepared { signal, routed, assessment, follows: None })
}

fn signal_reply(done: Done) -> Result<SignalReply, Error> {
    let outcome = match done.what {
        What::Answer(Answer::Heard(heard)) => SignalOutcome::Heard(heard),
        What::Discarded => SignalOutcome::Discarded("ROUTE_DISCARD"),
        What::Forgotten => SignalOutcome::Forgotten,
        What::Answer(other) => return Err(Error::Internal(format!("a signal was answered with {other:?}"))),
    };
    Ok(SignalReply { id: done.id, state: done.state, outcome, replayed: done.replayed })
}
