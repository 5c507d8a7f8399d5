//! `stentor suppression …`: what paged nobody, and why. It reads; silences and maintenance windows are made with commands of
//! their own.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::{failure::Failure, refs, render, shell::Shell, time, words};

/// What can be asked of the suppression log.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor suppression list --since -2h
  stentor suppression list --incident INC-7
  stentor suppression list --reason route-discard -o json")]
pub enum SuppressionCommand {
    /// List what paged nobody, newest first
    List(List),
}

/// Which entries, and how many.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only of this incident
    #[arg(long, short, value_name = "INCIDENT", value_parser = refs::incident)]
    incident: Option<String>,
    /// Only for this reason
    #[arg(long, value_parser = words::parser("SuppressionReason"))]
    reason: Option<i32>,
    /// Only what began since then, for example -2h or 2026-06-01T12:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    since: Option<time::When>,
    /// Most entries shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl SuppressionCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::List(args) => args.run(shell).await,
        }
    }
}

impl List {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let since = self.since.map(|when| when.from(shell.moment.now));
        let request = |page_size, page_token| v1::ListSuppressionsRequest {
            incident: self.incident.clone().unwrap_or_default(),
            reason: self.reason.unwrap_or_default(),
            since_time: since,
            page_size,
            page_token,
        };
        let split = |answer: v1::ListSuppressionsResponse| (answer.entries, answer.next_page_token);
        let found = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("SuppressionEntry", &found, render::suppression::entries)
    }
}
