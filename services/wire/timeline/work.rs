//! Sentences for investigation, fixes and documentation. They say what the event says and nothing more.

use stentor_core::incident::work::{ChecklistField, ChecklistItem};
use stentor_core::incident::work_event::{FixFailure, WorkEvent};

use super::{at, because, excerpt, length, plain, until};

pub(super) fn say(event: &WorkEvent) -> String {
    match event {
        WorkEvent::NoteAdded { text, by_reporter, late } => {
            let who = if *by_reporter { "Note by the reporter" } else { "Note" };
            format!("{who}{}{}", if *late { ", after closing" } else { "" }, because(text))
        }
        WorkEvent::ChangeReported { summary, source, url, at: when } => {
            let from = if source.is_empty() { String::new() } else { format!(" ({})", excerpt(source)) };
            let when = when.map(|when| format!(" at {}", at(when))).unwrap_or_default();
            let link = if url.is_empty() { String::new() } else { format!(" {url}") };
            format!("Change{when}{from}: {}{link}", excerpt(summary))
        }
        WorkEvent::EvidenceAdded { n, title, late, .. } => {
            format!("Evidence {n} added{}: {}.", if *late { " after closing" } else { "" }, excerpt(title))
        }
        WorkEvent::EvidenceRetracted { n, reason } => format!("Evidence {n} retracted{}.", because(reason)),
        WorkEvent::HypothesisProposed { n, statement, evidence } => {
            format!("Hypothesis {n}{}: {}", on(evidence), excerpt(statement))
        }
        WorkEvent::HypothesisChanged { n, state, evidence, note } => {
            format!("Hypothesis {n} is {}{}{}.", plain(state), on(evidence), because(note))
        }
        WorkEvent::FixPlanned { .. }
        | WorkEvent::FixApplied { .. }
        | WorkEvent::FixVerified { .. }
        | WorkEvent::FixFailed { .. }
        | WorkEvent::FixRolledBack { .. }
        | WorkEvent::RecoveryStepAdded { .. }
        | WorkEvent::RecoveryStepDone { .. } => repair(event),
        WorkEvent::TaskAdded { .. } | WorkEvent::TaskChanged { .. } | WorkEvent::TaskOverdue { .. } => {
            task(event)
        }
        WorkEvent::RoleTaken { .. }
        | WorkEvent::HandoverRequested { .. }
        | WorkEvent::HandoverConfirmed { .. }
        | WorkEvent::HandoverCancelled { .. }
        | WorkEvent::HandoverForced { .. } => role(event),
        WorkEvent::UpdatePosted { n, text, audience, next_in } => {
            let next = next_in.map(|next| format!(" (next in {})", length(next))).unwrap_or_default();
            format!("Update {n} for {}{next}{}", plain(audience), because(text))
        }
        WorkEvent::ChecklistFilled { field, item: ChecklistItem::Done(text) } => {
            format!("Documented {}{}", checklist(*field), because(text))
        }
        WorkEvent::ChecklistFilled { field, item: ChecklistItem::Waived { reason, by } } => {
            format!("{by} waived {}{}.", checklist(*field), because(reason))
        }
        WorkEvent::Subscribed { subscriber, audience } => {
            format!("{subscriber} gets updates for {}.", plain(audience))
        }
        WorkEvent::Unsubscribed { subscriber } => format!("{subscriber} gets no more updates."),
        WorkEvent::ActionMoved { task, by } => format!("{by} turned task {task} into an action item."),
    }
}

fn on(evidence: &[u32]) -> String {
    if evidence.is_empty() { String::new() } else { format!(" on evidence {}", super::list(evidence)) }
}

fn repair(event: &WorkEvent) -> String {
    match event {
        WorkEvent::FixPlanned { n, summary } => format!("Fix {n} planned: {}", excerpt(summary)),
        WorkEvent::FixApplied { n, summary, ready_at, verifies_at } => {
            let by_itself = verifies_at.map(|v| format!(", verifies itself {}", at(v))).unwrap_or_default();
            format!("Fix {n} applied, can be verified from {}{by_itself}{}", at(*ready_at), because(summary))
        }
        WorkEvent::FixVerified { n, how, automatic: false } => format!("Fix {n} verified{}", because(how)),
        WorkEvent::FixVerified { n, automatic: true, .. } => {
            format!("Fix {n} verified: no alert fired since.")
        }
        WorkEvent::FixFailed { n, reason: FixFailure::Verification, how } => {
            format!("Fix {n} did not work{}", because(how))
        }
        WorkEvent::FixFailed { n, reason: FixFailure::AlertFired, .. } => {
            format!("Fix {n} did not work: an alert fired again.")
        }
        WorkEvent::FixRolledBack { n, reason } => format!("Fix {n} rolled back{}.", because(reason)),
        WorkEvent::RecoveryStepAdded { n, summary, after_resolution } => {
            let when = if *after_resolution { " for after the resolve" } else { "" };
            format!("Recovery step {n} added{when}: {}", excerpt(summary))
        }
        WorkEvent::RecoveryStepDone { n, checked } => {
            format!("Recovery step {n} done{}.", if *checked { " and checked" } else { "" })
        }
        _ => String::new(),
    }
}

fn task(event: &WorkEvent) -> String {
    match event {
        WorkEvent::TaskAdded { n, summary, owner, due } => {
            let owner = owner.as_ref().map(|o| format!(" for people/{o}")).unwrap_or_default();
            format!("Task {n} added{owner}{}: {}", until(*due), excerpt(summary))
        }
        WorkEvent::TaskChanged { n, summary, state, owner, due, reason } => {
            let owner = owner.as_ref().map(|o| format!(", people/{o} has it")).unwrap_or_default();
            let now = summary.as_ref().map(|s| format!(", now called {}", excerpt(s))).unwrap_or_default();
            format!("Task {n} is {}{owner}{}{now}{}.", plain(state), until(*due), because(reason))
        }
        WorkEvent::TaskOverdue { n, .. } => format!("Task {n} is overdue."),
        _ => String::new(),
    }
}

fn role(event: &WorkEvent) -> String {
    match event {
        WorkEvent::RoleTaken { role, holder } => format!("people/{holder} is {role}."),
        WorkEvent::HandoverRequested { role, to, expires_at } => {
            format!("people/{to} is asked to take over as {role} until {}.", at(*expires_at))
        }
        WorkEvent::HandoverConfirmed { role, to } => format!("people/{to} took over as {role}."),
        WorkEvent::HandoverCancelled { role, expired: true } => format!("The hand-over of {role} lapsed."),
        WorkEvent::HandoverCancelled { role, expired: false } => {
            format!("The hand-over of {role} was cancelled.")
        }
        WorkEvent::HandoverForced { role, to, reason } => {
            format!("people/{to} was made {role}{}.", because(reason))
        }
        _ => String::new(),
    }
}

fn checklist(field: ChecklistField) -> &'static str {
    match field {
        ChecklistField::Summary => "the summary",
        ChecklistField::WhatWasDone => "what was done",
        ChecklistField::RootCause => "the root cause",
        ChecklistField::CauseSupport => "what supports the cause",
        ChecklistField::Impact => "the impact",
        ChecklistField::DetectionSource => "how it was noticed",
        ChecklistField::ChangeCaused => "the change behind it",
        ChecklistField::Lessons => "the lessons",
        ChecklistField::FollowUps => "the follow-ups",
        ChecklistField::FinalUpdate => "the final update",
    }
}
