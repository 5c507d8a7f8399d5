//! `stentor policy rollback`: an earlier version's content becomes the newest version. Versions themselves never change.

use clap::Args;
use stentor_proto::v1;

use super::apply::{Migrate, apply};
use crate::cli::{failure::Failure, shell::Shell};

/// Which version's content.
#[derive(Args, Clone, Debug)]
pub struct Rollback {
    /// Number of the version to go back to
    #[arg(value_name = "K", value_parser = clap::value_parser!(i64).range(1..))]
    to: i64,
    /// Refuse unless this version is the current one
    #[arg(long, value_name = "N", default_value_t = 0)]
    expect: i64,
    /// Lint and compare only
    #[arg(long)]
    dry_run: bool,
    /// Accept a warning; may be given several times
    #[arg(long, value_name = "CODE@PATH")]
    accept: Vec<String>,
    /// Which open incidents move to it
    #[arg(long, value_name = "WHICH", default_value = "none")]
    migrate: Migrate,
}

impl Rollback {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let name = format!("policies/{}", self.to);
        let answer = shell.call(&v1::GetPolicyRequest { name: name.clone() }).await?;
        let request = v1::ApplyPolicyRequest {
            document: answer.policy.unwrap_or_default().document,
            expected_version: self.expect,
            validate_only: self.dry_run,
            accept: self.accept,
            comment: format!("rollback to version {}", self.to),
            request_id: shell.request_id(),
            migrate: self.migrate.wire(),
        };
        apply(shell, &name, request, false).await
    }
}
