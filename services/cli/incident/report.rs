//! Reporting that something is wrong.
//! Whether a report opens an incident or joins one is decided by the server.

use clap::Args;
use stentor_proto::v1::{self, IntakeOutcome};

use crate::cli::{client::text, failure::Failure, refs, shell::Shell, time, words};

/// What is wrong, and what is known about it.
#[derive(Args, Clone, Debug)]
pub struct Report {
    /// What is wrong
    #[arg(long)]
    title: String,
    /// More about it; - reads it from stdin
    #[arg(long)]
    description: Option<String>,
    /// Service affected, for example checkout
    #[arg(long, value_parser = refs::service)]
    service: Option<String>,
    /// How much is affected
    #[arg(long, value_parser = words::parser("Impact"), ignore_case = true)]
    impact: Option<i32>,
    /// How soon it has to be dealt with
    #[arg(long, value_parser = words::parser("Urgency"), ignore_case = true)]
    urgency: Option<i32>,
    /// Label; may be given several times
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = refs::label)]
    labels: Vec<(String, String)>,
    /// Where more can be seen
    #[arg(long)]
    url: Option<String>,
    /// Who reports, as the platform names them [default: you]
    #[arg(long)]
    reporter: Option<String>,
    /// Join this incident instead of opening one
    #[arg(long, value_name = "INCIDENT", value_parser = refs::incident)]
    join: Option<String>,
    /// Declare it at once, if you may
    #[arg(long)]
    declare: bool,
    /// When it was noticed, for example -10m
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    observed: Option<time::When>,
    /// The platform's own key for this report
    #[arg(long)]
    client_key: Option<String>,
    /// Check everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Report {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let dry_run = self.dry_run;
        let request = self.request(shell)?;
        let answer = shell.call(&request).await?;
        let result = answer.result.unwrap_or_default();
        let Some(incident) = answer.incident.filter(|_| !dry_run) else {
            shell.terminal.say("the report would be taken; nothing was changed");
            return Ok(());
        };
        shell.told(&incident, told(&result), result.outcome() == IntakeOutcome::Replayed);
        for similar in &answer.similar_incidents {
            shell.terminal.say(&format!("  similar: {} {}", similar.reference, similar.title));
        }
        shell.one("Incident", &incident, |_, incident| incident.reference.clone())
    }

    fn request(self, shell: &Shell) -> Result<v1::ReportIncidentRequest, Failure> {
        // The key acts as the id of the request; a second id beside it would make each try a new report.
        let request_id = if self.client_key.is_some() { String::new() } else { shell.request_id() };
        Ok(v1::ReportIncidentRequest {
            title: self.title,
            description: self.description.as_deref().map(text).transpose()?.unwrap_or_default(),
            reporter: self.reporter.unwrap_or_default(),
            service: self.service.unwrap_or_default(),
            impact: self.impact.unwrap_or_default(),
            urgency: self.urgency.unwrap_or_default(),
            labels: self.labels.into_iter().collect(),
            url: self.url.unwrap_or_default(),
            incident: self.join.unwrap_or_default(),
            declare: self.declare,
            observe_time: self.observed.map(|when| when.from(shell.moment.now)),
            client_key: self.client_key.unwrap_or_default(),
            validate_only: self.dry_run,
            request_id,
        })
    }
}

fn told(result: &v1::IntakeResult) -> &'static str {
    let outcome = match result.outcome() {
        IntakeOutcome::Replayed => result.original(),
        first => first,
    };
    match outcome {
        IntakeOutcome::Joined | IntakeOutcome::Repeated => "joined by the report",
        IntakeOutcome::Suppressed => "opened, suppressed",
        _ => "opened",
    }
}
