//! Commands that touch two incidents: merge and split.
//! Both are carried through by the server; nothing is put together here.

use clap::Args;
use stentor_proto::v1;

use super::target::{Head, One};
use crate::cli::{failure::Failure, refs, shell::Shell};

/// Merges one incident into another.
#[derive(Args, Clone, Debug)]
pub struct Merge {
    #[command(flatten)]
    source: One,
    /// The incident that goes on
    #[arg(long, visible_alias = "into", value_name = "INCIDENT", value_parser = refs::incident)]
    target: String,
    /// Leave the target's priority even if the source's is higher
    #[arg(long)]
    keep_priority: bool,
    /// Why, for the timeline
    #[arg(short = 'm', long)]
    reason: Option<String>,
    /// Check everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Merge {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let sure = shell.yes || self.dry_run;
        shell.terminal.confirm("Merge: the source ends, the target takes everything over?", sure)?;
        let Head { name, etag, request_id } = self.source.head(shell);
        let request = v1::MergeIncidentRequest {
            name,
            etag,
            request_id,
            target: self.target,
            keep_priority: self.keep_priority,
            reason: self.reason.unwrap_or_default(),
            validate_only: self.dry_run,
        };
        let answer = shell.call(&request).await?;
        let target = answer.target.unwrap_or_default();
        let source = answer.incident.unwrap_or_default();
        let deed = if self.dry_run { "could take" } else { "took" };
        shell.told(&target, &format!("{deed} {} over", source.reference), answer.replayed);
        shell.after(&target)
    }
}

/// Moves alerts or reports into a new incident.
#[derive(Args, Clone, Debug)]
pub struct Split {
    #[command(flatten)]
    target: One,
    /// Number of an alert to move
    #[arg(long = "alert", value_name = "N", required_unless_present = "reports")]
    alerts: Vec<i32>,
    /// Number of the timeline entry of a report to move
    #[arg(long = "report", value_name = "N")]
    reports: Vec<i64>,
    /// Title of the new incident [default: that of its first signal]
    #[arg(long)]
    title: Option<String>,
    /// Acknowledge the new incident at once
    #[arg(long)]
    ack: bool,
}

impl Split {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::SplitIncidentRequest {
            name,
            etag,
            request_id,
            alert_numbers: self.alerts,
            report_numbers: self.reports,
            title: self.title.unwrap_or_default(),
            acknowledge: self.ack,
        };
        let answer = shell.call(&request).await?;
        let origin = answer.incident.unwrap_or_default();
        let new = answer.split_incident.unwrap_or_default();
        shell.told(&new, &format!("split off {}", origin.reference), answer.replayed);
        shell.one("Incident", &new, |_, new| new.reference.clone())
    }
}
