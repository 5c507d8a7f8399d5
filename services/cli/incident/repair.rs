//! Mitigation, fixes, their verification, and recovery steps.
//! Gates and soak times are the server's.

use clap::{Args, Subcommand};
use stentor_proto::v1::{self, FixState};

use super::target::{Head, Many, One};
use crate::cli::{client::text, failure::Failure, shell::Shell};

/// Users no longer suffer.
#[derive(Args, Clone, Debug)]
pub struct Mitigate {
    #[command(flatten)]
    targets: Many,
    /// What was done, for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
}

impl Mitigate {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let note = self.note.unwrap_or_default();
        let request = |Head { name, etag, request_id }| v1::MitigateIncidentRequest {
            name,
            etag,
            request_id,
            note: note.clone(),
        };
        self.targets.each(shell, "mitigated", request).await
    }
}

/// Users suffer again.
#[derive(Args, Clone, Debug)]
pub struct Relapse {
    #[command(flatten)]
    target: One,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
}

impl Relapse {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::RelapseIncidentRequest { name, etag, request_id, reason: self.reason };
        shell.change(&request, "relapsed").await
    }
}

/// What can be done with a fix.
#[derive(Clone, Debug, Subcommand)]
pub enum Fix {
    /// Record a fix that is to be applied
    Plan(Plan),
    /// Record that a fix was applied
    Apply(Apply),
    /// Record whether an applied fix works
    Verify(Verify),
    /// Record that a fix was undone
    Rollback(Rollback),
}

impl Fix {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Plan(args) => args.run(shell).await,
            Self::Apply(args) => args.run(shell).await,
            Self::Verify(args) => args.run(shell).await,
            Self::Rollback(args) => args.run(shell).await,
        }
    }
}

/// A fix to come.
#[derive(Args, Clone, Debug)]
pub struct Plan {
    #[command(flatten)]
    target: One,
    /// What is to be changed; - reads it from stdin
    description: String,
}

impl Plan {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let description = text(&self.description)?;
        let answer = shell.call(&v1::PlanFixRequest { name, etag, request_id, description }).await?;
        let incident = answer.incident.unwrap_or_default();
        shell.told(&incident, &format!("has fix {} planned", answer.fix_number), answer.replayed);
        shell.after(&incident)
    }
}

/// A fix made.
#[derive(Args, Clone, Debug)]
pub struct Apply {
    #[command(flatten)]
    target: One,
    /// What was changed; - reads it from stdin. Without it the planned fix was applied
    description: Option<String>,
    /// Number of the planned fix [default: the latest planned one, without a description]
    #[arg(long, value_name = "N")]
    fix: Option<i32>,
}

impl Apply {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let fix_number = match (self.fix, &self.description) {
            (Some(number), _) => number,
            (None, Some(_)) => 0,
            (None, None) => latest(shell, &name, FixState::Planned).await?,
        };
        let description = self.description.as_deref().map(text).transpose()?.unwrap_or_default();
        let request = v1::ApplyFixRequest { name, etag, request_id, fix_number, description };
        let answer = shell.call(&request).await?;
        let incident = answer.incident.unwrap_or_default();
        shell.told(&incident, &format!("has fix {} applied", answer.fix_number), answer.replayed);
        shell.after(&incident)
    }
}

/// Whether a fix works.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    #[command(flatten)]
    target: One,
    /// How it was checked; - reads it from stdin
    #[arg(long, short = 'm', visible_alias = "verification", value_name = "TEXT")]
    how: String,
    /// Number of the fix [default: the latest applied one]
    #[arg(long, value_name = "N")]
    fix: Option<i32>,
    /// It does not work
    #[arg(long)]
    failed: bool,
}

impl Verify {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let fix_number = match self.fix {
            Some(number) => number,
            None => latest(shell, &name, FixState::Applied).await?,
        };
        let verification = text(&self.how)?;
        let passed = !self.failed;
        let request = v1::VerifyFixRequest { name, etag, request_id, fix_number, passed, verification };
        let result = if passed { "verified" } else { "found not to work" };
        shell.change(&request, &format!("has fix {fix_number} {result}")).await
    }
}

/// A fix undone.
#[derive(Args, Clone, Debug)]
pub struct Rollback {
    #[command(flatten)]
    target: One,
    /// Number of the fix
    #[arg(long, value_name = "N")]
    fix: i32,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
}

impl Rollback {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let done = format!("has fix {} rolled back", self.fix);
        let reason = self.reason;
        let request = v1::RollBackFixRequest { name, etag, request_id, fix_number: self.fix, reason };
        shell.change(&request, &done).await
    }
}

/// People seldom know numbers; there is mostly one fix that can be meant.
async fn latest(shell: &Shell, name: &str, state: FixState) -> Result<i32, Failure> {
    let request = v1::GetIncidentRequest { name: name.to_owned() };
    let incident = shell.call(&request).await?.incident.unwrap_or_default();
    let found = incident.fixes.iter().rev().find(|fix| fix.state() == state);
    found.map(|fix| fix.number).ok_or_else(|| {
        let word = state.as_str_name().trim_start_matches("FIX_STATE_").to_ascii_lowercase();
        Failure::Usage(format!("{} has no {word} fix; name one with --fix", incident.reference))
    })
}

/// Work that brings things back to normal.
#[derive(Clone, Debug, Subcommand)]
pub enum Recovery {
    /// Add a step
    Add(AddStep),
    /// Record that a step is done
    Done(StepDone),
}

impl Recovery {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Add(args) => args.run(shell).await,
            Self::Done(args) => args.run(shell).await,
        }
    }
}

/// A new step.
#[derive(Args, Clone, Debug)]
pub struct AddStep {
    #[command(flatten)]
    target: One,
    /// What is to be done; - reads it from stdin
    description: String,
    /// It gates closing instead of resolving
    #[arg(long)]
    after_resolution: bool,
}

impl AddStep {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let description = text(&self.description)?;
        let after_resolution = self.after_resolution;
        let request = v1::AddRecoveryStepRequest { name, etag, request_id, description, after_resolution };
        shell.change(&request, "has a new recovery step").await
    }
}

/// A step done.
#[derive(Args, Clone, Debug)]
pub struct StepDone {
    #[command(flatten)]
    target: One,
    /// Number of the step
    step: i32,
    /// Its result was checked
    #[arg(long)]
    checked: bool,
    /// Note for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
}

impl StepDone {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::CompleteRecoveryStepRequest {
            name,
            etag,
            request_id,
            recovery_step_number: self.step,
            checked: self.checked,
            note: self.note.unwrap_or_default(),
        };
        shell.change(&request, &format!("has recovery step {} done", self.step)).await
    }
}
