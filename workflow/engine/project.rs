//! What rows show of a state: the listing and the key under which signals find it. Pure; a rebuild is a loop.

use stentor_core::incident::Incident;
use stentor_core::incident::clock::Clock;
use stentor_core::incident::kinds::{ClockState, Phase, SlaState};
use stentor_core::incident::state::Assignee;
use stentor_core::instance::Instance;
use stentor_core::review::Review;

use crate::store::rows::ListingRow;

/// The listing row of a state.
pub fn listing(state: &Instance) -> ListingRow {
    match state {
        Instance::Incident(i) => of_incident(i),
        Instance::Review(r) => of_review(r),
    }
}

fn of_incident(i: &Incident) -> ListingRow {
    let next_due = running(i).filter_map(|c| c.due).min();
    let (queue_rank, queue_at) = queue(i);
    ListingRow {
        id: i.id.0.clone(),
        // Records of other tools stand in lists of their own: no queue, count or list of open incidents has them.
        kind: if i.is_imported() { "imported" } else { "incident" }.to_owned(),
        number: i.number as i64,
        phase: i.phase.as_str().to_owned(),
        priority: i.priority as i32 + 1,
        service: i.service.0.clone(),
        team: i.team.0.clone(),
        assignee: match &i.assignee {
            Some(Assignee::Person(p)) => p.0.clone(),
            _ => String::new(),
        },
        acknowledged: i.ack.is_some(),
        suppressed: i.suppressed.is_some(),
        on_hold: i.hold.is_some(),
        exhausted: i.exhausted.is_some(),
        level: i.escalation.as_ref().map_or(0, |e| e.level as i32),
        sla_state: sla_state(i).as_str().to_owned(),
        next_due_at: next_due.map(|t| t.0),
        queue_rank,
        queue_at,
        title: i.title.clone(),
        created_at: i.opened_at.0,
        exercise: i.exercise,
        subject: String::new(),
        category: i.category.clone(),
        updated_at: 0,
        labels: i.labels.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
    }
}

fn of_review(r: &Review) -> ListingRow {
    ListingRow {
        id: r.id.0.clone(),
        kind: "review".to_owned(),
        number: r.number as i64,
        phase: r.phase.as_str().to_owned(),
        priority: r.priority as i32 + 1,
        service: r.service.0.clone(),
        team: r.team.0.clone(),
        assignee: r.author.as_ref().map(|p| p.0.clone()).unwrap_or_default(),
        sla_state: SlaState::None.as_str().to_owned(),
        title: r.title.clone(),
        created_at: r.opened_at.0,
        subject: r.review_of.0.clone(),
        ..ListingRow::default()
    }
}

fn running(i: &Incident) -> impl Iterator<Item = &Clock> {
    i.clocks.iter().filter(|c| c.state == ClockState::Running)
}

/// The worst of the live clocks.
pub(crate) fn sla_state(i: &Incident) -> SlaState {
    let mut live = i.clocks.iter().filter(|c| c.is_live()).peekable();
    if live.peek().is_none() {
        return SlaState::None;
    }
    live.map(|c| match c {
        c if c.state == ClockState::Paused => SlaState::Paused,
        c if c.breached.is_some() => SlaState::Overdue,
        c if c.recorded >= 75 => SlaState::AtRisk,
        _ => SlaState::Ok,
    })
    .min()
    .unwrap_or(SlaState::None)
}

/// The queue's rank of what has ended; all that is open stands before it.
pub(crate) const ENDED: i32 = 99;

/// Place in the triage queue: breached clocks by priority and age, then by the earliest due, then by priority. What is
/// ended or suppressed comes last.
fn queue(i: &Incident) -> (i32, i64) {
    let priority = i.priority as i32 + 1;
    if i.phase >= Phase::Resolved {
        return (ENDED, i.opened_at.0);
    }
    if i.suppressed.is_some() {
        return (90 + priority, i.opened_at.0);
    }
    let breached = i.clocks.iter().filter(|c| c.is_live()).filter_map(|c| c.breached).min();
    if let Some(at) = breached {
        return (priority, at.0);
    }
    match running(i).filter_map(|c| c.due).min() {
        Some(due) => (10, due.0),
        None => (20 + priority, i.opened_at.0),
    }
}

/// The key under which signals join the incident, while it is joinable or may be reopened by one.
pub(crate) fn group_key(state: &Instance) -> Option<&str> {
    let incident = state.incident()?;
    let reopens = incident.phase == Phase::Resolved && incident.grouping.reopen_window.millis() > 0;
    (incident.is_open() || reopens).then_some(())?;
    incident.grouping.key.as_deref()
}
