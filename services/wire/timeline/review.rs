//! Sentences for the events of a review. They say what the event says and nothing more.

use stentor_core::incident::event::NoticeTo;
use stentor_core::review::event::ReviewEvent;
use stentor_core::review::state::{ItemState, Stage};

use super::{at, because, counted, excerpt, list, paging, plain, sla, until};

pub(super) fn say(event: &ReviewEvent) -> String {
    match event {
        ReviewEvent::ReviewOpened { opening, .. } => {
            format!("Review of INC-{} opened: {}.", opening.number, plain(&opening.reason))
        }
        ReviewEvent::ReviewRedrafted { sections } => {
            format!("{} drafted anew.", counted(sections.len(), "section"))
        }
        ReviewEvent::ReviewPutToWait => "The review waits: its incident is open again.".to_owned(),
        ReviewEvent::ReviewResumed { priority } => {
            format!("The review goes on: its incident ended again as {priority}.")
        }
        ReviewEvent::SectionEdited { section, text: Some(_) } => format!("{} edited.", section.heading()),
        ReviewEvent::SectionEdited { section, text: None } => {
            format!("{} is the draft again.", section.heading())
        }
        ReviewEvent::SectionWaived { section, reason } => {
            format!("{} left out{}.", section.heading(), because(reason))
        }
        ReviewEvent::MeetingRecorded { held_at, attendees, .. } => {
            format!("Meeting held {} with {}.", at(*held_at), list(attendees))
        }
        ReviewEvent::MeetingWaived { reason } => format!("No meeting{}.", because(reason)),
        ReviewEvent::ReviewPublished => "Review published.".to_owned(),
        ReviewEvent::ReviewAmended { text } => format!("Amended{}", because(text)),
        ReviewEvent::ReviewReminded { next } => {
            format!("The review is not published yet; the next reminder is due {}.", at(*next))
        }
        ReviewEvent::ActionItemAdded { .. }
        | ReviewEvent::ActionItemChanged { .. }
        | ReviewEvent::ActionItemReminded { .. } => item(event),
        ReviewEvent::SlaStarted { .. }
        | ReviewEvent::SlaWarned { .. }
        | ReviewEvent::SlaBreached { .. }
        | ReviewEvent::SlaStopped { .. }
        | ReviewEvent::SlaExcused { .. }
        | ReviewEvent::SlaCancelled { .. } => clock(event),
        ReviewEvent::Notified { about, people } => {
            let told: Vec<String> = people
                .iter()
                .map(|NoticeTo { person, channel }| format!("people/{person} by {channel}"))
                .collect();
            format!("Told {}: {}.", list(&told), paging::notice(about))
        }
        ReviewEvent::DeliveryRecorded { outcome, attempt, detail, .. } => {
            format!("Message {} (attempt {attempt}){}", paging::delivered(*outcome), because(detail))
        }
    }
}

fn item(event: &ReviewEvent) -> String {
    match event {
        ReviewEvent::ActionItemAdded { n, title, owner, due, .. } => {
            let owner = owner.as_ref().map(|o| format!(" for people/{o}")).unwrap_or_default();
            format!("Action item {n} added{owner}{}: {}.", until(*due), excerpt(title))
        }
        ReviewEvent::ActionItemChanged { n, state, title, .. } => {
            let why = match state {
                ItemState::Done { evidence: text } | ItemState::Declined { reason: text } => because(text),
                ItemState::Open | ItemState::InProgress => String::new(),
            };
            format!("Action item {n} ({}) is {}{why}.", excerpt(title), plain(state.as_str()))
        }
        ReviewEvent::ActionItemReminded { n, stage, .. } => match stage {
            Stage::Warning => format!("Action item {n} has used three quarters of its time."),
            Stage::Due => format!("Action item {n} is due."),
            Stage::Overdue | Stage::Weekly => format!("Action item {n} is overdue."),
        },
        _ => String::new(),
    }
}

fn clock(event: &ReviewEvent) -> String {
    match event {
        ReviewEvent::SlaStarted { clock, .. } => {
            let due = clock.due.map(|due| format!(", due {}", at(due))).unwrap_or_default();
            format!("Clock {} started: {}{due}.", clock.name(), sla::span(clock))
        }
        ReviewEvent::SlaWarned { clock, percent, .. } => {
            format!("Clock {clock} has used {percent}% of its time.")
        }
        ReviewEvent::SlaBreached { clock, due } => {
            format!("Clock {clock} breached: it was due {}.", at(*due))
        }
        ReviewEvent::SlaStopped { clock, at: when, met } => {
            format!("Clock {clock} {}, stopped {}.", if *met { "met" } else { "missed" }, at(*when))
        }
        ReviewEvent::SlaExcused { clock, reason } => {
            format!("The breach of clock {clock} is excused{}", because(reason))
        }
        ReviewEvent::SlaCancelled { clock, why } => {
            format!("Clock {clock} cancelled: {}.", sla::cancelled(*why))
        }
        _ => String::new(),
    }
}
