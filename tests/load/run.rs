//! One run from start to end: warm-up, turns (alternating with another scenario if paired), and what they add up to.

use std::time::Duration;

use stentor_tests::support::server::own_cpu;

use crate::Failure;
use crate::args::{Args, Scenario};
use crate::bare::Bare;
use crate::bench::{Bench, DRAIN};
use crate::deadlines;
use crate::outcome::{Outcome, Pages, Pair, ReportRows, ms, percentile, rounded};
use crate::turn::{self, Turn};

/// Runs what was asked for.
pub(crate) async fn run(args: &Args) -> Result<Outcome, Failure> {
    if args.scenario == Scenario::Store && args.pair.is_none() {
        return bare_alone(args).await;
    }
    let bench = Bench::start(args).await?;
    let ready = ms(bench.server.ready_after);
    let mut outcome = if args.scenario == Scenario::Deadlines {
        deadlines::run(&bench, args).await?
    } else {
        measured(&bench, args).await?
    };
    outcome.ready_ms = Some(ready);
    outcome.server_rss_mib = rounded(bench.server.rss_kib() as f64 / 1024.0);
    bench.end().await?;
    Ok(outcome)
}

async fn bare_alone(args: &Args) -> Result<Outcome, Failure> {
    let folder = tempfile::tempdir()?;
    let mut bare = Bare::open(args, folder.path()).await?;
    bare.run(Duration::from_secs_f64(args.warm_up)).await?;
    let turn = bare.run(Duration::from_secs_f64(args.seconds)).await?;
    bare.end().await;
    Ok(Outcome { callers: 1, ..Outcome::of(args, &turn) })
}

/// What the turns of one scenario added up to.
#[derive(Debug, Default)]
struct Sum {
    turn: Turn,
    /// Requests alone, where the turn follows pages.
    requests: Turn,
    lost: u64,
    rates: Vec<f64>,
}

async fn measured(bench: &Bench, args: &Args) -> Result<Outcome, Failure> {
    let mut bare = match args.pair {
        Some(Scenario::Store) => Some(Bare::open(args, &bench.data).await?),
        _ => None,
    };
    bench.prepare(args.scenario, args).await?;
    let scenarios: Vec<Scenario> = [args.scenario].into_iter().chain(args.pair).collect();
    let turns = args.pair.map_or(1, |_| (args.seconds / args.turn).ceil().max(1.0) as usize);
    let length = if args.pair.is_some() { args.turn } else { args.seconds };
    for scenario in &scenarios {
        one(bench, args, &mut bare, *scenario, args.warm_up, &mut Sum::default()).await?;
    }
    let (stored, written) = (bench.stored_bytes().await, bench.server.written_bytes());
    let mut sums = [Sum::default(), Sum::default()];
    for n in 0..turns {
        // Whoever goes first in a couple has the cooler machine, so they take turns at that too.
        for i in (0..scenarios.len()).map(|i| (i + n) % scenarios.len()) {
            one(bench, args, &mut bare, scenarios[i], length, &mut sums[i]).await?;
        }
    }
    let [sum, other] = sums;
    let mut outcome = Outcome::of(args, &sum.turn);
    let done = sum.turn.done.max(1) as f64;
    if let Some(pair) = args.pair {
        outcome.ratio = Some(rounded(sum.turn.rate() / other.turn.rate()));
        outcome.pair = Some(paired(pair, &sum, &other));
    }
    if args.scenario == Scenario::AlertsPaged {
        outcome.pages = Some(pages(bench, &sum));
    }
    if args.scenario == Scenario::Report {
        let grown = bench.stored_bytes().await.saturating_sub(stored) as f64 / done;
        let written = (bench.server.written_bytes() - written) as f64 / done;
        outcome.report = Some(report_rows(args, bare.as_ref(), grown, written).await?);
    }
    if let Some(bare) = bare {
        bare.end().await;
    }
    Ok(outcome)
}

/// One turn of one scenario.
async fn one(
    bench: &Bench,
    args: &Args,
    bare: &mut Option<Bare>,
    scenario: Scenario,
    seconds: f64,
    sum: &mut Sum,
) -> Result<(), Failure> {
    let length = Duration::from_secs_f64(seconds);
    if let (Scenario::Store, Some(bare)) = (scenario, bare) {
        let turn = bare.run(length).await?;
        sum.rates.push(turn.rate());
        sum.turn.add(turn);
        return Ok(());
    }
    let callers = bench.callers(scenario, args.callers);
    let (server_cpu, client_cpu) = (bench.server.cpu(), own_cpu());
    let rate = args.rate.filter(|_| scenario == args.scenario);
    let mut turn = turn::run(&callers, &bench.next, length, rate).await;
    if scenario == Scenario::AlertsPaged {
        let begun = std::time::Instant::now();
        let (mut arrived, lost) = bench.common.delivered.drain(DRAIN).await;
        arrived.elapsed = turn.elapsed + begun.elapsed();
        arrived.errors = turn.errors;
        arrived.first_error = turn.first_error.take();
        sum.requests.add(std::mem::replace(&mut turn, arrived));
        sum.lost += lost;
    }
    turn.server_cpu = bench.server.cpu().saturating_sub(server_cpu);
    turn.client_cpu = own_cpu().saturating_sub(client_cpu);
    sum.rates.push(turn.rate());
    sum.turn.add(turn);
    Ok(())
}

fn paired(scenario: Scenario, sum: &Sum, other: &Sum) -> Pair {
    let (server_cpu_us, client_cpu_us) = other.turn.cpu_us();
    let couples = sum.rates.iter().zip(&other.rates);
    Pair {
        scenario: scenario.name(),
        rate_per_s: rounded(other.turn.rate()),
        p50_ms: percentile(&other.turn.latency, 0.5),
        p99_ms: percentile(&other.turn.latency, 0.99),
        server_cpu_us: rounded(server_cpu_us),
        client_cpu_us: rounded(client_cpu_us),
        ratios: couples.map(|(one, other)| rounded(one / other)).collect(),
    }
}

fn pages(bench: &Bench, sum: &Sum) -> Pages {
    Pages {
        delivered: sum.turn.done,
        lost: sum.lost,
        repeated: bench.common.delivered.repeated(),
        request_p50_ms: percentile(&sum.requests.latency, 0.5),
        request_p99_ms: percentile(&sum.requests.latency, 0.99),
    }
}

async fn report_rows(
    args: &Args,
    bare: Option<&Bare>,
    grown: f64,
    written: f64,
) -> Result<ReportRows, Failure> {
    let tables = match bare {
        Some(bare) => bare.rows.tables(),
        None => crate::rows::Rows::capture(args.services, args.request_ids).await?.tables(),
    };
    Ok(ReportRows {
        rows_per_report: tables.values().map(|table| table.rows).sum(),
        bytes_per_report: rounded(grown),
        written_bytes_per_report: rounded(written),
        tables,
    })
}
