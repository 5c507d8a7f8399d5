//! Hands the engine's measurements to the metrics. It counts and never asks anything back,
//! because the engine must not notice whether anybody listens.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use stentor_core::heartbeat::HeartbeatState;
use stentor_core::id::InstanceId;
use stentor_core::incident::event::{EscalateReason, PagingEvent};
use stentor_core::incident::kinds::{ClockState, Phase, Priority};
use stentor_core::incident::{self, Incident};
use stentor_core::instance::{Event, Instance};
use stentor_core::policy::document::SlaKind;
use stentor_core::time::Timestamp;
use stentor_engine::Engine;
use stentor_engine::observe::{Observer, Origin, Queued, Timer};

use super::derived;
use super::levels::{Levels, OpenIncidents, SinkLevel};
use super::metrics::{Metrics, TimeTo};
use super::spans::Spans;

/// Observes an engine for the metrics and, where traces go out, for the spans.
pub struct EngineObserver {
    metrics: Arc<Metrics>,
    spans: Option<Arc<Spans>>,
}

impl EngineObserver {
    pub fn new(metrics: Arc<Metrics>, spans: Option<Arc<Spans>>) -> EngineObserver {
        EngineObserver { metrics, spans }
    }
}

impl fmt::Debug for EngineObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EngineObserver")
    }
}

impl Observer for EngineObserver {
    fn traces(&self) -> bool {
        self.spans.is_some()
    }

    fn caller(&self) -> Option<Origin> {
        self.spans.as_ref().and_then(|_| derived::current())
    }

    fn answered(&self, id: &InstanceId) {
        if let Some(spans) = &self.spans {
            spans.concerns(id);
        }
    }

    fn committed(&self, commands: usize, took: Duration, origins: &[Origin]) {
        self.metrics.commit(commands, took);
        if let Some(spans) = self.spans.as_ref().filter(|_| !origins.is_empty()) {
            spans.commit(commands, took, origins);
        }
    }

    fn firing(&self, timer: &Timer<'_>) -> Option<Origin> {
        self.spans.as_ref().and_then(|spans| spans.timer_origin(timer))
    }

    fn fired(&self, timer: &Timer<'_>, ended: Timestamp, after: Option<&Instance>) {
        self.metrics.timer_lateness(timer.kind, ended.since(timer.due).millis().max(0) as f64 / 1000.0);
        if let Some(spans) = &self.spans {
            spans.timer(timer, ended, after);
        }
    }

    fn queued(&self, queued: &Queued<'_>) {
        if let Some(spans) = &self.spans {
            spans.queued(queued);
        }
    }

    fn recorded(&self, event: &Event) {
        if let Event::Incident(incident::Event::Paging(PagingEvent::Escalated { level, reason, .. })) = event
        {
            self.metrics.escalation(*level, word(*reason), 1);
        }
    }

    fn changed(&self, before: Option<&Instance>, after: &Instance) {
        if let Some(after) = after.incident().filter(|i| !i.exercise) {
            let before = before.and_then(Instance::incident);
            changed(&self.metrics, before, after);
            if let Some(spans) = self.spans.as_ref().filter(|_| ends(before, after)) {
                spans.ended(after);
            }
        }
    }

    fn delivered(&self, destination: &str, outcome: &'static str, _age_ms: i64) {
        let sink = match destination.split('/').next() {
            Some("people") => "people",
            Some("channels") => "channels",
            _ => "engine",
        };
        self.metrics.outbox_attempt(sink, outcome);
    }

    fn repaired(&self, kind: &'static str) {
        self.metrics.audit_repair(kind);
    }

    fn lag(&self, partition: u16, positions: i64) {
        self.metrics.feed_lag(partition, positions.max(0).unsigned_abs());
    }
}

/// Whether its life ends here; it may end again after it was reopened.
fn ends(before: Option<&Incident>, after: &Incident) -> bool {
    let over = |i: &Incident| matches!(i.phase, Phase::Closed | Phase::Cancelled);
    over(after) && !before.is_some_and(over) && !after.is_imported()
}

/// Phases, clocks and the points of an incident's life, as far as they changed.
fn changed(metrics: &Metrics, before: Option<&Incident>, after: &Incident) {
    let priority = after.priority.as_str();
    let from = before.map_or("NONE", |b| b.phase.as_str());
    if from != after.phase.as_str() {
        metrics.transition(from, after.phase.as_str(), priority);
    }
    for clock in &after.clocks {
        let was = before.and_then(|b| b.clocks.iter().find(|c| c.name() == clock.name()));
        let kind = kind(clock.kind);
        if clock.breached.is_some() && was.is_none_or(|w| w.breached.is_none()) {
            metrics.sla_breach(kind, priority);
        }
        if clock.state == ClockState::Met && was.is_none_or(|w| w.state != ClockState::Met) {
            metrics.sla_met(kind, priority);
        }
    }
    let points = [
        (TimeTo::Acknowledge, before.and_then(|b| b.times.acknowledged), after.times.acknowledged),
        (TimeTo::Mitigate, before.and_then(|b| b.times.mitigated), after.times.mitigated),
        (TimeTo::Resolve, before.and_then(|b| b.times.resolved), after.times.resolved),
    ];
    let triggered = after.times.triggered.unwrap_or(after.opened_at);
    for (end, was, is) in points {
        if let Some(at) = is.filter(|_| was.is_none()) {
            metrics.time_to(end, priority, 0, at.since(triggered).millis() as f64 / 1000.0);
        }
    }
}

pub(super) fn kind(kind: SlaKind) -> &'static str {
    match kind {
        SlaKind::Acknowledge => "acknowledge",
        SlaKind::FirstUpdate => "first_update",
        SlaKind::NextUpdate => "next_update",
        SlaKind::Mitigate => "mitigate",
        SlaKind::Resolve => "resolve",
        SlaKind::Close => "close",
        SlaKind::Review => "review",
        SlaKind::ActionItem => "action_item",
    }
}

/// What the gauges show of an engine now.
pub async fn levels_of(engine: &Engine) -> Levels {
    let pulse = engine.pulse();
    let open = engine.open_counts().await.unwrap_or_default();
    let open = open.into_iter().filter_map(|c| {
        Some(OpenIncidents {
            priority: Priority::ALL.get(usize::try_from(c.priority).ok()?.checked_sub(1)?)?.as_str(),
            state: Phase::parse(&c.phase)?.as_str(),
            service: c.service,
            count: c.count.max(0).unsigned_abs(),
        })
    });
    let now = engine.now();
    let sinks = engine.sinks().await.unwrap_or_default().into_iter().map(|sink| SinkLevel {
        behind: sink.behind.max(0).unsigned_abs(),
        oldest_age: sink.oldest.map_or(0.0, |at| now.since(at).millis().max(0) as f64 / 1000.0),
        disabled: sink.row.disabled_at > 0,
        name: sink.row.name,
    });
    Levels {
        open: open.collect(),
        heartbeats: heartbeats_of(engine).await,
        sinks: sinks.collect(),
        timers_overdue: pulse.overdue as u64,
        oldest_overdue_age: pulse.oldest_overdue.millis() as f64 / 1000.0,
        outbox: vec![("all".to_owned(), pulse.effects as u64, pulse.oldest_effect.millis() as f64 / 1000.0)],
        partitions_owned: pulse.leads as u64,
        ..Levels::default()
    }
}

/// Monitors by state, where this replica looks at them; the states that no monitor has as well, so that a series ends at 0.
async fn heartbeats_of(engine: &Engine) -> Vec<(&'static str, u64)> {
    let all = match engine.pulse().leads {
        0 => Vec::new(),
        _ => engine.heartbeats().await.unwrap_or_default(),
    };
    if all.is_empty() {
        return Vec::new();
    }
    let states = [
        (HeartbeatState::Waiting, "waiting"),
        (HeartbeatState::Healthy, "healthy"),
        (HeartbeatState::Missing, "missing"),
        (HeartbeatState::Paused, "paused"),
    ];
    let count = |state| all.iter().filter(|h| h.monitor.state() == state).count() as u64;
    states.into_iter().map(|(state, name)| (name, count(state))).collect()
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
