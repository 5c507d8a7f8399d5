//! History as a story: time, number, what happened, who, and the sentence.
//! The sentences are the server's; a day is announced once, where it begins.

use stentor_proto::v1::{Event, TimelineEntry};

use crate::cli::{refs::short, shell::Shell, terminal::Tone};

/// Width of the event's name; longer ones push the rest of their line.
const KIND_WIDTH: usize = 22;
/// Width of the actor; longer ones push the rest of their line.
const ACTOR_WIDTH: usize = 12;

/// A whole history.
pub(in crate::cli) fn text(shell: &Shell, entries: &[TimelineEntry]) -> String {
    let mut day = String::new();
    let lines: Vec<String> = entries.iter().flat_map(|found| entry(shell, found, &mut day)).collect();
    lines.join("\n")
}

/// One entry, with the day before it if that is a new one.
pub(in crate::cli) fn entry(shell: &Shell, entry: &TimelineEntry, day: &mut String) -> Vec<String> {
    let mut lines = Vec::new();
    let when = entry.event_time.unwrap_or_default();
    let today = shell.moment.day(&when);
    if today != *day {
        lines.push(shell.terminal.paint(&today, Tone::Strong));
        *day = today;
    }
    let mut texts = entry.summary.lines();
    lines.push(columns(
        shell,
        &shell.moment.clock(&when),
        &format!("#{}", entry.number),
        &entry.kind,
        &entry.actor,
        texts.next().unwrap_or_default(),
    ));
    // Further lines of a text stand under its first.
    let indent = 8 + 2 + 5 + 2 + KIND_WIDTH + 2 + ACTOR_WIDTH + 2;
    lines.extend(texts.map(|text| format!("{:indent$}{text}", "")));
    lines
}

/// One event of the feed, which has no sentence.
pub(in crate::cli) fn event(shell: &Shell, event: &Event) -> String {
    let clock = shell.moment.clock(&event.event_time.unwrap_or_default());
    let number = format!("#{}", event.number);
    columns(shell, &clock, &number, &event.kind, &event.actor, &event.instance)
}

fn columns(shell: &Shell, clock: &str, number: &str, kind: &str, actor: &str, text: &str) -> String {
    let terminal = &shell.terminal;
    let line = format!(
        "{}  {number:>5}  {}  {}  {text}",
        terminal.paint(clock, Tone::Dim),
        terminal.paint(&format!("{kind:KIND_WIDTH$}"), tone(kind)),
        terminal.paint(&format!("{:ACTOR_WIDTH$}", short(actor)), actor_tone(actor)),
    );
    line.trim_end().to_owned()
}

/// Tone by what a name says; new names simply stay plain.
fn tone(kind: &str) -> Tone {
    let has = |parts: &[&str]| parts.iter().any(|part| kind.contains(part));
    if has(&["Breach", "Exhaust", "Failed", "Reopened", "Relapsed", "Lost"]) {
        Tone::Bad
    } else if has(&["Escalat", "Page", "Warn", "Expired", "Held", "Suppress"]) {
        Tone::Warn
    } else if has(&["Acknowledged", "Mitigated", "Verified", "Resolved", "Closed", "Published"]) {
        Tone::Good
    } else {
        Tone::Plain
    }
}

fn actor_tone(actor: &str) -> Tone {
    if actor.starts_with("people/") { Tone::Strong } else { Tone::Dim }
}
