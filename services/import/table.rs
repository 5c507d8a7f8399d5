//! The report of an import, for people or for machines. It shows what was counted and counts nothing itself.

use std::io;

use crate::cli::{Format, GlobalArgs, Terminal};

use super::report::{Oddity, Report};

/// Examples that people are shown of each kind; machines get all that were kept.
const SHOWN: usize = 2;

/// Writes the report to stdout.
pub(super) fn show(report: &Report, global: &GlobalArgs, terminal: &mut Terminal) -> io::Result<()> {
    let text = match global.format() {
        Format::Json => serde_json::to_string_pretty(report)?,
        Format::Jsonl | Format::Name => serde_json::to_string(report)?,
        Format::Yaml => serde_saphyr::to_string(report).map_err(io::Error::other)?.trim_end().to_owned(),
        // A report has no drawing: the other forms show it as people read it.
        _ => text(report),
    };
    terminal.show(&text)
}

fn text(report: &Report) -> String {
    let mut lines = vec![
        format!("{}: {} incidents in {} rows", report.source, report.incidents, report.rows),
        format!("{} entries; {} incidents without a resolution", report.entries, report.without_resolution),
    ];
    lines.push(match &report.store {
        Some(s) => format!(
            "stored {}, unchanged {}, differing {} (see `stentor incident list --imported`)",
            s.stored, s.unchanged, s.differing
        ),
        None => "stored nothing".to_owned(),
    });
    if !report.oddities.is_empty() {
        let width = report.oddities.iter().map(|o| o.kind.len()).max().unwrap_or(0);
        lines.push(String::new());
        lines.push(format!("{:>7}  {:width$}  MEANING", "COUNT", "ODDITY"));
        for oddity in &report.oddities {
            lines.push(format!("{:>7}  {:width$}  {}", oddity.count, oddity.kind, oddity.meaning));
            lines.extend(examples(oddity).map(|said| format!("{:>7}  {:width$}  e.g. {said}", "", "")));
        }
    }
    lines.join("\n")
}

fn examples(oddity: &Oddity) -> impl Iterator<Item = String> {
    oddity.examples.iter().take(SHOWN).map(|e| {
        let place = if e.place.is_empty() { String::new() } else { format!(" ({})", e.place) };
        let said = if e.text.is_empty() { String::new() } else { format!(": {}", e.text) };
        format!("{}{place}{said}", e.source_ref)
    })
}
