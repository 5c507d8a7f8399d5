//! What an import found: counts, and by kind what is odd in the file, with examples. Oddities are told, never repaired.

use std::collections::BTreeMap;

use serde::Serialize;
use stentor_core::history_log::Record;

/// Examples that are kept of each kind.
const EXAMPLES: usize = 5;

/// What a file held.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) records: Vec<Record>,
    /// Rows or entries of the file.
    pub(super) rows: u64,
    pub(super) odd: Odd,
}

/// Oddities by kind.
#[derive(Debug, Default)]
pub(super) struct Odd {
    kinds: BTreeMap<&'static str, Kind>,
}

#[derive(Debug, Default)]
struct Kind {
    meaning: &'static str,
    count: u64,
    examples: Vec<Example>,
}

/// One of them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Example {
    /// The record's id in its tool.
    pub(super) source_ref: String,
    /// Where in the file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) place: String,
    pub(super) text: String,
}

/// A kind as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct Oddity {
    pub(super) kind: &'static str,
    pub(super) meaning: &'static str,
    pub(super) count: u64,
    pub(super) examples: Vec<Example>,
}

impl Odd {
    /// Counts one, and keeps it if it is among the first.
    pub(super) fn note(
        &mut self,
        (kind, meaning): (&'static str, &'static str),
        source_ref: &str,
        place: impl Into<String>,
        text: impl Into<String>,
    ) {
        let known = self.kinds.entry(kind).or_default();
        known.meaning = meaning;
        known.count += 1;
        if known.examples.len() < EXAMPLES {
            let example =
                Example { source_ref: source_ref.to_owned(), place: place.into(), text: text.into() };
            known.examples.push(example);
        }
    }

    pub(super) fn into_list(self) -> Vec<Oddity> {
        let shown = |(kind, k): (&'static str, Kind)| Oddity {
            kind,
            meaning: k.meaning,
            count: k.count,
            examples: k.examples,
        };
        self.kinds.into_iter().map(shown).collect()
    }

    #[cfg(test)]
    pub(super) fn count(&self, kind: &str) -> u64 {
        self.kinds.get(kind).map_or(0, |k| k.count)
    }
}

/// The whole answer.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) source: &'static str,
    pub(super) rows: u64,
    pub(super) incidents: usize,
    /// Entries of all histories: what came in, what people did, what is known besides.
    pub(super) entries: usize,
    /// Incidents without a resolve: no resolution time can be told.
    pub(super) without_resolution: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) store: Option<Stored>,
    pub(super) oddities: Vec<Oddity>,
}

/// What the store did.
#[derive(Debug, Default, Serialize)]
pub(super) struct Stored {
    pub(super) stored: usize,
    /// There already, with the same history.
    pub(super) unchanged: usize,
    /// There already, with another history; left as it was.
    pub(super) differing: usize,
}
