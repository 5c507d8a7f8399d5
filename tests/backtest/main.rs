//! The speed of a back-test: replays made-up incidents under two policies on one core and prints one JSON object.
//! It judges nothing: what the figure must be stands where it is wanted.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use stentor_core::actor::Actor;
use stentor_core::backtest::{Overrides, Report, Version, compare, replay};
use stentor_core::history_log::{Action, Entry, LoggedSignal, Record, What};
use stentor_core::incident::kinds::{HoldReason, Severity};
use stentor_core::policy::{SAMPLE, parse};
use stentor_core::time::{Duration, Timestamp};

/// As in the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures a back-test on one core.
#[derive(Parser, Debug)]
#[command(name = "backtest")]
struct Args {
    /// How many incidents
    #[arg(default_value_t = 100_000)]
    incidents: usize,
}

/// 2026-01-05T00:00:00Z, a Monday; the incidents are spread over half a year from then.
const BEGIN: Timestamp = Timestamp(1_767_571_200_000);
const SPREAD: u64 = 182 * 86_400;

fn main() -> ExitCode {
    let args = Args::parse();
    let records: Vec<Record> = (0..args.incidents as u64).map(made_up).collect();
    let (Some(baseline), Some(candidate)) = (version("5m"), version("8m")) else { return ExitCode::FAILURE };
    let (overrides, mut report) = (Overrides::new(), Report::default());
    let begun = Instant::now();
    for (n, record) in records.iter().enumerate() {
        let before = replay(record, &baseline, &overrides, n as u64, None);
        let after = replay(record, &candidate, &overrides, n as u64, None);
        report.add(record, &before, &after, &compare(record, &before, &after), &candidate);
    }
    report.finish();
    let seconds = begun.elapsed().as_secs_f64();
    let line = serde_json::json!({
        "scenario": "backtest",
        "incidents": report.incidents,
        "seconds": seconds,
        "incidents_per_second": (report.incidents as f64 / seconds).round(),
        "pages": [report.baseline.pages, report.candidate.pages],
        "differing": report.differing,
    });
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The sample policy with another delay of the first level.
fn version(delay: &str) -> Option<Version> {
    let document = parse(&SAMPLE.replace("delay: 5m", &format!("delay: {delay}"))).ok()?;
    Version::compile(document, 1).ok()
}

/// An alert that somebody answers after a while, sometimes waits with, and that clears in the end. The same number makes
/// the same incident.
fn made_up(n: u64) -> Record {
    let mut dice = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut roll = |sides: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % sides
    };
    let opened = BEGIN + Duration::seconds(roll(SPREAD) as i64);
    let at = |seconds: u64| opened + Duration::seconds(seconds as i64);
    let machine = Actor::Integration("prom".into());
    let person = Actor::Person(["ana", "bo", "chi", "gus"][roll(4) as usize].into());
    let mut signal = LoggedSignal::alert("prom", &format!("k{n}"), "checkout answers slowly");
    signal.severity = [Severity::Critical, Severity::Error, Severity::Warning].get(roll(3) as usize).copied();
    signal.labels.insert("service".to_owned(), "checkout".to_owned());
    let acknowledged = [40, 120, 240, 400, 700, 1_500][roll(6) as usize];
    let over = acknowledged + 600 + roll(7_200);
    let entry = |at, who: &Actor, what| Entry { at, who: who.clone(), what };
    let act = |at, action| entry(at, &person, What::Action(action));
    let mut entries = vec![
        entry(at(0), &machine, What::Signal(Box::new(signal.clone()))),
        act(at(acknowledged), Action::Acknowledge),
    ];
    if roll(4) == 0 {
        let hold = Action::Hold { reason: HoldReason::AwaitingVendor, length: None };
        entries.extend([act(at(acknowledged + 60), hold), act(at(acknowledged + 500), Action::Resume)]);
    }
    let cleared = LoggedSignal { clear: true, ..signal };
    entries.push(entry(at(over), &machine, What::Signal(Box::new(cleared))));
    entries.push(act(at(over + 900), Action::Resolve { code: None, note: String::new() }));
    Record {
        incident: format!("INC-{n}"),
        source: "stentor".to_owned(),
        source_ref: format!("INC-{n}"),
        imported: false,
        policy: None,
        ordinal: None,
        known_until: None,
        entries,
        remarks: Vec::new(),
    }
}
