//! Notes, evidence, tasks and hypotheses.
//! It keeps no drafts; what is typed goes to the server at once.

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::target::{Head, One};
use crate::cli::{client::text, failure::Failure, refs, shell::Shell, time, words};

/// Something to remember.
#[derive(Args, Clone, Debug)]
pub struct Note {
    #[command(flatten)]
    target: One,
    /// The note; - reads it from stdin
    text: String,
}

impl Note {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::AddNoteRequest { name, etag, request_id, text: text(&self.text)? };
        shell.change(&request, "has a new note").await
    }
}

/// Something observed.
#[derive(Clone, Debug, Subcommand)]
pub enum Evidence {
    /// Add evidence
    Add(AddEvidence),
    /// Hide the body of evidence; the record stays
    Retract(RetractEvidence),
}

impl Evidence {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Add(args) => args.run(shell).await,
            Self::Retract(args) => args.run(shell).await,
        }
    }
}

/// New evidence.
#[derive(Args, Clone, Debug)]
pub struct AddEvidence {
    #[command(flatten)]
    target: One,
    /// What it shows
    #[arg(long)]
    title: String,
    /// The address, text or snapshot; - reads it from stdin
    body: String,
    /// What the body is
    #[arg(long, default_value = "text", value_parser = words::parser("EvidenceKind"))]
    kind: i32,
    /// Trace it belongs to, 32 hex digits
    #[arg(long)]
    trace_id: Option<String>,
}

impl AddEvidence {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::AddEvidenceRequest {
            name,
            etag,
            request_id,
            kind: self.kind,
            title: self.title,
            body: text(&self.body)?,
            trace_id: self.trace_id.unwrap_or_default(),
        };
        shell.change(&request, "has new evidence").await
    }
}

/// Evidence that must not be read on.
#[derive(Args, Clone, Debug)]
pub struct RetractEvidence {
    #[command(flatten)]
    target: One,
    /// Its number
    number: i32,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
}

impl RetractEvidence {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        shell.terminal.confirm("Retract: its body is hidden for good?", shell.yes)?;
        let Head { name, etag, request_id } = self.target.head(shell);
        let (evidence_number, reason) = (self.number, self.reason);
        let request = v1::RetractEvidenceRequest { name, etag, request_id, evidence_number, reason };
        shell.change(&request, &format!("has evidence {evidence_number} retracted")).await
    }
}

/// A piece of work with an owner.
#[derive(Clone, Debug, Subcommand)]
pub enum Task {
    /// Add a task
    Add(AddTask),
    /// Change a task or its state
    Update(UpdateTask),
}

impl Task {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Add(args) => args.run(shell).await,
            Self::Update(args) => args.run(shell).await,
        }
    }
}

/// A new task.
#[derive(Args, Clone, Debug)]
pub struct AddTask {
    #[command(flatten)]
    target: One,
    /// What is to be done
    title: String,
    /// Who does it, for example ana
    #[arg(long, value_parser = refs::person)]
    owner: Option<String>,
    /// When it is due, for example 2h
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    due: Option<time::When>,
}

impl AddTask {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::AddTaskRequest {
            name,
            etag,
            request_id,
            title: self.title,
            owner: self.owner.unwrap_or_default(),
            due_time: self.due.map(|when| when.from(shell.moment.now)),
        };
        let answer = shell.call(&request).await?;
        let incident = answer.incident.unwrap_or_default();
        shell.told(&incident, &format!("has task {} added", answer.task_number), answer.replayed);
        shell.after(&incident)
    }
}

/// A changed task.
#[derive(Args, Clone, Debug)]
pub struct UpdateTask {
    #[command(flatten)]
    target: One,
    /// Its number
    task: i32,
    /// Where it stands now
    #[arg(long, value_parser = words::parser("TaskState"))]
    state: Option<i32>,
    /// New title
    #[arg(long)]
    title: Option<String>,
    /// Who does it
    #[arg(long, value_parser = refs::person)]
    owner: Option<String>,
    /// When it is due
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when)]
    due: Option<time::When>,
    /// Why it is dropped
    #[arg(short = 'm', long)]
    reason: Option<String>,
}

impl UpdateTask {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::UpdateTaskRequest {
            name,
            etag,
            request_id,
            task_number: self.task,
            state: self.state.unwrap_or_default(),
            title: self.title.unwrap_or_default(),
            owner: self.owner.unwrap_or_default(),
            due_time: self.due.map(|when| when.from(shell.moment.now)),
            reason: self.reason.unwrap_or_default(),
        };
        shell.change(&request, &format!("has task {} updated", self.task)).await
    }
}

/// A supposed cause.
#[derive(Clone, Debug, Subcommand)]
pub enum Hypothesis {
    /// State a supposed cause
    Propose(Propose),
    /// Change the state of one
    Update(UpdateHypothesis),
}

impl Hypothesis {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Propose(args) => args.run(shell).await,
            Self::Update(args) => args.run(shell).await,
        }
    }
}

/// A new hypothesis.
#[derive(Args, Clone, Debug)]
pub struct Propose {
    #[command(flatten)]
    target: One,
    /// What is supposed; - reads it from stdin
    statement: String,
    /// Number of evidence for it
    #[arg(long, value_name = "N")]
    evidence: Vec<i32>,
}

impl Propose {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let (statement, evidence_numbers) = (text(&self.statement)?, self.evidence);
        let request = v1::ProposeHypothesisRequest { name, etag, request_id, statement, evidence_numbers };
        shell.change(&request, "has a new hypothesis").await
    }
}

/// A changed hypothesis.
#[derive(Args, Clone, Debug)]
pub struct UpdateHypothesis {
    #[command(flatten)]
    target: One,
    /// Its number
    hypothesis: i32,
    /// Where it stands now
    #[arg(long, value_parser = words::parser("HypothesisState"))]
    state: Option<i32>,
    /// Number of evidence to add
    #[arg(long, value_name = "N")]
    evidence: Vec<i32>,
    /// Note for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
}

impl UpdateHypothesis {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::UpdateHypothesisRequest {
            name,
            etag,
            request_id,
            hypothesis_number: self.hypothesis,
            state: self.state.unwrap_or_default(),
            evidence_numbers: self.evidence,
            note: self.note.unwrap_or_default(),
        };
        shell.change(&request, &format!("has hypothesis {} updated", self.hypothesis)).await
    }
}
