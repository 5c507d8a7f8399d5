//! `stentor policy …`: applying and reading the policy document.
//! The findings are the linter's; here they are only shown.

mod apply;
mod diff;
mod rollback;

use clap::{Args, Subcommand};
use stentor_core::policy::schema;
use stentor_proto::v1;

use super::{failure::Failure, global::Format, lint::Lint, refs, render, shell::Shell, shell::machine};

use apply::Apply;
use diff::Diff;
use rollback::Rollback;

/// What can be done with the policy.
#[derive(Clone, Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say what is wrong with a document, without a server
    Lint(Lint),
    /// Make a document the current version
    Apply(Apply),
    /// Say what differs between two policies, and what that changes for whom
    Diff(Diff),
    /// Make an earlier version's content the current version
    Rollback(Rollback),
    /// Print the JSON Schema of the document, for editors
    Schema,
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
            Self::Diff(args) => args.run(shell).await,
            Self::Rollback(args) => args.run(shell).await,
            Self::Schema => shell.terminal.data(&machine(Format::Json, &schema())?),
            Self::Show(args) => args.run(shell).await,
            Self::List(args) => args.run(shell).await,
        }
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
