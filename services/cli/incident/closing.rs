//! Resolving, documenting, closing, and opening again.
//! What is still missing is told by the server, not computed here.

use clap::Args;
use stentor_proto::v1;

use super::target::{Head, Many, One};
use crate::cli::{client::text, failure::Failure, refs, shell::Shell, time, words};

/// Ends the work.
#[derive(Args, Clone, Debug)]
pub struct Resolve {
    #[command(flatten)]
    target: One,
    /// How it was resolved
    #[arg(long, value_parser = words::parser("ResolutionCode"))]
    code: i32,
    /// How it was checked
    #[arg(long, visible_alias = "how", value_name = "TEXT")]
    verification: Option<String>,
    /// It recovered without a fix; needs a note
    #[arg(long)]
    self_recovered: bool,
    /// Why to resolve although alerts are firing
    #[arg(long, value_name = "TEXT")]
    force_reason: Option<String>,
    /// Note for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
    /// Check everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Resolve {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::ResolveIncidentRequest {
            name,
            etag,
            request_id,
            code: self.code,
            verification: self.verification.unwrap_or_default(),
            self_recovered: self.self_recovered,
            note: self.note.unwrap_or_default(),
            force_reason: self.force_reason.unwrap_or_default(),
            validate_only: self.dry_run,
        };
        shell.change(&request, if self.dry_run { "could be resolved" } else { "resolved" }).await
    }
}

/// Opens it again.
#[derive(Args, Clone, Debug)]
pub struct Reopen {
    #[command(flatten)]
    target: One,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
    /// Check everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Reopen {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let validate_only = self.dry_run;
        let request =
            v1::ReopenIncidentRequest { name, etag, request_id, reason: self.reason, validate_only };
        shell.change(&request, if validate_only { "could be reopened" } else { "reopened" }).await
    }
}

/// Ends it for good.
#[derive(Args, Clone, Debug)]
pub struct Close {
    #[command(flatten)]
    targets: Many,
    /// Note for the timeline
    #[arg(short = 'm', long)]
    note: Option<String>,
    /// Check everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Close {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let note = self.note.unwrap_or_default();
        let request = |Head { name, etag, request_id }| v1::CloseIncidentRequest {
            name,
            etag,
            request_id,
            note: note.clone(),
            validate_only: self.dry_run,
        };
        self.targets.each(shell, if self.dry_run { "could be closed" } else { "closed" }, request).await
    }
}

/// Fills the closure checklist.
#[derive(Args, Clone, Debug)]
pub struct Document {
    #[command(flatten)]
    target: One,
    /// Which field
    #[arg(value_parser = words::parser("ChecklistField"))]
    field: i32,
    /// What is documented; - reads it from stdin
    text: String,
    /// Category of the root cause
    #[arg(long)]
    category: Option<String>,
    /// The root cause stays unknown; the text says why
    #[arg(long)]
    unknown: bool,
    /// When users began to suffer, with impact
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    impact_start: Option<time::When>,
    /// When users ceased to suffer, with impact
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    impact_end: Option<time::When>,
}

impl Document {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let done = format!("has its {} documented", words::prose("ChecklistField", self.field));
        let now = shell.moment.now;
        let request = v1::DocumentIncidentRequest {
            name,
            etag,
            request_id,
            field: self.field,
            text: text(&self.text)?,
            category: self.category.unwrap_or_default(),
            unknown: self.unknown,
            impact_start_time: self.impact_start.map(|when| when.from(now)),
            impact_end_time: self.impact_end.map(|when| when.from(now)),
        };
        shell.change(&request, &done).await
    }
}

/// Lets a field of the checklist stay empty.
#[derive(Args, Clone, Debug)]
pub struct Waive {
    #[command(flatten)]
    target: One,
    /// Which field
    #[arg(value_parser = words::parser("ChecklistField"))]
    field: i32,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
}

impl Waive {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let done = format!("has its {} waived", words::prose("ChecklistField", self.field));
        let request =
            v1::WaiveChecklistItemRequest { name, etag, request_id, field: self.field, reason: self.reason };
        shell.change(&request, &done).await
    }
}

/// Corrects instants that metrics use.
#[derive(Args, Clone, Debug)]
pub struct Correct {
    #[command(flatten)]
    target: One,
    /// When users began to suffer
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    impact_start: Option<time::When>,
    /// When users ceased to suffer
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    impact_end: Option<time::When>,
    /// When it was noticed
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    detect: Option<time::When>,
    /// When users no longer suffered
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    mitigate: Option<time::When>,
    /// When it was really resolved
    #[arg(long, value_name = "WHEN", value_parser = time::parse_when, allow_hyphen_values = true)]
    resolve: Option<time::When>,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
}

impl Correct {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let now = shell.moment.now;
        let at = |when: Option<time::When>| when.map(|when| when.from(now));
        let request = v1::CorrectIncidentTimesRequest {
            name,
            etag,
            request_id,
            impact_start_time: at(self.impact_start),
            impact_end_time: at(self.impact_end),
            detect_time: at(self.detect),
            mitigate_time: at(self.mitigate),
            resolve_time: at(self.resolve),
            reason: self.reason,
        };
        shell.change(&request, "has its times corrected").await
    }
}

/// Says why a breach is nobody's failure; it stays a breach and is counted beside.
#[derive(Args, Clone, Debug)]
pub struct Excuse {
    #[command(flatten)]
    target: One,
    /// Which clock, such as p1-ack.1
    #[arg(value_name = "CLOCK")]
    clock: String,
    /// Why
    #[arg(short = 'm', long)]
    reason: String,
}

impl Excuse {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let done = format!("has the breach of {} excused", self.clock);
        let request =
            v1::ExcuseBreachRequest { name, etag, request_id, clock: self.clock, reason: self.reason };
        shell.change(&request, &done).await
    }
}

/// Moves it to another policy version.
#[derive(Args, Clone, Debug)]
pub struct MovePolicy {
    #[command(flatten)]
    target: One,
    /// Version to move to [default: the current one]
    #[arg(long, value_name = "VERSION", value_parser = refs::policy)]
    to: Option<String>,
    /// Refuse unless it is on this version
    #[arg(long, value_name = "VERSION", value_parser = refs::policy)]
    expect: Option<String>,
}

impl MovePolicy {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let Head { name, etag, request_id } = self.target.head(shell);
        let request = v1::MoveIncidentPolicyRequest {
            name,
            etag,
            request_id,
            // The API says absent for the current version, which people call by its name.
            policy: self.to.filter(|version| version != "policies/current").unwrap_or_default(),
            expected_policy: self.expect.unwrap_or_default(),
        };
        shell.change(&request, "moved to another policy version").await
    }
}
