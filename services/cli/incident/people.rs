//! Roles, their hand-over, status updates and subscriptions.
//! Who may do what is the server's business.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::target::{Head, One};
use crate::cli::{client::text, failure::Failure, refs, shell::Shell, time, words};

/// Who leads, speaks and writes.
#[derive(Clone, Debug, Subcommand)]
pub enum Role {
    /// Give a role that nobody holds
    Assign(RoleTo),
    /// Ask somebody to take a role over, or give it without consent
    Handover(Handover),
    /// Take over a role that was handed to you
    Confirm(RoleOf),
    /// Withdraw or decline a hand-over
    Decline(RoleOf),
}

/// A role and who gets it.
#[derive(Args, Clone, Debug)]
pub struct RoleTo {
    #[command(flatten)]
    target: One,
    /// commander, communications, scribe, or one of the policy
    role: String,
    /// Who gets it, for example ana [default: you]
    #[arg(value_parser = refs::person)]
    person: Option<String>,
}

/// A role to be handed over.
#[derive(Args, Clone, Debug)]
pub struct Handover {
    #[command(flatten)]
    target: One,
    /// commander, communications, scribe, or one of the policy
    role: String,
    /// Who is to take it, for example ana
    #[arg(value_parser = refs::person)]
    recipient: String,
    /// Refuse unless this person holds it
    #[arg(long, value_parser = refs::person)]
    expect_holder: Option<String>,
    /// Give it without consent; needs a reason
    #[arg(long, requires = "reason")]
    force: bool,
    /// Why it is forced
    #[arg(short = 'm', long, requires = "force")]
    reason: Option<String>,
}

/// A role.
#[derive(Args, Clone, Debug)]
pub struct RoleOf {
    #[command(flatten)]
    target: One,
    /// commander, communications, scribe, or one of the policy
    role: String,
}

impl Role {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Assign(args) => {
                let Head { name, etag, request_id } = args.target.head(shell);
                let done = format!("has its {} assigned", args.role);
                let (role, person) = (args.role, args.person.unwrap_or_default());
                shell.change(&v1::AssignRoleRequest { name, etag, request_id, role, person }, &done).await
            }
            Self::Handover(args) => args.run(shell).await,
            Self::Confirm(RoleOf { target, role }) => {
                let Head { name, etag, request_id } = target.head(shell);
                let done = format!("has its {role} handed over");
                shell.change(&v1::ConfirmHandoverRequest { name, etag, request_id, role }, &done).await
            }
            Self::Decline(RoleOf { target, role }) => {
                let Head { name, etag, request_id } = target.head(shell);
                let done = format!("keeps its {role}");
                shell.change(&v1::CancelHandoverRequest { name, etag, request_id, role }, &done).await
            }
        }
    }
}

impl Handover {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let expected_holder = self.expect_holder.unwrap_or_default();
        let (role, recipient) = (self.role, self.recipient);
        let who = refs::short(&recipient).to_owned();
        if self.force {
            let done = format!("has its {role} given to {who}");
            let reason = self.reason.unwrap_or_default();
            let request =
                v1::ForceHandoverRequest { name, etag, request_id, role, recipient, expected_holder, reason };
            return shell.change(&request, &done).await;
        }
        let done = format!("asks {who} to take its {role}");
        let request = v1::RequestHandoverRequest { name, etag, request_id, role, recipient, expected_holder };
        shell.change(&request, &done).await
    }
}

/// A statement for those who wait.
#[derive(Args, Clone, Debug)]
pub struct Update {
    #[command(flatten)]
    target: One,
    /// The statement; - reads it from stdin
    text: String,
    /// Who it is meant for
    #[arg(long, default_value = "stakeholders", value_parser = words::parser("UpdateAudience"))]
    audience: i32,
    /// Promised time to the next one, for example 30m
    #[arg(long, value_name = "DURATION", value_parser = time::parse_span, conflicts_with = "last")]
    next: Option<prost_types::Duration>,
    /// It is the last one
    #[arg(long, visible_alias = "final")]
    last: bool,
}

impl Update {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::PostUpdateRequest {
            name,
            etag,
            request_id,
            audience: self.audience,
            text: text(&self.text)?,
            next_update_duration: self.next,
            r#final: self.last,
        };
        shell.change(&request, "has a new status update").await
    }
}

/// Who gets updates.
#[derive(Args, Clone, Debug)]
pub struct Subscribe {
    #[command(flatten)]
    target: One,
    /// ana, people/ana, teams/shop or channels/ops [default: you]
    #[arg(value_parser = refs::subscriber)]
    subscriber: Option<String>,
    /// Updates for this audience and wider ones
    #[arg(long, default_value = "internal", value_parser = words::parser("UpdateAudience"))]
    audience: i32,
    /// End the subscription instead
    #[arg(long)]
    remove: bool,
}

impl Subscribe {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::SubscribeIncidentRequest {
            name,
            etag,
            request_id,
            subscriber: self.subscriber.unwrap_or_default(),
            audience: self.audience,
            remove: self.remove,
        };
        let done = if self.remove { "lost a subscriber" } else { "has a subscriber" };
        shell.change(&request, done).await
    }
}
