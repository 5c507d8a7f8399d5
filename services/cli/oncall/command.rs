//! The list of what can be done about on call.
//! It only leads to the module that does it.

use clap::Subcommand;

use super::{overrides, reads, swaps};
use crate::cli::{failure::Failure, shell::Shell};

/// What can be done about on call.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor oncall who
  stentor oncall who --schedule shop-primary --at 2026-12-24T18:00:00Z
  stentor oncall next --person ana
  stentor oncall override create --schedule shop-primary --by bo --replace chi --to 8h -m dentist
  stentor oncall swap request --schedule shop-primary --with bo --give 2d --take 9d --as ana
  stentor oncall ics --person ana > ana.ics")]
pub enum OncallCommand {
    /// Show who is on call, now or at any instant
    Who(reads::Who),
    /// Show the next hand-overs
    Next(reads::Next),
    /// Show shifts of a schedule or a person
    Shifts(reads::Shifts),
    /// Show when nobody is on call
    Gaps(reads::Gaps),
    /// Show hours, nights and weekends of everybody
    Fairness(reads::Fairness),
    /// Let somebody take over for a while
    #[command(subcommand)]
    Override(overrides::Override),
    /// Exchange shifts with somebody
    #[command(subcommand)]
    Swap(swaps::Swap),
    /// Print a calendar, or the address to subscribe to it
    Ics(reads::Ics),
}

impl OncallCommand {
    pub(in crate::cli) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Who(args) => args.run(shell).await,
            Self::Next(args) => args.run(shell).await,
            Self::Shifts(args) => args.run(shell).await,
            Self::Gaps(args) => args.run(shell).await,
            Self::Fairness(args) => args.run(shell).await,
            Self::Override(command) => command.run(shell).await,
            Self::Swap(command) => command.run(shell).await,
            Self::Ics(args) => args.run(shell).await,
        }
    }
}
