//! What came in, as events: the opening, its triage, and alerts that joined, cleared or fired again. Routes and rules
//! are not asked: the record says where it belongs.

use crate::id::{ServiceId, TeamId};
use crate::incident::alerts::AlertState;
use crate::incident::event::{AlertEvent, ClearCause, LifeEvent, Opened, Triaged};
use crate::incident::kinds::{Level3, Phase, Priority};
use crate::incident::state::{Grouping, Origin};
use crate::incident::{Event, Incident};
use crate::policy::Policy;
use crate::policy::document::Triage;
use crate::signal::{Signal, SignalKind};
use crate::time::Timestamp;
use crate::triage;

use super::Place;

/// The category of an incident whose record names none that the policy knows.
const UNCATEGORISED: &str = "uncategorised";

/// The event that opens the incident. It joins no group, so that no signal ever finds it.
pub(super) fn opening(signal: Signal, service: &ServiceId, team: &TeamId, place: &Place<'_>) -> Event {
    let opened = Box::new(Opened {
        number: place.number,
        policy: place.policy.map_or(0, Policy::number),
        origin: Origin::Import,
        phase: if signal.declare { Phase::Active } else { Phase::Triage },
        service: service.clone(),
        team: team.clone(),
        grouping: Grouping::default(),
        exercise: false,
        alerts: Vec::new(),
        reports: u32::from(signal.kind == SignalKind::Report),
        from: None,
        signal,
    });
    match opened.signal.kind {
        SignalKind::Report => LifeEvent::Reported(opened).into(),
        SignalKind::Alert => LifeEvent::Alerted(opened).into(),
    }
}

/// Its triage as the record states it.
pub(super) fn triaged(
    signal: &Signal,
    service: ServiceId,
    team: TeamId,
    triage: &Triage,
    policy: Option<&Policy>,
) -> Event {
    let by_tier = policy.and_then(|p| p.service(&service)).map_or(Level3::Medium, |s| match s.tier {
        1 => Level3::High,
        2 => Level3::Medium,
        _ => Level3::Low,
    });
    let impact = signal.impact.unwrap_or(by_tier);
    let urgency = signal.urgency.unwrap_or(Level3::Medium);
    let category = signal.category.clone().unwrap_or_else(|| UNCATEGORISED.to_owned());
    LifeEvent::Triaged(Box::new(Triaged {
        route: None,
        rules: Vec::new(),
        service,
        team,
        category,
        impact,
        urgency,
        priority: priority(triage, impact, urgency),
        stated: None,
        labels: std::collections::BTreeMap::new(),
        unlabelled: Vec::new(),
        title: None,
        description: None,
        runbooks: Vec::new(),
        reason: "as imported".to_owned(),
    }))
    .into()
}

/// The priority by the policy's matrix.
pub(super) fn priority(triage: &Triage, impact: Level3, urgency: Level3) -> Priority {
    triage::priority(triage, impact, urgency)
}

/// The events of a later signal, or why it has no place.
pub(super) fn told(state: &Incident, signal: &Signal, at: Timestamp) -> Result<Vec<Event>, &'static str> {
    let signal = signal.clone();
    if signal.kind == SignalKind::Report {
        return Ok(vec![AlertEvent::ReportJoined { signal: Box::new(signal) }.into()]);
    }
    let identity = signal.identity();
    let known = state.alerts.iter().find(|(_, a)| a.identity == identity && !a.moved);
    let (observed_at, ends_at) = (signal.observed_at, signal.ends_at);
    match known {
        Some((_, a)) if a.firing && !signal.clear => Err("repeat"),
        Some((n, a)) if a.firing => {
            let cleared = AlertEvent::AlertCleared { n: *n, cause: ClearCause::Source, observed_at };
            let others = state.alerts.values().any(|other| other.identity != a.identity && other.firing);
            let all = (state.is_open() && !others).then_some(AlertEvent::AllCleared { step: None });
            Ok([Some(cleared), all].into_iter().flatten().map(Event::from).collect())
        }
        _ if signal.clear => Err("clear"),
        Some((n, _)) => Ok(vec![AlertEvent::AlertRefired { n: *n, observed_at, ends_at }.into()]),
        None => {
            let n = state.alerts.keys().next_back().map_or(1, |n| n + 1);
            let alert = Box::new(AlertState::first(&signal, at, 0));
            Ok(vec![AlertEvent::AlertJoined { n, alert, signal: Box::new(signal) }.into()])
        }
    }
}
