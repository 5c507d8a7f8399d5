//! Everything about one incident on one screen: facts first, then clocks, then what people did.
//! Sections without content are left out.

use std::fmt::Write;

use prost_types::Timestamp;
use stentor_proto::v1::{ChecklistState, Clock, ClockState, Incident};

use super::{incident::standing, table::table};
use crate::cli::{
    refs::short,
    shell::Shell,
    terminal::Tone,
    time::duration,
    words::{prose, word},
};

/// The whole page.
pub(in crate::cli) fn text(shell: &Shell, incident: &Incident) -> String {
    let head = format!("{}  {}", incident.reference, incident.title);
    let mut page = shell.terminal.paint(&head, Tone::Strong);
    for (label, value) in facts(shell, incident) {
        if !value.is_empty() {
            let label = shell.terminal.paint(&format!("{label:14}"), Tone::Dim);
            write!(page, "\n  {label}{value}").expect("a string takes every text");
        }
    }
    if !incident.description.is_empty() {
        write!(page, "\n\n{}", incident.description).expect("a string takes every text");
    }
    section(shell, &mut page, "Clocks", clocks(shell, incident));
    section(shell, &mut page, "Alerts", alerts(shell, incident));
    section(shell, &mut page, "Work", work(shell, incident));
    section(shell, &mut page, "Checklist", checklist(shell, incident));
    section(shell, &mut page, "Updates", updates(shell, incident));
    section(shell, &mut page, "Links", links(incident));
    page
}

fn section(shell: &Shell, page: &mut String, title: &str, text: String) {
    if !text.is_empty() {
        let title = shell.terminal.paint(title, Tone::Strong);
        write!(page, "\n\n{title}\n{text}").expect("a string takes every text");
    }
}

fn facts(shell: &Shell, incident: &Incident) -> Vec<(&'static str, String)> {
    let at = |time: &Option<Timestamp>| time.as_ref().map(|time| shell.moment.full(time)).unwrap_or_default();
    let times = incident.times.unwrap_or_default();
    let labels: Vec<String> = incident.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let roles: Vec<String> =
        incident.roles.iter().map(|role| format!("{} {}", role.role, short(&role.holder))).collect();
    let known = |vocabulary, number| if number == 0 { String::new() } else { prose(vocabulary, number) };
    vec![
        ("standing", standing(shell, incident)),
        ("impact", known("Impact", incident.impact)),
        ("urgency", known("Urgency", incident.urgency)),
        ("severity", known("Severity", incident.severity)),
        ("category", incident.category.clone()),
        ("service", short(&incident.service).to_owned()),
        ("team", short(&incident.team).to_owned()),
        ("assignee", short(&incident.assignee).to_owned()),
        ("roles", roles.join(", ")),
        ("waiting", waiting(shell, incident)),
        ("escalation", escalation(shell, incident)),
        ("labels", labels.join(" ")),
        ("runbook", incident.runbook.clone()),
        ("opened", at(&incident.create_time)),
        ("acknowledged", at(&times.acknowledge_time)),
        ("mitigated", at(&times.mitigate_time)),
        ("resolved", at(&times.resolve_time)),
        ("resolution", resolution(incident)),
        ("cancelled", known("CancelReason", incident.cancel_reason)),
        ("merged into", short(&incident.merge_target).to_owned()),
        ("review", incident.review.clone()),
        ("policy", short(&incident.policy).to_owned()),
        ("name", incident.name.clone()),
        ("version", incident.etag.trim_matches('"').to_owned()),
    ]
}

/// Hold, snooze or suppression, with its end.
fn waiting(shell: &Shell, incident: &Incident) -> String {
    let until = |time: &Option<Timestamp>| {
        time.as_ref().map(|time| format!(", ends {}", shell.moment.distance(time))).unwrap_or_default()
    };
    if let Some(hold) = &incident.hold {
        return format!("{}{} {}", prose("HoldReason", hold.reason), until(&hold.end_time), hold.note)
            .trim_end()
            .to_owned();
    }
    if let Some(snooze) = &incident.snooze {
        return format!("snoozed by {}{}", short(&snooze.actor), until(&snooze.end_time));
    }
    let suppression = incident.suppression.as_ref();
    suppression
        .map(|found| {
            format!("suppressed, {}{}", prose("SuppressionReason", found.reason), until(&found.end_time))
        })
        .unwrap_or_default()
}

fn escalation(shell: &Shell, incident: &Incident) -> String {
    let Some(position) = &incident.escalation else { return String::new() };
    if position.escalation_policy.is_empty() {
        return String::new();
    }
    let mut text = format!("{}, level {}", short(&position.escalation_policy), position.level);
    if position.round > 1 {
        write!(text, ", round {}", position.round).expect("a string takes every text");
    }
    if let Some(next) = &position.next_due_time {
        write!(text, ", next {}", shell.moment.distance(next)).expect("a string takes every text");
    }
    if !position.paged_people.is_empty() {
        let people: Vec<&str> = position.paged_people.iter().map(|name| short(name)).collect();
        write!(text, ", paged {}", people.join(", ")).expect("a string takes every text");
    }
    text
}

fn resolution(incident: &Incident) -> String {
    let Some(resolution) = &incident.resolution else { return String::new() };
    let by = short(&resolution.actor);
    let mut text = format!("{} by {by}", prose("ResolutionCode", resolution.code));
    for more in [&resolution.verification, &resolution.note, &resolution.force_reason] {
        if !more.is_empty() {
            write!(text, "; {more}").expect("a string takes every text");
        }
    }
    text
}

fn clocks(shell: &Shell, incident: &Incident) -> String {
    if incident.clocks.is_empty() {
        return String::new();
    }
    let plain = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = incident.clocks.iter().map(|clock| {
        let (standing, tone) = clock_standing(shell, clock);
        vec![
            plain(format!("  {}, {}", short(&clock.name), prose("ClockKind", clock.kind))),
            shell.terminal.cell(standing, tone),
            plain(clock.target_duration.as_ref().map(duration).unwrap_or_default()),
            plain(clock.elapsed_duration.as_ref().map(duration).unwrap_or_default()),
            plain(clock.remaining_duration.as_ref().map(duration).unwrap_or_default()),
            plain(short(&clock.calendar).to_owned()),
        ]
    });
    table(shell, &["  CLOCK", "STATE", "TARGET", "ELAPSED", "LEFT", "CALENDAR"], rows.collect())
}

fn clock_standing(shell: &Shell, clock: &Clock) -> (String, Tone) {
    match (clock.state(), clock.breached) {
        (ClockState::Running, _) => {
            let due = clock.due_time.as_ref().map(|due| shell.moment.deadline(due));
            let tone = match clock.warned_percent {
                _ if clock.breached => Tone::Bad,
                75.. => Tone::Warn,
                _ => Tone::Good,
            };
            (format!("due {}", due.unwrap_or_default()), tone)
        }
        (ClockState::Paused, _) => {
            (format!("paused, {}", prose("HoldReason", clock.pause_reason)), Tone::Dim)
        }
        (ClockState::Stopped, true) => ("breached".to_owned(), Tone::Bad),
        (ClockState::Stopped, false) => ("met".to_owned(), Tone::Good),
        (ClockState::Cancelled | ClockState::Unspecified, _) => (prose("ClockState", clock.state), Tone::Dim),
    }
}

fn alerts(shell: &Shell, incident: &Incident) -> String {
    if incident.alerts.is_empty() {
        return String::new();
    }
    let rows = incident.alerts.iter().map(|alert| {
        let plain = |text: String| shell.terminal.cell(text, Tone::Plain);
        let seen = alert.last_seen_time.as_ref().map(|time| shell.moment.distance(time)).unwrap_or_default();
        vec![
            plain(format!("  #{}", alert.number)),
            plain(word("AlertState", alert.state)),
            plain(word("Severity", alert.severity)),
            plain(alert.count.to_string()),
            plain(seen),
            plain(alert.title.clone()),
        ]
    });
    table(shell, &["  ALERT", "STATE", "SEVERITY", "COUNT", "LAST SEEN", "TITLE"], rows.collect())
}

/// Fixes, steps, tasks, hypotheses and evidence in the form: kind number, state, text, who.
fn work(shell: &Shell, incident: &Incident) -> String {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for fix in &incident.fixes {
        let who = if fix.apply_actor.is_empty() { &fix.plan_actor } else { &fix.apply_actor };
        rows.push([
            format!("fix {}", fix.number),
            prose("FixState", fix.state),
            short(who).into(),
            fix.description.clone(),
        ]);
    }
    for step in &incident.recovery_steps {
        let state = if step.done { "done" } else { "open" };
        rows.push([
            format!("recovery {}", step.number),
            state.into(),
            short(&step.actor).into(),
            step.description.clone(),
        ]);
    }
    for task in &incident.tasks {
        let state = prose("TaskState", task.state);
        rows.push([format!("task {}", task.number), state, short(&task.owner).into(), task.title.clone()]);
    }
    for found in &incident.hypotheses {
        let state = prose("HypothesisState", found.state);
        let text = found.statement.clone();
        rows.push([format!("hypothesis {}", found.number), state, short(&found.actor).into(), text]);
    }
    for found in &incident.evidence {
        let state = if found.retracted { "retracted".into() } else { prose("EvidenceKind", found.kind) };
        rows.push([
            format!("evidence {}", found.number),
            state,
            short(&found.actor).into(),
            found.title.clone(),
        ]);
    }
    for summons in &incident.summonses {
        let state = prose("SummonsState", summons.state);
        let text = summons.message.clone();
        rows.push([format!("summons {}", summons.number), state, short(&summons.person).into(), text]);
    }
    aligned(shell, &rows)
}

fn checklist(shell: &Shell, incident: &Incident) -> String {
    let rows: Vec<[String; 4]> = incident
        .checklist
        .iter()
        .filter(|item| item.required || item.state() != ChecklistState::Missing)
        .map(|item| {
            let text = if item.waive_reason.is_empty() { &item.text } else { &item.waive_reason };
            [
                prose("ChecklistField", item.field),
                prose("ChecklistState", item.state),
                short(&item.actor).to_owned(),
                text.clone(),
            ]
        })
        .collect();
    aligned(shell, &rows)
}

fn updates(shell: &Shell, incident: &Incident) -> String {
    let rows: Vec<[String; 4]> = incident
        .updates
        .iter()
        .map(|update| {
            let posted =
                update.post_time.as_ref().map(|time| shell.moment.distance(time)).unwrap_or_default();
            let audience = prose("UpdateAudience", update.audience);
            [posted, audience, short(&update.actor).to_owned(), update.text.clone()]
        })
        .collect();
    aligned(shell, &rows)
}

fn links(incident: &Incident) -> String {
    let lines: Vec<String> = incident
        .relations
        .iter()
        .map(|link| {
            let kind = prose("RelationKind", link.kind);
            format!("  {kind} {} {}", link.reference, link.note).trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}

/// Rows under each other, without a heading, because their words explain themselves.
fn aligned(shell: &Shell, rows: &[[String; 4]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let (first, second, third) = (width(0), width(1), width(2));
    let lines: Vec<String> = rows
        .iter()
        .map(|[what, state, who, text]| {
            let state = shell.terminal.paint(&format!("{state:second$}"), Tone::Dim);
            let text = text.replace('\n', " ");
            format!("  {what:first$}  {state}  {who:third$}  {text}").trim_end().to_owned()
        })
        .collect();
    lines.join("\n")
}
