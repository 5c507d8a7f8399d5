//! A clock explained: a line for what it is, one for each stretch of its life, and one for what it has come to.

use prost_types::Timestamp;
use stentor_proto::v1::{Clock, ClockInterval, GetClockResponse, HoldReason};

use super::table::table;
use crate::cli::{
    refs::short,
    shell::Shell,
    terminal::Tone,
    time::duration,
    words::{prose, word},
};

/// The whole explanation.
pub(in crate::cli) fn text(shell: &Shell, answer: &GetClockResponse) -> String {
    let clock = answer.clock.clone().unwrap_or_default();
    let length = |value: &Option<prost_types::Duration>| value.as_ref().map(duration).unwrap_or_default();
    let head = format!(
        "{}  {}  target {}  calendar {}{}  as of {}",
        short(&clock.name),
        answer.policy,
        length(&clock.target_duration),
        short(&clock.calendar),
        if answer.calendar_open { "" } else { " (closed)" },
        at(shell, &answer.read_time)
    );
    let plain = |text: String| shell.terminal.cell(text, Tone::Plain);
    let row = |stretch: &ClockInterval| {
        vec![
            plain(at(shell, &stretch.start_time)),
            plain(at(shell, &stretch.end_time)),
            plain(word("ClockIntervalKind", stretch.kind)),
            plain(length(&stretch.counted_duration)),
            plain(length(&stretch.total_duration)),
            plain(since(stretch)),
        ]
    };
    let life = table(
        shell,
        &["FROM", "TO", "WHAT", "COUNTED", "TOTAL", "SINCE"],
        answer.intervals.iter().map(row).collect(),
    );
    let head = shell.terminal.paint(&head, Tone::Strong);
    format!("{head}\n{life}\n{}", result(shell, &clock))
}

fn at(shell: &Shell, time: &Option<Timestamp>) -> String {
    time.as_ref().map(|time| shell.moment.minute(time)).unwrap_or_default()
}

/// `SlaPaused #9, awaiting vendor`.
fn since(stretch: &ClockInterval) -> String {
    let mut text = format!("{} #{}", stretch.event, stretch.event_number);
    if stretch.pause_reason != i32::from(HoldReason::Unspecified) {
        text.push_str(&format!(", {}", prose("HoldReason", stretch.pause_reason)));
    }
    text
}

fn result(shell: &Shell, clock: &Clock) -> String {
    let mut text = word("ClockState", clock.state);
    let (target, elapsed) = (clock.target_duration.as_ref(), clock.elapsed_duration.as_ref());
    if let (Some(target), Some(elapsed)) = (target, elapsed) {
        text.push_str(&format!("  elapsed {}", duration(elapsed)));
        if target.seconds > 0 {
            text.push_str(&format!(" ({}%)", elapsed.seconds * 100 / target.seconds));
        }
    }
    if let Some(left) = &clock.remaining_duration {
        text.push_str(&format!("  remaining {}", duration(left)));
    }
    match (&clock.breach_time, &clock.due_time) {
        (Some(breach), _) => text.push_str(&format!("  breached {}", at(shell, &Some(*breach)))),
        (None, Some(due)) => text.push_str(&format!("  due {}", at(shell, &Some(*due)))),
        (None, None) => {}
    }
    text
}
