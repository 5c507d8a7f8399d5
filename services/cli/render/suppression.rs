//! The suppression log in a table. Instants are shown in the reader's zone.

use stentor_proto::v1::SuppressionEntry;

use super::{incident::or_dash, oncall::at, table::table};
use crate::cli::{refs::short, shell::Shell, terminal::Tone, words};

/// Entries, a line for each.
pub(in crate::cli) fn entries(shell: &Shell, entries: &[SuppressionEntry]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = entries.iter().map(|s| {
        let taken_in = s.signal_count == 0;
        let (end, tone) = match (&s.end_time, &s.planned_end_time) {
            (Some(end), _) => (at(shell, Some(end)), Tone::Dim),
            (None, Some(planned)) => (format!("until {}", at(shell, Some(planned))), Tone::Warn),
            (None, None) => ("lasts".to_owned(), Tone::Warn),
        };
        vec![
            cell(at(shell, s.start_time.as_ref())),
            shell.terminal.cell(end, tone),
            shell.terminal.cell(or_dash(&s.reference), Tone::Strong),
            cell(if s.alert > 0 { s.alert.to_string() } else { or_dash("") }),
            cell(words::prose("SuppressionReason", s.reason)),
            cell(or_dash(&by(s).join(", "))),
            cell(if taken_in { or_dash("") } else { s.signal_count.to_string() }),
            cell(or_dash(&s.title)),
        ]
    });
    let heading = ["FROM", "TO", "INCIDENT", "ALERT", "REASON", "BY", "SIGNALS", "TITLE"];
    table(shell, &heading, rows.collect())
}

/// What held it back, each by its name.
fn by(s: &SuppressionEntry) -> Vec<String> {
    let silences = s.silences.iter().map(|name| format!("silence {}", short(name)));
    let windows = s.maintenance_windows.iter().map(|name| format!("maintenance {}", short(name)));
    let inhibitions = s.inhibitions.iter().map(|i| format!("inhibition {}", i.inhibition));
    let route = Some(&s.route).filter(|route| !route.is_empty()).map(|route| format!("route {route}"));
    silences.chain(windows).chain(inhibitions).chain(route).collect()
}
