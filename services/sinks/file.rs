//! The file of sinks: which there are, of what kind, and from where a new one begins. It is read once, at the start;
//! positions do not stand in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use stentor_core::id::is_policy_id;
use stentor_engine::{Sink, Start};

use super::{nats, webhook};

/// More sinks would be a bus of our own.
const SINKS_MAX: usize = 32;

/// The file of sinks cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    #[error("{path} cannot be read: {source}", path = path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path} is not a list of sinks: {problem}", path = path.display())]
    Form { path: PathBuf, problem: String },
    #[error("sink {name}: {problem}")]
    Entry { name: String, problem: String },
}

/// One entry. It has exactly one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    webhook: Option<webhook::Settings>,
    nats: Option<nats::Settings>,
    #[serde(default)]
    from: From,
    /// What the events call this deployment, as a URI reference.
    #[serde(default = "stentor")]
    source: String,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum From {
    #[default]
    Now,
    Start,
}

fn stentor() -> String {
    "/stentor".to_owned()
}

/// What every kind of sink is told beside its own settings.
#[derive(Debug, Clone)]
pub(super) struct Common {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) start: Start,
}

/// Reads the file, if there is one. In development the loopback may be called.
pub fn load(path: Option<&Path>, dev: bool) -> Result<Vec<Arc<dyn Sink>>, SinkError> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text =
        std::fs::read_to_string(path).map_err(|source| SinkError::File { path: path.to_owned(), source })?;
    let form = |problem: String| SinkError::Form { path: path.to_owned(), problem };
    // A piece of the file in an error could be a secret.
    let options = serde_saphyr::options! { with_snippet: false };
    let entries: BTreeMap<String, Entry> =
        serde_saphyr::from_str_with_options(&text, options).map_err(|error| form(error.to_string()))?;
    if entries.len() > SINKS_MAX {
        return Err(form(format!("it has {} sinks, at most {SINKS_MAX} are taken", entries.len())));
    }
    let sinks = entries
        .into_iter()
        .map(|(name, entry)| sink(&name, entry, dev).map_err(|problem| SinkError::Entry { name, problem }));
    sinks.collect()
}

fn sink(name: &str, entry: Entry, dev: bool) -> Result<Arc<dyn Sink>, String> {
    if !is_policy_id(name) {
        return Err("a name is lower-case letters, digits and dashes".to_owned());
    }
    if entry.source.is_empty() || !entry.source.chars().all(|c| c.is_ascii_graphic()) {
        return Err("source: it is not a URI reference".to_owned());
    }
    let start = match entry.from {
        From::Now => Start::Now,
        From::Start => Start::Beginning,
    };
    let common = Common { name: name.to_owned(), source: entry.source, start };
    match (entry.webhook, entry.nats) {
        (Some(settings), None) => Ok(Arc::new(webhook::Webhook::new(common, settings, dev)?)),
        (None, Some(settings)) => nats::sink(common, settings, dev),
        _ => Err("it needs either webhook or nats".to_owned()),
    }
}
