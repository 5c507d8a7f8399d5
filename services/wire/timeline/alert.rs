//! Sentences for alerts and what follows from them. They say what the event says and nothing more.

use stentor_core::incident::event::{AlertEvent, ClearCause};
use stentor_core::incident::state::{ClearStep, ClearThen};
use stentor_core::inhibition::Inhibited;
use stentor_core::silence::Silenced;

use crate::wire::suppression::{silences::silence_name, windows::window_name};

use super::{at, because, excerpt, plain, until};

pub(super) fn say(event: &AlertEvent) -> String {
    match event {
        AlertEvent::AlertJoined { n, alert, .. } => format!("Alert {n} joined: {}.", excerpt(&alert.title)),
        AlertEvent::ReportJoined { signal } => format!("Another report joined: {}.", excerpt(&signal.title)),
        AlertEvent::AlertChanged { n, title, severity, .. } => match severity {
            Some(severity) => format!("Alert {n} changed to {severity}: {}.", excerpt(title)),
            None => format!("Alert {n} changed: {}.", excerpt(title)),
        },
        AlertEvent::AlertRefired { n, .. } => format!("Alert {n} fires again."),
        AlertEvent::AlertCleared { n, cause: ClearCause::Source, .. } => format!("Alert {n} cleared."),
        AlertEvent::AlertCleared { n, cause: ClearCause::Expired, .. } => {
            format!("Alert {n} expired: it was not heard again in time.")
        }
        AlertEvent::AlertCleared { n, cause: ClearCause::Person, .. } => {
            format!("Alert {n} was declared clear.")
        }
        AlertEvent::DeadlinePostponed { n, ends_at } => {
            format!("Alert {n} was heard again; it expires {}.", at(*ends_at))
        }
        AlertEvent::AllCleared { step } => format!("All alerts are clear{}.", then(*step)),
        AlertEvent::FlappingStarted { n } => {
            format!("Alert {n} comes and goes; it counts as firing until it is quiet.")
        }
        AlertEvent::FlappingEnded { n } => format!("Alert {n} is quiet again."),
        AlertEvent::AlertMuted { n } => format!("Alert {n} goes on firing and is muted until it clears."),
        AlertEvent::AlertMarked { n, mark, silenced, inhibited } => {
            let by = [by(silenced), by_others(inhibited)].concat();
            format!("Alert {n} pages nobody: {}{by}.", plain(mark))
        }
        AlertEvent::StormTold { alerts, over: false } => {
            format!("An alert storm: {alerts} alerts are gathered here so far.")
        }
        AlertEvent::StormTold { alerts, over: true } => {
            format!("The alert storm is over; {alerts} alerts were gathered here.")
        }
        AlertEvent::AlertUnmarked { n, .. } => format!("Alert {n} is no longer held back."),
        AlertEvent::Suppressed { reason, until: end } => {
            format!("Nobody is paged: {}{}.", plain(reason), until(*end))
        }
        AlertEvent::Released { note } => format!("Released: paging begins{}.", because(note)),
        AlertEvent::ClearStepArmed { step: Some(step) } => {
            format!("The quiet time runs{}.", then(Some(*step)))
        }
        AlertEvent::ClearStepArmed { step: None } => {
            "Nothing follows from the alerts being clear for now.".to_owned()
        }
    }
}

/// Which silences and windows, and until when the last of them holds.
fn by(silenced: &[Silenced]) -> String {
    let name = |s: &Silenced| match s.window {
        None => silence_name(s.number),
        Some(_) => window_name(s.number),
    };
    let numbers: Vec<String> = silenced.iter().map(name).collect();
    // Without an end it stays muted after its window.
    let end =
        silenced.iter().map(|s| s.until).collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
    if numbers.is_empty() { String::new() } else { format!(" by {}{}", numbers.join(", "), until(end)) }
}

/// Which inhibitions, and where the alerts are that inhibit.
fn by_others(inhibited: &[Inhibited]) -> String {
    let each =
        inhibited.iter().map(|i| format!(" by inhibition {}, while incidents/{} fires", i.rule, i.incident));
    each.collect()
}

fn then(step: Option<ClearStep>) -> String {
    match step {
        Some(ClearStep { at: due, then: ClearThen::Quiet }) => {
            format!("; if they stay so, that counts {}", at(due))
        }
        Some(ClearStep { at: due, then: ClearThen::Unconfirmed }) => {
            format!("; unless somebody confirms, it resolves {}", at(due))
        }
        None => String::new(),
    }
}
