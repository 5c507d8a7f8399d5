//! The providers that a policy names and where they are: addresses and secrets stay outside of the policy.
//! In development whoever is not configured is the console.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::egress::Egress;
use super::net::Net;
use super::sender::{Sender, Webhook};
use super::standard_webhook::Secret;

/// The file of providers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    #[error("{path} cannot be read: {source}", path = path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a list of providers: {problem}", path = path.display())]
    Form { path: PathBuf, problem: String },
    #[error("provider {name}: {problem}")]
    Entry { name: String, problem: String },
}

/// What one entry may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    url: Option<String>,
    /// A secret of Standard Webhooks.
    #[serde(default)]
    secret: Option<String>,
    /// A file with one or more of them, a line each: during a rotation both sign.
    #[serde(default)]
    secret_file: Option<PathBuf>,
    /// Networks that this provider may be reached in although they are not public.
    #[serde(default)]
    allow: Vec<String>,
}

/// The senders by the names that policies use.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    senders: BTreeMap<String, Sender>,
    dev: bool,
}

impl Providers {
    /// Reads the file, if there is one. In development the loopback may be called.
    pub fn load(path: Option<&Path>, dev: bool) -> Result<Providers, ProviderError> {
        let Some(path) = path else { return Ok(Providers { senders: BTreeMap::new(), dev }) };
        let text = std::fs::read_to_string(path)
            .map_err(|source| ProviderError::File { path: path.to_owned(), source })?;
        let entries: BTreeMap<String, Entry> = serde_saphyr::from_str(&text)
            .map_err(|error| ProviderError::Form { path: path.to_owned(), problem: error.to_string() })?;
        let mut senders = BTreeMap::new();
        for (name, entry) in entries {
            let sender = sender(&name, entry, dev)
                .map_err(|problem| ProviderError::Entry { name: name.clone(), problem })?;
            senders.insert(name, sender);
        }
        Ok(Providers { senders, dev })
    }

    /// The sender behind a name such as `webhook/pusher`; none if nobody configured it.
    pub fn sender(&self, name: &str) -> Option<&Sender> {
        let known = self.senders.get(name);
        known.or_else(|| (self.dev || name.starts_with("console/")).then_some(&Sender::Console))
    }
}

fn sender(name: &str, entry: Entry, dev: bool) -> Result<Sender, String> {
    match name.split_once('/') {
        Some(("console", _)) => Ok(Sender::Console),
        Some(("webhook", _)) => webhook(entry, dev).map(Sender::Webhook),
        _ => Err("its name begins neither with webhook/ nor with console/".to_owned()),
    }
}

fn webhook(entry: Entry, dev: bool) -> Result<Webhook, String> {
    let url = entry.url.ok_or("a webhook needs a url")?;
    let url = url.parse().map_err(|error| format!("its url cannot be read: {error}"))?;
    let mut secrets: Vec<String> = entry.secret.into_iter().collect();
    if let Some(path) = &entry.secret_file {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        secrets.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    }
    let secrets: Vec<Secret> = secrets
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| format!("{error}"))?;
    if secrets.is_empty() && !dev {
        return Err(
            "a webhook needs a secret or a secret_file, or nobody can tell our pages from forged ones".into(),
        );
    }
    let allow: Vec<Net> = entry
        .allow
        .iter()
        .map(|text| text.parse())
        .collect::<Result<_, _>>()
        .map_err(|error| format!("{error}"))?;
    let loopback = Net::LOOPBACK.into_iter().filter(|_| dev);
    Webhook::new(url, secrets, Egress::new(allow.into_iter().chain(loopback)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(yaml: &str, dev: bool) -> Result<Providers, ProviderError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("providers.yaml");
        std::fs::write(folder.path().join("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&path, yaml.replace("SECRET", &secret.display().to_string())).unwrap();
        Providers::load(Some(&path), dev)
    }

    #[test]
    fn providers_are_found_by_the_names_that_policies_use() {
        let yaml =
            "webhook/pusher: {url: 'https://push.example.com/x', secret_file: SECRET}\nconsole/any: {}\n";
        let providers = load(yaml, false).unwrap();
        assert!(matches!(providers.sender("webhook/pusher"), Some(Sender::Webhook(_))));
        assert!(matches!(providers.sender("console/any"), Some(Sender::Console)));
        assert!(providers.sender("webhook/other").is_none());
    }

    #[test]
    fn in_dev_whoever_is_unknown_is_the_console_and_the_loopback_may_be_called() {
        let providers = load("webhook/pusher: {url: 'http://127.0.0.1:9/x'}\n", true).unwrap();
        assert!(matches!(providers.sender("webhook/pusher"), Some(Sender::Webhook(_))));
        assert!(matches!(providers.sender("sms/telco"), Some(Sender::Console)));
    }

    #[test]
    fn a_mistake_is_named_with_its_provider_and_shows_no_secret() {
        let cases = [
            ("webhook/a: {url: 'https://push.example.com'}", "webhook/a: a webhook needs a secret"),
            ("webhook/b: {secret_file: SECRET}", "webhook/b: a webhook needs a url"),
            ("webhook/c: {url: 'http://127.0.0.1/', secret_file: SECRET}", "plain http"),
            ("webhook/d: {url: 'https://10.0.0.1/', secret_file: SECRET}", "no network"),
            ("webhook/e: {url: 'https://x.example', secret: hunter2}", "webhook/e"),
            ("webhook/f: {url: 'https://x.example', secret_file: SECRET, allow: [ten]}", "not a network"),
            ("smoke/g: {}", "neither"),
            ("webhook/h: {uri: x}", "uri"),
        ];
        for (yaml, expected) in cases {
            let error = load(yaml, false).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("hunter2"), "{error:?} lacks {expected:?}");
        }
    }
}
