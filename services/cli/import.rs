//! Flags of `stentor import`: which tool's file, how it is to be read, and where it goes. Reading and storing is the
//! business of the importers.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use stentor_core::history_log::{Record, write};
use stentor_proto::v1;

use super::args::StoreArgs;
use super::client::Client;
use super::global::GlobalArgs;

/// Examples of the whole family.
const EXAMPLES: &str = "\
Examples:
  stentor import servicenow incident_event_log.csv.gz --zone UTC --data ./stentor-data
  stentor import servicenow log.csv --zone Europe/Berlin --service-by assignment_group --service-map groups.csv
  stentor import pagerduty log_entries.json --log past.jsonl
  stentor import jira issues.csv --zone UTC --dry-run --json
  stentor import opsgenie alerts.json --to-server --server http://127.0.0.1:7117
  stentor import policy pagerduty export.json -o yaml > policy.yaml
  stentor import log past.jsonl --database postgres://stentor@db/stentor

What is imported is closed history: it pages nobody, has no deadlines, and stands in `stentor incident list --imported`.
Importing a file again changes nothing. The embedded database takes one process: stop its server first, or let it take
the histories with --to-server.";

/// Histories and policies of other tools.
#[derive(Clone, Debug, Subcommand)]
#[command(before_help = EXAMPLES)]
pub enum ImportCommand {
    /// Import a ServiceNow event log, CSV
    Servicenow(ServicenowArgs),
    /// Import PagerDuty log entries, JSON of GET /log_entries
    Pagerduty(FileArgs),
    /// Import Opsgenie alerts, JSON of GET /v2/alerts
    Opsgenie(FileArgs),
    /// Import Grafana OnCall alert groups, JSON of GET /api/v1/alert_groups
    Oncall(FileArgs),
    /// Import issues of Jira Service Management, CSV
    Jira(JiraArgs),
    /// Import a log in the neutral form that `--log` writes, JSON Lines
    Log(LogArgs),
    /// Turn schedules and escalation policies of another tool into a policy document
    #[command(subcommand)]
    Policy(PolicyImport),
}

/// Which file, and where its histories go.
#[derive(Args, Clone, Debug)]
pub struct LogArgs {
    /// File to import, plain or gzip
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write the histories to this file as JSON Lines and store nothing
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub log: Option<PathBuf>,
    /// Read and report; store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Send the histories to the running server of --server instead of opening its database
    #[arg(long, conflicts_with_all = ["log", "dry_run", "database", "database_file"])]
    pub to_server: bool,
    /// Where state is kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

/// What every tool's file needs.
#[derive(Args, Clone, Debug)]
pub struct FileArgs {
    /// File and destination.
    #[command(flatten)]
    pub to: LogArgs,
    /// CSV of THEIRS,OURS that names our service for each of theirs [default: an id made of their name, where they
    /// have services]
    #[arg(long, value_name = "FILE")]
    pub service_map: Option<PathBuf>,
    /// CSV of THEIRS,OURS that names our person for each of theirs [default: an id made of their name]
    #[arg(long, value_name = "FILE")]
    pub person_map: Option<PathBuf>,
}

/// Flags of `stentor import servicenow`.
#[derive(Args, Clone, Debug)]
pub struct ServicenowArgs {
    /// File, destination and names.
    #[command(flatten)]
    pub file: FileArgs,
    /// Time zone of the dates in the file, for example UTC or Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub zone: String,
    /// Column whose values the service map names; without a map the policy's default service has every incident
    #[arg(long, value_name = "COLUMN", default_value = "assignment_group")]
    pub service_by: String,
}

/// Flags of `stentor import jira`.
#[derive(Args, Clone, Debug)]
pub struct JiraArgs {
    /// File, destination and names.
    #[command(flatten)]
    pub file: FileArgs,
    /// Time zone of the dates in the file, for example UTC or Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub zone: String,
    /// Column that names the service
    #[arg(long, value_name = "COLUMN", default_value = "Project key")]
    pub service_by: String,
}

/// Whose schedules and escalation policies.
#[derive(Clone, Debug, Subcommand)]
pub enum PolicyImport {
    /// From PagerDuty: JSON of its API (users, schedules, escalation_policies, services) or of Terraform
    Pagerduty(PolicyArgs),
    /// From Grafana OnCall: JSON of its API (users, on_call_shifts, schedules, escalation_chains, escalation_policies)
    Oncall(PolicyArgs),
}

/// Flags of `stentor import policy`.
#[derive(Args, Clone, Debug)]
pub struct PolicyArgs {
    /// Exports of the tool, any number: one for each kind of thing, or all in one
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Name of the organisation
    #[arg(long, value_name = "NAME", default_value = "Imported")]
    pub organisation: String,
    /// Time zone of the organisation, and of schedules that name none
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub zone: String,
}

/// A running server that takes histories.
pub(crate) struct Remote {
    client: Client,
}

impl Remote {
    /// The server that the flags name.
    pub(crate) fn new(global: &GlobalArgs) -> Result<Remote, String> {
        let key = std::env::var("STENTOR_KEY").ok().filter(|key| !key.trim().is_empty());
        Client::new(global, key).map(|client| Remote { client }).map_err(|failure| failure.report())
    }

    /// Sends histories; what the server did with them.
    pub(crate) async fn take(&self, records: &[Record]) -> Result<v1::ImportIncidentsResponse, String> {
        let records = records.iter().map(|record| write(record).trim_end().to_owned()).collect();
        let request = v1::ImportIncidentsRequest { records };
        self.client.call(&request).await.map_err(|failure| failure.report())
    }
}
