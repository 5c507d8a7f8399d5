//! The load generator: starts a server of the same build, keeps callers at work, and prints one JSON object.
//! It judges nothing: what a figure must be stands where the figure is wanted.

mod args;
mod bare;
mod bench;
mod caller;
mod deadlines;
mod delivered;
mod outcome;
mod policy;
mod recorder;
mod requests;
mod rows;
mod run;
mod turn;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// Whatever ends a run early.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let outcome = match runtime.worker_threads(args.threads.max(1)).enable_all().build() {
        Ok(runtime) => runtime.block_on(run::run(&args)),
        Err(e) => Err(e.into()),
    };
    match outcome.and_then(|outcome| Ok(serde_json::to_string(&outcome)?)) {
        Ok(line) => told(std::io::stdout(), &line, ExitCode::SUCCESS),
        Err(e) => told(std::io::stderr(), &format!("error: {e}"), ExitCode::FAILURE),
    }
}

fn told(mut to: impl Write, text: &str, code: ExitCode) -> ExitCode {
    match writeln!(to, "{text}") {
        Ok(()) => code,
        Err(_) => ExitCode::FAILURE,
    }
}
