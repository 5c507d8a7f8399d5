//! What one turn of work measured, and how callers are kept at work: as fast as they are answered, or by a timetable.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;

use crate::caller::Caller;

/// Latencies above this are shown as this.
const LATENCY_MAX_US: u64 = 120_000_000;

/// What a turn measured.
#[derive(Debug)]
pub(crate) struct Turn {
    /// What was done: calls, or alerts where a call carries several.
    pub(crate) done: u64,
    pub(crate) errors: u64,
    pub(crate) first_error: Option<String>,
    pub(crate) elapsed: Duration,
    /// CPU time of the server, and of the generator.
    pub(crate) server_cpu: Duration,
    pub(crate) client_cpu: Duration,
    /// Microseconds of each call that succeeded.
    pub(crate) latency: Histogram<u64>,
}

impl Default for Turn {
    fn default() -> Turn {
        let latency = Histogram::new_with_bounds(1, LATENCY_MAX_US, 3).expect("the bounds are in order");
        Turn {
            done: 0,
            errors: 0,
            first_error: None,
            elapsed: Duration::ZERO,
            server_cpu: Duration::ZERO,
            client_cpu: Duration::ZERO,
            latency,
        }
    }
}

impl Turn {
    /// Takes the measurements of another turn in.
    pub(crate) fn add(&mut self, other: Turn) {
        self.elapsed += other.elapsed;
        self.merge(other);
    }

    /// Takes in what was measured at the same time.
    fn merge(&mut self, other: Turn) {
        self.done += other.done;
        self.server_cpu += other.server_cpu;
        self.client_cpu += other.client_cpu;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
        self.latency += other.latency;
    }

    /// What was done a second.
    pub(crate) fn rate(&self) -> f64 {
        self.done as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// CPU time for each of what was done, in microseconds: server, generator. On a busy machine this is steadier than
    /// the rate.
    pub(crate) fn cpu_us(&self) -> (f64, f64) {
        let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / self.done.max(1) as f64;
        (each(self.server_cpu), each(self.client_cpu))
    }

    /// Counts what a call did.
    pub(crate) fn record(&mut self, took: Duration, result: Result<u64, tonic::Status>) {
        match result {
            Ok(done) => {
                self.done += done;
                self.latency.saturating_record(took.as_micros() as u64);
            }
            Err(status) => {
                self.errors += 1;
                self.first_error.get_or_insert_with(|| status.to_string());
            }
        }
    }
}

/// Keeps all callers at work for a while. With a rate, calls begin by a timetable and waiting for a free caller counts.
pub(crate) async fn run(
    callers: &[Caller],
    next: &Arc<AtomicU64>,
    length: Duration,
    rate: Option<f64>,
) -> Turn {
    let begun = Instant::now();
    let tickets = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for caller in callers {
        let (caller, next, tickets) = (caller.clone(), Arc::clone(next), Arc::clone(&tickets));
        match rate {
            Some(rate) => tasks.spawn(by_timetable(caller, next, tickets, begun, length, rate)),
            None => tasks.spawn(one_after_the_other(caller, next, begun + length)),
        };
    }
    let mut turn = Turn::default();
    while let Some(part) = tasks.join_next().await {
        turn.merge(part.expect("a caller ends by itself"));
    }
    turn.elapsed = begun.elapsed();
    turn
}

async fn one_after_the_other(mut caller: Caller, next: Arc<AtomicU64>, end: Instant) -> Turn {
    let mut turn = Turn::default();
    let mut at = Instant::now();
    while at < end {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let Some(result) = caller.call(n).await else { break };
        let now = Instant::now();
        turn.record(now - at, result);
        at = now;
    }
    turn
}

async fn by_timetable(
    mut caller: Caller,
    next: Arc<AtomicU64>,
    tickets: Arc<AtomicU64>,
    begun: Instant,
    length: Duration,
    rate: f64,
) -> Turn {
    let mut turn = Turn::default();
    loop {
        let ticket = tickets.fetch_add(1, Ordering::Relaxed);
        let due = Duration::from_secs_f64(ticket as f64 / rate);
        if due >= length {
            return turn;
        }
        tokio::time::sleep_until((begun + due).into()).await;
        let n = next.fetch_add(1, Ordering::Relaxed);
        let Some(result) = caller.call(n).await else { return turn };
        turn.record((begun + due).elapsed(), result);
    }
}
