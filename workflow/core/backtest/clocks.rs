//! The clocks of a replayed incident, one line each, as the CSV has them. Their arithmetic is the rules'.

use serde::{Deserialize, Serialize};

use crate::history_log::{Record, instant, optional_instant};
use crate::incident::Incident;
use crate::incident::clock::{Clock, Verdict};
use crate::incident::kinds::ClockState;
use crate::policy::Policy;
use crate::time::Timestamp;

/// A clock. Instants are whole seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockLine {
    pub incident: String,
    pub source_ref: String,
    pub definition: String,
    pub cycle: u32,
    #[serde(with = "instant")]
    pub start: Timestamp,
    #[serde(with = "optional_instant")]
    pub stop: Option<Timestamp>,
    /// Calendar time until the stop, else until the record ends.
    pub elapsed_seconds: i64,
    /// Absent while paused.
    #[serde(with = "optional_instant")]
    pub due: Option<Timestamp>,
    pub verdict: Verdict,
}

impl ClockLine {
    /// The heading of the CSV.
    pub const HEADING: &'static str =
        "incident,source_ref,definition,cycle,start,stop,elapsed_seconds,due,verdict";

    /// The line of the CSV, without its end. RFC 4180, UTC.
    pub fn csv(&self) -> String {
        let at = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        format!(
            "{},{},{},{},{},{},{},{},{}",
            quoted(&self.incident),
            quoted(&self.source_ref),
            quoted(&self.definition),
            self.cycle,
            self.start,
            at(self.stop),
            self.elapsed_seconds,
            at(self.due),
            self.verdict.as_str()
        )
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The clocks of an incident as they stand at `end`, in the order of their attaching.
pub(super) fn of(record: &Record, state: &Incident, policy: &Policy, end: Timestamp) -> Vec<ClockLine> {
    state.clocks.iter().map(|clock| line(record, clock, policy, end)).collect()
}

fn line(record: &Record, clock: &Clock, policy: &Policy, end: Timestamp) -> ClockLine {
    let until = clock.stopped_at.unwrap_or(end);
    let elapsed = clock.measure(policy, |meter| meter.elapsed(until).whole_seconds()).unwrap_or(0);
    let due = clock.breached.or(clock.due).or_else(|| {
        // A clock that was met no longer says what it had to meet.
        let still = clock.state == ClockState::Paused;
        if still { None } else { clock.measure(policy, |meter| meter.due(clock.target))? }
    });
    ClockLine {
        incident: record.incident.clone(),
        source_ref: record.source_ref.clone(),
        definition: clock.definition.to_string(),
        cycle: clock.cycle,
        start: clock.start.whole_second(),
        stop: clock.stopped_at.map(Timestamp::whole_second),
        elapsed_seconds: elapsed,
        due,
        verdict: clock.verdict(),
    }
}
