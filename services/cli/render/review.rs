//! Reviews in a table; one review is shown as the document the server wrote.
//! It does not render Markdown.

use stentor_proto::v1::{ActionItemState, Review};

use super::{incident::or_dash, table::table};
use crate::cli::{refs::short, shell::Shell, terminal::Tone, words};

/// The list of reviews.
pub(in crate::cli) fn list(shell: &Shell, reviews: &[Review]) -> String {
    let cell = |text: String| shell.terminal.cell(text, Tone::Plain);
    let rows = reviews.iter().map(|review| {
        let due = review.clock.as_ref().and_then(|clock| clock.due_time);
        let open = review
            .action_items
            .iter()
            .filter(|item| matches!(item.state(), ActionItemState::Open | ActionItemState::InProgress));
        vec![
            shell.terminal.cell(&review.reference, Tone::Strong),
            cell(words::prose("ReviewState", review.state)),
            cell(due.map_or_else(|| "-".to_owned(), |due| shell.moment.deadline(&due))),
            cell(or_dash(short(&review.author))),
            cell(format!("{}/{}", open.count(), review.action_items.len())),
            cell(or_dash(&review.reason)),
            cell(review.create_time.map_or_else(|| "-".to_owned(), |time| shell.moment.distance(&time))),
        ]
    });
    table(shell, &["REF", "STATE", "DUE", "AUTHOR", "OPEN ACTIONS", "REASON", "OPENED"], rows.collect())
}
