//! Heartbeat monitors from outside: a beat, a look, a pause. Silence is noticed elsewhere.

use stentor_core::actor::Actor;
use stentor_core::heartbeat::{Monitor, Pause};
use stentor_core::id::HeartbeatId;
use stentor_core::policy::document::HeartbeatSpec;
use stentor_core::refusal::Refusal;
use stentor_core::time::Timestamp;

use crate::error::Error;
use crate::heartbeats::{all, attend, update};

use super::Engine;

/// A monitor and what it watches for.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    pub id: HeartbeatId,
    pub spec: HeartbeatSpec,
    pub monitor: Monitor,
}

impl Engine {
    /// A beat came. Its answer comes after the commit; if its alert fired, it is cleared by then.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the newest policy has no such monitor; what the store says.
    pub async fn send_heartbeat(&self, id: &HeartbeatId) -> Result<Heartbeat, Error> {
        let now = self.now();
        self.change(id, |spec, monitor| monitor.beat(spec, now)).await
    }

    /// Has its silence count no more, until an instant or until it is resumed. An alert that fires is cleared.
    ///
    /// # Errors
    /// As [`Engine::send_heartbeat`]; [`Refusal::BadField`] for an end that is over.
    pub async fn pause_heartbeat(
        &self,
        id: &HeartbeatId,
        by: Actor,
        reason: String,
        until: Option<Timestamp>,
    ) -> Result<Heartbeat, Error> {
        let at = self.now();
        if until.is_some_and(|until| until <= at) {
            let problem = "is not in the future".to_owned();
            return Err(Refusal::BadField { field: "end_time".to_owned(), problem }.into());
        }
        tracing::info!(heartbeat = %id, %by, reason, "a heartbeat monitor is paused");
        let pause = Pause { by, at, reason, until };
        self.change(id, |_, monitor| monitor.paused(pause.clone())).await
    }

    /// Has its silence count again, from now; one that is not paused stays as it is.
    ///
    /// # Errors
    /// As [`Engine::send_heartbeat`].
    pub async fn resume_heartbeat(&self, id: &HeartbeatId) -> Result<Heartbeat, Error> {
        let now = self.now();
        self.change(id, |spec, monitor| match monitor.pause {
            Some(_) => monitor.resumed(spec, now),
            None => monitor,
        })
        .await
    }

    /// One monitor.
    ///
    /// # Errors
    /// As [`Engine::send_heartbeat`].
    pub async fn heartbeat(&self, id: &HeartbeatId) -> Result<Heartbeat, Error> {
        self.change(id, |_, monitor| monitor).await
    }

    /// Every monitor of the newest policy, by id.
    ///
    /// # Errors
    /// What the store says.
    pub async fn heartbeats(&self) -> Result<Vec<Heartbeat>, Error> {
        let Some(policy) = self.policy() else { return Ok(Vec::new()) };
        let rows = all(&self.shared).await?.into_iter().map(|(id, _, monitor)| (id, monitor));
        let mut known: std::collections::BTreeMap<_, _> = rows.collect();
        let now = self.now();
        let every = policy.document().heartbeats.iter().map(|(id, spec)| Heartbeat {
            id: id.clone(),
            spec: spec.clone(),
            monitor: known.remove(id).unwrap_or_else(|| Monitor::begin(spec, now)),
        });
        Ok(every.collect())
    }

    async fn change(
        &self,
        id: &HeartbeatId,
        change: impl Fn(&HeartbeatSpec, Monitor) -> Monitor,
    ) -> Result<Heartbeat, Error> {
        let shared = &self.shared;
        let policy = self.policy().ok_or(Refusal::NoPolicy)?;
        let unknown = || Error::NotFound(format!("heartbeats/{id}"));
        let spec = policy.document().heartbeats.get(id).ok_or_else(unknown)?.clone();
        let now = self.now();
        let begun = |monitor: Option<Monitor>| monitor.unwrap_or_else(|| Monitor::begin(&spec, now));
        let changed = update(shared, id, |monitor| Some(change(&spec, begun(monitor)))).await?;
        let mut monitor = changed.ok_or_else(unknown)?;
        if monitor.wake().is_some_and(|at| at <= now) {
            monitor = attend(shared, &policy, id, monitor, now).await?;
        }
        shared.heartbeats.look();
        Ok(Heartbeat { id: id.clone(), spec, monitor })
    }
}
