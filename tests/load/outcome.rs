//! What a run prints: one JSON object. Times are milliseconds, memory is MiB.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::args::{Args, StoreKind};
use crate::rows::Table;
use crate::turn::Turn;

/// One run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Outcome {
    pub(crate) scenario: String,
    pub(crate) store: &'static str,
    pub(crate) callers: usize,
    pub(crate) rate_per_s: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
    pub(crate) errors: u64,
    pub(crate) server_rss_mib: f64,
    /// CPU time for each of what was done, in microseconds. The generator's includes the receiver of pages.
    pub(crate) server_cpu_us: f64,
    pub(crate) client_cpu_us: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ready_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) batch: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pair: Option<Pair>,
    /// The rate divided by that of the paired scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) report: Option<ReportRows>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pages: Option<Pages>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deadlines: Option<Deadlines>,
}

/// The scenario that a run was paired with.
#[derive(Debug, Serialize)]
pub(crate) struct Pair {
    pub(crate) scenario: String,
    pub(crate) rate_per_s: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) server_cpu_us: f64,
    /// With `store` this is what a commit costs.
    pub(crate) client_cpu_us: f64,
    /// The ratio of each couple of turns: how noisy the machine was.
    pub(crate) ratios: Vec<f64>,
}

/// What a report costs.
#[derive(Debug, Serialize)]
pub(crate) struct ReportRows {
    pub(crate) rows_per_report: u64,
    /// Growth of the database for each report.
    pub(crate) bytes_per_report: f64,
    /// What the server handed to the disk for each report: log, pages, index pages.
    pub(crate) written_bytes_per_report: f64,
    pub(crate) tables: BTreeMap<&'static str, Table>,
}

/// What became of pages.
#[derive(Debug, Serialize)]
pub(crate) struct Pages {
    pub(crate) delivered: u64,
    pub(crate) lost: u64,
    pub(crate) repeated: u64,
    /// Of the requests alone, without the way of the page.
    pub(crate) request_p50_ms: f64,
    pub(crate) request_p99_ms: f64,
}

/// What became of deadlines.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Deadlines {
    pub(crate) armed: usize,
    pub(crate) due: usize,
    pub(crate) fired: usize,
    pub(crate) fired_twice: usize,
    /// From the instant they were due to the last one's arrival at a watcher.
    pub(crate) all_after_ms: f64,
    pub(crate) reports_per_s: f64,
    pub(crate) reports_p50_ms: f64,
    pub(crate) reports_p99_ms: f64,
    pub(crate) reports_max_ms: f64,
}

impl Outcome {
    /// The part that every run has.
    pub(crate) fn of(args: &Args, turn: &Turn) -> Outcome {
        let store = match args.store {
            StoreKind::Sqlite => "sqlite",
            StoreKind::Postgres => "postgres",
        };
        let (server_cpu_us, client_cpu_us) = turn.cpu_us();
        Outcome {
            scenario: args.scenario.name(),
            store,
            callers: args.callers,
            rate_per_s: rounded(turn.rate()),
            p50_ms: percentile(&turn.latency, 0.5),
            p99_ms: percentile(&turn.latency, 0.99),
            max_ms: percentile(&turn.latency, 1.0),
            errors: turn.errors,
            server_cpu_us: rounded(server_cpu_us),
            client_cpu_us: rounded(client_cpu_us),
            batch: (args.batch > 1).then_some(args.batch),
            first_error: turn.first_error.clone(),
            ..Outcome::default()
        }
    }
}

/// A quantile of a histogram of microseconds, in milliseconds.
pub(crate) fn percentile(latency: &Histogram<u64>, quantile: f64) -> f64 {
    rounded(latency.value_at_quantile(quantile) as f64 / 1000.0)
}

/// Milliseconds.
pub(crate) fn ms(duration: Duration) -> f64 {
    rounded(duration.as_secs_f64() * 1000.0)
}

/// Three digits behind the point are more than a machine repeats.
pub(crate) fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
