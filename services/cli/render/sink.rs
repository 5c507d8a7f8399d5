//! Sinks of the event stream as a table.
//! What is worth worrying about stands out; why is the server's own words.

use stentor_proto::v1::{Sink, SinkState};

use super::{incident::or_dash, table::table};
use crate::cli::{refs::short, shell::Shell, terminal::Tone, words};

/// A line for each sink.
pub(in crate::cli) fn list(shell: &Shell, sinks: &[Sink]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let ago = |time: Option<&prost_types::Timestamp>| {
        time.map_or_else(|| "-".to_owned(), |time| shell.moment.distance(time))
    };
    let rows = sinks.iter().map(|sink| {
        let tone = match sink.state() {
            SinkState::Active => Tone::Good,
            SinkState::Waiting => Tone::Warn,
            SinkState::Disabled => Tone::Bad,
            SinkState::Idle | SinkState::Unspecified => Tone::Dim,
        };
        vec![
            shell.terminal.cell(short(&sink.name), Tone::Strong),
            shell.terminal.cell(words::prose("SinkState", sink.state), tone),
            cell(sink.lag_count.to_string()),
            cell(ago(sink.oldest_event_time.as_ref())),
            cell(ago(sink.accept_time.as_ref())),
            cell(ago(sink.next_attempt_time.as_ref())),
            cell(sink.failure_count.to_string()),
            cell(or_dash(&sink.last_error)),
        ]
    });
    let heading = ["SINK", "STATE", "LAG", "OLDEST", "ACCEPTED", "NEXT", "FAILURES", "LAST ERROR"];
    table(shell, &heading, rows.collect())
}
