//! Sentences for clocks. They say what the event says and nothing more.

use stentor_core::incident::clock::{Clock, PauseWhy};
use stentor_core::incident::event::{SlaCancelWhy, SlaEvent};
use stentor_core::policy::document::ThresholdAction;

use super::{at, length, plain};

pub(super) fn say(event: &SlaEvent) -> String {
    match event {
        SlaEvent::SlaStarted { clock } => {
            let due = clock.due.map(|due| format!(", due {}", at(due))).unwrap_or_default();
            format!("Clock {} started: {}{due}.", clock.name(), span(clock))
        }
        SlaEvent::SlaMoved { clock } => {
            let due = clock.due.map(|due| format!(", due {}", at(due))).unwrap_or_default();
            format!("Clock {} follows the other policy: {}{due}.", clock.name(), span(clock))
        }
        SlaEvent::SlaPaused { clock, why, .. } => format!("Clock {clock} paused: {}.", paused(*why)),
        SlaEvent::SlaResumed { clock, due, capped, .. } => {
            let capped = if *capped { " because the pause has lasted long enough" } else { "" };
            let due = due.map(|due| format!(", due {}", at(due))).unwrap_or_default();
            format!("Clock {clock} goes on{capped}{due}.")
        }
        SlaEvent::SlaWarned { clock, percent, skipped: true, .. } => {
            format!("Clock {clock} had used {percent}% when it was attached.")
        }
        SlaEvent::SlaWarned { clock, percent, action, skipped: false, .. } => {
            format!("Clock {clock} has used {percent}% of its time{}.", then(*action))
        }
        SlaEvent::SlaBreached { clock, due, at_attach: true, .. } => {
            format!("Clock {clock} was late when it was attached: it was due {}.", at(*due))
        }
        SlaEvent::SlaBreached { clock, due, action, at_attach: false, .. } => {
            format!("Clock {clock} breached: it was due {}{}.", at(*due), then(*action))
        }
        SlaEvent::SlaStopped { clock, at: when, met: true } => {
            format!("Clock {clock} met, stopped {}.", at(*when))
        }
        SlaEvent::SlaStopped { clock, at: when, met: false } => {
            format!("Clock {clock} missed, stopped {}.", at(*when))
        }
        SlaEvent::SlaExcused { clock, reason } => {
            format!("The breach of clock {clock} is excused: {reason}.")
        }
        SlaEvent::SlaCancelled { clock, why } => format!("Clock {clock} cancelled: {}.", cancelled(*why)),
    }
}

/// How long the clock runs, and in which hours if not always.
pub(super) fn span(clock: &Clock) -> String {
    let calendar = clock.calendar.as_str();
    let hours = if calendar == "always" { String::new() } else { format!(" of {calendar}") };
    format!("{}{hours}", length(clock.target))
}

fn then(action: Option<ThresholdAction>) -> &'static str {
    match action {
        Some(ThresholdAction::Notify) => "; those concerned are told",
        Some(ThresholdAction::Escalate) => "; the next level is called",
        None => "",
    }
}

fn paused(why: PauseWhy) -> String {
    match why {
        PauseWhy::Hold(reason) => format!("on hold, {}", plain(reason)),
        PauseWhy::Suppressed(reason) => format!("suppressed, {}", plain(reason)),
        PauseWhy::Resolved => "resolved".to_owned(),
        PauseWhy::Condition => "its definition says so".to_owned(),
    }
}

pub(super) fn cancelled(why: SlaCancelWhy) -> &'static str {
    match why {
        SlaCancelWhy::NoMatch => "its definition no longer matches",
        SlaCancelWhy::Priority => "the priority changed",
        SlaCancelWhy::Ended => "the incident ended",
        SlaCancelWhy::Unanswered => "the incident ended without an acknowledgement",
        SlaCancelWhy::Reopened => "the incident is open again",
        SlaCancelWhy::Policy => "the policy changed",
        SlaCancelWhy::Condition => "its definition says so",
    }
}
