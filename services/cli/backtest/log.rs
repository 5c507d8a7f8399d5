//! A history log read from a file, and how far a replay is. What a line means is the core's business.

use std::path::Path;

use stentor_core::history_log::{Record, read as read_line};
use stentor_core::time::Timestamp;

use crate::cli::{client::read, failure::Failure};

/// The records of a log that opened in a span, in the order of its lines.
pub(super) fn records(
    file: &Path,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<Record>, Failure> {
    let text = read(file)?;
    let mut records = Vec::new();
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let record =
            read_line(n + 1, line).map_err(|wrong| Failure::Usage(format!("{}: {wrong}", file.display())))?;
        let opened = record.entries.first().map(|entry| entry.at);
        if opened.is_some_and(|at| from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to)) {
            records.push(record);
        }
    }
    Ok(records)
}

/// How far it is: a bar of forty signs and the numbers.
pub(super) fn bar(done: usize, total: usize) -> String {
    const WIDTH: usize = 40;
    let full = (done * WIDTH).checked_div(total).unwrap_or(WIDTH);
    format!("[{}{}] {done} of {total}", "#".repeat(full), ".".repeat(WIDTH - full))
}
