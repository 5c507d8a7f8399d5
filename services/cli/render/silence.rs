//! Silences in tables, and what one would hold back. Instants are shown in the reader's zone.

use stentor_proto::v1::{CreateSilenceResponse, Silence, SilenceState};

use super::{incident::or_dash, oncall::at, table::table};
use crate::cli::{matchers, refs::short, shell::Shell, terminal::Tone, words};

/// Silences, a line for each.
pub(in crate::cli) fn silences(shell: &Shell, silences: &[Silence]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = silences.iter().map(|s| {
        let tone = match s.state() {
            SilenceState::Active => Tone::Warn,
            SilenceState::Pending => Tone::Plain,
            _ => Tone::Dim,
        };
        vec![
            shell.terminal.cell(short(&s.name), Tone::Strong),
            shell.terminal.cell(words::prose("SilenceState", s.state), tone),
            cell(matching(s)),
            cell(at(shell, s.start_time.as_ref())),
            cell(at(shell, s.end_time.as_ref())),
            cell(or_dash(short(&s.creator))),
            cell(or_dash(&s.comment)),
        ]
    });
    table(shell, &["NUMBER", "STATE", "MATCHERS", "FROM", "TO", "MADE BY", "COMMENT"], rows.collect())
}

/// A silence in words.
pub(in crate::cli) fn line(shell: &Shell, s: &Silence) -> String {
    format!(
        "{} from {} to {}, {}",
        matching(s),
        at(shell, s.start_time.as_ref()),
        at(shell, s.end_time.as_ref()),
        words::prose("SilenceState", s.state)
    )
}

/// What a silence would hold back.
pub(in crate::cli) fn preview(shell: &Shell, answer: &CreateSilenceResponse) -> String {
    let made = answer.silence.clone().unwrap_or_default();
    let mut text = format!("Would be created; nothing was changed: {}\n", line(shell, &made));
    text += &match answer.matching_alert_count {
        0 => "No alert that fires now matches.\n".to_owned(),
        1 => "1 alert that fires now matches.\n".to_owned(),
        n => format!("{n} alerts that fire now match.\n"),
    };
    if answer.matching_incidents.is_empty() {
        return text;
    }
    let rows = answer.matching_incidents.iter().map(|i| {
        let (whole, tone) = if i.whole { ("all of it", Tone::Warn) } else { ("a part", Tone::Plain) };
        vec![
            shell.terminal.cell(&i.reference, Tone::Strong),
            shell.terminal.cell(i.alert_count.to_string(), Tone::Plain),
            shell.terminal.cell(whole, tone),
            shell.terminal.cell(&i.title, Tone::Plain),
        ]
    });
    text + &table(shell, &["INCIDENT", "ALERTS", "SILENCED", "TITLE"], rows.collect())
}

fn matching(s: &Silence) -> String {
    s.matcher_sets.iter().map(matchers::text).collect::<Vec<_>>().join(" or ")
}
