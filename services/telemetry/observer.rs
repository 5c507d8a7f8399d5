//! Hands the engine's measurements to the metrics. It counts and never asks anything back,
//! because the engine must not notice whether anybody listens.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use stentor_core::id::InstanceId;
use stentor_core::incident;
use stentor_core::incident::event::{EscalateReason, PagingEvent};
use stentor_core::instance::Event;
use stentor_engine::observe::Observer;

use super::metrics::Metrics;

/// Observes an engine for the metrics.
pub struct EngineObserver(Arc<Metrics>);

impl EngineObserver {
    pub fn new(metrics: Arc<Metrics>) -> EngineObserver {
        EngineObserver(metrics)
    }
}

impl fmt::Debug for EngineObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EngineObserver")
    }
}

impl Observer for EngineObserver {
    fn committed(&self, commands: usize, took: Duration) {
        self.0.commit(commands, took);
    }

    fn fired(&self, lateness_ms: i64) {
        self.0.timer_lateness("wake", lateness_ms as f64 / 1000.0);
    }

    fn recorded(&self, _: &InstanceId, event: &Event) {
        if let Event::Incident(incident::Event::Paging(PagingEvent::Escalated { level, reason, .. })) = event
        {
            self.0.escalation(*level, word(*reason), 1);
        }
    }

    fn delivered(&self, destination: &str, outcome: &'static str, _age_ms: i64) {
        let sink = match destination.split('/').next() {
            Some("people") => "people",
            Some("channels") => "channels",
            _ => "engine",
        };
        self.0.outbox_attempt(sink, outcome);
    }

    fn repaired(&self, kind: &'static str) {
        self.0.audit_repair(kind);
    }

    fn lag(&self, partition: u16, positions: i64) {
        self.0.feed_lag(partition, positions.max(0).unsigned_abs());
    }
}

fn word(reason: EscalateReason) -> &'static str {
    match reason {
        EscalateReason::Delay => "delay",
        EscalateReason::Manual => "manual",
        EscalateReason::Sla => "sla",
        EscalateReason::Unreachable => "unreachable",
        EscalateReason::Nobody => "nobody",
    }
}
