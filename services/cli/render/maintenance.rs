//! Maintenance windows in tables. Instants are shown in the reader's zone.

use stentor_proto::v1::{MaintenanceWindow, MaintenanceWindowState};

use super::{incident::or_dash, oncall::at, table::table};
use crate::cli::{matchers, refs::short, shell::Shell, terminal::Tone, words};

/// Windows, a line for each.
pub(in crate::cli) fn windows(shell: &Shell, windows: &[MaintenanceWindow]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = windows.iter().map(|w| {
        let tone = match w.state() {
            MaintenanceWindowState::Active => Tone::Warn,
            MaintenanceWindowState::Pending => Tone::Plain,
            _ => Tone::Dim,
        };
        let (from, to) = occurrence(w);
        vec![
            shell.terminal.cell(short(&w.name), Tone::Strong),
            shell.terminal.cell(words::prose("MaintenanceWindowState", w.state), tone),
            cell(words::prose("MaintenanceMode", w.mode)),
            cell(covered(w)),
            cell(at(shell, from)),
            cell(at(shell, to)),
            cell(or_dash(&w.weekly_zone)),
            cell(or_dash(short(&w.creator))),
            cell(or_dash(&w.comment)),
        ]
    });
    let heading = ["NUMBER", "STATE", "MODE", "COVERS", "FROM", "TO", "WEEKLY", "MADE BY", "COMMENT"];
    table(shell, &heading, rows.collect())
}

/// A window in words.
pub(in crate::cli) fn line(shell: &Shell, w: &MaintenanceWindow) -> String {
    let (from, to) = occurrence(w);
    let weekly =
        if w.weekly_zone.is_empty() { String::new() } else { format!(", weekly by {}", w.weekly_zone) };
    format!(
        "{} {} from {} to {}{weekly}, {}",
        words::prose("MaintenanceMode", w.mode),
        covered(w),
        at(shell, from),
        at(shell, to),
        words::prose("MaintenanceWindowState", w.state)
    )
}

/// The occurrence that holds or comes next; of a window that is over the first.
fn occurrence(w: &MaintenanceWindow) -> (Option<&prost_types::Timestamp>, Option<&prost_types::Timestamp>) {
    match (&w.occurrence_start_time, &w.occurrence_end_time) {
        (Some(from), Some(to)) => (Some(from), Some(to)),
        _ => (w.start_time.as_ref(), w.end_time.as_ref()),
    }
}

fn covered(w: &MaintenanceWindow) -> String {
    let services: Vec<&str> = w.services.iter().map(|name| short(name)).collect();
    let sets: Vec<String> = w.matcher_sets.iter().map(matchers::text).collect();
    match (services.is_empty(), sets.is_empty()) {
        (false, true) => services.join(", "),
        (true, _) => sets.join(" or "),
        (false, false) => format!("{}: {}", services.join(", "), sets.join(" or ")),
    }
}
