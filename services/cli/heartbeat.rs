//! `stentor heartbeat …`: which jobs tell that they ran, and pausing those that may be silent.
//! Monitors are made by the policy; nothing is added to them from here.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::{failure::Failure, refs, render, shell::Shell, time, words};

/// What can be done about heartbeat monitors.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor heartbeat list --state missing
  stentor heartbeat beat nightly-backup
  stentor heartbeat pause nightly-backup --to 4h -m \"the disks are being changed\"")]
pub enum HeartbeatCommand {
    /// List the monitors, by id
    List(List),
    /// Show one monitor
    Show(Which),
    /// Tell that a job lives, as it would itself
    Beat(Which),
    /// Have silence count no more; an alert that fires for it clears
    Pause(Pause),
    /// Have silence count again, from now
    Resume(Which),
}

/// One monitor.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// nightly-backup or heartbeats/nightly-backup
    #[arg(value_name = "HEARTBEAT", value_parser = refs::heartbeat)]
    name: String,
}

/// Which monitors, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only those in this state
    #[arg(long, value_parser = words::parser("HeartbeatState"))]
    state: Option<i32>,
    /// Most monitors shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// A pause.
#[derive(Args, Clone, Debug)]
pub struct Pause {
    #[command(flatten)]
    which: Which,
    /// Where it ends, for example 4h or 2026-06-01T12:00:00Z [default: when it is resumed]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    to: Option<time::When>,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
}

impl HeartbeatCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let (found, done) = match self {
            Self::List(args) => return args.run(shell).await,
            Self::Show(Which { name }) => {
                let found = shell.call(&v1::GetHeartbeatRequest { name }).await?.heartbeat;
                let found = found.unwrap_or_default();
                return shell.one("HeartbeatMonitor", &found, |shell, h| {
                    render::heartbeat::list(shell, std::slice::from_ref(h))
                });
            }
            Self::Beat(Which { name }) => {
                (shell.call(&v1::SendHeartbeatRequest { name }).await?.heartbeat, "lives")
            }
            Self::Pause(args) => {
                let request = v1::PauseHeartbeatRequest {
                    name: args.which.name,
                    reason: args.reason,
                    end_time: args.to.map(|when| when.from(shell.moment.now)),
                };
                (shell.call(&request).await?.heartbeat, "paused")
            }
            Self::Resume(Which { name }) => {
                (shell.call(&v1::ResumeHeartbeatRequest { name }).await?.heartbeat, "resumed")
            }
        };
        let found = found.unwrap_or_default();
        let text = render::heartbeat::line(shell, &found);
        shell.done("HeartbeatMonitor", &found, &format!("{} {done}: {text}", found.name))
    }
}

impl List {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let state = self.state.unwrap_or_default();
        let request = |page_size, page_token| v1::ListHeartbeatsRequest { state, page_size, page_token };
        let split = |answer: v1::ListHeartbeatsResponse| (answer.heartbeats, answer.next_page_token);
        let found = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("HeartbeatMonitor", &found, render::heartbeat::list)
    }
}
