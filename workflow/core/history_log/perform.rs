//! A logged action as the command that does it again. Reasons that a log does not keep are filled in; whether the command
//! is allowed is decided as always.

use crate::incident::Command;
use crate::incident::command::{Resolve, Triage, WorkCommand};
use crate::incident::kinds::ResolutionCode;
use crate::incident::state::Assignee;

use super::entry::Action;

/// Stands where a command needs words that a log does not keep.
const AS_RECORDED: &str = "as recorded";

impl Action {
    /// The command.
    pub fn command(&self) -> Command {
        let said = || AS_RECORDED.to_owned();
        match self.clone() {
            Action::Acknowledge => Command::Acknowledge,
            Action::Unacknowledge => Command::Unacknowledge,
            Action::Release => Command::Release { note: said() },
            Action::Declare => Command::Declare,
            Action::Snooze { length } => Command::Snooze { length },
            Action::Wake => Command::Wake,
            Action::Hold { reason, length } => Command::Hold { reason, note: said(), length },
            Action::Resume => Command::Resume,
            Action::Escalate { to_level } => {
                Command::Escalate { expected_level: None, to_level, note: said() }
            }
            Action::AssignPerson { person, page } => Command::Assign { to: Assignee::Person(person), page },
            Action::AssignTeam { team } => Command::Assign { to: Assignee::Team(team), page: false },
            Action::Triage { category, impact, urgency, service, priority } => {
                let reason = said();
                let wanted =
                    Triage { category, impact, urgency, service, priority, reason, ..Triage::default() };
                Command::Triage(Box::new(wanted))
            }
            Action::SetPriority { priority } => Command::SetPriority { priority, reason: said() },
            Action::Mitigate => Command::Mitigate { how: said() },
            Action::Relapse => Command::Relapse { reason: said() },
            Action::Resolve { code, note } => Command::Resolve(Box::new(Resolve {
                code: code.or(Some(ResolutionCode::Fixed)),
                note: if note.is_empty() { said() } else { note },
                how_verified: said(),
                recovered_by_itself: true,
                force_reason: said(),
            })),
            Action::Reopen => Command::Reopen { reason: said() },
            Action::Close => Command::Close,
            Action::Cancel { reason } => Command::Cancel { reason, note: said() },
            Action::Note { text } => Command::Work(WorkCommand::AddNote { text, by_reporter: false }),
            Action::Update { audience, next_in } => {
                Command::Work(WorkCommand::PostUpdate { text: said(), audience, next_in })
            }
            Action::Command(command) => *command,
        }
    }

    /// The action's name as a log writes it.
    pub fn name(&self) -> String {
        match serde_json::to_value(self).unwrap_or_default() {
            serde_json::Value::String(name) => name,
            serde_json::Value::Object(map) => map.keys().next().cloned().unwrap_or_default(),
            _ => String::new(),
        }
    }
}
