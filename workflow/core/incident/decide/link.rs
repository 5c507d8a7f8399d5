//! Links between incidents: merge in three commits, split in two, relations; and what else is recorded beside the life.

use crate::id::InstanceId;
use crate::incident::command::{Command, Correction};
use crate::incident::draft::{Draft, none_of};
use crate::incident::event::{AlertEvent, LifeEvent, Notice};
use crate::incident::kinds::{Phase, RelationKind, SuppressReason};
use crate::refusal::Refusal;
use crate::time::Timestamp;

use super::{ending, hear, notify, priority};

pub(super) fn merge(
    draft: &mut Draft<'_>,
    into: &InstanceId,
    into_exercise: bool,
    raise_priority: bool,
) -> Result<(), Refusal> {
    none_of(merge_unmet(draft, into, into_exercise))?;
    draft.emit(LifeEvent::MergeStarted { into: into.clone(), raise_priority });
    draft.emit(AlertEvent::Suppressed { reason: SuppressReason::Merging, until: None });
    Ok(())
}

/// Everything that the source itself has against being merged. What the target has against it is asked there.
pub(super) fn merge_unmet(draft: &Draft<'_>, into: &InstanceId, into_exercise: bool) -> Vec<Refusal> {
    if let Err(ended) = draft.require_open() {
        return vec![ended];
    }
    let exercise = into_exercise != draft.state.exercise;
    [
        (*into == draft.state.id).then_some(Refusal::MergeSelf),
        exercise.then_some(Refusal::MergeExercise),
        draft.state.merge.is_some().then_some(Refusal::MergeRunning),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The target takes over what the source brings. It keeps phase, holder and clocks.
pub(super) fn absorb(draft: &mut Draft<'_>, command: &Command) -> Result<(), Refusal> {
    let Command::Absorb { from, reference, alerts, reports, priority, raise_priority, exercise, .. } =
        command
    else {
        return Ok(());
    };
    let Command::Absorb { subscribers, tasks, .. } = command else { return Ok(()) };
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
        subscribers: subscribers.clone(),
        tasks: tasks.clone(),
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
    ending::review_after_merge(draft);
    // A resolve, a cancel or a reopening meanwhile ended the silence of the merge.
    let silent = draft.state.suppressed.as_ref().is_some_and(|s| s.reason == SuppressReason::Merging);
    if !silent {
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

pub(super) fn relate(
    draft: &mut Draft<'_>,
    to: &InstanceId,
    kind: RelationKind,
    note: &str,
) -> Result<(), Refusal> {
    if *to == draft.state.id {
        return Err(Refusal::BadField {
            field: "target".to_owned(),
            problem: "an incident is not related to itself".to_owned(),
        });
    }
    let known = draft.state.relations.iter().find(|r| r.to == *to && r.kind == kind);
    if known.is_none_or(|r| !note.is_empty() && r.note != note) {
        draft.emit(LifeEvent::Related { to: to.clone(), kind, note: note.to_owned() });
    }
    Ok(())
}

/// Takes a link away; taking none away changes nothing.
pub(super) fn unrelate(
    draft: &mut Draft<'_>,
    to: &InstanceId,
    kind: RelationKind,
    note: &str,
) -> Result<(), Refusal> {
    if draft.state.relations.iter().any(|r| r.to == *to && r.kind == kind) {
        draft.emit(LifeEvent::Unrelated { to: to.clone(), kind, note: note.to_owned() });
    }
    Ok(())
}

pub(super) fn review(draft: &mut Draft<'_>, review: &InstanceId, published: bool) -> Result<(), Refusal> {
    if draft.state.review.as_ref().is_none_or(|r| r.id != *review || r.published != published) {
        draft.emit(LifeEvent::ReviewLinked { review: review.clone(), published });
    }
    Ok(())
}

pub(super) fn correct_times(draft: &mut Draft<'_>, c: &Correction) -> Result<(), Refusal> {
    none_of(correction_unmet(draft, c))?;
    let Correction { impact_start, impact_end, detected, mitigated, resolved } = complete(draft, c);
    draft.emit(LifeEvent::TimesCorrected { impact_start, impact_end, detected, mitigated, resolved });
    Ok(())
}

/// Everything that stands against a correction. What never happened has no instant to correct, and what follows from
/// something is not before it.
pub(super) fn correction_unmet(draft: &Draft<'_>, c: &Correction) -> Vec<Refusal> {
    if draft.state.phase == Phase::Cancelled {
        return draft.require_not_ended().err().into_iter().collect();
    }
    let (t, c) = (&draft.state.times, complete(draft, c));
    let start = c.impact_start.or(t.impact_start);
    let mitigated = c.mitigated.or(t.corrected_mitigated).or(t.mitigated);
    let resolved = c.resolved.or(t.corrected_resolved).or(t.resolved);
    let before = |at: Option<Timestamp>, other: Option<Timestamp>| at.zip(other).is_some_and(|(a, o)| a < o);
    let given = [c.impact_start, c.impact_end, c.detected, c.mitigated, c.resolved];
    let disordered = [
        (before(c.impact_end.or(t.impact_end), start), "impact_end_time"),
        (before(c.detected.or(t.detected), start), "detect_time"),
        (c.mitigated.is_some() && before(mitigated, start), "mitigate_time"),
        ((c.resolved.is_some() || c.mitigated.is_some()) && before(resolved, mitigated), "resolve_time"),
        (given.into_iter().flatten().any(|at| at > draft.now()), "a time in the future"),
    ];
    let disordered = disordered.into_iter().filter(|(is, _)| *is);
    [
        (c.mitigated.is_some() && t.mitigated.is_none()).then_some(Refusal::NotMitigated),
        (c.resolved.is_some() && t.resolved.is_none()).then_some(Refusal::NotResolved),
    ]
    .into_iter()
    .flatten()
    .chain(disordered.map(|(_, field)| Refusal::TimesDisordered { field: field.to_owned() }))
    .collect()
}

/// Where the resolve was the mitigation too, its instant stays that of both.
fn complete(draft: &Draft<'_>, c: &Correction) -> Correction {
    let t = &draft.state.times;
    let both = t.mitigated == t.resolved && t.corrected_mitigated == t.corrected_resolved;
    Correction { mitigated: c.mitigated.or(c.resolved.filter(|_| both)), ..*c }
}

/// A week without activity.
pub(super) fn stale(draft: &mut Draft<'_>) {
    let next = draft.now() + crate::limits::STALE_AFTER;
    draft.emit(LifeEvent::StaleReminded { next });
    let holder = notify::holder(draft);
    let people = if holder.is_empty() { notify::team(draft) } else { holder };
    notify::tell(draft, Notice::Stale, people);
}
