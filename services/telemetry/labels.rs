//! The closed sets of label values, so that every series exists with zero before its first event.
//! Nothing that a caller writes freely may become a label.

use opentelemetry::KeyValue;

pub(super) const SOURCES: &[&str] = &[
    "grpc",
    "alertmanager",
    "prometheus",
    "pagerduty",
    "grafana",
    "json",
    "cloudevents",
    "datadog",
    "sentry",
    "github",
    "opsgenie",
];
pub(super) const OUTCOMES: &[&str] =
    &["created", "joined", "repeated", "resolved", "suppressed", "replayed", "rejected"];
pub(super) const PRIORITIES: &[&str] = &["P1", "P2", "P3", "P4", "P5"];
pub(super) const SLA_KINDS: &[&str] =
    &["acknowledge", "first_update", "next_update", "mitigate", "resolve", "close", "review", "action_item"];
pub(super) const TIMERS: &[&str] = &[
    "escalation",
    "exhausted",
    "contact",
    "summons",
    "acknowledgement",
    "hold",
    "snooze",
    "suppression",
    "pause",
    "alert",
    "storm",
    "closing",
    "work",
    "stale",
    "sla",
    "review",
    "none",
    "unread",
];
pub(super) const REPAIRS: &[&str] = &["absent", "overdue"];
/// Where effects go: to people, to shared channels, to other instances.
pub(super) const SINKS: &[&str] = &["people", "channels", "engine"];
pub(super) const ATTEMPTS: &[&str] = &["sent", "retrying", "failed", "withdrawn"];
/// What becomes of an event that a sink is given.
pub(super) const SINK_OUTCOMES: &[&str] = &["accepted", "failed"];
/// What carries messages.
pub(super) const CHANNELS: &[&str] = &["webhook", "console"];
pub(super) const DELIVERIES: &[&str] = &["sent", "failed", "withdrawn"];
pub(super) const ESCALATIONS: &[&str] = &["delay", "manual", "sla", "unreachable", "nobody"];
pub(super) const STREAMS: &[&str] = &["incidents", "events"];
pub(super) const RESETS: &[&str] = &["slow_consumer", "rotation", "drain", "expired_token"];

/// Seconds from a call's start to its end, as the RPC conventions bound them.
pub(super) const CALL_SECONDS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
pub(super) const DATABASE_SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
pub(super) const INCIDENT_SECONDS: &[f64] = &[
    30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0, 259_200.0,
    604_800.0,
];
pub(super) const LATENESS_SECONDS: &[f64] = &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0];
pub(super) const COMMIT_SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];
pub(super) const BATCH_COMMANDS: &[f64] =
    &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// Every pair of two sets of values as attributes.
pub(super) fn pairs(
    first: &'static str,
    values: &'static [&'static str],
    second: &'static str,
    others: &'static [&'static str],
) -> impl Iterator<Item = [KeyValue; 2]> {
    values.iter().flat_map(move |value| {
        others.iter().map(move |other| [KeyValue::new(first, *value), KeyValue::new(second, *other)])
    })
}

/// Every value of one set as an attribute.
pub(super) fn each(
    name: &'static str,
    values: &'static [&'static str],
) -> impl Iterator<Item = [KeyValue; 1]> {
    values.iter().map(move |value| [KeyValue::new(name, *value)])
}
