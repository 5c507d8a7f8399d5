//! Sources of alerts: which there are, and what to write into each of them so that it sends here.
//! Integrations are made by the policy: what changes one here changes the document, and applies it.

mod change;
mod edit;

use clap::Subcommand;
use stentor_proto::v1;

use super::{failure::Failure, refs, render, shell::Shell};

/// What can be asked about integrations.
#[derive(Clone, Debug, Subcommand)]
pub enum IntegrationCommand {
    /// List the sources of alerts; keys are shown to admins only
    List {
        /// Policy version to look at [default: the current one]
        #[arg(long, value_name = "VERSION", value_parser = refs::policy)]
        policy: Option<String>,
    },
    /// Show what to paste into a source of alerts so that it sends here; admins only
    Show {
        /// Integration
        #[arg(value_parser = refs::integration)]
        integration: String,
        /// Address under which the source reaches this server [default: that of --server]
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// Add a source of alerts to the current policy, and show what to paste into it; admins only
    Create(change::Create),
    /// Give a source a new key, and let the old one be valid for a while; admins only
    Rotate(change::Rotate),
}

impl IntegrationCommand {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        match self {
            Self::List { policy } => list(policy, shell).await,
            Self::Show { integration, url } => show(integration, url, shell).await,
            Self::Create(args) => args.run(shell).await,
            Self::Rotate(args) => args.run(shell).await,
        }
    }
}

async fn list(policy: Option<String>, shell: &mut Shell) -> Result<(), Failure> {
    let request = |page_size, page_token| v1::ListIntegrationsRequest {
        policy: policy.clone().unwrap_or_default(),
        page_size,
        page_token,
    };
    let split = |answer: v1::ListIntegrationsResponse| (answer.integrations, answer.next_page_token);
    let integrations = shell.client.pages(usize::MAX, request, split).await?;
    shell.list("Integration", &integrations, render::policy::integrations)
}

async fn show(name: String, url: Option<String>, shell: &mut Shell) -> Result<(), Failure> {
    let request = v1::GetIntegrationRequest { name, policy: String::new() };
    let integration = shell.call(&request).await?.integration.unwrap_or_default();
    if integration.key.is_empty() {
        return Err(Failure::Usage("the key of an integration is shown to admins only".to_owned()));
    }
    let base = url.unwrap_or_else(|| shell.client.server().to_owned());
    let base = base.trim_end_matches('/').to_owned();
    shell.one("Integration", &integration, |_, integration| render::integration::paste(integration, &base))
}
