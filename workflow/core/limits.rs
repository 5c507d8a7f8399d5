//! Limits of what one instance may hold, each with its reason. Limits of requests live at the edge.

use crate::time::Duration;

/// Alerts on one incident; the next one opens a related incident. The state holds a line for each.
pub const ALERTS_PER_INCIDENT: usize = 10_000;

/// Tasks, fixes, hypotheses and pieces of evidence on one incident, each: a person can still read them.
pub const ITEMS_PER_INCIDENT: usize = 200;

/// Events in one incident's history.
pub const EVENTS_PER_INCIDENT: u64 = 20_000;

/// Of these the last ones are kept for people, deadlines and clears.
pub const EVENTS_RESERVED: u64 = 2_000;

/// Subscribers of one incident.
pub const SUBSCRIBERS_PER_INCIDENT: usize = 500;

/// An open incident on which nobody acted for so long gets a reminder, again and again.
pub const STALE_AFTER: Duration = Duration::days(7);

/// Deadlines that one transition fires at most; the rest follows in the next one, at once.
pub const DEADLINES_PER_TRANSITION: usize = 500;
