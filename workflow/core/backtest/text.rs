//! The report as a table of plain text, for terminals and change requests.

use std::fmt::Write as _;

use super::figures::Side;
use super::percentile::Spread;
use super::report::Report;

/// The table: figures of both sides, then who and what differs.
pub fn summary(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} incidents from {} to {}, {} of them imported; {} differ",
        report.incidents, report.from, report.to, report.imported, report.differing
    );
    let _ =
        writeln!(out, "Signals and what people did keep their recorded instants and actors on both sides.\n");
    row(&mut out, "", ["BASELINE", "CANDIDATE", "DIFFERENCE"]);
    sides(&mut out, &report.baseline, &report.candidate);
    let _ = writeln!(
        out,
        "\npages: {} added, {} removed, {} moved\nopened otherwise: {} priority, {} service, {} grouping\n{}",
        report.pages_added,
        report.pages_removed,
        report.pages_moved,
        report.other_priority,
        report.other_service,
        report.other_grouping,
        fidelity(report)
    );
    people(&mut out, report);
    hours(&mut out, report);
    definitions(&mut out, report);
    named(&mut out, report);
    out
}

/// The share of the pages really decided that the baseline decides again.
pub(super) fn fidelity(report: &Report) -> String {
    match report.decided {
        0 => "fidelity: no record says which pages were really decided".to_owned(),
        decided => {
            let permille = report.repeated * 1000 / decided;
            format!(
                "fidelity: {}.{} % ({} of {decided} pages really decided are repeated)",
                permille / 10,
                permille % 10,
                report.repeated
            )
        }
    }
}

fn row(out: &mut String, name: &str, cells: [&str; 3]) {
    let _ = writeln!(out, "{name:<34}{:>14}{:>14}{:>14}", cells[0], cells[1], cells[2]);
}

fn count(out: &mut String, name: &str, before: u64, after: u64) {
    let difference = i128::from(after) - i128::from(before);
    row(out, name, [&before.to_string(), &after.to_string(), &format!("{difference:+}")]);
}

fn sides(out: &mut String, before: &Side, after: &Side) {
    count(out, "pages", before.pages, after.pages);
    count(out, "pages at night (22-07 local)", before.pages_at_night, after.pages_at_night);
    count(out, "breaches", before.breaches, after.breaches);
    count(out, "incidents with exhausted rounds", before.exhausted, after.exhausted);
    count(out, "incidents that page nobody", before.silent, after.silent);
    spread(out, "first page after", before.first_page, after.first_page);
    spread(out, "acknowledged after", before.acknowledged, after.acknowledged);
    count(out, "acknowledgements by people", before.acknowledgements, after.acknowledgements);
    count(out, "  unexplained: not paged before", before.unexplained, after.unexplained);
    count(out, "dropped actions", before.dropped, after.dropped);
}

fn spread(out: &mut String, name: &str, before: Spread, after: Spread) {
    for (rank, before, after) in
        [("p50", before.p50, after.p50), ("p90", before.p90, after.p90), ("max", before.max, after.max)]
    {
        let difference = format!("{:+}s", after - before);
        row(out, &format!("{name}, {rank}"), [&format!("{before}s"), &format!("{after}s"), &difference]);
    }
}

fn people(out: &mut String, report: &Report) {
    if report.people.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n{:<20}{:>10}{:>10}{:>8}{:>9}{:>7}{:>16}",
        "PERSON", "BASELINE", "CANDIDATE", "ADDED", "REMOVED", "MOVED", "NIGHT"
    );
    for (person, p) in &report.people {
        let night = format!("{} -> {}", p.night_baseline, p.night_candidate);
        let _ = writeln!(
            out,
            "{:<20}{:>10}{:>10}{:>8}{:>9}{:>7}{night:>16}",
            person.as_str(),
            p.baseline,
            p.candidate,
            p.added,
            p.removed,
            p.moved
        );
    }
}

fn hours(out: &mut String, report: &Report) {
    let _ = writeln!(out, "\n{:<6}{:>10}{:>10}", "HOUR", "BASELINE", "CANDIDATE");
    for (hour, (before, after)) in report.hours.baseline.iter().zip(&report.hours.candidate).enumerate() {
        if *before > 0 || *after > 0 {
            let _ = writeln!(out, "{hour:02}    {before:>10}{after:>10}");
        }
    }
}

fn definitions(out: &mut String, report: &Report) {
    if report.definitions.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n{:<26}{:>10}{:>10}{:>8}{:>9}",
        "BREACHES OF", "BASELINE", "CANDIDATE", "ADDED", "REMOVED"
    );
    for (name, b) in &report.definitions {
        let _ =
            writeln!(out, "{name:<26}{:>10}{:>10}{:>8}{:>9}", b.baseline, b.candidate, b.added, b.removed);
    }
}

fn named(out: &mut String, report: &Report) {
    if !report.dropped.is_empty() {
        let _ = writeln!(out, "\nDROPPED UNDER THE CANDIDATE");
        for (what, n) in &report.dropped {
            let _ = writeln!(out, "{n:>8}  {what}");
        }
    }
    if report.unresolved > 0 {
        let names = report.unresolved_named.join(", ");
        let _ = writeln!(out, "\n{} records never say how they ended: {names}", report.unresolved);
    }
    if report.remarks > 0 {
        let _ = writeln!(out, "\n{} remarks, the first of them:", report.remarks);
        report.remarks_named.iter().for_each(|remark| {
            let _ = writeln!(out, "  {remark}");
        });
    }
    if report.cut > 0 {
        let _ = writeln!(out, "\n{} incidents have more than is replayed and were cut short", report.cut);
    }
}
