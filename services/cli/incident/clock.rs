//! One SLA clock, explained.

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

impl Clock {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let cycle = if self.clock.contains('.') { "" } else { ".1" };
        let request = v1::GetClockRequest {
            name: format!("{}/clocks/{}{cycle}", self.incident, self.clock),
            read_time: self.at.map(|when| when.from(shell.moment.now)),
        };
        let answer = shell.call(&request).await?;
        shell.one("GetClockResponse", &answer, render::clock::text)
    }
}
