//! What the load generator is asked for. It checks nothing beyond what parsing can.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Measures a server that it starts, on this machine, and prints one JSON object.
#[derive(Parser, Clone, Debug)]
#[command(name = "load", after_help = BUILD)]
pub(crate) struct Args {
    /// What is done over and over
    pub(crate) scenario: Scenario,
    /// Where the server keeps its data; PostgreSQL is a private one that lives as long as the run
    #[arg(long, default_value = "sqlite")]
    pub(crate) store: StoreKind,
    /// Callers at work at the same time
    #[arg(long, default_value_t = 64)]
    pub(crate) callers: usize,
    /// How long to measure; with --pair this long for each of the two
    #[arg(long, default_value_t = 10.0)]
    pub(crate) seconds: f64,
    /// Seconds of work before the measurement
    #[arg(long, default_value_t = 2.0)]
    pub(crate) warm_up: f64,
    /// Alerts in one request of alerts-repeat; 1 sends them one by one
    #[arg(long, default_value_t = 1)]
    pub(crate) batch: usize,
    /// Open loop: calls a second, timed from when they were to begin; without it callers go on as fast as they are answered
    #[arg(long)]
    pub(crate) rate: Option<f64>,
    /// Alternate with this scenario in short turns and print the ratio of the rates
    #[arg(long)]
    pub(crate) pair: Option<Scenario>,
    /// Length of a turn when pairing, in seconds
    #[arg(long, default_value_t = 2.0)]
    pub(crate) turn: f64,
    /// Send a request id with every call
    #[arg(long)]
    pub(crate) request_ids: bool,
    /// Services that reports are spread over, 1 to 4
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=4))]
    pub(crate) services: u64,
    /// People who share the pages of alerts-paged
    #[arg(long, default_value_t = 256)]
    pub(crate) responders: usize,
    /// Pages of alerts-paged that may be on their way at once
    #[arg(long, default_value_t = 1024)]
    pub(crate) window: usize,
    /// Connections that the callers share
    #[arg(long, default_value_t = 8)]
    pub(crate) connections: usize,
    /// Threads of the generator
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
    /// Deadlines armed in deadlines, and how many of them fall due at the same instant
    #[arg(long, default_value_t = 100_000)]
    pub(crate) armed: usize,
    /// Deadlines due at one instant
    #[arg(long, default_value_t = 5000)]
    pub(crate) due: usize,
    /// Folder for the data of the run; it is not removed. Without it a temporary one is used
    #[arg(long)]
    pub(crate) keep: Option<PathBuf>,
}

const BUILD: &str = "The server is the binary `stentor` beside this program, or what STENTOR_BIN names. Build both \
in the same profile:\n  cargo build --release -p stentor -p stentor-tests --bins";

/// What is done over and over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// WorkflowService.Ping: every layer of the server but rules and store
    Noop,
    /// No server: the rows of reports, committed by a bare loop in batches of 256
    Store,
    /// New reports, each an incident of its own
    Report,
    /// New alerts, each an incident of its own
    AlertsNew,
    /// New alerts, each counted when its page has reached the receiver
    AlertsPaged,
    /// Alerts that fire already
    AlertsRepeat,
    /// Acknowledgements of incidents opened beforehand
    Ack,
    /// Deadlines due at one instant while reports go on at --rate, 1000 a second by default
    Deadlines,
}

impl Scenario {
    /// Its name as it is typed.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default()
    }
}

/// Kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreKind {
    /// A file in a temporary folder
    Sqlite,
    /// A private server, installed from the system's packages
    Postgres,
}
