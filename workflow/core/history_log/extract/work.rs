//! What people did besides answering pages, as far as a gate or a clock may depend on it. Roles, subscriptions and
//! evidence change neither pages nor clocks and are left out.

use crate::history_log::entry::{Action, REMARK};
use crate::incident::Command;
use crate::incident::command::WorkCommand;
use crate::incident::work::ChecklistItem;
use crate::incident::work_event::{FixFailure, WorkEvent};

use super::{Past, Reading, actions};

impl Reading {
    pub(super) fn work(&mut self, past: &Past<'_>, event: &WorkEvent) {
        let command = match event {
            WorkEvent::NoteAdded { text, late: true, .. } if text.starts_with(REMARK) => {
                self.remarks.extend(text[REMARK.len()..].split("; ").map(str::to_owned));
                return;
            }
            WorkEvent::NoteAdded { text, by_reporter: false, .. } => {
                return self.act(past, Action::Note { text: text.clone() });
            }
            WorkEvent::UpdatePosted { audience, next_in, .. } => {
                return self.act(past, Action::Update { audience: *audience, next_in: *next_in });
            }
            other => match command_of(other) {
                Some(command) => command,
                None => return,
            },
        };
        self.act(past, actions::command(Command::Work(command)));
    }
}

fn command_of(event: &WorkEvent) -> Option<WorkCommand> {
    Some(match event.clone() {
        WorkEvent::NoteAdded { text, by_reporter, .. } => WorkCommand::AddNote { text, by_reporter },
        WorkEvent::FixPlanned { summary, .. } => WorkCommand::PlanFix { summary },
        WorkEvent::FixApplied { n, summary, .. } => WorkCommand::ApplyFix { n: Some(n), summary },
        WorkEvent::FixVerified { n, how, automatic: false } => {
            WorkCommand::VerifyFix { n, passed: true, how }
        }
        WorkEvent::FixFailed { n, reason: FixFailure::Verification, how } => {
            WorkCommand::VerifyFix { n, passed: false, how }
        }
        WorkEvent::FixRolledBack { n, reason } => WorkCommand::RollBackFix { n, reason },
        WorkEvent::RecoveryStepAdded { summary, after_resolution, .. } => {
            WorkCommand::AddRecoveryStep { summary, after_resolution }
        }
        WorkEvent::RecoveryStepDone { n, checked } => WorkCommand::CompleteRecoveryStep { n, checked },
        WorkEvent::TaskAdded { summary, owner, due, .. } => WorkCommand::AddTask { summary, owner, due },
        WorkEvent::TaskChanged { n, summary, state, owner, due, reason } => {
            WorkCommand::UpdateTask { n, summary, state: Some(state), owner, due, reason }
        }
        WorkEvent::HypothesisProposed { statement, .. } => {
            WorkCommand::ProposeHypothesis { statement, evidence: Vec::new() }
        }
        WorkEvent::HypothesisChanged { n, state, note, .. } => {
            WorkCommand::UpdateHypothesis { n, state: Some(state), evidence: Vec::new(), note }
        }
        WorkEvent::ChecklistFilled { field, item: ChecklistItem::Done(text) } => {
            WorkCommand::Document { field, text }
        }
        WorkEvent::ChecklistFilled { field, item: ChecklistItem::Waived { reason, .. } } => {
            WorkCommand::Waive { field, reason }
        }
        _ => return None,
    })
}
