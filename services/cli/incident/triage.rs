//! Deciding what an incident is, how pressing, and whose.
//! The matrix and the rules are the server's.

use clap::Args;
use stentor_proto::v1;

use super::target::{Head, Many, One};
use crate::cli::{failure::Failure, refs, shell::Shell, words};

/// Makes it an incident.
#[derive(Args, Clone, Debug)]
pub struct Declare {
    #[command(flatten)]
    targets: Many,
    /// Why, for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
}

impl Declare {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let note = self.note.unwrap_or_default();
        let request = |Head { name, etag, request_id }| v1::DeclareIncidentRequest {
            name,
            etag,
            request_id,
            note: note.clone(),
        };
        self.targets.each(shell, "declared", request).await
    }
}

/// Sets what a rule or a reporter got wrong.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = true)]
struct TriageFields {
    /// Category of the policy's list
    #[arg(long)]
    category: Option<String>,
    /// How much is affected
    #[arg(long, value_parser = words::parser("Impact"), ignore_case = true)]
    impact: Option<i32>,
    /// How soon it has to be dealt with
    #[arg(long, value_parser = words::parser("Urgency"), ignore_case = true)]
    urgency: Option<i32>,
    /// Priority other than the matrix gives; needs a reason
    #[arg(long, value_parser = words::parser("Priority"), ignore_case = true)]
    priority: Option<i32>,
    /// Service affected
    #[arg(long, value_parser = refs::service)]
    service: Option<String>,
    /// New title
    #[arg(long)]
    title: Option<String>,
    /// New description
    #[arg(long)]
    description: Option<String>,
    /// Label to set; an empty value removes it
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = refs::label)]
    labels: Vec<(String, String)>,
}

/// Triage by hand.
#[derive(Args, Clone, Debug)]
pub struct Triage {
    #[command(flatten)]
    target: One,
    #[command(flatten)]
    fields: TriageFields,
    /// Why
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

impl Triage {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let fields = self.fields;
        let request = v1::TriageIncidentRequest {
            name,
            etag,
            request_id,
            category: fields.category.unwrap_or_default(),
            impact: fields.impact.unwrap_or_default(),
            urgency: fields.urgency.unwrap_or_default(),
            priority: fields.priority.unwrap_or_default(),
            service: fields.service.unwrap_or_default(),
            title: fields.title.unwrap_or_default(),
            description: fields.description.unwrap_or_default(),
            labels: fields.labels.into_iter().collect(),
            reason: self.reason.unwrap_or_default(),
        };
        shell.change(&request, "triaged").await
    }
}

/// Sets the priority.
#[derive(Args, Clone, Debug)]
pub struct Priority {
    #[command(flatten)]
    target: One,
    /// The new priority
    #[arg(value_parser = words::parser("Priority"), ignore_case = true)]
    priority: i32,
    /// Why; needed if it differs from the matrix
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

impl Priority {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let done = format!("set to {}", words::word("Priority", self.priority).to_uppercase());
        let reason = self.reason.unwrap_or_default();
        let request =
            v1::SetIncidentPriorityRequest { name, etag, request_id, priority: self.priority, reason };
        shell.change(&request, &done).await
    }
}

/// Makes somebody responsible.
#[derive(Args, Clone, Debug)]
pub struct Assign {
    #[command(flatten)]
    target: One,
    /// ana, people/ana or teams/shop
    #[arg(value_name = "WHO", value_parser = refs::person_or_team)]
    assignee: String,
    /// Record only; page nobody
    #[arg(long)]
    skip_page: bool,
    /// Why, for the timeline
    #[arg(short = 'm', long, alias = "reason")]
    note: Option<String>,
}

impl Assign {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let done = format!("assigned to {}", refs::short(&self.assignee));
        let request = v1::AssignIncidentRequest {
            name,
            etag,
            request_id,
            assignee: self.assignee,
            skip_page: self.skip_page,
            note: self.note.unwrap_or_default(),
        };
        shell.change(&request, &done).await
    }
}

/// Ends what is no incident.
#[derive(Args, Clone, Debug)]
pub struct Cancel {
    #[command(flatten)]
    targets: Many,
    /// Why it is none
    #[arg(long, value_parser = words::parser("CancelReason"))]
    reason: i32,
    /// More about it, for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
    /// Check everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Cancel {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let sure = shell.yes || self.dry_run;
        shell.terminal.confirm("Cancel: it is no incident, and nobody is paged any more?", sure)?;
        let note = self.note.unwrap_or_default();
        let request = |Head { name, etag, request_id }| v1::CancelIncidentRequest {
            name,
            etag,
            request_id,
            reason: self.reason,
            note: note.clone(),
            validate_only: self.dry_run,
        };
        self.targets.each(shell, if self.dry_run { "could be cancelled" } else { "cancelled" }, request).await
    }
}

/// Links two incidents.
#[derive(Args, Clone, Debug)]
pub struct Relate {
    #[command(flatten)]
    target: One,
    /// The other incident
    #[arg(value_name = "OTHER", value_parser = refs::incident)]
    other: String,
    /// How they are linked
    #[arg(long, default_value = "related", value_parser = words::parser("RelationKind"))]
    kind: i32,
    /// Take the link away instead
    #[arg(long)]
    remove: bool,
    /// Why, for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
}

impl Relate {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let verb = if self.remove { "no longer linked to" } else { "linked to" };
        let done = format!("{verb} {}", refs::short(&self.other));
        let request = v1::RelateIncidentRequest {
            name,
            etag,
            request_id,
            other: self.other,
            kind: self.kind,
            remove: self.remove,
            note: self.note.unwrap_or_default(),
        };
        shell.change(&request, &done).await
    }
}
