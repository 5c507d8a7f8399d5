//! What messages say. Plain sentences from the newest state; no label values, no templates that could run anything.

use std::fmt::Write;
use std::sync::Arc;

use stentor_core::incident::Incident;
use stentor_core::incident::event::Notice;
use stentor_core::incident::kinds::Phase;
use stentor_core::instance::Instance;
use stentor_core::review::Review;
use stentor_core::time::Timestamp;

use super::message::{Kind, cut};

/// Alerts named in a page.
const ALERTS_NAMED: usize = 3;

/// How much of a status update a message tells.
const UPDATE_TOLD: usize = 1_000;

/// Incidents that a message names besides its own, and how much of their titles.
const ALSO_NAMED: usize = 10;
const ALSO_TITLE: usize = 60;

/// The text about an incident.
pub(super) fn of_incident(i: &Incident, kind: Kind, about: Option<&Notice>, now: Timestamp) -> String {
    let mut text = String::new();
    if i.exercise {
        text.push_str("[EXERCISE] ");
    }
    // Writing to a String does not fail.
    let _ = write!(text, "[{}] {} {}", i.priority, i.reference(), i.title);
    match (kind, about) {
        (Kind::Notice, Some(about)) => {
            let _ = write!(text, ": {}", notice(about));
            if let Notice::Update { update } = about
                && let Some(update) = i.work.updates.get(update)
            {
                let _ = write!(text, ": {}", cut(&update.text, UPDATE_TOLD));
            }
        }
        (Kind::Summon, _) => text.push_str(": you are asked to come"),
        _ => page(&mut text, i, now),
    }
    text
}

/// Other incidents told within the message, in a line of their own; empty if there are none.
pub(super) fn also(others: &[Arc<Instance>]) -> String {
    let mut incidents: Vec<&Incident> = others.iter().filter_map(|other| other.incident()).collect();
    incidents.sort_by_key(|i| (i.priority, i.number));
    let named: Vec<String> = incidents
        .iter()
        .take(ALSO_NAMED)
        .map(|i| format!("[{}] {} {}", i.priority, i.reference(), cut(&i.title, ALSO_TITLE)))
        .collect();
    match (named.is_empty(), incidents.len() - named.len()) {
        (true, _) => String::new(),
        (false, 0) => format!("\nAlso: {}", named.join("; ")),
        (false, more) => format!("\nAlso: {}; and {more} more", named.join("; ")),
    }
}

fn page(text: &mut String, i: &Incident, now: Timestamp) {
    let _ =
        write!(text, " ({}), open for {}", i.service, now.whole_second().since(i.opened_at.whole_second()));
    let firing: Vec<&str> =
        i.alerts.values().filter(|a| a.counts_as_firing()).map(|a| a.title.as_str()).collect();
    if !firing.is_empty() {
        let named = firing.iter().take(ALERTS_NAMED).copied().collect::<Vec<_>>().join("; ");
        let _ = write!(text, "; {} firing: {named}", firing.len());
    }
    if let Some(e) = &i.escalation {
        let _ = write!(text, "; level {} of round {}", e.level, e.round);
        if let Some(due) = e.due {
            let _ = write!(text, "; acknowledge before {}", due.whole_second());
        }
    }
    let others: Vec<&str> = i.contacts.iter().map(|c| c.person.as_str()).collect();
    if others.len() > 1 {
        let _ = write!(text, "; paged: {}", others.join(", "));
    }
}

fn notice(about: &Notice) -> String {
    match about {
        Notice::OpenedQuietly => "opened; nobody is paged for it".to_owned(),
        Notice::LevelCalled { level } => format!("level {level} has been called"),
        Notice::AckExpires { at } => format!("your acknowledgement ends at {}", at.whole_second()),
        Notice::AckEnded => "your acknowledgement has ended".to_owned(),
        Notice::Storm { alerts, over: false } => {
            format!("an alert storm: {alerts} alerts so far are gathered here")
        }
        Notice::Storm { alerts, over: true } => {
            format!("the alert storm is over; {alerts} alerts were gathered here")
        }
        Notice::StillMuted => {
            "maintenance muted it and is over, and it still fires; nobody is paged".to_owned()
        }
        Notice::Cleared => "all alerts have cleared; nobody is paged any more".to_owned(),
        Notice::Refired => "an alert fires again".to_owned(),
        Notice::SlaWarned { clock, percent } => format!("{percent} % of {clock} has passed"),
        Notice::SlaBreached { clocks } => format!("breached: {}", clocks.join(", ")),
        Notice::Assigned => "it is assigned to you".to_owned(),
        Notice::Stale => "nobody has done anything for a week".to_owned(),
        Notice::DocumentIt => "please complete its documentation, so that it can be closed".to_owned(),
        Notice::TaskOverdue { task } => format!("task {task} is overdue"),
        Notice::SummonsUnanswered { person } => format!("{person} has not answered your summons"),
        Notice::Update { update } => format!("status update {update}"),
        Notice::Over { phase: Phase::Resolved } => "it is resolved".to_owned(),
        Notice::Over { .. } => "it was cancelled: there is nothing to do".to_owned(),
        Notice::Merged => "it was merged".to_owned(),
        Notice::ReopenedFor => "it is open again".to_owned(),
        Notice::ActionItemDue { item, percent: 100 } => format!("action item {item} is due"),
        Notice::ActionItemDue { item, percent } => {
            format!("{percent} % of the time for action item {item} has passed")
        }
        Notice::ActionItemOverdue { item } => format!("action item {item} is overdue"),
    }
}

/// The text about a review.
pub(super) fn of_review(r: &Review, about: Option<&Notice>) -> String {
    let about = about.map_or_else(|| "waits for you".to_owned(), notice);
    format!("{} {}: {about}", r.reference(), r.title)
}
