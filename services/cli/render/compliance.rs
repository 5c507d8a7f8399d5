//! SLA compliance as a table. Columns that say nothing for any line are left out.

use stentor_proto::v1::SlaCompliance;

use super::table::table;
use crate::cli::{refs::short, shell::Shell, terminal::Tone, words};

/// A line for each period, definition and group.
pub(in crate::cli) fn table_of(shell: &Shell, lines: &[SlaCompliance]) -> String {
    let grouped = lines.iter().any(|line| !line.group.is_empty());
    let excused = lines.iter().any(|line| line.excused_count > 0);
    let cell = |text: String, tone| shell.terminal.cell(text, tone);
    let at = |time: Option<&prost_types::Timestamp>| {
        time.map(|time| shell.moment.minute(time)).unwrap_or_default()
    };
    let rows = lines.iter().map(|line| {
        let mut row = vec![
            cell(at(line.start_time.as_ref()), Tone::Plain),
            cell(at(line.end_time.as_ref()), Tone::Plain),
            cell(short(&line.sla_definition).to_owned(), Tone::Strong),
            cell(words::word("ClockKind", line.kind), Tone::Plain),
        ];
        row.extend(grouped.then(|| cell(short(&line.group).to_owned(), Tone::Plain)));
        row.push(cell(line.met_count.to_string(), Tone::Plain));
        let tone = if line.breached_count > 0 { Tone::Bad } else { Tone::Plain };
        row.push(cell(line.breached_count.to_string(), tone));
        row.extend(excused.then(|| cell(line.excused_count.to_string(), Tone::Plain)));
        row.push(cell(line.cancelled_count.to_string(), Tone::Dim));
        row.push(cell(percent(line), Tone::Plain));
        row
    });
    let group = grouped.then_some("PER");
    let heading: Vec<&str> = ["FROM", "TO", "DEFINITION", "KIND"]
        .into_iter()
        .chain(group)
        .chain(["MET", "BREACHED"])
        .chain(excused.then_some("EXCUSED"))
        .chain(["CANCELLED", "COMPLIANCE"])
        .collect();
    table(shell, &heading, rows.collect())
}

/// Rounded down to a hundredth of a percent, so that only a promise that was always kept shows 100.
fn percent(line: &SlaCompliance) -> String {
    let (met, all) = (i64::from(line.met_count), i64::from(line.met_count) + i64::from(line.breached_count));
    match (met * 10_000).checked_div(all) {
        Some(share) => format!("{}.{:02}%", share / 100, share % 100),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_rounded_up() {
        let told = |met_count, breached_count| {
            percent(&SlaCompliance { met_count, breached_count, ..SlaCompliance::default() })
        };
        assert_eq!(told(2, 1), "66.66%");
        assert_eq!(told(99_999, 1), "99.99%");
        assert_eq!(told(3, 0), "100.00%");
        assert_eq!(told(0, 0), "-");
    }
}
