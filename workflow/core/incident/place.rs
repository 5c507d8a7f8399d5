//! Which incident a signal belongs to. It looks at the incidents that hold its identity or its group, and decides
//! between joining one of them, reopening it and opening a new one; it changes nothing.

use crate::id::InstanceId;
use crate::signal::{Signal, SignalKind};
use crate::silence::{Mode, Silences};
use crate::time::{Duration, Timestamp};

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
    /// A clear of something never heard of: there is nothing to clear. Or a firing older than such a clear, which came
    /// first: there is nothing that fires any more.
    Forgotten,
    /// The route discards it.
    Discarded,
    /// A maintenance window drops it.
    Dropped,
}

/// For so long a clear is remembered that found nothing to clear: what fired before it may come later.
pub const CLEAR_KEPT: Duration = Duration::minutes(10);

/// A clear that found nothing to clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleared {
    pub observed_at: Timestamp,
    /// When it came.
    pub at: Timestamp,
}

/// What is known where a signal comes in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The newest incident that the alert's identity was attached to.
    pub by_identity: Option<&'a Incident>,
    /// The newest one of its group key.
    pub by_group: Option<&'a Incident>,
    /// The newest clear of its identity that found nothing to clear.
    pub cleared: Option<Cleared>,
    /// What is held back by them reopens nothing.
    pub silences: Option<&'a Silences>,
    /// Nor does what is inhibited.
    pub inhibited: bool,
}

/// Places a signal.
pub fn place(p: &Prepared, known: &Known<'_>, now: Timestamp) -> Placement {
    if p.signal.kind == SignalKind::Report {
        return Placement::Open(None);
    }
    let Known { by_identity, by_group, cleared, silences, inhibited } = *known;
    // Asked for only where something would be reopened.
    let (labels, service) = (&p.signal.labels, &p.routed.service);
    let window = || silences.and_then(|s| s.window(labels, service, now));
    let silenced = || silences.is_some_and(|s| !s.matching(labels, now).is_empty());
    let held = || inhibited || silenced() || window().is_some();
    if is_over(p, by_identity, cleared, now) {
        return Placement::Forgotten;
    }
    if let Some(known) = by_identity.filter(|i| holds(i, &p.signal)) {
        if let Some(to) = merged_into(known) {
            return Placement::Follow(to);
        }
        let reopens = || may_reopen(known, now) && !held();
        if p.signal.clear || known.is_open() || is_muted(known, &p.signal) || reopens() {
            return Placement::Join(known.id.clone());
        }
    }
    if p.signal.clear {
        return Placement::Forgotten;
    }
    if p.routed.discard {
        return Placement::Discarded;
    }
    if window().is_some_and(|(_, mode, _)| mode == Mode::Drop) {
        return Placement::Dropped;
    }
    if let Some(group) = by_group {
        if let Some(to) = merged_into(group) {
            return Placement::Follow(to);
        }
        if is_joinable(group, now) || (may_reopen(group, now) && !held()) {
            return Placement::Join(group.id.clone());
        }
    }
    Placement::Open(by_identity.or(by_group).map(|older| {
        let kind = if older.is_open() { RelationKind::Related } else { RelationKind::Recurs };
        (older.id.clone(), kind)
    }))
}

/// Whether an alert that fires was cleared already, and the clear came first. One that fires where it is attached is
/// judged there.
fn is_over(p: &Prepared, known: Option<&Incident>, cleared: Option<Cleared>, now: Timestamp) -> bool {
    if p.signal.clear || p.signal.key.is_empty() {
        return false;
    }
    let identity = p.signal.identity();
    let attached = known.and_then(|i| i.alerts.values().find(|a| a.identity == identity && !a.moved));
    let ended = known.is_some_and(|i| !i.is_open() && !may_reopen(i, now));
    let of_state =
        attached.filter(|a| ended && !a.firing).map(|a| Cleared { observed_at: a.observed_at, at: a.since });
    let fires = attached.is_some_and(|a| a.firing);
    let mut clears = of_state.into_iter().chain(cleared.filter(|_| !fires));
    clears.any(|c| now <= c.at + CLEAR_KEPT && p.signal.observed_at <= c.observed_at)
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
        && incident.has_room_for_alerts()
        && incident.grouping.window.is_none_or(|w| now <= joined + w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::samples;
    use crate::testing::{Story, alert, at};
    use crate::triage;

    fn prepared(observed_at: &str) -> Prepared {
        let policy = samples::policy();
        let signal = Signal { observed_at: at(observed_at), ..alert("a", "critical") };
        let routed = policy.route(&signal);
        let assessment = triage::assess(&policy, &signal, &routed.service);
        Prepared { signal, routed, assessment, follows: None }
    }

    fn forgotten(known: &Known<'_>, observed_at: &str, now: &str) -> bool {
        place(&prepared(observed_at), known, at(now)) == Placement::Forgotten
    }

    #[test]
    fn a_firing_older_than_a_clear_that_came_first_opens_nothing_for_ten_minutes() {
        let cleared = Some(Cleared { observed_at: at("10:00"), at: at("10:01") });
        let known = Known { cleared, ..Known::default() };
        assert!(forgotten(&known, "09:59", "10:02"));
        assert!(forgotten(&known, "10:00", "10:11"));
        assert!(!forgotten(&known, "10:00:01", "10:02"));
        assert!(!forgotten(&known, "09:59", "10:12"));
    }

    #[test]
    fn a_clear_that_an_ended_incident_knows_counts_too() {
        let ended = Story::where_policy(|p| p.sla.clear()).paging(crate::incident::kinds::Priority::P4);
        let ended = ended.at("10:05").clears("a").until("10:10").at("10:50");
        let incident = ended.incident_state();
        assert_eq!(incident.phase, Phase::Resolved);
        let known = Known { by_identity: Some(incident), ..Known::default() };
        assert!(!forgotten(&known, "10:20", "10:50"), "it fired after the clear");
        assert!(!forgotten(&known, "10:04", "10:50"), "too long ago");
    }

    #[test]
    fn what_fires_where_it_is_attached_is_judged_there() {
        let open = Story::where_policy(|p| p.sla.clear()).paging(crate::incident::kinds::Priority::P4);
        let cleared = Some(Cleared { observed_at: at("10:30"), at: at("10:30") });
        let known = Known { by_identity: Some(open.incident_state()), cleared, ..Known::default() };
        assert!(matches!(place(&prepared("10:20"), &known, at("10:31")), Placement::Join(_)));
    }
}
