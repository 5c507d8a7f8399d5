//! How much of anything one command may bring, and how much of it one instance may hold. Texts of signals are not
//! refused here: intake cuts and marks them.

use crate::refusal::Refusal;
use crate::time::Duration;

/// Characters of a title, a task's summary or an action item's title.
pub(crate) const TITLE: usize = 250;
/// Characters of a description, a statement or a fix.
pub(crate) const DESCRIPTION: usize = 15_000;
/// Characters of a note, an update, a checklist item or a section of a review.
pub(crate) const NOTE: usize = 32_000;
/// Characters of a reason.
pub(crate) const REASON: usize = 1_000;
/// Labels of an incident; characters of a label's name and of its value.
pub(crate) const LABELS: usize = 64;
pub(crate) const LABEL_NAME: usize = 128;
pub(crate) const LABEL_VALUE: usize = 1_024;
/// Bytes of evidence: what is larger belongs behind a link.
pub(crate) const EVIDENCE_BYTES: usize = 64 * 1024;
/// Tasks, fixes, hypotheses, recovery steps and evidence per incident, action items and amendments per review.
pub(crate) const OF_EACH: usize = 200;
/// Subscribers per incident.
pub(crate) const SUBSCRIBERS: usize = 500;

/// Alerts on one incident; the next one opens a related incident. The state holds a line for each.
pub const ALERTS_PER_INCIDENT: usize = 10_000;

/// Events in one incident's history.
pub const EVENTS_PER_INCIDENT: u64 = 20_000;

/// Of these the last ones are kept for people, deadlines and clears.
pub const EVENTS_RESERVED: u64 = 2_000;

/// An open incident on which nobody acted for so long gets a reminder, again and again.
pub const STALE_AFTER: Duration = Duration::days(7);

/// Deadlines that one transition fires at most; the rest follows in the next one, at once.
pub const DEADLINES_PER_TRANSITION: usize = 500;

/// Refuses a text with more characters than its limit.
pub(crate) fn within(text: &str, field: &str, limit: usize) -> Result<(), Refusal> {
    match text.chars().nth(limit) {
        Some(_) => Err(bad(field, format!("is limited to {limit} characters"))),
        None => Ok(()),
    }
}

/// Refuses an empty text, and one with more characters than its limit.
pub(crate) fn required(text: &str, field: &str, limit: usize) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(bad(field, "must not be empty".to_owned()));
    }
    within(text, field, limit)
}

/// Refuses an empty reason, and one that is too long.
pub(crate) fn reason(text: &str, field: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::ReasonRequired { field: field.to_owned() });
    }
    within(text, field, REASON)
}

/// Refuses one more where there are as many as there may be.
pub(crate) fn room(count: usize, field: &str, limit: usize) -> Result<(), Refusal> {
    if count < limit {
        return Ok(());
    }
    Err(Refusal::LimitReached { field: field.to_owned(), limit: limit as u64 })
}

/// A wrong field.
pub(crate) fn bad(field: &str, problem: String) -> Refusal {
    Refusal::BadField { field: field.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_characters_not_bytes() {
        assert_eq!(within("äöü", "text", 3), Ok(()));
        assert!(within("äöüß", "text", 3).is_err());
    }

    #[test]
    fn a_blank_text_is_missing_and_a_blank_reason_is_asked_for() {
        assert!(matches!(required(" \n", "text", 9), Err(Refusal::BadField { .. })));
        assert!(matches!(reason(" ", "reason"), Err(Refusal::ReasonRequired { .. })));
    }

    #[test]
    fn the_last_place_is_taken_and_the_next_one_refused() {
        assert_eq!(room(1, "tasks", 2), Ok(()));
        assert_eq!(room(2, "tasks", 2), Err(Refusal::LimitReached { field: "tasks".to_owned(), limit: 2 }));
    }
}
