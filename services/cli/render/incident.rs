//! An incident in one line: in tables, in the live view, and after a command.
//! It shows the server's clocks and computes none.

use comfy_table::Cell;
use stentor_proto::v1::{Clock, Incident, IncidentPhase, Priority, SlaState};

use super::table::table;
use crate::cli::{refs::short, shell::Shell, terminal::Tone, words};

/// The list: what breaches next is what the server puts first.
pub(in crate::cli) fn list(shell: &Shell, incidents: &[Incident]) -> String {
    let mut heading = vec!["REF", "PRIO", "STATE", "DUE", "SERVICE", "HOLDER", "AGE", "TITLE"];
    if shell.wide() {
        heading.splice(7..7, ["TEAM", "ASSIGNEE", "LEVEL", "NEXT PAGE", "ALERTS", "CATEGORY"]);
    }
    table(shell, &heading, incidents.iter().map(|incident| row(shell, incident)).collect())
}

fn row(shell: &Shell, incident: &Incident) -> Vec<Cell> {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let (due, tone) = due(shell, incident);
    let mut cells = vec![
        shell.terminal.cell(&incident.reference, Tone::Strong),
        shell.terminal.cell(priority(incident.priority), priority_tone(incident.priority())),
        shell.terminal.cell(state(incident), phase_tone(incident.phase())),
        shell.terminal.cell(due, tone),
        cell(or_dash(short(&incident.service))),
        cell(or_dash(short(holder(incident)))),
        shell.terminal.cell(age(shell, incident), Tone::Dim),
    ];
    if shell.wide() {
        let escalation = incident.escalation.clone().unwrap_or_default();
        cells.push(cell(or_dash(short(&incident.team))));
        cells.push(cell(or_dash(short(&incident.assignee))));
        cells.push(cell(if escalation.level == 0 { "-".to_owned() } else { escalation.level.to_string() }));
        let next = escalation.next_due_time.map(|due| shell.moment.distance(&due));
        cells.push(cell(next.unwrap_or_else(|| "-".to_owned())));
        cells.push(cell(format!("{}/{}", incident.firing_alert_count, incident.alert_count)));
        cells.push(cell(or_dash(&incident.category)));
    }
    cells.push(cell(incident.title.clone()));
    cells
}

/// One line of the live view: how it stands, and who has it or which level is called.
pub(in crate::cli) fn line(shell: &Shell, incident: &Incident, gone: bool) -> String {
    let (due, tone) = due(shell, incident);
    let terminal = &shell.terminal;
    let clock = incident.update_time.map(|time| shell.moment.clock(&time)).unwrap_or_default();
    let mut state = state(incident);
    if let Some(who) = at_it(incident) {
        state = format!("{state}, {who}");
    }
    if gone {
        state.push_str(", left the view");
    }
    format!(
        "{}  {}  {}  {}  {}  {}",
        terminal.paint(&format!("{clock:8}"), Tone::Dim),
        terminal.paint(&format!("{:9}", incident.reference), Tone::Strong),
        terminal.paint(&priority(incident.priority), priority_tone(incident.priority())),
        terminal.paint(&format!("{state:26}"), phase_tone(incident.phase())),
        terminal.paint(&format!("{due:24}"), tone),
        incident.title
    )
}

/// How it stands: active, P2, ana has it, resolve in 3h 58m.
pub(in crate::cli) fn standing(shell: &Shell, incident: &Incident) -> String {
    let mut parts = vec![state(incident), priority(incident.priority)];
    match holder(incident) {
        "" => {}
        holder => parts.push(format!("{} has it", short(holder))),
    }
    let (due, _) = due(shell, incident);
    if due != "-" {
        parts.push(due);
    }
    parts.join(", ")
}

/// Phase and what else decides whether anybody is paged: active, on hold.
pub(in crate::cli) fn state(incident: &Incident) -> String {
    let mut text = words::prose("IncidentPhase", incident.phase);
    for (holds, word) in [
        (incident.on_hold, "on hold"),
        (incident.snooze.is_some(), "snoozed"),
        (incident.suppressed, "suppressed"),
        (incident.escalation.as_ref().is_some_and(|position| position.exhausted), "nobody answered"),
    ] {
        if holds {
            text.push_str(", ");
            text.push_str(word);
        }
    }
    text
}

/// The clock that is due first, with the time left, and how worrying that is.
fn due(shell: &Shell, incident: &Incident) -> (String, Tone) {
    let Some(summary) = &incident.sla else { return ("-".to_owned(), Tone::Dim) };
    let tone = match summary.state() {
        SlaState::Overdue => Tone::Bad,
        SlaState::AtRisk => Tone::Warn,
        SlaState::Ok => Tone::Good,
        SlaState::Paused | SlaState::None | SlaState::Unspecified => Tone::Dim,
    };
    let clock: Option<&Clock> = incident.clocks.iter().find(|clock| clock.name == summary.clock);
    let what = clock.map(|clock| words::prose("ClockKind", clock.kind)).unwrap_or_default();
    match summary.due_time.as_ref().or(incident.next_due_time.as_ref()) {
        Some(time) => (format!("{what} {}", shell.moment.deadline(time)).trim_start().to_owned(), tone),
        None if summary.state() == SlaState::Paused => ("paused".to_owned(), tone),
        None => ("-".to_owned(), Tone::Dim),
    }
}

/// Who works on it or is asked to, as long as somebody should.
fn at_it(incident: &Incident) -> Option<String> {
    let open =
        matches!(incident.phase(), IncidentPhase::Triage | IncidentPhase::Active | IncidentPhase::Mitigated);
    match (holder(incident), &incident.escalation) {
        _ if !open => None,
        ("", Some(position)) if position.level > 0 && !incident.suppressed => {
            Some(format!("level {} called", position.level))
        }
        ("", _) => None,
        (holder, _) => Some(format!("{} has it", short(holder))),
    }
}

fn holder(incident: &Incident) -> &str {
    incident.acknowledgement.as_ref().map(|held| held.holder.as_str()).unwrap_or_default()
}

fn age(shell: &Shell, incident: &Incident) -> String {
    let opened = incident.create_time.as_ref();
    opened.map_or_else(|| "-".to_owned(), |time| crate::cli::time::span(-shell.moment.seconds_until(time)))
}

/// P1 to P5.
pub(in crate::cli) fn priority(number: i32) -> String {
    words::word("Priority", number).to_ascii_uppercase()
}

/// The more pressing, the louder.
pub(in crate::cli) fn priority_tone(priority: Priority) -> Tone {
    match priority {
        Priority::P1 | Priority::P2 => Tone::Bad,
        Priority::P3 => Tone::Warn,
        Priority::P4 => Tone::Plain,
        Priority::P5 | Priority::Unspecified => Tone::Dim,
    }
}

/// Open phases stand out, ended ones step back.
pub(in crate::cli) fn phase_tone(phase: IncidentPhase) -> Tone {
    match phase {
        IncidentPhase::Triage => Tone::Warn,
        IncidentPhase::Active => Tone::Bad,
        IncidentPhase::Mitigated | IncidentPhase::Resolved => Tone::Good,
        IncidentPhase::Closed | IncidentPhase::Cancelled | IncidentPhase::Unspecified => Tone::Dim,
    }
}

/// A dash where there is nothing, so that columns can be counted.
pub(in crate::cli) fn or_dash(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { text.to_owned() }
}
