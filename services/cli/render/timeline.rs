//! History as a story: time, number, what happened, who, and the sentence.
//! The sentences are the server's; a day is announced once, where it begins.

use jiff::Timestamp;
use stentor_proto::v1::{Event, TimelineEntry};

use crate::cli::{
    refs::short,
    shell::Shell,
    terminal::{Terminal, Tone},
    time::Moment,
};

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
        day.clone_from(&today);
    }
    let sentence = readable(&shell.moment, &today, &entry.summary);
    let mut texts = sentence.lines();
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

/// One entry among those of other instances: time, whose it is, the sentence.
pub(crate) fn told(terminal: &Terminal, reference: &str, entry: &TimelineEntry) -> String {
    let moment = Moment::present();
    let when = entry.event_time.unwrap_or_default();
    let sentence = readable(&moment, &moment.day(&when), &entry.summary).replace('\n', " ");
    format!(
        "  {}  {}  {}",
        terminal.paint(&moment.clock(&when), Tone::Dim),
        terminal.paint(&format!("{reference:6}"), Tone::Strong),
        terminal.paint(&sentence, tone(&entry.kind)),
    )
}

/// A sentence in the reader's own time, without the collections of names: 12:00:07 and not 2026-06-01T10:00:07Z, ana
/// and not people/ana.
fn readable(moment: &Moment, today: &str, sentence: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_end_matches(['.', ',', ';', ':']);
        let end = &word[bare.len()..];
        if let Some(person) = bare.strip_prefix("people/") {
            return format!("{person}{end}");
        }
        match bare.parse::<Timestamp>() {
            Ok(instant) => format!("{}{end}", time_of(moment, today, instant)),
            Err(_) => word.to_owned(),
        }
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    sentence.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The time of day, after the day if that is another one.
fn time_of(moment: &Moment, today: &str, instant: Timestamp) -> String {
    let instant = prost_types::Timestamp { seconds: instant.as_second(), nanos: instant.subsec_nanosecond() };
    let (day, clock) = (moment.day(&instant), moment.clock(&instant));
    if day == today { clock } else { format!("{day} {clock}") }
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

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn berlin() -> Moment {
        Moment { now: Timestamp::UNIX_EPOCH, zone: TimeZone::fixed(jiff::tz::offset(2)) }
    }

    #[test]
    fn a_sentence_tells_times_as_the_reader_counts_them() {
        let text = readable(&berlin(), "2026-06-01", "Due 2026-06-01T10:00:07Z, then 2026-06-01T23:00:00Z.");

        assert_eq!(text, "Due 12:00:07, then 2026-06-02 01:00:00.");
    }

    #[test]
    fn a_sentence_calls_people_by_their_names() {
        let text = readable(&berlin(), "2026-06-01", "Told people/ana by push, people/bo by push:\nfine.");

        assert_eq!(text, "Told ana by push, bo by push:\nfine.");
    }
}
