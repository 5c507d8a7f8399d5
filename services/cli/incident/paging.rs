//! Answering pages, waiting and escalating.
//! Whether a command is allowed now is the server's business.

use clap::Args;
use stentor_proto::v1;

use super::target::{Head, Many, One};
use crate::cli::{client::text, failure::Failure, refs, shell::Shell, time, words};

/// Takes incidents.
#[derive(Args, Clone, Debug)]
pub struct Acknowledge {
    #[command(flatten)]
    targets: Many,
    /// Note for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
}

impl Acknowledge {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let note = self.note.unwrap_or_default();
        let request = |Head { name, etag, request_id }| v1::AcknowledgeIncidentRequest {
            name,
            etag,
            request_id,
            note: note.clone(),
        };
        self.targets.each(shell, "acknowledged", request).await
    }
}

/// A command with a reason that may be left out.
#[derive(Args, Clone, Debug)]
pub struct Plain {
    #[command(flatten)]
    targets: Many,
    /// Why, for the timeline
    #[arg(short = 'm', long, alias = "note")]
    reason: Option<String>,
}

impl Plain {
    pub(super) async fn unacknowledge(self, shell: &mut Shell) -> Result<(), Failure> {
        let reason = self.reason.unwrap_or_default();
        let request = |Head { name, etag, request_id }| v1::UnacknowledgeIncidentRequest {
            name,
            etag,
            request_id,
            reason: reason.clone(),
        };
        self.targets.each(shell, "given back", request).await
    }

    pub(super) async fn release(self, shell: &mut Shell) -> Result<(), Failure> {
        let reason = self.reason.unwrap_or_default();
        let request = |Head { name, etag, request_id }| v1::ReleaseIncidentRequest {
            name,
            etag,
            request_id,
            reason: reason.clone(),
        };
        self.targets.each(shell, "released", request).await
    }

    pub(super) async fn wake(self, shell: &mut Shell) -> Result<(), Failure> {
        let reason = self.reason.unwrap_or_default();
        let request = |Head { name, etag, request_id }| v1::WakeIncidentRequest {
            name,
            etag,
            request_id,
            reason: reason.clone(),
        };
        self.targets.each(shell, "woken", request).await
    }

    pub(super) async fn resume(self, shell: &mut Shell) -> Result<(), Failure> {
        let note = self.reason.unwrap_or_default();
        let request = |Head { name, etag, request_id }| v1::ResumeIncidentRequest {
            name,
            etag,
            request_id,
            note: note.clone(),
        };
        self.targets.each(shell, "taken off hold", request).await
    }
}

/// Pages nobody for a while.
#[derive(Args, Clone, Debug)]
pub struct Snooze {
    #[command(flatten)]
    target: One,
    /// How long, for example 30m
    #[arg(value_name = "DURATION", value_parser = time::parse_span)]
    length: prost_types::Duration,
    /// Why, for the timeline
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

impl Snooze {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let done = format!("snoozed for {}", time::duration(&self.length));
        let request = v1::SnoozeIncidentRequest {
            name,
            etag,
            request_id,
            snooze_duration: Some(self.length),
            reason: self.reason.unwrap_or_default(),
        };
        shell.change(&request, &done).await
    }
}

/// Waits for something.
#[derive(Args, Clone, Debug)]
pub struct Hold {
    #[command(flatten)]
    target: One,
    /// What it waits for
    #[arg(long, visible_alias = "for", value_parser = words::parser("HoldReason"))]
    reason: i32,
    /// When it ends by itself, for example 2h or 2026-06-01T12:00:00Z [default: the longest allowed]
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    until: Option<time::When>,
    /// More about it, for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
}

impl Hold {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let done = format!("put on hold, {}", words::prose("HoldReason", self.reason));
        let request = v1::HoldIncidentRequest {
            name,
            etag,
            request_id,
            reason: self.reason,
            end_time: self.until.map(|when| when.from(shell.moment.now)),
            note: self.note.unwrap_or_default(),
        };
        shell.change(&request, &done).await
    }
}

/// Pages the next level.
#[derive(Args, Clone, Debug)]
pub struct Escalate {
    #[command(flatten)]
    target: One,
    /// Level to page, from 1 [default: the next one]
    #[arg(long, visible_alias = "to", value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    level: Option<i32>,
    /// Refuse unless this level is the one reached
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    expect_level: Option<i32>,
    /// Why, for the timeline
    #[arg(short = 'm', long)]
    reason: Option<String>,
    /// Check everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Escalate {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::EscalateIncidentRequest {
            name,
            etag,
            request_id,
            expected_level: self.expect_level,
            target_level: self.level.unwrap_or_default(),
            reason: self.reason.unwrap_or_default(),
            validate_only: self.dry_run,
        };
        shell.change(&request, if self.dry_run { "could be escalated" } else { "escalated" }).await
    }
}

/// Demands that people join.
#[derive(Args, Clone, Debug)]
pub struct Summon {
    #[command(flatten)]
    target: One,
    /// Who is needed, for example ana
    #[arg(required = true, value_name = "PERSON", value_parser = refs::person)]
    people: Vec<String>,
    /// What they are needed for
    #[arg(short = 'm', long)]
    message: Option<String>,
}

impl Summon {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let message = self.message.as_deref().map(text).transpose()?.unwrap_or_default();
        let request = v1::SummonRespondersRequest { name, etag, request_id, people: self.people, message };
        shell.change(&request, "summoned responders").await
    }
}

/// Answers a summons.
#[derive(Args, Clone, Debug)]
pub struct Answer {
    #[command(flatten)]
    target: One,
    /// Not coming
    #[arg(long)]
    decline: bool,
    /// Note for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
}

impl Answer {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::AnswerSummonsRequest {
            name,
            etag,
            request_id,
            accept: !self.decline,
            person: String::new(),
            note: self.note.unwrap_or_default(),
        };
        shell.change(&request, if self.decline { "summons declined" } else { "summons accepted" }).await
    }
}
