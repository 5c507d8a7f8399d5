//! Signals on their way in: routed and assessed by the newest policy before they are queued, so that the committer only
//! decides.

use std::collections::BTreeMap;
use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::id::InstanceId;
use stentor_core::incident::{self, Prepared};
use stentor_core::instance::{Answer, Command};
use stentor_core::policy::Routed;
use stentor_core::refusal::Refusal;
use stentor_core::signal::{Signal, SignalKind};
use stentor_core::silence::Mode;
use stentor_core::triage::{self, Traits};
use tokio::sync::oneshot;

use crate::committer::{Answers, Done, Heed, Lane, Payload, Together, What, Work};
use crate::error::Error;
use crate::request::{Reply, RequestId, SignalOutcome, SignalReply};

use super::{Engine, Shared, command, enqueue, reply, work};

impl Engine {
    /// What the newest policy would make of a signal. Nothing is taken in.
    ///
    /// # Errors
    /// [`Refusal::NoPolicy`] before the first one.
    pub fn assess(&self, signal: &Signal) -> Result<Traits, Error> {
        let p = prepare(&self.shared, signal.clone())?;
        Ok(Traits::of(p.routed.service, &p.assessment.category, &p.signal.title))
    }

    /// Takes signals in that came together, each under a request id of its own if it has one; answers come in order,
    /// when all of them are committed.
    pub async fn hear_together(
        &self,
        actor: &Actor,
        mut signals: Vec<(Signal, Option<RequestId>)>,
    ) -> Vec<Result<SignalReply, Error>> {
        let count = signals.len();
        if count <= 1 {
            let Some((signal, request)) = signals.pop() else { return Vec::new() };
            return vec![self.hear(actor, signal, None, request).await];
        }
        match self.queue_together(actor, signals) {
            Ok(answers) => {
                let busy = self.shared.busy();
                let lost = || vec![Err(Error::Unavailable("shutting down".to_owned())); count];
                let results = answers.await.unwrap_or_else(|_| lost());
                drop(busy);
                results.into_iter().map(|done| signal_reply(done?)).collect()
            }
            Err(e) => (0..count).map(|_| Err(e.clone())).collect(),
        }
    }

    fn queue_together(
        &self,
        actor: &Actor,
        signals: Vec<(Signal, Option<RequestId>)>,
    ) -> Result<oneshot::Receiver<Vec<Result<Done, Error>>>, Error> {
        self.shared.check_failed()?;
        let (together, answers) = Together::new(signals.len());
        let mut works: BTreeMap<u16, Vec<Box<Work>>> = BTreeMap::new();
        for (place, (signal, request)) in signals.into_iter().enumerate() {
            let payload = Payload::Signal(Heed::new(prepare(&self.shared, signal)?));
            let partition = self.shared.partition_of(&payload);
            let reply = Answers::Among(Arc::clone(&together), place);
            works
                .entry(partition)
                .or_default()
                .push(Box::new(Work { request, ..command(payload, actor.clone(), reply) }));
        }
        for (partition, works) in works {
            self.shared.senders(partition).offer_many(works)?;
        }
        Ok(answers)
    }

    /// Takes a signal in; the answer comes after its commit. `join` names the incident that a report belongs to.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn hear(
        &self,
        actor: &Actor,
        signal: Signal,
        join: Option<InstanceId>,
        request: Option<RequestId>,
    ) -> Result<SignalReply, Error> {
        let prepared = prepare(&self.shared, signal)?;
        let payload = match join {
            Some(id) => {
                let command = Command::Incident(incident::Command::Hear(Arc::new(prepared)));
                Payload::To { id, command, may_open: false }
            }
            None => Payload::Signal(Heed::new(prepared)),
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
        self.command_alert(actor, identity, incident::Command::Acknowledge, request).await
    }

    /// Sends a command to the incident that an alert (`integration:key`) is attached to.
    ///
    /// # Errors
    /// [`Refusal::AlertUnknown`] if there is none; refusals of the command.
    pub async fn command_alert(
        &self,
        actor: Actor,
        identity: String,
        command: incident::Command,
        request: Option<RequestId>,
    ) -> Result<Reply, Error> {
        let found = self.shared.store.find_alerts(vec![identity.clone()]).await?;
        let alert = found.into_iter().next().ok_or(Refusal::AlertUnknown { key: identity })?;
        let command = Command::Incident(command);
        let payload = Payload::To { id: alert.id.into(), command, may_open: false };
        let (work, answer) = work(payload, actor);
        reply(enqueue(&self.shared, Work { request, ..work }, Lane::People, answer).await?)
    }
}

/// Routes and assesses a signal.
fn prepare(shared: &Arc<Shared>, signal: Signal) -> Result<Prepared, Error> {
    let policy = shared.policies.newest_policy().ok_or(Refusal::NoPolicy)?;
    let mut routed = policy.route(&signal);
    collect(shared, &signal, &mut routed);
    let assessment = triage::assess(&policy, &signal, &routed.service);
    Ok(Prepared { signal, routed, assessment, follows: None })
}

/// What a maintenance window collects shares one incident for each of its occurrences.
fn collect(shared: &Shared, signal: &Signal, routed: &mut Routed) {
    let silences = shared.standing.silences();
    let window = silences.window(&signal.labels, &routed.service, shared.clock.now());
    if let Some((id, Mode::Collect, at)) = window.filter(|_| signal.kind == SignalKind::Alert) {
        routed.group_key = Some(format!("[\"maintenance\",{id},{}]", at.from.0));
        routed.group_window = None;
    }
}

fn signal_reply(done: Done) -> Result<SignalReply, Error> {
    let outcome = match done.what {
        What::Answer(Answer::Heard(heard)) => SignalOutcome::Heard(heard),
        What::Discarded => SignalOutcome::Discarded("ROUTE_DISCARD"),
        What::Dropped => SignalOutcome::Discarded("MAINTENANCE_DROP"),
        What::Forgotten => SignalOutcome::Forgotten,
        What::Answer(other) => return Err(Error::Internal(format!("a signal was answered with {other:?}"))),
    };
    Ok(SignalReply { id: done.id, state: done.state, outcome, replayed: done.replayed })
}
