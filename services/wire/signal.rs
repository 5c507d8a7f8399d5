//! Signals as the rules want them, whatever protocol they came by: keyed, bounded, with plausible instants.
//! Which incident a signal belongs to is not known here.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use stentor_core::id::{IntegrationId, ServiceId};
use stentor_core::incident::kinds::{Level3, Severity};
use stentor_core::policy::document::Integration;
use stentor_core::signal::{Signal, SignalKind};
use stentor_core::time::{Duration, Timestamp};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Invalid;

const TITLE_CHARS_MAX: usize = 250;
const DESCRIPTION_CHARS_MAX: usize = 15_000;
const KEY_CHARS_MAX: usize = 255;
const WORD_CHARS_MAX: usize = 255;
const LABELS_MAX: usize = 64;
const NAME_CHARS_MAX: usize = 128;
const VALUE_CHARS_MAX: usize = 1024;
const ANNOTATION_CHARS_MAX: usize = 4096;
const URL_CHARS_MAX: usize = 2048;
const GROUP_CHARS_MAX: usize = 4096;

/// How far ahead of ours a sender's clock may be.
const AHEAD_MAX: Duration = Duration::minutes(5);

/// Instants farther away than this are mistakes of the sender.
const AWAY_MAX: Duration = Duration::days(3660);

/// Which label holds the severity where the integration names none.
const SEVERITY_LABEL: &str = "severity";

/// A signal as it was read, before anything is checked. Absent texts are empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RawSignal {
    /// A person's report: it has no key and no severity.
    pub report: bool,
    pub clear: bool,
    pub key: String,
    pub title: String,
    pub description: String,
    pub severity: String,
    pub source: String,
    pub reporter: String,
    pub url: String,
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub values: BTreeMap<String, f64>,
    pub observed_at: Option<Timestamp>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    pub impact: Option<Level3>,
    pub urgency: Option<Level3>,
    pub service: Option<ServiceId>,
    pub group: String,
    pub declare: bool,
    pub opens_anew: bool,
}

/// Checks and completes a signal. Texts that are too long are cut and marked; what would change an identity or
/// cannot be shortened with sense is refused by field.
pub fn normalise(
    raw: RawSignal,
    id: &IntegrationId,
    integration: &Integration,
    received_at: Timestamp,
) -> Result<Signal, Invalid> {
    check(&raw, received_at)?;
    let labels = named("labels", raw.labels)?;
    let key = if raw.report { String::new() } else { key(raw.key, &labels, &integration.ignore_labels) };
    let (severity, unmapped_severity) =
        if raw.report { (None, None) } else { severity(raw.severity, &labels, integration) };
    let clear = !raw.report && (raw.clear || raw.ends_at.is_some_and(|end| end <= received_at));
    let title = cut(line(&raw.title), TITLE_CHARS_MAX);
    if title.trim().is_empty() && !clear {
        return Err(Invalid::new("title", "is required"));
    }
    let observed_at = raw.observed_at.filter(|at| *at <= received_at + AHEAD_MAX).unwrap_or(received_at);
    Ok(Signal {
        kind: if raw.report { SignalKind::Report } else { SignalKind::Alert },
        integration: id.clone(),
        key,
        clear,
        title,
        description: cut(text(&raw.description), DESCRIPTION_CHARS_MAX),
        source: cut(line(&raw.source), WORD_CHARS_MAX),
        severity,
        unmapped_severity,
        reporter: cut(line(&raw.reporter), WORD_CHARS_MAX),
        url: raw.url,
        labels: shortened(labels, VALUE_CHARS_MAX),
        annotations: shortened(named("annotations", raw.annotations)?, ANNOTATION_CHARS_MAX),
        values: raw.values.into_iter().map(|(name, value)| (name, value.to_string())).collect(),
        received_at,
        observed_at,
        starts_at: raw.starts_at.filter(|at| *at <= received_at + AHEAD_MAX),
        ends_at: raw.ends_at.filter(|_| !clear),
        impact: raw.impact,
        urgency: raw.urgency,
        service: raw.service,
        category: None,
        group: cut(raw.group, GROUP_CHARS_MAX),
        declare: raw.declare,
        opens_anew: raw.opens_anew,
    })
}

/// The fingerprint of an alert without a key: SHA-256 over its labels in order, in hexadecimal. None without labels.
pub fn fingerprint(labels: &BTreeMap<String, String>, ignored: &[String]) -> Option<String> {
    let mut hash = Sha256::new();
    let mut any = false;
    for (name, value) in labels.iter().filter(|(name, value)| !value.is_empty() && !ignored.contains(name)) {
        // 0xFF stands in no UTF-8 text, so no two sets of labels give the same bytes.
        hash.update(name.as_bytes());
        hash.update([0xFF]);
        hash.update(value.as_bytes());
        hash.update([0xFF]);
        any = true;
    }
    any.then(|| hex::encode(hash.finalize()))
}

fn check(raw: &RawSignal, received_at: Timestamp) -> Result<(), Invalid> {
    if longer(&raw.key, KEY_CHARS_MAX) {
        return Err(Invalid::new("dedup_key", format!("is longer than {KEY_CHARS_MAX} characters")));
    }
    let web = raw.url.starts_with("https://") || raw.url.starts_with("http://");
    if !raw.url.is_empty() && (!web || longer(&raw.url, URL_CHARS_MAX)) {
        return Err(Invalid::new(
            "url",
            format!("is not an http(s) address of at most {URL_CHARS_MAX} characters"),
        ));
    }
    if raw.values.len() > LABELS_MAX {
        return Err(Invalid::new("values", format!("has more than {LABELS_MAX} entries")));
    }
    if let Some((name, _)) = raw.values.iter().find(|(_, value)| !value.is_finite()) {
        return Err(Invalid::new(format!("values[{name:?}]"), "is not a finite number"));
    }
    let instants =
        [("observe_time", raw.observed_at), ("start_time", raw.starts_at), ("end_time", raw.ends_at)];
    for (field, at) in instants {
        let away = at.map_or(Duration::ZERO, |at| at.since(received_at).max(received_at.since(at)));
        if away > AWAY_MAX {
            return Err(Invalid::new(field, "is more than ten years away"));
        }
    }
    Ok(())
}

fn key(stated: String, labels: &BTreeMap<String, String>, ignored: &[String]) -> String {
    if !stated.trim().is_empty() {
        return stated;
    }
    fingerprint(labels, ignored).unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string())
}

/// The sender's word as a severity, and the word itself if nobody mapped it: an unknown word must not lower urgency.
fn severity(
    stated: String,
    labels: &BTreeMap<String, String>,
    integration: &Integration,
) -> (Option<Severity>, Option<String>) {
    let map = integration.severity.as_ref();
    let label = map.map_or(SEVERITY_LABEL, |map| map.label.as_str());
    let word = if stated.is_empty() { labels.get(label).cloned().unwrap_or_default() } else { stated };
    let otherwise = map.map_or(Severity::Error, |map| map.otherwise);
    if word.is_empty() {
        return (Some(otherwise), None);
    }
    let mapped = map.and_then(|map| map.map.get(&word)).copied();
    match mapped.or_else(|| Severity::parse(&word.to_lowercase())) {
        Some(severity) => (Some(severity), None),
        None => (Some(otherwise), Some(cut(line(&word), NAME_CHARS_MAX))),
    }
}

/// Entries without empty values, their number and names within limits.
fn named(field: &str, entries: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Invalid> {
    let entries: BTreeMap<String, String> =
        entries.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    if entries.len() > LABELS_MAX {
        return Err(Invalid::new(field, format!("has more than {LABELS_MAX} entries")));
    }
    match entries.keys().find(|name| name.is_empty() || longer(name, NAME_CHARS_MAX) || name.contains('\0')) {
        Some(_) => {
            Err(Invalid::new(field, format!("has a name that is not 1 to {NAME_CHARS_MAX} characters long")))
        }
        None => Ok(entries),
    }
}

fn shortened(entries: BTreeMap<String, String>, chars: usize) -> BTreeMap<String, String> {
    entries.into_iter().map(|(name, value)| (name, cut(without_nul(value), chars))).collect()
}

fn longer(text: &str, chars: usize) -> bool {
    text.len() > chars && text.chars().nth(chars).is_some()
}

/// At most so many characters, the last of them a mark if something was cut.
fn cut(text: String, chars: usize) -> String {
    if !longer(&text, chars) {
        return text;
    }
    text.chars().take(chars - 1).chain(std::iter::once('…')).collect()
}

/// One line: control characters become blanks.
fn line(words: &str) -> String {
    let words = text(words);
    if !words.contains(char::is_control) {
        return words;
    }
    words.replace(char::is_control, " ")
}

/// In the normal form that is stored.
fn text(words: &str) -> String {
    without_nul(if is_nfc(words) { words.to_owned() } else { words.nfc().collect() })
}

/// PostgreSQL keeps every character but this one.
fn without_nul(words: String) -> String {
    if words.contains('\0') { words.replace('\0', "\u{FFFD}") } else { words }
}

#[cfg(test)]
#[path = "signal_tests.rs"]
mod tests;
