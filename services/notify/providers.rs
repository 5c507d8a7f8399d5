//! The providers that a policy names and where they are: addresses and secrets stay outside of the policy.
//! In development whoever is not configured is the console.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::channels::{Around, Entries};
use super::sender::Sender;

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

/// The senders by the names that policies use.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    senders: BTreeMap<String, Sender>,
    dev: bool,
}

impl Providers {
    /// Reads the file, if there is one. In development the loopback may be called.
    pub fn load(path: Option<&Path>, dev: bool) -> Result<Providers, ProviderError> {
        match path {
            Some(path) => Providers::read(path, Around::new(dev)),
            None => Ok(Providers { senders: BTreeMap::new(), dev }),
        }
    }

    pub(super) fn read(path: &Path, around: Around) -> Result<Providers, ProviderError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ProviderError::File { path: path.to_owned(), source })?;
        // A piece of the file in an error could be a secret.
        let options = serde_saphyr::options! { with_snippet: false };
        let entries: Entries = serde_saphyr::from_str_with_options(&text, options)
            .map_err(|error| ProviderError::Form { path: path.to_owned(), problem: error.to_string() })?;
        let mut senders = BTreeMap::new();
        for (name, sender) in entries.senders(&around) {
            let sender = sender.map_err(|problem| ProviderError::Entry { name: name.clone(), problem })?;
            senders.insert(name, sender);
        }
        Ok(Providers { senders, dev: around.dev })
    }

    /// The sender behind a name such as `webhook/pusher`; none if nobody configured it.
    pub fn sender(&self, name: &str) -> Option<&Sender> {
        let known = self.senders.get(name);
        known.or_else(|| (self.dev || name.starts_with("console/")).then_some(&Sender::Console))
    }
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
            ("smoke/g: {}", "smoke/g: its name"),
            ("webhook/h: {uri: x}", "webhook/h: unknown field `uri`"),
            ("webhook/i: {url: [hunter2]}", "webhook/i"),
            ("smtp/a: {from: a@x.example}", "smtp/a: missing field `host`"),
            ("smtp/b: {host: x.example, from: nobody}", "smtp/b: from: "),
            ("smtp/c: {host: x.example, from: a@x.example, tls: none}", "smtp/c: tls: none"),
            ("smtp/d: {host: x.example, from: a@x.example, tls: hunter}", "smtp/d: unknown variant `hunter`"),
            ("smtp/e: {host: x.example, from: a@x.example, username: a}", "smtp/e: password_file"),
            ("smtp/f: {host: x.example, from: a@x.example, username: a, password_file: /absent}", "/absent"),
        ];
        for (yaml, expected) in cases {
            let error = load(yaml, false).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("hunter2"), "{error:?} lacks {expected:?}");
        }
    }
}
