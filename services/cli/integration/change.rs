//! `stentor integration create` and `rotate`: the current document is edited and applied, unless another was applied
//! meanwhile. Who did what stays visible in the policy's versions; no key is stored anywhere.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use prost_types::Duration;
use stentor_core::policy::document::{IntegrationKey, IntegrationKind};
use stentor_core::policy::parse;
use stentor_core::time::Timestamp as Instant;
use stentor_proto::v1;

use super::{edit, show};
use crate::cli::{failure::Failure, refs, shell::Shell, time};

/// A new integration.
#[derive(Args, Clone, Debug)]
pub struct Create {
    /// What sends: native, alertmanager, prometheus, pagerduty, grafana, json, cloudevents, datadog, sentry, github, opsgenie
    #[arg(value_parser = kind)]
    kind: IntegrationKind,
    /// Its id: lower-case letters, digits and inner hyphens
    #[arg(value_parser = refs::integration)]
    name: String,
    /// Service of its alerts that no other route takes
    #[arg(long, value_parser = refs::service)]
    service: Option<String>,
    #[command(flatten)]
    applied: Applied,
}

/// Another key.
#[derive(Args, Clone, Debug)]
pub struct Rotate {
    /// Integration
    #[arg(value_parser = refs::integration)]
    name: String,
    /// How long the old key is valid beside the new one; 0s refuses it at once
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = overlap)]
    overlap: Duration,
    #[command(flatten)]
    applied: Applied,
}

/// How a document that was edited is applied.
#[derive(Args, Clone, Debug)]
struct Applied {
    /// Print the policy as it would be, and apply nothing
    #[arg(long)]
    dry_run: bool,
    /// Accept a warning; may be given several times
    #[arg(long, value_name = "CODE@PATH")]
    accept: Vec<String>,
    /// Address under which the source reaches this server [default: that of --server]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl Create {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let (policy, text) = current(shell).await?;
        let (id, service) = (refs::short(&self.name), self.service.as_deref().map(refs::short));
        let text = edit::create(&text, id, self.kind, service).map_err(Failure::Negative)?;
        let comment = format!("integration create {} {id}", self.kind.as_str());
        self.applied.apply(shell, policy.number, text, comment, &self.name).await
    }
}

impl Rotate {
    pub(super) async fn run(self, shell: &mut Shell) -> Result<(), Failure> {
        let (policy, text) = current(shell).await?;
        let id = refs::short(&self.name);
        let generation = parse(&text)
            .ok()
            .and_then(|document| document.integrations.get(id).map(|entry| entry.generation()))
            .ok_or_else(|| Failure::Negative(format!("the policy has no integration {id}")))?;
        let key = IntegrationKey { generation: generation + 1, old_until: self.until(shell.moment.now)? };
        let text = edit::rotate(&text, id, key).map_err(Failure::Negative)?;
        let comment = format!("integration rotate {id}");
        self.applied.apply(shell, policy.number, text, comment, &self.name).await?;
        if !self.applied.dry_run {
            shell.terminal.say(&match key.old_until {
                Some(until) => format!("the old key is valid until {until}"),
                None => "the old key is refused".to_owned(),
            });
        }
        Ok(())
    }

    fn until(&self, now: Timestamp) -> Result<Option<Instant>, Failure> {
        let overlap = SignedDuration::from_secs(self.overlap.seconds);
        let until = now.checked_add(overlap);
        let until = until.map_err(|_| Failure::Usage("--overlap is too long".to_owned()))?;
        let second = Instant::from_jiff(until).whole_second();
        Ok((!overlap.is_zero()).then_some(second))
    }
}

impl Applied {
    async fn apply(
        &self,
        shell: &mut Shell,
        expected_version: i64,
        text: String,
        comment: String,
        name: &str,
    ) -> Result<(), Failure> {
        if self.dry_run {
            return shell.terminal.data(text.trim_end());
        }
        let request = v1::ApplyPolicyRequest {
            document: text.into_bytes(),
            expected_version,
            accept: self.accept.clone(),
            comment,
            request_id: shell.request_id(),
            ..Default::default()
        };
        let answer = shell.call(&request).await?;
        let number = answer.policy.map(|policy| policy.number).unwrap_or_default();
        shell.terminal.say(&format!("version {number} of the policy is current"));
        show(name.to_owned(), self.url.clone(), shell).await
    }
}

/// The current version, and its text.
async fn current(shell: &Shell) -> Result<(v1::Policy, String), Failure> {
    let request = v1::GetPolicyRequest { name: "policies/current".to_owned() };
    let policy = shell.call(&request).await?.policy.unwrap_or_default();
    let text = String::from_utf8_lossy(&policy.document).into_owned();
    Ok((policy, text))
}

/// A span, or none at all.
fn overlap(text: &str) -> Result<Duration, String> {
    if text == "0s" { Ok(Duration::default()) } else { time::parse_span(text) }
}

fn kind(text: &str) -> Result<IntegrationKind, String> {
    let word = serde_json::Value::String(text.to_ascii_lowercase());
    serde_json::from_value(word).map_err(|_| format!("`{text}` is no kind of integration"))
}
