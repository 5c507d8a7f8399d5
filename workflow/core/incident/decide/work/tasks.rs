//! Tasks and hypotheses. A task that ended stays ended; a hypothesis that was judged stays judged.

use std::collections::BTreeSet;

use crate::id::PersonId;
use crate::limits;
use crate::refusal::Refusal;
use crate::time::Timestamp;

use super::{number, require_person, unknown};
use crate::incident::draft::Draft;
use crate::incident::kinds::{HypothesisState, TaskState};
use crate::incident::work_event::WorkEvent;

/// What changes about a task; absent: unchanged.
pub(super) struct Change<'a> {
    pub(super) summary: Option<&'a str>,
    pub(super) state: Option<TaskState>,
    pub(super) owner: Option<&'a PersonId>,
    pub(super) due: Option<Timestamp>,
    pub(super) reason: &'a str,
}

pub(super) fn add(
    draft: &mut Draft<'_>,
    summary: &str,
    owner: Option<&PersonId>,
    due: Option<Timestamp>,
) -> Result<(), Refusal> {
    limits::required(summary, "summary", limits::TITLE)?;
    if let Some(owner) = owner {
        require_person(draft, owner)?;
    }
    limits::room(draft.state.work.tasks.len(), "tasks", limits::OF_EACH)?;
    let n = number(draft, |w| &w.tasks);
    draft.emit(WorkEvent::TaskAdded { n, summary: summary.to_owned(), owner: owner.cloned(), due });
    Ok(())
}

pub(super) fn update(draft: &mut Draft<'_>, n: u32, change: &Change<'_>) -> Result<(), Refusal> {
    let task = draft.state.work.tasks.get(&n).ok_or_else(|| unknown("task", n))?;
    if task.state >= TaskState::Done {
        return Err(ended("task", n, task.state.as_str()));
    }
    let state = change.state.unwrap_or(task.state);
    if state < task.state {
        return Err(ended("task", n, task.state.as_str()));
    }
    if state == TaskState::Dropped {
        limits::reason(change.reason, "reason")?;
    }
    limits::within(change.reason, "reason", limits::REASON)?;
    if let Some(summary) = change.summary {
        limits::required(summary, "title", limits::TITLE)?;
    }
    if let Some(owner) = change.owner {
        require_person(draft, owner)?;
    }
    let owner = change.owner.or(task.owner.as_ref()).cloned();
    let due = change.due.or(task.due);
    let summary = change.summary.filter(|s| *s != task.summary).map(str::to_owned);
    if summary.is_some() || (state, &owner, due) != (task.state, &task.owner, task.due) {
        draft.emit(WorkEvent::TaskChanged {
            n,
            summary,
            state,
            owner,
            due,
            reason: change.reason.to_owned(),
        });
    }
    Ok(())
}

pub(super) fn propose(draft: &mut Draft<'_>, statement: &str, evidence: &[u32]) -> Result<(), Refusal> {
    limits::required(statement, "statement", limits::DESCRIPTION)?;
    limits::room(draft.state.work.hypotheses.len(), "hypotheses", limits::OF_EACH)?;
    require_evidence(draft, evidence)?;
    let n = number(draft, |w| &w.hypotheses);
    let evidence: BTreeSet<u32> = evidence.iter().copied().collect();
    draft.emit(WorkEvent::HypothesisProposed {
        n,
        statement: statement.to_owned(),
        evidence: evidence.into_iter().collect(),
    });
    Ok(())
}

/// Moves a hypothesis on and adds evidence to it. It never goes back: what turned out otherwise is a new hypothesis.
pub(super) fn judge(
    draft: &mut Draft<'_>,
    n: u32,
    state: Option<HypothesisState>,
    evidence: &[u32],
    note: &str,
) -> Result<(), Refusal> {
    let work = &draft.state.work;
    let hypothesis = work.hypotheses.get(&n).ok_or_else(|| unknown("hypothesis", n))?;
    let state = state.unwrap_or(hypothesis.state);
    let judged = hypothesis.state >= HypothesisState::Confirmed;
    if state < hypothesis.state || (judged && state != hypothesis.state) {
        return Err(ended("hypothesis", n, hypothesis.state.as_str()));
    }
    require_evidence(draft, evidence)?;
    limits::within(note, "note", limits::NOTE)?;
    let all: BTreeSet<u32> = hypothesis.evidence.iter().chain(evidence).copied().collect();
    if state != hypothesis.state || all.len() != hypothesis.evidence.len() || !note.trim().is_empty() {
        let (evidence, note) = (all.into_iter().collect(), note.to_owned());
        draft.emit(WorkEvent::HypothesisChanged { n, state, evidence, note });
    }
    Ok(())
}

fn require_evidence(draft: &Draft<'_>, evidence: &[u32]) -> Result<(), Refusal> {
    let known = &draft.state.work.evidence;
    evidence
        .iter()
        .find(|e| !known.contains_key(e))
        .map_or(Ok(()), |missing| Err(unknown("evidence", missing)))
}

fn ended(what: &str, n: u32, state: &str) -> Refusal {
    Refusal::WrongState { what: what.to_owned(), name: n.to_string(), state: state.to_owned() }
}
