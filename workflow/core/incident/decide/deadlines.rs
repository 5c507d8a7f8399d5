//! Fires every deadline that is due, oldest first, ties in the order of [`Due`]. Each firing moves or removes its
//! deadline, so a second tick finds nothing.

use crate::incident::draft::Draft;
use crate::incident::event::{AlertEvent, EndWhy, PagingEvent};
use crate::incident::wake::Due;
use crate::limits::DEADLINES_PER_TRANSITION;

use super::{ack, clear, clocks, contact, ending, escalate, levels, link, marks, settle, storm, work};

pub(super) fn fire(draft: &mut Draft<'_>) {
    settle::settle(draft);
    for _ in 0..DEADLINES_PER_TRANSITION {
        // A clock that runs again in this transition may be due at once.
        clocks::record_due(draft);
        let now = draft.now();
        let due = draft.state.first_due(now);
        let threshold = draft.thresholds.front().map(|t| t.at);
        match (due, threshold) {
            (None, None) => return,
            // What a clock asks for comes in its turn; of two at one instant it is the first.
            (due, Some(at)) if due.as_ref().is_none_or(|(due, _)| at <= *due) => {
                if let Some(threshold) = draft.thresholds.pop_front() {
                    clocks::act(draft, threshold);
                }
            }
            (Some((at, due)), _) => one(draft, at, &due),
            (None, Some(_)) => return,
        }
        settle::settle(draft);
    }
}

fn one(draft: &mut Draft<'_>, at: crate::time::Timestamp, due: &Due) {
    match due {
        Due::Escalation => levels::fire_due(draft),
        Due::ExhaustedReminder => levels::remind(draft, at),
        Due::ContactStep(person) => contact::step(draft, person, false),
        Due::SummonsStep(person) => contact::step(draft, person, true),
        Due::AckWarning => ack::warn(draft),
        Due::AckExpiry => ack::expire(draft),
        Due::HoldEnd => draft.emit(PagingEvent::Resumed { why: EndWhy::Elapsed }),
        Due::SnoozeEnd => ack::snooze_over(draft, EndWhy::Elapsed),
        Due::SuppressionEnd => draft.emit(AlertEvent::Released { note: String::new() }),
        Due::MarkEnd(_) => marks::recall(draft),
        Due::StormDigest => storm::digest(draft),
        Due::PauseCap(clock) => clocks::pause_cap(draft, clock),
        Due::AlertExpiry(n) => clear::expire(draft, *n, at),
        Due::FlapEnd(n) => draft.emit(AlertEvent::FlappingEnded { n: *n }),
        Due::ClearStep => {
            if let Some(step) = draft.state.clear_step {
                clear::step(draft, step.then);
            }
        }
        Due::Closing => ending::closing(draft),
        Due::SummonsReminder(person) => escalate::unanswered(draft, person),
        Due::Work(what) => work::fire(draft, what),
        Due::Stale => link::stale(draft),
    }
}
