//! Findings, policy versions, changes, integrations and the triage queue as tables.
//! A finding looks like a compiler's, so that editors can jump to its line.

use stentor_proto::v1::{
    Finding, FindingSeverity, Integration, Policy, PolicyChange, PolicyChangeKind, TriageQueueEntry,
    TriageQueueGroup,
};

use super::{
    incident::{or_dash, phase_tone, priority, priority_tone},
    table::table,
};
use crate::cli::{refs::short, shell::Shell, terminal::Tone, words};

/// One finding: file:line:column: warning CODE at path: message.
pub(in crate::cli) fn finding(shell: &Shell, file: &str, finding: &Finding) -> String {
    let place = match (finding.line, finding.column) {
        (0, _) => file.to_owned(),
        (line, 0) => format!("{file}:{line}"),
        (line, column) => format!("{file}:{line}:{column}"),
    };
    let tone = match finding.severity() {
        FindingSeverity::Error => Tone::Bad,
        FindingSeverity::Warning if !finding.accepted => Tone::Warn,
        _ => Tone::Dim,
    };
    let severity = shell.terminal.paint(&words::prose("FindingSeverity", finding.severity), tone);
    let accepted = if finding.accepted { " (accepted)" } else { "" };
    let at = if finding.path.is_empty() { String::new() } else { format!(" at {}", finding.path) };
    format!("{place}: {severity} {}{accepted}{at}: {}", finding.code, finding.message)
}

/// One change: + services.checkout.
pub(in crate::cli) fn change(shell: &Shell, change: &PolicyChange) -> String {
    let (sign, tone) = match change.kind() {
        PolicyChangeKind::Added => ("+", Tone::Good),
        PolicyChangeKind::Removed => ("-", Tone::Bad),
        PolicyChangeKind::Changed | PolicyChangeKind::Unspecified => ("~", Tone::Warn),
    };
    let values = match (change.before_json.is_empty(), change.after_json.is_empty()) {
        (false, false) => format!(": {} -> {}", brief(&change.before_json), brief(&change.after_json)),
        _ => String::new(),
    };
    format!("  {} {}{values}", shell.terminal.paint(sign, tone), change.path)
}

fn brief(json: &str) -> String {
    const LENGTH: usize = 60;
    if json.chars().count() <= LENGTH {
        return json.to_owned();
    }
    let start: String = json.chars().take(LENGTH).collect();
    format!("{start}…")
}

/// The list of versions.
pub(in crate::cli) fn list(shell: &Shell, policies: &[Policy]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = policies.iter().map(|policy| {
        let tone = if policy.current { Tone::Good } else { Tone::Dim };
        vec![
            shell.terminal.cell(policy.number.to_string(), Tone::Strong),
            shell.terminal.cell(if policy.current { "current" } else { "-" }, tone),
            cell(policy.apply_time.map_or_else(|| "-".to_owned(), |time| shell.moment.distance(&time))),
            cell(or_dash(short(&policy.actor))),
            cell(policy.digest.chars().take(12).collect()),
            cell(or_dash(&policy.comment)),
        ]
    });
    table(shell, &["VERSION", "CURRENT", "APPLIED", "BY", "DIGEST", "COMMENT"], rows.collect())
}

/// The list of integrations.
pub(in crate::cli) fn integrations(shell: &Shell, integrations: &[Integration]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = integrations.iter().map(|integration| {
        vec![
            shell.terminal.cell(short(&integration.name), Tone::Strong),
            cell(integration.kind.clone()),
            cell(or_dash(&integration.webhook_path)),
            cell(or_dash(&integration.display_name)),
        ]
    });
    table(shell, &["ID", "KIND", "WEBHOOK", "NAME"], rows.collect())
}

/// The triage queue, most pressing first.
pub(in crate::cli) fn queue(shell: &Shell, entries: &[TriageQueueEntry]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = entries.iter().map(|entry| {
        let tone = match entry.group() {
            TriageQueueGroup::Breached => Tone::Bad,
            TriageQueueGroup::Due => Tone::Plain,
            TriageQueueGroup::NoClock | TriageQueueGroup::Unspecified => Tone::Dim,
        };
        let due = entry.due_time.as_ref().map(|due| {
            format!("{} {}", words::prose("ClockKind", entry.clock_kind), shell.moment.deadline(due))
        });
        let next = entry.next_escalation_time.as_ref().map(|time| shell.moment.distance(time));
        vec![
            shell.terminal.cell(&entry.reference, Tone::Strong),
            shell.terminal.cell(priority(entry.priority), priority_tone(entry.priority())),
            shell.terminal.cell(words::prose("IncidentPhase", entry.phase), phase_tone(entry.phase())),
            shell.terminal.cell(due.unwrap_or_else(|| "-".to_owned()), tone),
            cell(entry.level.to_string()),
            cell(next.unwrap_or_else(|| "-".to_owned())),
            cell(or_dash(short(&entry.service))),
            cell(or_dash(short(&entry.holder))),
            cell(entry.title.clone()),
        ]
    });
    let heading = ["REF", "PRIO", "STATE", "DUE", "LEVEL", "NEXT PAGE", "SERVICE", "HOLDER", "TITLE"];
    table(shell, &heading, rows.collect())
}
