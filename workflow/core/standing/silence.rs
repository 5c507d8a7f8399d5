//! Silences among the standing records: when one may be made or ended. What it does to alerts is decided with the incident.

use super::book::{Book, Deed};
use super::command::Circumstances;
use super::decide::{Lasting, stretch, unknown, wrong_state};
use super::event::{Event, Stretch};
use crate::limits::{REASON, reason as required_reason, room, within};
use crate::refusal::Refusal;
use crate::silence::{Matcher, compile};
use crate::time::{Duration, Timestamp};

/// Silences that are not over.
pub const OPEN_SILENCES: usize = 5000;

/// The longest silence.
pub const LONGEST_SILENCE: Duration = Duration::days(30);

/// A silence and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilenceRecord {
    pub id: u64,
    /// One of these sets must match, and in it every matcher.
    pub sets: Vec<Vec<Matcher>>,
    /// As it was asked for.
    pub at: Stretch,
    /// By whom and why.
    pub created: Deed,
    pub cancelled: Option<Deed>,
}

/// Where a silence stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilenceState {
    /// Still to come.
    Pending,
    /// In force.
    Active,
    /// Over.
    Ended,
    /// Cancelled before its end.
    Cancelled,
}

impl SilenceRecord {
    /// Where it stands.
    pub fn state(&self, now: Timestamp) -> SilenceState {
        match &self.cancelled {
            Some(deed) if deed.at <= now => SilenceState::Cancelled,
            _ if now < self.at.from => SilenceState::Pending,
            _ if now < self.at.to => SilenceState::Active,
            _ => SilenceState::Ended,
        }
    }

    /// Whether it may still silence something.
    pub fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.state(now), SilenceState::Pending | SilenceState::Active)
    }
}

/// A new silence.
pub(super) fn create(
    book: &Book,
    cx: &Circumstances<'_>,
    sets: &[Vec<Matcher>],
    (from, to): (Option<Timestamp>, Timestamp),
    comment: &str,
) -> Result<Vec<Event>, Refusal> {
    compile(sets)?;
    required_reason(comment, "comment")?;
    let longest = Lasting { longest: LONGEST_SILENCE, field: "end_time" };
    let at = stretch(cx, from.unwrap_or(cx.now), to, &longest)?;
    let open = book.silences().filter(|s| s.is_open(cx.now)).count();
    room(open, "silences", OPEN_SILENCES)?;
    let id = book.silences().next_back().map_or(1, |record| record.id + 1);
    Ok(vec![Event::SilenceCreated { id, sets: sets.to_vec(), at, comment: comment.to_owned() }])
}

/// The end of a silence before its time.
pub(super) fn cancel(
    book: &Book,
    cx: &Circumstances<'_>,
    id: u64,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    within(reason, "reason", REASON)?;
    let record = book.silence(id).ok_or_else(|| unknown("silence", id))?;
    let state = match record.state(cx.now) {
        SilenceState::Pending | SilenceState::Active => {
            return Ok(vec![Event::SilenceCancelled { id, reason: reason.to_owned() }]);
        }
        SilenceState::Ended => "over",
        SilenceState::Cancelled => "cancelled",
    };
    Err(wrong_state("silence", id, state))
}
