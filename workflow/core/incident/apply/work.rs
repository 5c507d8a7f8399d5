//! Folds investigation, fixes and documentation. An event about something that is not there changes nothing.

use crate::incident::kinds::{FixState, HypothesisState, TaskState};
use crate::incident::state::Incident;
use crate::incident::work::{
    Deed, Evidence, Fix, Handover, Hypothesis, RecoveryStep, Role, Task, Update, Work,
};
use crate::incident::work_event::{FixFailure, WorkEvent};
use crate::instance::Meta;

pub(super) fn apply(state: &mut Incident, event: &WorkEvent, meta: &Meta<'_>) {
    let work = &mut state.work;
    match event {
        WorkEvent::NoteAdded { .. } | WorkEvent::ChangeReported { .. } => {}
        WorkEvent::EvidenceAdded { .. } | WorkEvent::EvidenceRetracted { .. } => evidence(work, event, meta),
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
                completed: None,
            };
            work.recovery.insert(*n, step);
        }
        WorkEvent::RecoveryStepDone { n, checked } => {
            if let Some(step) = work.recovery.get_mut(n) {
                step.done = true;
                step.checked = *checked;
                step.completed = Some(deed(meta));
            }
        }
        WorkEvent::TaskAdded { .. }
        | WorkEvent::TaskChanged { .. }
        | WorkEvent::TaskOverdue { .. }
        | WorkEvent::ActionMoved { .. } => task(work, event, meta),
        WorkEvent::HypothesisProposed { .. } | WorkEvent::HypothesisChanged { .. } => {
            hypothesis(work, event, meta);
        }
        WorkEvent::RoleTaken { .. }
        | WorkEvent::HandoverRequested { .. }
        | WorkEvent::HandoverConfirmed { .. }
        | WorkEvent::HandoverCancelled { .. }
        | WorkEvent::HandoverForced { .. } => role(work, event, meta),
        WorkEvent::UpdatePosted { n, text, audience, next_in } => {
            let (text, by) = (text.clone(), Some(meta.actor.clone()));
            let update = Update { text, audience: *audience, at: meta.at, by, next_in: *next_in };
            work.updates.insert(*n, update);
        }
        WorkEvent::ChecklistFilled { field, item } => {
            work.checklist.insert(*field, item.clone());
            work.documented.insert(*field, deed(meta));
        }
        WorkEvent::Subscribed { subscriber, audience } => {
            work.subscribers.insert(subscriber.clone(), *audience);
        }
        WorkEvent::Unsubscribed { subscriber } => {
            work.subscribers.remove(subscriber);
        }
    }
}

fn deed(meta: &Meta<'_>) -> Deed {
    Deed { by: meta.actor.clone(), at: meta.at }
}

fn hypothesis(work: &mut Work, event: &WorkEvent, meta: &Meta<'_>) {
    match event {
        WorkEvent::HypothesisProposed { n, statement, evidence } => {
            let hypothesis = Hypothesis {
                statement: statement.clone(),
                state: HypothesisState::Proposed,
                evidence: evidence.clone(),
                proposed: Some(deed(meta)),
                note: String::new(),
            };
            work.hypotheses.insert(*n, hypothesis);
        }
        WorkEvent::HypothesisChanged { n, state, evidence, note } => {
            if let Some(hypothesis) = work.hypotheses.get_mut(n) {
                hypothesis.state = *state;
                hypothesis.evidence.clone_from(evidence);
                hypothesis.note.clone_from(note);
            }
        }
        _ => {}
    }
}

fn evidence(work: &mut Work, event: &WorkEvent, meta: &Meta<'_>) {
    match event {
        WorkEvent::EvidenceAdded { n, title, body, trace_id, .. } => {
            let evidence = Evidence {
                title: title.clone(),
                body: body.clone(),
                trace_id: trace_id.clone(),
                retracted: false,
                added: Some(deed(meta)),
                retract_reason: String::new(),
            };
            work.evidence.insert(*n, evidence);
        }
        WorkEvent::EvidenceRetracted { n, reason } => {
            if let Some(evidence) = work.evidence.get_mut(n) {
                evidence.body.clear();
                evidence.retracted = true;
                evidence.retract_reason.clone_from(reason);
            }
        }
        _ => {}
    }
}

fn fix(work: &mut Work, event: &WorkEvent, meta: &Meta<'_>) {
    match event {
        WorkEvent::FixPlanned { n, summary } => {
            work.fixes.insert(*n, Fix { planned: Some(deed(meta)), ..planned(summary) });
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
        WorkEvent::FixVerified { n, how, .. } => judge_fix(work, *n, FixState::Verified, how, meta),
        WorkEvent::FixFailed { n, how, reason } => {
            judge_fix(work, *n, FixState::Failed, how, meta);
            if let Some(fix) = work.fixes.get_mut(n) {
                fix.end_reason = match reason {
                    FixFailure::Verification => how.clone(),
                    FixFailure::AlertFired => "an alert fired again".to_owned(),
                };
            }
        }
        WorkEvent::FixRolledBack { n, reason } => {
            if let Some(fix) = work.fixes.get_mut(n) {
                fix.state = FixState::RolledBack;
                fix.verifies_at = None;
                fix.end_reason.clone_from(reason);
            }
        }
        _ => {}
    }
}

fn planned(summary: &str) -> Fix {
    Fix {
        summary: summary.to_owned(),
        state: FixState::Planned,
        planned: None,
        applied_at: None,
        applied_by: None,
        ready_at: None,
        verifies_at: None,
        judged: None,
        how: String::new(),
        end_reason: String::new(),
    }
}

/// Somebody, or the silence of its alerts, says whether it works.
fn judge_fix(work: &mut Work, n: u32, state: FixState, how: &str, meta: &Meta<'_>) {
    if let Some(fix) = work.fixes.get_mut(&n) {
        fix.state = state;
        fix.how = how.to_owned();
        fix.verifies_at = None;
        fix.judged = Some(deed(meta));
    }
}

fn task(work: &mut Work, event: &WorkEvent, meta: &Meta<'_>) {
    match event {
        WorkEvent::TaskAdded { n, summary, owner, due } => {
            let task = Task {
                summary: summary.clone(),
                state: TaskState::Open,
                owner: owner.clone(),
                due: *due,
                remind_at: *due,
                reason: String::new(),
                added: Some(deed(meta)),
                ended: None,
            };
            work.tasks.insert(*n, task);
        }
        WorkEvent::TaskChanged { n, summary, state, owner, due, reason } => {
            if let Some(task) = work.tasks.get_mut(n) {
                task.summary = summary.clone().unwrap_or_else(|| std::mem::take(&mut task.summary));
                if task.due != *due {
                    task.remind_at = *due;
                }
                task.state = *state;
                task.owner.clone_from(owner);
                task.due = *due;
                task.reason.clone_from(reason);
                if *state >= TaskState::Done {
                    task.remind_at = None;
                    task.ended = Some(deed(meta));
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
                task.ended = Some(deed(meta));
            }
        }
        _ => {}
    }
}

fn role(work: &mut Work, event: &WorkEvent, meta: &Meta<'_>) {
    match event {
        WorkEvent::RoleTaken { role, holder: to }
        | WorkEvent::HandoverConfirmed { role, to }
        | WorkEvent::HandoverForced { role, to, .. } => {
            let (holder, since) = (to.clone(), Some(meta.at));
            work.roles.insert(role.clone(), Role { holder, since, handover: None });
        }
        WorkEvent::HandoverRequested { role, to, expires_at } => {
            if let Some(role) = work.roles.get_mut(role) {
                let by = Some(meta.actor.clone());
                role.handover = Some(Handover { to: to.clone(), expires_at: *expires_at, by });
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
