//! The engine's measurements as metrics. It counts what it is told and never asks back.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use stentor_core::id::InstanceId;
use stentor_core::incident::event::{EscalateReason, Event as IncidentEvent, PagingEvent};
use stentor_core::instance::Event;
use stentor_engine::observe::Observer;

use super::Metrics;

/// Passes measurements on once metrics exist.
#[derive(Default)]
pub struct Watcher {
    metrics: OnceLock<Arc<Metrics>>,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watcher")
    }
}

impl Watcher {
    /// Where to count from now on.
    pub fn attach(&self, metrics: Arc<Metrics>) {
        // Attached twice it keeps the first.
        let _ = self.metrics.set(metrics);
    }

    fn with(&self, count: impl FnOnce(&Metrics)) {
        if let Some(metrics) = self.metrics.get() {
            count(metrics);
        }
    }
}

impl Observer for Watcher {
    fn committed(&self, commands: usize, took: Duration) {
        self.with(|m| m.commit(commands, took));
    }

    fn fired(&self, lateness_ms: i64) {
        self.with(|m| m.timer_lateness("incident", lateness_ms as f64 / 1000.0));
    }

    fn recorded(&self, _id: &InstanceId, event: &Event) {
        if let Event::Incident(IncidentEvent::Paging(PagingEvent::Escalated { level, reason, .. })) = event {
            let reason = match reason {
                EscalateReason::Delay | EscalateReason::Nobody => "delay",
                EscalateReason::Manual => "manual",
                EscalateReason::Sla => "sla",
                EscalateReason::Unreachable => "unreachable",
            };
            self.with(|m| m.escalation(*level, reason, 1));
        }
    }

    fn delivered(&self, destination: &str, outcome: &'static str, _age_ms: i64) {
        let sink = if destination == "engine" { "engine" } else { "notify" };
        self.with(|m| m.outbox_attempt(sink, outcome));
    }

    fn repaired(&self, kind: &'static str) {
        self.with(|m| m.audit_repair(kind));
    }
}

/// What the gauges show of an engine now.
pub fn levels_of(engine: &stentor_engine::Engine) -> super::Levels {
    let pulse = engine.pulse();
    super::Levels {
        timers_overdue: pulse.overdue as u64,
        outbox: vec![("notify".to_owned(), pulse.effects as u64, 0.0)],
        partitions_owned: pulse.leads as u64,
        ..super::Levels::default()
    }
}
