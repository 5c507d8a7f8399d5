//! `stentor policy …`: applying and reading the policy document.
//! The findings are the linter's; here they are only shown.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use stentor_proto::v1;

use super::{client::read, failure::Failure, global::Format, lint::Lint, refs, render, shell::Shell};

/// What can be done with the policy.
#[derive(Clone, Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say what is wrong with a document, without a server
    Lint(Lint),
    /// Make a document the current version
    Apply(Apply),
    /// Show one version as it was applied
    Show(Show),
    /// List the versions, newest first
    List(List),
}

impl PolicyCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::Lint(args) => args.run(shell.format, &mut shell.terminal),
            Self::Apply(args) => args.run(shell).await,
            Self::Show(args) => args.run(shell).await,
            Self::List(args) => args.run(shell).await,
        }
    }
}

/// A document to be applied.
#[derive(Args, Clone, Debug)]
pub struct Apply {
    /// The document, YAML or JSON; - reads it from stdin
    file: PathBuf,
    /// Refuse unless this version is the current one
    #[arg(long, value_name = "N", default_value_t = 0)]
    expect: i64,
    /// Lint and compare only
    #[arg(long)]
    dry_run: bool,
    /// Accept a warning; may be given several times
    #[arg(long, value_name = "CODE@PATH")]
    accept: Vec<String>,
    /// Why it is applied
    #[arg(short = 'm', long)]
    comment: Option<String>,
}

impl Apply {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let file = self.file.display().to_string();
        let request = v1::ApplyPolicyRequest {
            document: read(&self.file)?.into_bytes(),
            expected_version: self.expect,
            validate_only: self.dry_run,
            accept: self.accept,
            comment: self.comment.unwrap_or_default(),
            request_id: shell.request_id(),
        };
        let answer = shell.call(&request).await?;
        for finding in &answer.findings {
            let text = render::policy::finding(shell, &file, finding);
            shell.terminal.say(&text);
        }
        for change in &answer.changes {
            let text = render::policy::change(shell, change);
            shell.terminal.say(&text);
        }
        let number = answer.policy.as_ref().map(|policy| policy.number).unwrap_or_default();
        shell.terminal.say(&match (self.dry_run, answer.unchanged) {
            (true, true) => "nothing would change".to_owned(),
            (true, false) => format!("{} changes; nothing was applied", answer.changes.len()),
            (false, true) => format!("version {number} has the same content; nothing was applied"),
            (false, false) => format!("version {number} is current, {} changes", answer.changes.len()),
        });
        if !shell.human() {
            shell.one("ApplyPolicyResponse", &answer, |_, _| String::new())?;
        }
        if self.dry_run && !answer.valid {
            return Err(Failure::Negative(format!("{file} would be refused")));
        }
        Ok(())
    }
}

/// Which version.
#[derive(Args, Clone, Debug)]
pub struct Show {
    /// Number of the version
    #[arg(value_name = "VERSION", default_value = "current", value_parser = refs::policy)]
    name: String,
}

impl Show {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let answer = shell.call(&v1::GetPolicyRequest { name: self.name }).await?;
        let policy = answer.policy.unwrap_or_default();
        let document = String::from_utf8_lossy(&policy.document).trim_end().to_owned();
        match shell.format {
            // People want the document as they wrote it, comments and all.
            Format::Table | Format::Wide | Format::Yaml => {
                shell.terminal.say(&format!(
                    "version {}, applied by {}",
                    policy.number,
                    refs::short(&policy.actor)
                ));
                shell.terminal.data(&document)
            }
            _ => shell.one("Policy", &policy, |_, _| String::new()),
        }
    }
}

/// How many versions.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Most versions shown
    #[arg(long, short = 'n', value_name = "N", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl List {
    async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let request = |page_size, page_token| v1::ListPoliciesRequest { page_size, page_token };
        let split = |answer: v1::ListPoliciesResponse| (answer.policies, answer.next_page_token);
        let policies = shell.client.pages(self.limit as usize, request, split).await?;
        shell.list("Policy", &policies, render::policy::list)
    }
}
