//! Folds investigation, fixes and documentation. An event about something that is not there changes nothing.

use crate::incident::kinds::{FixState, HypothesisState, TaskState};
use crate::incident::state::Incident;
use crate::incident::work::{Evidence, Fix, Handover, Hypothesis, RecoveryStep, Role, Task, Update, Work};
use crate::incident::work_event::WorkEvent;
use crate::instance::Meta;
use crate::time::Timestamp;

pub(super) fn apply(state: &mut Incident, event: &WorkEvent, meta: &Meta<'_>) {
    let work = &mut state.work;
    match event {
        WorkEvent::NoteAdded { .. } => {}
        WorkEvent::EvidenceAdded { .. } | WorkEvent::EvidenceRetracted { .. } => evidence(work, event),
        WorkEvent::FixPlanned { .. }
        | WorkEvent::FixApplied { .. }
        | WorkEvent::FixVerified { .. }
        | WorkEvent::FixFailed { .. }
        | WorkEvent::FixRolledBack { .. } => fix(work, event, meta),
        WorkEvent::RecoveryStepAdded { n, summary, after_resolution } => {
            let step = RecoveryStep {
                summary: summary.clone(),
                done: false,
                after_resolution: *after_resolution,
                checked: false,
            };
            work.recovery.insert(*n, step);
        }
        WorkEvent::RecoveryStepDone { n, checked } => {
            if let Some(step) = work.recovery.get_mut(n) {
                step.done = true;
                step.checked = *checked;
            }
        }
        WorkEvent::TaskAdded { .. }
        | WorkEvent::TaskChanged { .. }
        | WorkEvent::TaskOverdue { .. }
        | WorkEvent::ActionMoved { .. } => task(work, event),
        WorkEvent::HypothesisProposed { n, statement } => {
            let hypothesis = Hypothesis {
                statement: statement.clone(),
                state: HypothesisState::Proposed,
                evidence: Vec::new(),
            };
            work.hypotheses.insert(*n, hypothesis);
        }
        WorkEvent::HypothesisChanged { n, state, evidence } => {
            if let Some(hypothesis) = work.hypotheses.get_mut(n) {
                hypothesis.state = *state;
                hypothesis.evidence.clone_from(evidence);
            }
        }
        WorkEvent::RoleTaken { .. }
        | WorkEvent::HandoverRequested { .. }
        | WorkEvent::HandoverConfirmed { .. }
        | WorkEvent::HandoverCancelled { .. }
        | WorkEvent::HandoverForced { .. } => role(work, event),
        WorkEvent::UpdatePosted { n, text, audience, next_in } => {
            let update = Update { text: text.clone(), audience: *audience, at: meta.at, next_in: *next_in };
            work.updates.insert(*n, update);
        }
        WorkEvent::ChecklistFilled { field, item } => {
            work.checklist.insert(*field, item.clone());
        }
        WorkEvent::Subscribed { subscriber, audience } => {
            work.subscribers.insert(subscriber.clone(), *audience);
        }
        WorkEvent::Unsubscribed { subscriber } => {
            work.subscribers.remove(subscriber);
        }
    }
}

fn evidence(work: &mut Work, event: &WorkEvent) {
    match event {
        WorkEvent::EvidenceAdded { n, title, body, trace_id, .. } => {
            let evidence = Evidence {
                title: title.clone(),
                body: body.clone(),
                trace_id: trace_id.clone(),
                retracted: false,
            };
            work.evidence.insert(*n, evidence);
        }
        WorkEvent::EvidenceRetracted { n, .. } => {
            if let Some(evidence) = work.evidence.get_mut(n) {
                evidence.body.clear();
                evidence.retracted = true;
            }
        }
        _ => {}
    }
}

fn fix(work: &mut Work, event: &WorkEvent, meta: &Meta<'_>) {
    match event {
        WorkEvent::FixPlanned { n, summary } => {
            work.fixes.insert(*n, planned(summary));
        }
        WorkEvent::FixApplied { n, summary, ready_at, verifies_at } => {
            let fix = work.fixes.entry(*n).or_insert_with(|| planned(summary));
            fix.summary.clone_from(summary);
            fix.state = FixState::Applied;
            fix.applied_at = Some(meta.at);
            fix.applied_by = Some(meta.actor.clone());
            fix.ready_at = Some(*ready_at);
            fix.verifies_at = *verifies_at;
        }
        WorkEvent::FixVerified { n, how, .. } => end_fix(work, *n, FixState::Verified, how, Some(meta.at)),
        WorkEvent::FixFailed { n, how, .. } => end_fix(work, *n, FixState::Failed, how, None),
        WorkEvent::FixRolledBack { n, reason } => end_fix(work, *n, FixState::RolledBack, reason, None),
        _ => {}
    }
}

fn planned(summary: &str) -> Fix {
    Fix {
        summary: summary.to_owned(),
        state: FixState::Planned,
        applied_at: None,
        applied_by: None,
        ready_at: None,
        verifies_at: None,
        verified_at: None,
        how: String::new(),
    }
}

fn end_fix(work: &mut Work, n: u32, state: FixState, how: &str, verified_at: Option<Timestamp>) {
    if let Some(fix) = work.fixes.get_mut(&n) {
        fix.state = state;
        fix.how = how.to_owned();
        fix.verifies_at = None;
        fix.verified_at = verified_at;
    }
}

fn task(work: &mut Work, event: &WorkEvent) {
    match event {
        WorkEvent::TaskAdded { n, summary, owner, due } => {
            let task = Task {
                summary: summary.clone(),
                state: TaskState::Open,
                owner: owner.clone(),
                due: *due,
                remind_at: *due,
                reason: String::new(),
            };
            work.tasks.insert(*n, task);
        }
        WorkEvent::TaskChanged { n, state, owner, due, reason } => {
            if let Some(task) = work.tasks.get_mut(n) {
                if task.due != *due {
                    task.remind_at = *due;
                }
                task.state = *state;
                task.owner.clone_from(owner);
                task.due = *due;
                task.reason.clone_from(reason);
                if *state >= TaskState::Done {
                    task.remind_at = None;
                }
            }
        }
        WorkEvent::TaskOverdue { n, remind_at } => {
            if let Some(task) = work.tasks.get_mut(n) {
                task.remind_at = Some(*remind_at);
            }
        }
        WorkEvent::ActionMoved { task, .. } => {
            if let Some(task) = work.tasks.get_mut(task) {
                task.state = TaskState::Dropped;
                task.remind_at = None;
            }
        }
        _ => {}
    }
}

fn role(work: &mut Work, event: &WorkEvent) {
    match event {
        WorkEvent::RoleTaken { role, holder: to }
        | WorkEvent::HandoverConfirmed { role, to }
        | WorkEvent::HandoverForced { role, to, .. } => {
            work.roles.insert(role.clone(), Role { holder: to.clone(), handover: None });
        }
        WorkEvent::HandoverRequested { role, to, expires_at } => {
            if let Some(role) = work.roles.get_mut(role) {
                role.handover = Some(Handover { to: to.clone(), expires_at: *expires_at });
            }
        }
        WorkEvent::HandoverCancelled { role, .. } => {
            if let Some(role) = work.roles.get_mut(role) {
                role.handover = None;
            }
        }
        _ => {}
    }
}
