//! Values that are looked up rather than counted: open incidents, overdue timers, what waits in the outbox.
//! Whoever knows them replaces them every few seconds; the exporters read the latest and never ask the store.

use std::sync::{Arc, PoisonError, RwLock};

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

/// Open incidents of one priority, state and service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIncidents {
    pub priority: &'static str,
    pub state: &'static str,
    /// The service's id: bounded by the policy.
    pub service: String,
    pub count: u64,
}

/// How far a sink of the event stream is.
#[derive(Debug, Clone, PartialEq)]
pub struct SinkLevel {
    pub name: String,
    /// Positions of the feed that it has not accepted.
    pub behind: u64,
    /// Age of the oldest of them, in seconds.
    pub oldest_age: f64,
    pub disabled: bool,
}

/// The latest levels. Ages are in seconds; zero where nothing waits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Levels {
    pub open: Vec<OpenIncidents>,
    /// By clock kind and priority.
    pub sla_at_risk: Vec<(&'static str, &'static str, u64)>,
    pub timers_overdue: u64,
    pub oldest_overdue_age: f64,
    /// By sink: how many wait, and the age of the oldest.
    pub outbox: Vec<(String, u64, f64)>,
    /// Heartbeat monitors: the state, and how many are in it.
    pub heartbeats: Vec<(&'static str, u64)>,
    /// Of the event stream's sinks.
    pub sinks: Vec<SinkLevel>,
    pub partitions_owned: u64,
    /// Connections of the store's pool: in use, idle, and the limit.
    pub pool: Option<(u64, u64, u64)>,
}

/// Where the levels are kept between two looks.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<RwLock<Levels>>);

impl Shared {
    pub(super) fn set(&self, levels: Levels) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = levels;
    }

    fn read<T>(&self, look: impl FnOnce(&Levels) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Registers the gauges that read the levels.
    pub(super) fn observe(&self, meter: &Meter) {
        self.observe_incidents(meter);
        self.observe_engine(meter);
        self.observe_pool(meter);
        self.observe_sinks(meter);
        self.observe_heartbeats(meter);
    }

    fn observe_incidents(&self, meter: &Meter) {
        let shared = self.clone();
        meter
            .u64_observable_gauge("stentor.incident.open")
            .with_unit("{incident}")
            .with_description("Open incidents of the partitions this replica owns")
            .with_callback(move |observer| {
                shared.read(|levels| {
                    for open in &levels.open {
                        let labels = [
                            KeyValue::new("priority", open.priority),
                            KeyValue::new("state", open.state),
                            KeyValue::new("service", open.service.clone()),
                        ];
                        observer.observe(open.count, &labels);
                    }
                });
            })
            .build();
        let shared = self.clone();
        meter
            .u64_observable_gauge("stentor.sla.at_risk")
            .with_unit("{clock}")
            .with_description("Running clocks past three quarters of their target")
            .with_callback(move |observer| {
                shared.read(|levels| {
                    for (kind, priority, count) in &levels.sla_at_risk {
                        let labels = [KeyValue::new("sla.kind", *kind), KeyValue::new("priority", *priority)];
                        observer.observe(*count, &labels);
                    }
                });
            })
            .build();
    }

    fn observe_engine(&self, meter: &Meter) {
        let shared = self.clone();
        meter
            .u64_observable_gauge("stentor.timer.overdue")
            .with_unit("{timer}")
            .with_description("Deadlines that have passed and not fired")
            .with_callback(move |observer| observer.observe(shared.read(|levels| levels.timers_overdue), &[]))
            .build();
        let shared = self.clone();
        meter
            .f64_observable_gauge("stentor.timer.oldest_overdue_age")
            .with_unit("s")
            .with_description("How long the oldest of them is overdue")
            .with_callback(move |observer| {
                observer.observe(shared.read(|levels| levels.oldest_overdue_age), &[])
            })
            .build();
        let shared = self.clone();
        meter
            .u64_observable_gauge("stentor.outbox.pending")
            .with_unit("{effect}")
            .with_description("Effects that wait to be sent")
            .with_callback(move |observer| {
                shared.read(|levels| {
                    for (sink, count, _) in &levels.outbox {
                        observer.observe(*count, &[KeyValue::new("sink", sink.clone())]);
                    }
                });
            })
            .build();
        let shared = self.clone();
        meter
            .f64_observable_gauge("stentor.outbox.oldest_age")
            .with_unit("s")
            .with_description("How long the oldest of them waits")
            .with_callback(move |observer| {
                shared.read(|levels| {
                    for (sink, _, age) in &levels.outbox {
                        observer.observe(*age, &[KeyValue::new("sink", sink.clone())]);
                    }
                });
            })
            .build();
        let shared = self.clone();
        meter
            .u64_observable_gauge("stentor.partitions.owned")
            .with_unit("{partition}")
            .with_description("Partitions whose timers and outbox this replica works on")
            .with_callback(move |observer| {
                observer.observe(shared.read(|levels| levels.partitions_owned), &[])
            })
            .build();
    }

    fn observe_heartbeats(&self, meter: &Meter) {
        let shared = self.clone();
        meter
            .u64_observable_gauge("stentor.heartbeat.monitors")
            .with_unit("{monitor}")
            .with_description("Heartbeat monitors by state")
            .with_callback(move |observer| {
                shared.read(|levels| {
                    for (state, count) in &levels.heartbeats {
                        observer.observe(*count, &[KeyValue::new("state", *state)]);
                    }
                });
            })
            .build();
    }

    fn observe_sinks(&self, meter: &Meter) {
        let label = |sink: &SinkLevel| [KeyValue::new("sink", sink.name.clone())];
        let shared = self.clone();
        meter
            .u64_observable_gauge("stentor.sink.lag")
            .with_unit("{position}")
            .with_description("Positions of the feed that a sink has not accepted")
            .with_callback(move |observer| {
                shared.read(|all| all.sinks.iter().for_each(|s| observer.observe(s.behind, &label(s))));
            })
            .build();
        let shared = self.clone();
        meter
            .f64_observable_gauge("stentor.sink.oldest_age")
            .with_unit("s")
            .with_description("How long the oldest event waits that a sink has not accepted")
            .with_callback(move |observer| {
                shared.read(|all| all.sinks.iter().for_each(|s| observer.observe(s.oldest_age, &label(s))));
            })
            .build();
        let shared = self.clone();
        meter
            .u64_observable_gauge("stentor.sink.disabled")
            .with_description("Whether a sink is disabled: 1 until it is resumed")
            .with_callback(move |observer| {
                let disabled = |s: &SinkLevel| u64::from(s.disabled);
                shared.read(|all| all.sinks.iter().for_each(|s| observer.observe(disabled(s), &label(s))));
            })
            .build();
    }

    fn observe_pool(&self, meter: &Meter) {
        let shared = self.clone();
        let pool = || KeyValue::new("db.client.connection.pool.name", "store");
        meter
            .u64_observable_gauge("db.client.connection.count")
            .with_unit("{connection}")
            .with_description("Connections of the store by state")
            .with_callback(move |observer| {
                if let Some((used, idle, _)) = shared.read(|levels| levels.pool) {
                    observer.observe(used, &[pool(), KeyValue::new("db.client.connection.state", "used")]);
                    observer.observe(idle, &[pool(), KeyValue::new("db.client.connection.state", "idle")]);
                }
            })
            .build();
        let shared = self.clone();
        meter
            .u64_observable_gauge("db.client.connection.max")
            .with_unit("{connection}")
            .with_description("Most connections the store may open")
            .with_callback(move |observer| {
                if let Some((_, _, max)) = shared.read(|levels| levels.pool) {
                    observer.observe(max, &[pool()]);
                }
            })
            .build();
    }
}
