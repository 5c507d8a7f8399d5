//! Which incident a signal belongs to. It looks at the incidents that hold its identity or its group, and decides
//! between joining one of them, reopening it and opening a new one; it changes nothing.

use crate::id::InstanceId;
use crate::signal::{Signal, SignalKind};
use crate::time::Timestamp;

use super::Incident;
use super::heard::Prepared;
use super::kinds::{Phase, RelationKind};

/// Where a signal goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// To this incident, which the command then hears.
    Join(InstanceId),
    /// To the incident that this one was merged into.
    Follow(InstanceId),
    /// To a new incident, with a link to an older one.
    Open(Option<(InstanceId, RelationKind)>),
    /// A clear of something never heard of: there is nothing to clear.
    Forgotten,
    /// The route discards it.
    Discarded,
}

/// Places a signal. `by_identity` is the newest incident that the alert's identity was attached to, `by_group` the
/// newest one of its group key.
pub fn place(
    p: &Prepared,
    by_identity: Option<&Incident>,
    by_group: Option<&Incident>,
    now: Timestamp,
) -> Placement {
    if p.signal.kind == SignalKind::Report {
        return Placement::Open(None);
    }
    if let Some(known) = by_identity.filter(|i| holds(i, &p.signal)) {
        if let Some(to) = merged_into(known) {
            return Placement::Follow(to);
        }
        if p.signal.clear || known.is_open() || may_reopen(known, now) || is_muted(known, &p.signal) {
            return Placement::Join(known.id.clone());
        }
    }
    if p.signal.clear {
        return Placement::Forgotten;
    }
    if p.routed.discard {
        return Placement::Discarded;
    }
    if let Some(group) = by_group {
        if let Some(to) = merged_into(group) {
            return Placement::Follow(to);
        }
        if is_joinable(group, now) || may_reopen(group, now) {
            return Placement::Join(group.id.clone());
        }
    }
    Placement::Open(by_identity.or(by_group).map(|older| {
        let kind = if older.is_open() { RelationKind::Related } else { RelationKind::Recurs };
        (older.id.clone(), kind)
    }))
}

fn holds(incident: &Incident, signal: &Signal) -> bool {
    let identity = signal.identity();
    incident.alerts.values().any(|a| a.identity == identity && !a.moved)
}

fn merged_into(incident: &Incident) -> Option<InstanceId> {
    incident.merge.as_ref().filter(|m| m.done).map(|m| m.into.clone())
}

/// Resolved a moment ago.
fn may_reopen(incident: &Incident, now: Timestamp) -> bool {
    incident.phase == Phase::Resolved
        && incident.times.resolved.is_some_and(|at| now <= at + incident.grouping.reopen_window)
        && incident.grouping.reopen_window.millis() > 0
}

/// Fired when the incident was resolved by force or cancelled, and has not cleared since.
fn is_muted(incident: &Incident, signal: &Signal) -> bool {
    let identity = signal.identity();
    incident.phase != Phase::Closed
        && incident.alerts.values().any(|a| a.identity == identity && a.muted && a.firing && !a.moved)
}

/// Open, and an alert joined within the group's window.
fn is_joinable(incident: &Incident, now: Timestamp) -> bool {
    let joined = incident.grouping.joined_at.unwrap_or(incident.opened_at);
    incident.is_open()
        && incident.alerts.len() < crate::limits::ALERTS_PER_INCIDENT
        && incident.grouping.window.is_none_or(|w| now <= joined + w)
}
