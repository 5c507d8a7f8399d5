//! Outcomes of test messages as a table. What a provider said is shown as the server tells it.

use stentor_proto::v1::{TestNotificationOutcome, TestNotificationState};

use super::{incident::or_dash, table::table};
use crate::cli::{shell::Shell, terminal::Tone, words};

/// A line for each attempt.
pub(in crate::cli) fn list(shell: &Shell, outcomes: &[TestNotificationOutcome]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = outcomes.iter().map(|one| {
        let tone = match one.state() {
            TestNotificationState::Delivered => Tone::Good,
            TestNotificationState::Failed => Tone::Warn,
            TestNotificationState::Refused => Tone::Bad,
            TestNotificationState::Unspecified => Tone::Dim,
        };
        let took = one.send_duration.as_ref().map_or_else(
            || "-".to_owned(),
            |took| format!("{} ms", took.seconds * 1000 + i64::from(took.nanos) / 1_000_000),
        );
        vec![
            shell.terminal.cell(or_dash(&one.contact), Tone::Strong),
            cell(or_dash(&one.provider)),
            shell.terminal.cell(words::prose("TestNotificationState", one.state), tone),
            cell(took),
            cell(or_dash(&one.detail)),
        ]
    });
    table(shell, &["CONTACT", "PROVIDER", "OUTCOME", "TOOK", "DETAIL"], rows.collect())
}
