//! Maintenance windows among the standing records: when one may be planned or ended. What becomes of alerts in one is
//! decided with the incident.

use super::book::{Book, Deed};
use super::command::Circumstances;
use super::decide::{Lasting, stretch, wrong_state};
use super::event::Event;
use super::{LONGEST, Stretch};
use crate::limits::{REASON, bad, reason as required_reason, room, within};
use crate::refusal::Refusal;
use crate::silence::Plan;
use crate::time::{Duration, Timestamp};

/// Windows that are not over.
pub const OPEN_WINDOWS: usize = 1000;

const WEEK: Duration = Duration::days(7);

/// A window and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowRecord {
    pub id: u64,
    pub plan: Plan,
    /// By whom and why.
    pub created: Deed,
    pub cancelled: Option<Deed>,
}

/// Where a window stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowState {
    /// Still to come, for the first time or again.
    Pending,
    /// In force.
    Active,
    /// Over.
    Ended,
    /// Cancelled before its end.
    Cancelled,
}

impl WindowRecord {
    /// Where it stands, and the occurrence that holds or comes next.
    pub fn state(&self, now: Timestamp) -> (WindowState, Option<Stretch>) {
        if self.cancelled.as_ref().is_some_and(|deed| deed.at <= now) {
            return (WindowState::Cancelled, None);
        }
        // What is on record was compiled before it was taken.
        let Ok(window) = self.plan.compile() else { return (WindowState::Ended, None) };
        match (window.occurrence(now), window.next(now)) {
            (Some(at), _) => (WindowState::Active, Some(at)),
            (None, Some(at)) => (WindowState::Pending, Some(at)),
            (None, None) => (WindowState::Ended, None),
        }
    }

    /// Whether it may still hold something back.
    pub fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.state(now).0, WindowState::Pending | WindowState::Active)
    }
}

/// A new window.
pub(super) fn create(
    book: &Book,
    cx: &Circumstances<'_>,
    plan: &Plan,
    comment: &str,
) -> Result<Vec<Event>, Refusal> {
    plan.compile()?;
    required_reason(comment, "comment")?;
    for (i, service) in plan.services.iter().enumerate() {
        if cx.policy.service(service).is_none() {
            return Err(bad(&format!("services[{i}]"), format!("{service:?} is not in the policy")));
        }
    }
    let at = match &plan.weekly {
        None => stretch(cx, plan.at.from, plan.at.to, &Lasting { longest: LONGEST, field: "end_time" })?,
        Some(weekly) => repeated(cx, plan.at, weekly.until)?,
    };
    let open = book.windows().filter(|w| w.is_open(cx.now)).count();
    room(open, "windows", OPEN_WINDOWS)?;
    let id = book.windows().next_back().map_or(1, |record| record.id + 1);
    let plan = Box::new(Plan { at, ..plan.clone() });
    Ok(vec![Event::WindowCreated { id, plan, comment: comment.to_owned() }])
}

/// The first occurrence may be over; what it says is the weekday and the hours.
fn repeated(cx: &Circumstances<'_>, at: Stretch, until: Option<Timestamp>) -> Result<Stretch, Refusal> {
    if at.to <= at.from {
        return Err(bad("end_time", "is not after the start".to_owned()));
    }
    if at.to.since(at.from) >= WEEK {
        return Err(bad(
            "end_time",
            "is a week or more after the start, and it repeats every week".to_owned(),
        ));
    }
    if until.is_some_and(|until| until <= cx.now || until <= at.from) {
        return Err(bad("weekly_until_time", "is over before it begins".to_owned()));
    }
    Ok(at)
}

/// The end of a window before its time.
pub(super) fn cancel(
    book: &Book,
    cx: &Circumstances<'_>,
    id: u64,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    within(reason, "reason", REASON)?;
    let unknown = || Refusal::Unknown {
        what: "maintenance window".to_owned(),
        name: format!("maintenanceWindows/{id}"),
    };
    let record = book.window(id).ok_or_else(unknown)?;
    match record.state(cx.now).0 {
        WindowState::Pending | WindowState::Active => {
            Ok(vec![Event::WindowCancelled { id, reason: reason.to_owned() }])
        }
        WindowState::Ended => Err(wrong_state("maintenance window", id, "over")),
        WindowState::Cancelled => Err(wrong_state("maintenance window", id, "cancelled")),
    }
}
