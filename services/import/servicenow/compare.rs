//! What the final columns say against what the rows show. Differences are remarks of the record and oddities of the
//! report; no instant is taken from here.

use stentor_core::history_log::{Action, Entry, What};
use stentor_core::time::Timestamp;

use crate::import::report::Odd;

use super::rows::Row;

const NEVER_RESOLVED: (&str, &str) =
    ("never_resolved", "no row shows the state Resolved: there is no resolution time");
const STILL_OPEN: (&str, &str) = ("still_open", "the last row is open");
const RESOLVED_DIFFERS: (&str, &str) =
    ("resolved_at_differs", "resolved_at is not when the first row shows the resolution: not used");
const RESOLVED_MISSING: (&str, &str) = ("resolved_at_missing", "resolved, but resolved_at is unknown");
const RESOLVED_ALONE: (&str, &str) =
    ("resolved_at_alone", "resolved_at names a time, but no row shows a resolution: not used");
const CLOSED_DIFFERS: (&str, &str) =
    ("closed_at_differs", "closed_at is not when the first row shows the closing: not used");
const REOPENED_DIFFERS: (&str, &str) =
    ("reopen_count_differs", "reopen_count is not how often the rows show a reopening: not used");
const MISSED_SLA: (&str, &str) = ("made_sla_false", "the other tool says that it missed a target: not used");
const BEGINS_LATE: (&str, &str) =
    ("begins_late", "the first row is past New: what came before it is not in the file");
const UPDATES_MISSING: (&str, &str) =
    ("updates_missing", "sys_mod_count skips: some updates are not in the file");
const UPDATES_DISORDERED: (&str, &str) = ("updates_disordered", "sys_mod_count does not grow");

/// What the rows showed.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    resolved: Option<Timestamp>,
    closed: Option<Timestamp>,
    /// The last entry that ends or reopens.
    open: bool,
    reopened: u64,
}

impl Seen {
    pub(super) fn of(entries: &[Entry]) -> Seen {
        let mut seen = Seen { open: true, ..Seen::default() };
        for entry in entries {
            let What::Action(action) = &entry.what else { continue };
            match action {
                Action::Resolve { .. } => {
                    seen.resolved = Some(entry.at);
                    seen.open = false;
                }
                Action::Close => {
                    seen.closed = Some(entry.at);
                    seen.open = false;
                }
                Action::Cancel { .. } => seen.open = false,
                Action::Reopen => {
                    seen.reopened += 1;
                    seen.closed = None;
                    seen.open = true;
                }
                _ => {}
            }
        }
        seen
    }
}

/// Compares; the remarks for the record.
pub(super) fn final_columns(rows: &[Row], seen: &Seen, odd: &mut Odd) -> Vec<String> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Vec::new() };
    let number = &last.number;
    let mut remarks = Vec::new();
    let mut remark = |kind: (&'static str, &'static str), text: String| {
        odd.note(kind, number, last.place(), text.clone());
        remarks.push(text);
    };
    match (seen.resolved, last.resolved_at) {
        (Some(shown), Some(said)) if shown != said => {
            remark(RESOLVED_DIFFERS, format!("resolved_at says {said}, the rows show {shown}"));
        }
        (None, Some(said)) => {
            remark(RESOLVED_ALONE, format!("resolved_at says {said}, no row shows it"));
        }
        _ => {}
    }
    if seen.resolved.is_none() {
        remark(NEVER_RESOLVED, "no row shows a resolution".to_owned());
    }
    if let (Some(shown), Some(said)) = (seen.closed, last.closed_at)
        && shown != said
    {
        remark(CLOSED_DIFFERS, format!("closed_at says {said}, the rows show {shown}"));
    }
    if let Some(said) = last.reopened.filter(|said| *said != seen.reopened) {
        remark(REOPENED_DIFFERS, format!("reopen_count says {said}, the rows show {}", seen.reopened));
    }
    if seen.resolved.is_some() && last.resolved_at.is_none() {
        odd.note(RESOLVED_MISSING, number, last.place(), "");
    }
    if seen.open {
        odd.note(STILL_OPEN, number, last.place(), "");
    }
    if last.made_sla == Some(false) {
        odd.note(MISSED_SLA, number, last.place(), "");
    }
    if first.state.is_some_and(|s| !matches!(s, super::rows::State::New | super::rows::State::Active)) {
        odd.note(BEGINS_LATE, number, first.place(), "");
    }
    counted(rows, odd);
    remarks
}

/// Gaps in the numbers of the updates.
fn counted(rows: &[Row], odd: &mut Odd) {
    let numbers = || rows.iter().filter_map(|r| Some((r, r.updates?)));
    let pairs = || numbers().zip(numbers().skip(1));
    if let Some(((_, a), (row, b))) = pairs().find(|((_, a), (_, b))| b <= a) {
        odd.note(UPDATES_DISORDERED, &row.number, row.place(), format!("{a}, then {b}"));
    } else if let Some(((_, a), (row, b))) = pairs().find(|((_, a), (_, b))| *b > a + 1) {
        odd.note(UPDATES_MISSING, &row.number, row.place(), format!("{a}, then {b}"));
    }
}
