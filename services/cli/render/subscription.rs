//! Subscriptions in tables and in words.

use stentor_proto::v1::Subscription;

use super::{oncall::at, table::table};
use crate::cli::{refs::short, shell::Shell, terminal::Tone, words};

/// Subscriptions, a line for each.
pub(in crate::cli) fn list(shell: &Shell, subscriptions: &[Subscription]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = subscriptions.iter().map(|s| {
        let tone = if s.cancel_time.is_some() { Tone::Dim } else { Tone::Plain };
        let ended = s.cancel_time.as_ref().map_or_else(|| "-".to_owned(), |end| at(shell, Some(end)));
        vec![
            shell.terminal.cell(short(&s.name), Tone::Strong),
            shell.terminal.cell(s.subscriber.clone(), tone),
            cell(scope(s)),
            cell(urgency(s)),
            cell(words::prose("UpdateAudience", s.audience)),
            cell(at(shell, s.create_time.as_ref())),
            cell(short(&s.creator).to_owned()),
            shell.terminal.cell(ended, Tone::Dim),
        ]
    });
    let heading = ["NUMBER", "WHO", "OF", "PRIORITY", "AUDIENCE", "MADE", "MADE BY", "CANCELLED"];
    table(shell, &heading, rows.collect())
}

/// A subscription in words.
pub(in crate::cli) fn line(s: &Subscription) -> String {
    let audience = words::prose("UpdateAudience", s.audience);
    format!("{} hears of {}, {}, updates for {audience} and wider", s.subscriber, scope(s), urgency(s))
}

fn scope(s: &Subscription) -> String {
    match (s.service.is_empty(), s.team.is_empty()) {
        (false, _) => s.service.clone(),
        (true, false) => s.team.clone(),
        (true, true) => "everything".to_owned(),
    }
}

fn urgency(s: &Subscription) -> String {
    match s.least_priority {
        0 => "any priority".to_owned(),
        least => format!("{} and above", words::word("Priority", least).to_uppercase()),
    }
}
