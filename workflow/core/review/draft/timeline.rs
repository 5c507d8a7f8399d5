//! The timeline of a draft: phase changes, pages answered, escalations, updates, fixes and confirmed hypotheses. Ticks,
//! deliveries and repeats are left to the history itself.

use std::fmt::Write;

use crate::incident::event::{Event, LifeEvent, PagingEvent};
use crate::incident::kinds::HypothesisState;
use crate::incident::work_event::WorkEvent;

use super::{Entry, Facts, at, one_line};

pub(super) fn timeline(history: &[Entry], facts: &Facts<'_>) -> String {
    let mut text = String::new();
    for (n, when, actor, event) in history {
        let what = match event {
            Event::Life(e) => life(e),
            Event::Paging(e) => paging(e),
            Event::Work(e) => work(e, facts),
            Event::Alert(_) | Event::Sla(_) => None,
        };
        if let Some(what) = what {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "- {} {actor}: {what} (#{n})", at(*when));
        }
    }
    text
}

fn life(event: &LifeEvent) -> Option<String> {
    Some(match event {
        LifeEvent::Reported(o) => format!("reported: {}", one_line(&o.signal.title)),
        LifeEvent::Alerted(o) => format!("alerted: {}", one_line(&o.signal.title)),
        LifeEvent::SplitOff(o) => format!("split off: {}", one_line(&o.signal.title)),
        LifeEvent::Declared => "declared".to_owned(),
        LifeEvent::PriorityChanged { from, to, reason } => with(&format!("priority {from} to {to}"), reason),
        LifeEvent::Mitigated { how, .. } => with("mitigated", how),
        LifeEvent::Relapsed { reason } => with("relapsed", reason),
        LifeEvent::Resolved { code, note, how_verified, .. } => {
            with(&format!("resolved {code}"), &super::said(note, how_verified))
        }
        LifeEvent::AutoResolved { code } => format!("resolved {code} by itself"),
        LifeEvent::Reopened { note, .. } => with("reopened", note),
        LifeEvent::Closed { .. } => "closed".to_owned(),
        LifeEvent::Cancelled { reason, note } => with(&format!("cancelled {reason}"), note),
        LifeEvent::Absorbed { reference, .. } => format!("took over {reference}"),
        _ => return None,
    })
}

fn paging(event: &PagingEvent) -> Option<String> {
    Some(match event {
        PagingEvent::Acknowledged { holder, .. } => format!("acknowledged by {holder}"),
        PagingEvent::CoAcknowledged { by } => format!("acknowledged by {by} too"),
        PagingEvent::AckExpired => "acknowledgement expired".to_owned(),
        PagingEvent::Escalated { level, round, .. } => format!("level {level} called, round {round}"),
        PagingEvent::EscalationExhausted { .. } => "every level went unanswered".to_owned(),
        PagingEvent::SummonsAnswered { person, accepted: true } => {
            format!("people/{person} came when summoned")
        }
        _ => return None,
    })
}

fn work(event: &WorkEvent, facts: &Facts<'_>) -> Option<String> {
    Some(match event {
        WorkEvent::UpdatePosted { text, audience, .. } => format!("update to {audience}: {}", one_line(text)),
        WorkEvent::FixApplied { n, .. } => format!("fix {n} applied: {}", facts.fix(*n)),
        WorkEvent::FixVerified { n, how, .. } => with(&format!("fix {n} verified"), how),
        WorkEvent::FixFailed { n, how, .. } => with(&format!("fix {n} failed"), how),
        WorkEvent::FixRolledBack { n, reason } => with(&format!("fix {n} rolled back"), reason),
        WorkEvent::HypothesisChanged { n, state: HypothesisState::Confirmed, .. } => {
            format!("confirmed: {}", facts.hypothesis(*n))
        }
        _ => return None,
    })
}

fn with(what: &str, why: &str) -> String {
    match one_line(why) {
        why if why.is_empty() => what.to_owned(),
        why => format!("{what}: {why}"),
    }
}
