//! Which events are what somebody did, and which only followed from it in the same transition.

use std::collections::BTreeSet;

use crate::history_log::entry::Action;
use crate::incident::Command;
use crate::incident::command::Resolve;
use crate::incident::event::{EndWhy, EscalateReason, LifeEvent, PagingEvent, ReopenReason, UnackWhy};
use crate::incident::kinds::CancelReason;
use crate::incident::state::Assignee;

use super::{Past, Reading};

/// What other events of the same transition explain.
#[derive(Debug)]
pub(super) struct Implied {
    first: bool,
    acknowledgement: bool,
    declaration: bool,
    pub(super) release: bool,
    priority: bool,
    relapse: bool,
}

impl Implied {
    pub(super) fn by(names: &BTreeSet<String>, first: bool) -> Implied {
        let any = |of: &[&str]| of.iter().any(|name| names.contains(*name));
        let heard = any(&["AlertJoined", "ReportJoined", "AlertRefired", "AlertChanged"]);
        Implied {
            first,
            acknowledgement: any(&["Mitigated", "Snoozed", "Held"]),
            declaration: any(&["Mitigated", "Resolved", "FixPlanned", "FixApplied"]),
            release: heard || any(&["Acknowledged"]),
            priority: heard || any(&["Triaged", "Absorbed"]),
            relapse: heard,
        }
    }
}

/// A command as an action.
pub(super) fn command(command: Command) -> Action {
    Action::Command(Box::new(command))
}

impl Reading {
    pub(super) fn life(&mut self, past: &Past<'_>, event: &LifeEvent, implied: &Implied) {
        let by_somebody = *past.actor != crate::actor::Actor::System;
        let action = match event {
            LifeEvent::Triaged(t) if !implied.first && by_somebody => Action::Triage {
                category: Some(t.category.clone()),
                impact: Some(t.impact),
                urgency: Some(t.urgency),
                service: Some(t.service.clone()),
                priority: t.stated,
            },
            LifeEvent::PriorityChanged { to, .. } if by_somebody && !implied.priority => {
                Action::SetPriority { priority: *to }
            }
            LifeEvent::Assigned { to, paging } if !implied.first && by_somebody => match to {
                Assignee::Person(person) => Action::AssignPerson { person: person.clone(), page: *paging },
                Assignee::Team(team) => Action::AssignTeam { team: team.clone() },
            },
            LifeEvent::Declared if by_somebody && !implied.declaration => Action::Declare,
            LifeEvent::Mitigated { all_clear: false, .. } => Action::Mitigate,
            LifeEvent::Relapsed { .. } if past.actor.is_person() && !implied.relapse => Action::Relapse,
            LifeEvent::Resolved { code, note, by_itself, forced, .. } => {
                command(Command::Resolve(Box::new(Resolve {
                    code: Some(*code),
                    note: note.clone(),
                    how_verified: "as recorded".to_owned(),
                    recovered_by_itself: *by_itself,
                    force_reason: forced.clone().unwrap_or_default(),
                })))
            }
            LifeEvent::Reopened { reason: ReopenReason::Requested, .. } => Action::Reopen,
            LifeEvent::Closed { automatic: false } => Action::Close,
            LifeEvent::Cancelled { reason, .. } if *reason != CancelReason::Merged => {
                Action::Cancel { reason: *reason }
            }
            _ => match merge(event) {
                Some(merge) => command(merge),
                None => return,
            },
        };
        self.over |= matches!(event, LifeEvent::Closed { .. } | LifeEvent::Cancelled { .. });
        self.over |= matches!(event, LifeEvent::Merged { .. });
        self.over &= !matches!(event, LifeEvent::Reopened { .. });
        self.act(past, action);
    }

    pub(super) fn paging(&mut self, past: &Past<'_>, event: &PagingEvent, implied: &Implied) {
        let level_before = self.level;
        if let PagingEvent::Escalated { level, .. } = event {
            self.level = *level;
        }
        let action = match event {
            PagingEvent::Acknowledged { .. } if !implied.acknowledgement => Action::Acknowledge,
            PagingEvent::AckRenewed | PagingEvent::CoAcknowledged { .. } => Action::Acknowledge,
            PagingEvent::Unacknowledged { why: UnackWhy::Requested, .. } => Action::Unacknowledge,
            PagingEvent::Snoozed { until } => Action::Snooze { length: until.since(past.at) },
            PagingEvent::SnoozeEnded { why: EndWhy::Requested } => Action::Wake,
            PagingEvent::Held { reason, until, .. } => {
                Action::Hold { reason: *reason, length: Some(until.since(past.at)) }
            }
            PagingEvent::Resumed { why: EndWhy::Requested } => Action::Resume,
            PagingEvent::Escalated { reason: EscalateReason::Manual, level, .. } => {
                Action::Escalate { to_level: (*level != level_before + 1).then_some(*level) }
            }
            PagingEvent::Summoned { person, .. } => {
                command(Command::Summon { people: vec![person.clone()], note: String::new() })
            }
            PagingEvent::SummonsAnswered { accepted, .. } => {
                command(Command::AnswerSummons { accepted: *accepted })
            }
            _ => return,
        };
        self.act(past, action);
    }
}

/// The steps of a merge and of a split: they are answered from outside, so they are told as they came.
fn merge(event: &LifeEvent) -> Option<Command> {
    Some(match event {
        LifeEvent::MergeStarted { into, raise_priority } => {
            Command::Merge { into: into.clone(), into_exercise: false, raise_priority: *raise_priority }
        }
        LifeEvent::Merged { into } => Command::FinishMerge { into: into.clone(), refused: None },
        LifeEvent::MergeRefused { into, reason } => {
            Command::FinishMerge { into: into.clone(), refused: Some(reason.clone()) }
        }
        LifeEvent::Absorbed { from, reference, alerts, reports, priority, subscribers, tasks } => {
            Command::Absorb {
                from: from.clone(),
                reference: reference.clone(),
                alerts: alerts.clone(),
                reports: *reports,
                priority: *priority,
                raise_priority: true,
                exercise: false,
                subscribers: subscribers.clone(),
                tasks: tasks.clone(),
            }
        }
        LifeEvent::SplitOut { to, alerts, reports, title, acknowledged_by } => Command::Split {
            to: to.clone(),
            alerts: alerts.clone(),
            reports: *reports,
            acknowledge: acknowledged_by.is_some(),
            title: title.clone(),
        },
        _ => return None,
    })
}
