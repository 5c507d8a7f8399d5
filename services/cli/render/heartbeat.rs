//! Heartbeat monitors in a table: who is silent stands out.

use stentor_proto::v1::{HeartbeatMonitor, HeartbeatState};

use super::{incident::or_dash, oncall::at, table::table};
use crate::cli::{refs::short, shell::Shell, terminal::Tone, words};

/// Monitors, a line for each.
pub(in crate::cli) fn list(shell: &Shell, heartbeats: &[HeartbeatMonitor]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let far = |time: Option<&prost_types::Timestamp>| {
        time.map_or_else(|| "-".to_owned(), |time| shell.moment.distance(time))
    };
    let rows = heartbeats.iter().map(|h| {
        let tone = match h.state() {
            HeartbeatState::Healthy => Tone::Good,
            HeartbeatState::Missing => Tone::Bad,
            HeartbeatState::Waiting => Tone::Warn,
            HeartbeatState::Paused | HeartbeatState::Unspecified => Tone::Dim,
        };
        vec![
            shell.terminal.cell(short(&h.name), Tone::Strong),
            shell.terminal.cell(words::prose("HeartbeatState", h.state), tone),
            cell(short(&h.service).to_owned()),
            cell(span(h.interval_seconds)),
            cell(span(h.grace_seconds)),
            cell(far(h.last_beat_time.as_ref())),
            cell(far(h.due_time.as_ref())),
            cell(h.beat_count.to_string()),
            cell(or_dash(&h.pause_reason)),
        ]
    });
    let heading = ["HEARTBEAT", "STATE", "SERVICE", "EVERY", "GRACE", "LAST", "DUE", "BEATS", "PAUSED FOR"];
    table(shell, &heading, rows.collect())
}

/// A monitor in words.
pub(in crate::cli) fn line(shell: &Shell, h: &HeartbeatMonitor) -> String {
    let state = words::prose("HeartbeatState", h.state);
    match &h.due_time {
        Some(due) => format!("{state}, next due {}", at(shell, Some(due))),
        None => state,
    }
}

fn span(seconds: i64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("m", 60)];
    let whole = units.iter().find(|(_, unit)| seconds > 0 && seconds % unit == 0);
    whole.map_or_else(|| format!("{seconds}s"), |(name, unit)| format!("{}{name}", seconds / unit))
}
