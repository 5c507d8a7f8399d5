//! Links between incidents: merge in three commits, split in two, relations; and what else is recorded beside the life.

use crate::id::InstanceId;
use crate::incident::command::Command;
use crate::incident::draft::Draft;
use crate::incident::event::{AlertEvent, LifeEvent, Notice};
use crate::incident::kinds::{Phase, RelationKind, SuppressReason};
use crate::refusal::Refusal;
use crate::time::Timestamp;

use super::{hear, notify, priority};

pub(super) fn merge(
    draft: &mut Draft<'_>,
    into: &InstanceId,
    into_exercise: bool,
    raise_priority: bool,
) -> Result<(), Refusal> {
    draft.require_open()?;
    if *into == draft.state.id {
        return Err(Refusal::MergeSelf);
    }
    if into_exercise != draft.state.exercise {
        return Err(Refusal::MergeExercise);
    }
    if draft.state.merge.is_some() {
        return Err(Refusal::MergeRunning);
    }
    draft.emit(LifeEvent::MergeStarted { into: into.clone(), raise_priority });
    draft.emit(AlertEvent::Suppressed { reason: SuppressReason::Merging, until: None });
    Ok(())
}

/// The target takes over what the source brings. It keeps phase, holder and clocks.
pub(super) fn absorb(draft: &mut Draft<'_>, command: &Command) -> Result<(), Refusal> {
    let Command::Absorb { from, reference, alerts, reports, priority, raise_priority, exercise } = command
    else {
        return Ok(());
    };
    draft.require_open()?;
    if *exercise != draft.state.exercise {
        return Err(Refusal::MergeExercise);
    }
    if draft.state.merge.is_some() {
        return Err(Refusal::MergeRunning);
    }
    draft.emit(LifeEvent::Absorbed {
        from: from.clone(),
        reference: reference.clone(),
        alerts: alerts.clone(),
        reports: *reports,
        priority: draft.state.priority,
    });
    if draft.state.all_clear_at.is_none() && draft.state.is_open() {
        hear::release_if_cleared(draft);
    }
    if *raise_priority && *priority < draft.state.priority {
        priority::change(draft, *priority, &format!("merged {reference}"));
    }
    Ok(())
}

/// The target answered: the source ends, or goes on as it was.
pub(super) fn finish_merge(draft: &mut Draft<'_>, into: &InstanceId, refused: Option<&str>) {
    let before = match draft.state.merge.as_ref() {
        // Whether everything is clear is asked anew: signals may have come meanwhile.
        Some(m) if m.into == *into && !m.done => {
            m.before.clone().filter(|s| s.reason != SuppressReason::Cleared)
        }
        // Told again, or late: nothing to do.
        _ => return,
    };
    let Some(reason) = refused else { return draft.emit(LifeEvent::Merged { into: into.clone() }) };
    draft.emit(LifeEvent::MergeRefused { into: into.clone(), reason: reason.to_owned() });
    if !draft.state.is_open() {
        return;
    }
    draft.emit(match before {
        Some(s) => AlertEvent::Suppressed { reason: s.reason, until: s.until },
        None => AlertEvent::Released { note: "the merge was refused".to_owned() },
    });
}

pub(super) fn split(
    draft: &mut Draft<'_>,
    to: &InstanceId,
    alerts: &[u32],
    reports: u32,
    command: &Command,
) -> Result<(), Refusal> {
    draft.require_not_ended()?;
    if alerts.is_empty() && reports == 0 {
        return Err(Refusal::SplitEmpty);
    }
    for n in alerts {
        if draft.state.alerts.get(n).is_none_or(|a| a.moved) {
            return Err(Refusal::AlertUnknown { key: n.to_string() });
        }
    }
    let left = draft.state.alerts.iter().any(|(n, a)| !a.moved && !alerts.contains(n));
    if reports > draft.state.reports || (!left && reports == draft.state.reports) {
        return Err(Refusal::SplitAll);
    }
    let Command::Split { acknowledge, title, .. } = command else { return Ok(()) };
    let acknowledged_by = acknowledge.then(|| draft.cx.actor.clone());
    let title = if title.is_empty() { draft.state.title.clone() } else { title.clone() };
    draft.emit(LifeEvent::SplitOut {
        to: to.clone(),
        alerts: alerts.to_vec(),
        reports,
        title,
        acknowledged_by,
    });
    Ok(())
}

pub(super) fn relate(draft: &mut Draft<'_>, to: &InstanceId, kind: RelationKind) -> Result<(), Refusal> {
    if *to == draft.state.id {
        return Err(Refusal::BadField {
            field: "target".to_owned(),
            problem: "an incident is not related to itself".to_owned(),
        });
    }
    if !draft.state.relations.iter().any(|r| r.to == *to && r.kind == kind) {
        draft.emit(LifeEvent::Related { to: to.clone(), kind });
    }
    Ok(())
}

pub(super) fn review(draft: &mut Draft<'_>, review: &InstanceId, published: bool) -> Result<(), Refusal> {
    if draft.state.review.as_ref().is_none_or(|r| r.id != *review || r.published != published) {
        draft.emit(LifeEvent::ReviewLinked { review: review.clone(), published });
    }
    Ok(())
}

pub(super) fn correct_times(
    draft: &mut Draft<'_>,
    impact_start: Option<Timestamp>,
    impact_end: Option<Timestamp>,
    detected: Option<Timestamp>,
) -> Result<(), Refusal> {
    if draft.state.phase == Phase::Cancelled {
        return draft.require_not_ended();
    }
    let t = &draft.state.times;
    let (start, end) = (impact_start.or(t.impact_start), impact_end.or(t.impact_end));
    let disordered = |field: &str| Err(Refusal::TimesDisordered { field: field.to_owned() });
    if start.zip(end).is_some_and(|(s, e)| e < s) {
        return disordered("impact_end_time");
    }
    if detected.or(t.detected).zip(start).is_some_and(|(d, s)| d < s) {
        return disordered("detect_time");
    }
    if [impact_start, impact_end, detected].into_iter().flatten().any(|at| at > draft.now()) {
        return disordered("a time in the future");
    }
    draft.emit(LifeEvent::TimesCorrected { impact_start, impact_end, detected });
    Ok(())
}

/// A week without activity.
pub(super) fn stale(draft: &mut Draft<'_>) {
    let next = draft.now() + crate::limits::STALE_AFTER;
    draft.emit(LifeEvent::StaleReminded { next });
    let holder = notify::holder(draft);
    let people = if holder.is_empty() { notify::team(draft) } else { holder };
    notify::tell(draft, Notice::Stale, people);
}
