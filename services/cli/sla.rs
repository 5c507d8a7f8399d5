//! What SLA clocks came to, taken together.
//! Intervals that are not named are the server's choice.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::{failure::Failure, render, shell::Shell, time, words};

/// What can be asked about SLAs.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = "\
Examples:
  stentor sla compliance --from -90d --by month
  stentor sla compliance --per service --filter 'priority=P1'
  stentor incident clock INC-42 p1-resolve")]
pub enum SlaCommand {
    /// Show how many clocks were met and breached, by definition
    Compliance(Compliance),
}

impl SlaCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Self::Compliance(args) = self;
        args.run(shell).await
    }
}

/// Which clocks, and how they are told apart.
#[derive(Args, Clone, Debug)]
pub struct Compliance {
    /// First instant that counts, for example -90d or 2026-06-01T00:00:00Z [default: 30 days before the end]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    from: Option<time::When>,
    /// Where the interval ends [default: now]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    to: Option<time::When>,
    /// Divide the interval, from midnight to midnight
    #[arg(long, value_name = "PERIOD", value_parser = words::parser("CompliancePeriod"))]
    by: Option<i32>,
    /// Tell apart by this too
    #[arg(long, value_name = "WHAT", value_parser = words::parser("ComplianceGroup"))]
    per: Option<i32>,
    /// Zone in which periods begin, for example Europe/Berlin [default: the organisation's]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Only incidents that match, as in `incident list --filter`
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
}

impl Compliance {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let now = shell.moment.now;
        let request = v1::ComputeSlaComplianceRequest {
            start_time: self.from.map(|when| when.from(now)),
            end_time: self.to.map(|when| when.from(now)),
            period: self.by.unwrap_or_default(),
            time_zone: self.zone.unwrap_or_default(),
            filter: self.filter.unwrap_or_default(),
            group: self.per.unwrap_or_default(),
        };
        let answer = shell.call(&request).await?;
        shell.list("SlaCompliance", &answer.compliances, render::compliance::table_of)
    }
}
