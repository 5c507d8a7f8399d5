//! One SLA clock of an incident or of a review, explained. What it had come to is asked of the server.

use clap::Args;
use stentor_proto::v1;

use crate::cli::{failure::Failure, refs, render, shell::Shell, time};

/// Which clock, and as of when.
#[derive(Args, Clone, Debug)]
pub struct Clock {
    /// INC-42, 42 or incidents/{id}
    #[arg(value_name = "INCIDENT", value_parser = refs::incident)]
    incident: String,
    /// The clock as `incident show` names it, for example p1-ack.1; without a cycle the first
    #[arg(value_name = "CLOCK")]
    clock: String,
    /// As of this instant, for example now, 12h, -2d or 2026-06-01T12:00:00Z [default: now]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    at: Option<time::When>,
}

/// Which clock of a review, and as of when.
#[derive(Args, Clone, Debug)]
pub struct ReviewClock {
    /// REV-42, 42 or reviews/{id}
    #[arg(value_name = "REVIEW", value_parser = refs::review)]
    review: String,
    /// The clock, for example review.1; that of an action item ends in the item's number; without a number the first
    #[arg(value_name = "CLOCK")]
    clock: String,
    /// As of this instant, for example now, 12h, -2d or 2026-06-01T12:00:00Z [default: now]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    at: Option<time::When>,
}

impl Clock {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        explain(shell, &self.incident, &self.clock, self.at).await
    }
}

impl ReviewClock {
    pub(in crate::cli) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        explain(shell, &self.review, &self.clock, self.at).await
    }
}

async fn explain(shell: &mut Shell, owner: &str, clock: &str, at: Option<time::When>) -> Result<(), Failure> {
    let cycle = if clock.contains('.') { "" } else { ".1" };
    let request = v1::GetClockRequest {
        name: format!("{owner}/clocks/{clock}{cycle}"),
        read_time: at.map(|when| when.from(shell.moment.now)),
    };
    let answer = shell.call(&request).await?;
    shell.one("GetClockResponse", &answer, render::clock::text)
}
