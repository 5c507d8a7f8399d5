//! What later lines of a draft refer back to: texts that an event only numbers, and the last word on each item.

use std::collections::BTreeMap;

use crate::incident::event::{Event, LifeEvent};
use crate::incident::kinds::Priority;
use crate::incident::work::{ChecklistField, ChecklistItem};
use crate::incident::work_event::WorkEvent;

use super::{Entry, item, line, one_line};

/// Collected in one pass over the history.
#[derive(Default)]
pub(super) struct Facts<'h> {
    hypotheses: BTreeMap<u32, &'h str>,
    fixes: BTreeMap<u32, &'h str>,
    checklist: BTreeMap<ChecklistField, (u64, &'h ChecklistItem)>,
    /// The last priority, and where it was set.
    pub(super) priority: Option<(u64, Priority)>,
}

impl<'h> Facts<'h> {
    pub(super) fn of(history: &'h [Entry]) -> Facts<'h> {
        let mut facts = Facts::default();
        for (n, _, _, event) in history {
            match event {
                Event::Work(WorkEvent::HypothesisProposed { n, statement, .. }) => {
                    facts.hypotheses.insert(*n, statement);
                }
                Event::Work(
                    WorkEvent::FixPlanned { n, summary } | WorkEvent::FixApplied { n, summary, .. },
                ) => {
                    facts.fixes.insert(*n, summary);
                }
                Event::Work(WorkEvent::ChecklistFilled { field, item }) => {
                    facts.checklist.insert(*field, (*n, item));
                }
                Event::Life(LifeEvent::Triaged(t)) => facts.priority = Some((*n, t.priority)),
                Event::Life(LifeEvent::PriorityChanged { to, .. }) => facts.priority = Some((*n, *to)),
                _ => {}
            }
        }
        facts
    }

    pub(super) fn hypothesis(&self, n: u32) -> String {
        one_line(self.hypotheses.get(&n).copied().unwrap_or_default())
    }

    pub(super) fn fix(&self, n: u32) -> String {
        one_line(self.fixes.get(&n).copied().unwrap_or_default())
    }

    /// The line of a checklist item; empty if it was never filled.
    pub(super) fn checklist(&self, field: ChecklistField) -> String {
        let mut text = String::new();
        if let Some((n, filled)) = self.checklist.get(&field) {
            line(&mut text, *n, &item(filled));
        }
        text
    }
}
