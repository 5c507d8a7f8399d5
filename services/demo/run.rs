//! `stentor demo` from its start to its end: host, story, verdict, where to look next.
//! The story itself is told elsewhere.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tonic::Status;

use super::api::Api;
use super::host::Host;
use super::payload::{DISK_FILLS, Present, now};
use super::show::Show;
use super::step::Step;
use super::story;
use crate::cli::args::DemoArgs;
use crate::cli::{INTERRUPTED, Terminal, Tone};
use crate::serve::ServeError;

/// The demonstration could not be given.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(
        "cannot listen on {wanted}: {source}; perhaps a server runs there already. \
         Choose another address, for example {flag} 127.0.0.1:0 for any that is free"
    )]
    Taken { wanted: SocketAddr, flag: &'static str, source: std::io::Error },
    #[error("cannot make {}: {source}", path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("the server stopped: {0}")]
    Stopped(tokio::task::JoinError),
    #[error("the address of the server cannot be used: {0}")]
    Connect(tonic::transport::Error),
    #[error("an alert could not be sent: {0}")]
    Send(reqwest::Error),
    #[error("the server answered: {}", .0.message())]
    Api(Box<Status>),
    #[error("not seen in time: {0}")]
    NotSeen(&'static str),
    #[error("cannot write to stdout: {0}")]
    Output(std::io::Error),
}

impl From<Status> for DemoError {
    fn from(status: Status) -> DemoError {
        DemoError::Api(Box::new(status))
    }
}

/// Gives the demonstration and returns the exit code.
pub async fn run(args: DemoArgs, terminal: &mut Terminal) -> Result<u8, DemoError> {
    let begun = Instant::now();
    let host = Host::start(&args).await?;
    let stop = host.shutdown.clone();
    let given = tokio::select! {
        given = give(&args, &host, begun, terminal) => given,
        () = stop.cancelled() => Ok(if args.exit { INTERRUPTED } else { 0 }),
    };
    let ended = host.end().await;
    let code = given?;
    ended.map(|()| code)
}

async fn give(
    args: &DemoArgs,
    host: &Host,
    begun: Instant,
    terminal: &mut Terminal,
) -> Result<u8, DemoError> {
    let base = format!("http://{}", host.listen);
    let mut show = Show::begin(Api::new(&base)?, terminal).await?;
    show.say(&opening(host, begun.elapsed()), Tone::Plain)?;
    let mut present = Present::default();
    let told = story::tell(&mut show, &mut present).await;
    if let Err(cause) = &told {
        show.say(&format!("\nThe story ended early: {cause}"), Tone::Bad)?;
    }
    let code = verdict(&mut show, begun.elapsed())?;
    if args.exit {
        return Ok(code);
    }
    show.say(&closing(host, &base), Tone::Plain)?;
    show.api.alertmanager(present.body(DISK_FILLS, now())).await?;
    show.on().await?;
    Ok(code)
}

fn opening(host: &Host, ready: Duration) -> String {
    format!(
        "Stentor serves on {}, ready after {} ms; its data is in {} until it ends.\n\
         The policy is a small shop's whose people answer within seconds; pages go to the console.",
        host.listen,
        ready.as_millis(),
        host.folder().display()
    )
}

/// Says what was seen, and what was not.
fn verdict(show: &mut Show<'_>, taken: Duration) -> Result<u8, DemoError> {
    let missing = show.seen.missing();
    let (all, seconds) = (Step::ALL.len(), taken.as_secs_f32());
    if missing.is_empty() {
        show.say(&format!("\nAll {all} steps were seen, in {seconds:.0} s."), Tone::Good)?;
        return Ok(0);
    }
    let seen = all - missing.len();
    show.say(&format!("\n{seen} of {all} steps were seen in {seconds:.0} s. Not seen:"), Tone::Bad)?;
    for step in missing {
        show.say(&format!("  - {}", step.text()), Tone::Bad)?;
    }
    Ok(1)
}

fn closing(host: &Host, base: &str) -> String {
    let program = program();
    let server = if host.listen.port() == 7117 { String::new() } else { format!(" --server {base}") };
    format!(
        "\nThe server goes on until Ctrl-C.\n  \
           gRPC, gRPC-Web, webhooks  {base}   (reflection is on: grpcurl -plaintext {} list)\n  \
           metrics                   http://{}/metrics\n\n\
         A disk fills up, and this one is yours. In another terminal:\n  \
           {program} incident list --all{server}\n  \
           {program} incident ack INC-3 --as bo{server}\n  \
           {program} incident watch INC-3{server}\n  \
           {program} incident timeline INC-1{server}\n  \
           {program} review show REV-1{server}\n",
        host.listen, host.metrics
    )
}

/// How this program was called, so that the commands can be copied.
fn program() -> String {
    std::env::args().next().filter(|name| name.contains('/')).unwrap_or_else(|| "stentor".to_owned())
}
