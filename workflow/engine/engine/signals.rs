//! Signals on their way in: routed and assessed by the newest policy before they are queued, so that the committer only
//! decides.

use std::collections::BTreeMap;
use std::sync::Arc;

use stentor_core::actor::Actor;
use stentor_core::id::{InstanceId, IntegrationId};
use stentor_core::incident::kinds::Severity;
use stentor_core::incident::{self, Prepared};
use stentor_core::instance::{Answer, Command};
use stentor_core::policy::document::Rate;
use stentor_core::policy::{Policy, Routed};
use stentor_core::refusal::Refusal;
use stentor_core::signal::{Signal, SignalKind};
use stentor_core::silence::Mode;
use stentor_core::time::Duration;
use stentor_core::triage::{self, Traits};
use tokio::sync::oneshot;

use crate::committer::{Answers, Done, Heed, Lane, Payload, Together, What, Work};
use crate::error::Error;
use crate::rates::Load;
use crate::request::{Reply, RequestId, SignalOutcome, SignalReply};

use super::{Engine, Shared, command, enqueue, reply, work};

/// The integration of alerts that are Stentor's own.
const OURSELVES: &str = "stentor";

/// An alert about refusals clears so long after the last one that was told.
const REFUSALS_OVER: Duration = Duration::minutes(20);

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
        if let Err(e) = self.admit(signals.iter().map(|(signal, _)| signal)) {
            return vec![Err(e); count];
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

    /// Lets signals in, all or none, as far as the rates of their integrations go. Being refused is an alert of its own.
    fn admit<'a>(&self, signals: impl Iterator<Item = &'a Signal>) -> Result<(), Error> {
        let Some(policy) = self.shared.policies.newest_policy() else { return Ok(()) };
        let mut loads: BTreeMap<&IntegrationId, Load> = BTreeMap::new();
        for signal in signals {
            let load = loads.entry(&signal.integration).or_default();
            if signal.clear { load.clears += 1 } else { load.firing += 1 }
        }
        for (id, load) in loads {
            let Some(integration) = policy.document().integrations.get(id) else { continue };
            let rate = integration.rate.unwrap_or(Rate::USUAL);
            if let Err(no) = self.shared.rates.admit(id, rate, load) {
                if no.tell {
                    self.tell_of_refusals(id, &policy);
                }
                let integration = id.to_string();
                return Err(Error::RateExceeded { integration, retry_after_ms: no.retry_after_ms });
            }
        }
        Ok(())
    }

    /// Fires an alert at the default service. It expires once nothing has been refused for a while.
    fn tell_of_refusals(&self, id: &IntegrationId, policy: &Policy) {
        tracing::warn!(integration = %id, "an integration sends more than its rate and is refused");
        let now = self.now();
        let signal = Signal {
            kind: SignalKind::Alert,
            integration: OURSELVES.into(),
            key: format!("intake/{id}"),
            severity: Some(Severity::Error),
            service: Some(policy.document().organisation.default_service.clone()),
            labels: [("alertname", "IntakeRate"), ("integration", id.as_str())]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ends_at: Some(now + REFUSALS_OVER),
            ..Signal::report(
                &format!("Signals of integration {id} are refused: it sends more than its rate"),
                now,
            )
        };
        let (engine, busy) = (self.clone(), self.shared.busy());
        self.shared.spawn(async move {
            if let Err(e) = engine.hear(&Actor::System, signal, None, None).await {
                tracing::error!(error = %e, "nobody can be told that signals are refused");
            }
            drop(busy);
        });
    }

    fn queue_together(
        &self,
        actor: &Actor,
        signals: Vec<(Signal, Option<RequestId>)>,
    ) -> Result<oneshot::Receiver<Vec<Result<Done, Error>>>, Error> {
        self.shared.check_failed()?;
        let (together, answers) = Together::new(signals.len());
        let mut works: BTreeMap<u16, Vec<Box<Work>>> = BTreeMap::new();
        let origin = self.shared.observer.caller();
        for (place, (signal, request)) in signals.into_iter().enumerate() {
            let payload = Payload::Signal(Heed::new(prepare(&self.shared, signal)?));
            let partition = self.shared.partition_of(&payload);
            let reply = Answers::Among(Arc::clone(&together), place);
            works
                .entry(partition)
                .or_default()
                .push(Box::new(Work { request, ..command(payload, actor.clone(), reply, origin) }));
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
        self.admit(std::iter::once(&signal))?;
        let prepared = prepare(&self.shared, signal)?;
        let payload = match join {
            Some(id) => {
                let command = Command::Incident(incident::Command::Hear(Arc::new(prepared)));
                Payload::To { id, command, may_open: false }
            }
            None => Payload::Signal(Heed::new(prepared)),
        };
        let (work, answer) = work(&self.shared, payload, actor.clone());
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
        let (work, answer) = work(&self.shared, payload, actor);
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
