//! `stentor policy apply`: a document becomes the current version, and open incidents move to it if that is asked for.
//! What moves do is the server's answer; here it is only shown.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use stentor_core::simulate::outcomes;
use stentor_proto::v1;

use super::diff::{compiled, in_words, this_hour};
use crate::cli::{client::read, failure::Failure, refs, render, shell::Shell};

/// A document to be applied.
#[derive(Args, Clone, Debug)]
pub struct Apply {
    /// The document, YAML or JSON; - reads it from stdin
    file: PathBuf,
    /// Refuse unless this version is the current one
    #[arg(long, value_name = "N", default_value_t = 0)]
    expect: i64,
    /// Lint, compare and preview only
    #[arg(long)]
    dry_run: bool,
    /// Accept a warning; may be given several times
    #[arg(long, value_name = "CODE@PATH")]
    accept: Vec<String>,
    /// Why it is applied
    #[arg(short = 'm', long)]
    comment: Option<String>,
    /// Which open incidents move to it; with --dry-run what each move would do
    #[arg(long, value_name = "WHICH", default_value = "none")]
    migrate: Migrate,
    /// Do not play the next fourteen days under both versions
    #[arg(long)]
    no_simulate: bool,
}

/// Which open incidents move to a version that is applied.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Migrate {
    /// Each stays with the version that it opened under.
    None,
    /// Those that nobody has acknowledged.
    Unacknowledged,
    /// All.
    Open,
}

impl Migrate {
    /// The word on the wire.
    pub(super) fn wire(self) -> i32 {
        match self {
            Migrate::None => v1::PolicyMigration::None,
            Migrate::Unacknowledged => v1::PolicyMigration::Unacknowledged,
            Migrate::Open => v1::PolicyMigration::Open,
        }
        .into()
    }
}

impl Apply {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let document = read(&self.file)?;
        let request = v1::ApplyPolicyRequest {
            document: document.into_bytes(),
            expected_version: self.expect,
            validate_only: self.dry_run,
            accept: self.accept,
            comment: self.comment.unwrap_or_default(),
            request_id: shell.request_id(),
            migrate: self.migrate.wire(),
        };
        apply(shell, &self.file.display().to_string(), request, !self.no_simulate).await
    }
}

/// Applies a document and tells what came of it.
pub(super) async fn apply(
    shell: &mut Shell,
    file: &str,
    request: v1::ApplyPolicyRequest,
    play: bool,
) -> Result<(), Failure> {
    let before = if play && shell.human() { current(shell).await } else { None };
    let answer = shell.call(&request).await?;
    for finding in &answer.findings {
        let text = render::policy::finding(shell, file, finding);
        shell.terminal.say(&text);
    }
    for change in &answer.changes {
        let text = render::policy::change(shell, change);
        shell.terminal.say(&text);
    }
    if let Some(before) = before.filter(|_| !answer.unchanged && !answer.changes.is_empty()) {
        played(shell, &before, &request.document);
    }
    for one in &answer.moves {
        let text = moved(one, request.validate_only);
        shell.terminal.say(&text);
    }
    let number = answer.policy.as_ref().map(|policy| policy.number).unwrap_or_default();
    shell.terminal.say(&match (request.validate_only, answer.unchanged) {
        (true, true) => "nothing would change".to_owned(),
        (true, false) => format!("{} changes; nothing was applied", answer.changes.len()),
        (false, true) => format!("version {number} has the same content; nothing was applied"),
        (false, false) => format!("version {number} is current, {} changes", answer.changes.len()),
    });
    if request.migrate > v1::PolicyMigration::None.into() {
        let would = if request.validate_only { "would move" } else { "moved" };
        shell.terminal.say(&format!("{} open incidents {would}", answer.move_count));
    }
    if !shell.human() {
        shell.one("ApplyPolicyResponse", &answer, |_, _| String::new())?;
    }
    if request.validate_only && !answer.valid {
        return Err(Failure::Negative(format!("{file} would be refused")));
    }
    Ok(())
}

/// The document that is current, where there is one that can be read.
async fn current(shell: &mut Shell) -> Option<String> {
    let answer = shell.call(&v1::GetPolicyRequest { name: "policies/current".to_owned() }).await.ok()?;
    Some(String::from_utf8_lossy(&answer.policy?.document).into_owned())
}

/// What the next fourteen days would see of the difference.
fn played(shell: &mut Shell, before: &str, after: &[u8]) {
    let after = String::from_utf8_lossy(after);
    // A document that is no policy has been told of by its findings.
    let (Ok(before), Ok(after)) = (compiled("the current version", before), compiled("the document", &after))
    else {
        return;
    };
    let found = outcomes(&before, &after, &BTreeMap::new(), this_hour(shell));
    shell.terminal.say(in_words(&found).trim_end());
}

/// What a move does, on one line.
fn moved(one: &v1::PolicyMove, would: bool) -> String {
    if !one.refusal.is_empty() {
        return format!("  {} stays with {}: {}", one.reference, one.from_policy, one.refusal);
    }
    let mut parts: Vec<String> = Vec::new();
    let mut list = |words: &str, items: &[String]| {
        if !items.is_empty() {
            parts.push(format!("{words} {}", items.join(", ")));
        }
    };
    let people: Vec<String> = one.pages.iter().map(|page| refs::short(page).to_owned()).collect();
    list("pages", &people);
    list("breaches", &one.breached_clocks);
    list("starts", &one.started_clocks);
    list("ends", &one.cancelled_clocks);
    if parts.is_empty() {
        parts.push("pages nobody".to_owned());
    }
    let verb = if would { "would move" } else { "moved" };
    format!("  {} {verb} from {}: {}", one.reference, one.from_policy, parts.join("; "))
}
