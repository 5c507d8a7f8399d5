//! Investigation, fixing and documentation: which command may come in which phase, and the deadlines of this family.
//! What a single command does stands in the files below; paging and phases are not decided here.

mod document;
mod due;
mod fix;
mod gate;
mod notes;
mod roles;
mod tasks;
mod updates;

use std::collections::BTreeMap;

use crate::id::PersonId;
use crate::instance::Answer;
use crate::refusal::Refusal;

use super::super::command::WorkCommand;
use super::super::draft::Draft;

pub(in crate::incident) use document::note_documented;
pub(in crate::incident) use due::{Due, fire, next_due};
pub(in crate::incident) use fix::refute_fixes;
pub(in crate::incident) use gate::verification_unmet;
pub(in crate::incident) use roles::first_commander;
pub(in crate::incident) use updates::tell_the_end;

/// Decides a command of this family.
pub(in crate::incident) fn decide(draft: &mut Draft<'_>, command: &WorkCommand) -> Result<(), Refusal> {
    admit(draft, command)?;
    match command {
        WorkCommand::AddNote { text, by_reporter } => notes::add(draft, text, *by_reporter),
        WorkCommand::ReportChange { summary, source, url, at } => {
            notes::report_change(draft, summary, source, url, *at)
        }
        WorkCommand::AddEvidence { title, body, trace_id } => {
            notes::add_evidence(draft, title, body, trace_id)
        }
        WorkCommand::RetractEvidence { n, reason } => notes::retract_evidence(draft, *n, reason),
        WorkCommand::PlanFix { summary } => fix::plan(draft, summary),
        WorkCommand::ApplyFix { n, summary } => fix::apply(draft, *n, summary),
        WorkCommand::VerifyFix { n, passed, how } => fix::verify(draft, *n, *passed, how),
        WorkCommand::RollBackFix { n, reason } => fix::roll_back(draft, *n, reason),
        WorkCommand::AddRecoveryStep { summary, after_resolution } => {
            fix::add_step(draft, summary, *after_resolution)
        }
        WorkCommand::CompleteRecoveryStep { n, checked } => fix::complete_step(draft, *n, *checked),
        WorkCommand::AddTask { summary, owner, due } => tasks::add(draft, summary, owner.as_ref(), *due),
        WorkCommand::UpdateTask { n, summary, state, owner, due, reason } => {
            let (summary, owner) = (summary.as_deref(), owner.as_ref());
            let change = tasks::Change { summary, state: *state, owner, due: *due, reason };
            tasks::update(draft, *n, &change)
        }
        WorkCommand::ProposeHypothesis { statement, evidence } => tasks::propose(draft, statement, evidence),
        WorkCommand::UpdateHypothesis { n, state, evidence, note } => {
            tasks::judge(draft, *n, *state, evidence, note)
        }
        WorkCommand::AssignRole { role, to, .. } => roles::assign(draft, role, to),
        WorkCommand::RequestHandover { role, to, expected_holder } => {
            roles::request(draft, role, to, expected_holder.as_ref())
        }
        WorkCommand::ConfirmHandover { role } => roles::confirm(draft, role),
        WorkCommand::CancelHandover { role } => roles::cancel(draft, role),
        WorkCommand::ForceHandover { role, to, expected_holder, reason } => {
            roles::force(draft, role, to, expected_holder.as_ref(), reason)
        }
        WorkCommand::PostUpdate { text, audience, next_in } => {
            updates::post(draft, text, *audience, *next_in)
        }
        WorkCommand::Document { field, text } => document::fill(draft, *field, text),
        WorkCommand::Waive { field, reason } => document::waive(draft, *field, reason),
        WorkCommand::Subscribe { subscriber, audience } => updates::subscribe(draft, subscriber, *audience),
        WorkCommand::Unsubscribe { subscriber } => updates::unsubscribe(draft, subscriber),
    }?;
    note_documented(draft);
    Ok(())
}

/// Whether the phase allows the command.
fn admit(draft: &Draft<'_>, command: &WorkCommand) -> Result<(), Refusal> {
    match command {
        WorkCommand::AddNote { .. }
        | WorkCommand::AddEvidence { .. }
        | WorkCommand::RetractEvidence { .. }
        | WorkCommand::Subscribe { .. }
        | WorkCommand::Unsubscribe { .. } => Ok(()),
        WorkCommand::PlanFix { .. }
        | WorkCommand::ApplyFix { .. }
        | WorkCommand::VerifyFix { .. }
        | WorkCommand::RollBackFix { .. } => draft.require_open(),
        WorkCommand::AddRecoveryStep { .. }
        | WorkCommand::CompleteRecoveryStep { .. }
        | WorkCommand::AddTask { .. }
        | WorkCommand::UpdateTask { .. }
        | WorkCommand::ProposeHypothesis { .. }
        | WorkCommand::UpdateHypothesis { .. }
        | WorkCommand::AssignRole { .. }
        | WorkCommand::RequestHandover { .. }
        | WorkCommand::ConfirmHandover { .. }
        | WorkCommand::CancelHandover { .. }
        | WorkCommand::ForceHandover { .. }
        | WorkCommand::PostUpdate { .. }
        | WorkCommand::ReportChange { .. }
        | WorkCommand::Document { .. }
        | WorkCommand::Waive { .. } => draft.require_not_ended(),
    }
}

/// The number after the last one; also the answer to the command that adds it.
fn number<T>(draft: &mut Draft<'_>, of: impl Fn(&super::super::work::Work) -> &BTreeMap<u32, T>) -> u32 {
    let n = of(&draft.state.work).last_key_value().map_or(1, |(last, _)| last + 1);
    draft.answer = Answer::Added(n);
    n
}

/// What a command names that does not exist.
fn unknown(what: &str, name: impl ToString) -> Refusal {
    Refusal::Unknown { what: what.to_owned(), name: name.to_string() }
}

/// Refuses a person who is not in the newest policy: nothing new is given to somebody who left.
fn require_person(draft: &Draft<'_>, person: &PersonId) -> Result<(), Refusal> {
    match draft.cx.newest.person(person) {
        Some(_) => Ok(()),
        None => Err(unknown("person", person)),
    }
}

#[cfg(test)]
mod fix_tests;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod role_tests;
#[cfg(test)]
mod subscriber_tests;
