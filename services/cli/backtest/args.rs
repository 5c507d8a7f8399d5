//! The grammar of `stentor backtest`, the replay of each record on both sides, and the form of the answer.
//! It counts nothing itself.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use stentor_core::backtest::{ClockLine, Report, Side as Replayed, Version, compare, replay, summary};
use stentor_core::history_log::Record;
use stentor_core::time::Timestamp;

use super::source::{self, Material};
use super::{html, log};
use crate::cli::{
    failure::Failure,
    global::Format,
    shell::{Shell, machine},
    simulate::instant,
};

/// Which incidents, under which two policies.
#[derive(Args, Clone, Debug)]
pub struct Backtest {
    /// The policy to try: a document, or the number of a version
    #[arg(long, value_name = "FILE|N")]
    pub(super) candidate: String,
    /// The policy to compare with: a document, or the number of a version [default: what each incident opened under]
    #[arg(long, value_name = "FILE|N")]
    pub(super) baseline: Option<String>,
    /// Incidents opened at this instant or later
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(super) from: Option<Timestamp>,
    /// Incidents opened before this instant
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(super) to: Option<Timestamp>,
    /// A log of past incidents, a JSON object a line; - reads it from stdin
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    pub(super) log: Option<PathBuf>,
    /// A database that no server has open, sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL", env = "STENTOR_DATABASE", hide_env_values = true)]
    pub(super) database: Option<String>,
    /// Whose clocks the CSV has
    #[arg(long, value_name = "SIDE", default_value = "candidate")]
    pub(super) side: Side,
    /// Write the CSV of clocks to this file too
    #[arg(long, value_name = "FILE")]
    pub(super) clocks: Option<PathBuf>,
    /// Most incidents replayed
    #[arg(long, value_name = "N", default_value_t = source::RECORDS_MAX)]
    pub(super) limit: usize,
}

/// One of the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Side {
    Baseline,
    Candidate,
}

/// How often the progress is told.
const EVERY: usize = 500;

impl Backtest {
    pub(in crate::cli) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let material = source::gather(&self, shell).await?;
        if material.records.is_empty() {
            shell.terminal.say("no incident to replay");
        }
        let clocks = shell.format == Format::Csv || self.clocks.is_some();
        let (report, lines) = self.replayed(&material, clocks, shell)?;
        if let Some(file) = &self.clocks {
            let text = csv(&lines);
            std::fs::write(file, text)
                .map_err(|source| Failure::io(format!("writing {}", file.display()), source))?;
        }
        let value = || serde_json::to_value(&report).expect("a report has only text keys and whole numbers");
        let text = match shell.format {
            Format::Table | Format::Wide => summary(&report),
            Format::Html => html::page(&report),
            Format::Csv => csv(&lines),
            format => machine(format, &value())?,
        };
        shell.terminal.data(text.trim_end_matches('\n'))
    }

    /// Every record on both sides, in their order.
    fn replayed(
        &self,
        material: &Material,
        clocks: bool,
        shell: &mut Shell,
    ) -> Result<(Report, Vec<ClockLine>), Failure> {
        let (mut report, mut lines) = (Report::default(), Vec::new());
        let total = material.records.len();
        for (n, records) in material.records.chunks(EVERY).enumerate() {
            let first = n * EVERY;
            for (record, (before, after)) in records.iter().zip(sides(material, records, first)?) {
                report.add(record, &before, &after, &compare(record, &before, &after), &material.candidate);
                if clocks {
                    lines.extend(if self.side == Side::Baseline { before.clocks } else { after.clocks });
                }
            }
            shell.terminal.progress(&log::bar(first + records.len(), total));
        }
        shell.terminal.progress("");
        report.finish();
        Ok((report, lines))
    }
}

/// Both sides of some records, `first` of them gone before: replayed on every core, answered in their order.
fn sides(
    material: &Material,
    records: &[Record],
    first: usize,
) -> Result<Vec<(Replayed, Replayed)>, Failure> {
    let baselines: Vec<&Version> = records
        .iter()
        .map(|record| material.baseline(record).ok_or_else(|| no_baseline(&record.incident)))
        .collect::<Result<_, _>>()?;
    let moves = material.baseline.is_none().then_some(&material.versions);
    let one = &|n: usize| {
        let (record, ordinal) = (&records[n], (first + n) as u64 + 1);
        let before = replay(record, baselines[n], &material.overrides, ordinal, moves);
        (before, replay(record, &material.candidate, &material.overrides, ordinal, None))
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = records.len().div_ceil(cores).max(1);
    Ok(std::thread::scope(|scope| {
        let starts = (0..records.len()).step_by(share);
        let shares: Vec<_> = starts
            .map(|start| {
                let end = (start + share).min(records.len());
                scope.spawn(move || (start..end).map(one).collect::<Vec<_>>())
            })
            .collect();
        shares.into_iter().flat_map(|share| share.join().expect("a replay does not panic")).collect()
    }))
}

fn no_baseline(incident: &str) -> Failure {
    Failure::Usage(format!("{incident} names no policy that is known here: give --baseline"))
}

fn csv(lines: &[ClockLine]) -> String {
    let mut text = String::from(ClockLine::HEADING);
    text.push('\n');
    for line in lines {
        text.push_str(&line.csv());
        text.push('\n');
    }
    text
}
