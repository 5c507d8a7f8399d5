//! The draft of a review, written from the history alone: the same history gives the same bytes, and every line cites
//! the entry that it stands on. It judges nothing; what went well or badly is for people to say.

mod facts;
mod timeline;

use std::fmt::Write;

use crate::actor::Actor;
use crate::incident::Incident;
use crate::incident::event::{Event, LifeEvent, PagingEvent, SlaEvent};
use crate::incident::kinds::HypothesisState;
use crate::incident::work::{ChecklistField, ChecklistItem};
use crate::incident::work_event::WorkEvent;
use crate::time::Timestamp;

use super::section::Section;
use facts::Facts;

/// An entry of the history: its number, when, by whom, what.
pub type Entry = (u64, Timestamp, Actor, Event);

/// The sections that the history can fill, in order. A section about which it says nothing has an empty text.
pub fn draft(incident: &Incident, history: &[Entry]) -> Vec<(Section, String)> {
    let facts = Facts::of(history);
    vec![
        (Section::Summary, summary(incident, history, &facts)),
        (Section::Impact, impact(history, &facts)),
        (Section::Timeline, timeline::timeline(history, &facts)),
        (Section::Detection, detection(history, &facts)),
        (Section::Response, response(history)),
        (Section::RootCause, root_cause(history, &facts)),
        (Section::Lessons, facts.checklist(ChecklistField::Lessons)),
        (Section::Actions, facts.checklist(ChecklistField::FollowUps)),
    ]
}

/// Whole seconds, UTC.
fn at(instant: Timestamp) -> Timestamp {
    instant.whole_second()
}

/// A resolve's note and how it was checked.
fn said(note: &str, how_verified: &str) -> String {
    match how_verified {
        "" => note.to_owned(),
        how => format!("{note} (checked: {how})").trim_start().to_owned(),
    }
}

/// A text of people on one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn line(text: &mut String, n: u64, what: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "- {what} (#{n})");
}

fn summary(incident: &Incident, history: &[Entry], facts: &Facts<'_>) -> String {
    let mut text = String::new();
    for (n, when, _, event) in history {
        let what = match event {
            Event::Life(LifeEvent::Reported(o) | LifeEvent::Alerted(o) | LifeEvent::SplitOff(o)) => {
                let title = one_line(&o.signal.title);
                format!("{}: {title}; service {}, team {}", incident.reference(), o.service, o.team)
            }
            Event::Life(LifeEvent::Resolved { code, note, how_verified, .. })
                if note.is_empty() && how_verified.is_empty() =>
            {
                format!("Resolved {} as {code}", at(*when))
            }
            Event::Life(LifeEvent::Resolved { code, note, how_verified, .. }) => {
                format!("Resolved {} as {code}: {}", at(*when), one_line(&said(note, how_verified)))
            }
            Event::Life(LifeEvent::AutoResolved { code }) => {
                format!("Resolved {} by itself as {code}", at(*when))
            }
            _ => continue,
        };
        line(&mut text, *n, &what);
    }
    if let Some((n, priority)) = facts.priority {
        line(&mut text, n, &format!("Priority {priority}"));
    }
    text + &facts.checklist(ChecklistField::Summary) + &facts.checklist(ChecklistField::WhatWasDone)
}

fn impact(history: &[Entry], facts: &Facts<'_>) -> String {
    let mut text = facts.checklist(ChecklistField::Impact);
    for (n, _, _, event) in history {
        if let Event::Life(LifeEvent::TimesCorrected { impact_start, impact_end, .. }) = event {
            for (name, instant) in [("from", impact_start), ("until", impact_end)] {
                if let Some(instant) = instant {
                    line(&mut text, *n, &format!("Users suffered {name} {}", at(*instant)));
                }
            }
        }
    }
    text
}

fn detection(history: &[Entry], facts: &Facts<'_>) -> String {
    let mut text = String::new();
    for (n, _, actor, event) in history {
        if let Event::Life(LifeEvent::Reported(o) | LifeEvent::Alerted(o)) = event {
            let how =
                if matches!(event, Event::Life(LifeEvent::Alerted(_))) { "an alert" } else { "a report" };
            let what = format!("{how} through {}, received {}", actor, at(o.signal.received_at));
            line(&mut text, *n, &format!("Detected by {what}"));
        }
    }
    text + &facts.checklist(ChecklistField::DetectionSource)
}

/// First answers: how long each took since the incident opened.
fn response(history: &[Entry]) -> String {
    let mut text = String::new();
    let Some(opened) = history.first().map(|entry| entry.1) else { return text };
    let mut seen: Vec<&str> = Vec::new();
    let mut escalations = 0_u32;
    for (n, when, actor, event) in history {
        let what = match event {
            Event::Paging(PagingEvent::Acknowledged { .. }) => "acknowledged",
            Event::Work(WorkEvent::UpdatePosted { .. }) => "first update posted",
            Event::Life(LifeEvent::Mitigated { .. }) => "mitigated",
            Event::Work(WorkEvent::FixVerified { .. }) => "first fix verified",
            Event::Life(LifeEvent::Resolved { .. } | LifeEvent::AutoResolved { .. }) => "resolved",
            Event::Work(WorkEvent::RoleTaken { role, holder }) => {
                line(&mut text, *n, &format!("{} was {role}", Actor::Person(holder.clone())));
                continue;
            }
            Event::Paging(PagingEvent::Escalated { level, .. }) if *level > 1 => {
                escalations += 1;
                continue;
            }
            Event::Sla(SlaEvent::SlaBreached { clock, due, .. }) => {
                line(&mut text, *n, &format!("Clock {clock} breached, due {}", at(*due)));
                continue;
            }
            _ => continue,
        };
        if !seen.contains(&what) {
            seen.push(what);
            let after = crate::time::Duration::seconds(when.since(opened).whole_seconds());
            let times = if what == "acknowledged" { escalated(escalations) } else { String::new() };
            line(&mut text, *n, &format!("{actor}: {what} after {after}{times}"));
        }
    }
    text
}

fn escalated(levels: u32) -> String {
    match levels {
        0 => String::new(),
        1 => ", 1 escalation before it".to_owned(),
        n => format!(", {n} escalations before it"),
    }
}

fn root_cause(history: &[Entry], facts: &Facts<'_>) -> String {
    let mut text =
        facts.checklist(ChecklistField::RootCause) + &facts.checklist(ChecklistField::CauseSupport);
    for (n, _, _, event) in history {
        if let Event::Work(WorkEvent::HypothesisChanged { n: h, state: HypothesisState::Confirmed, .. }) =
            event
        {
            line(&mut text, *n, &format!("Confirmed: {}", facts.hypothesis(*h)));
        }
    }
    text + &facts.checklist(ChecklistField::ChangeCaused)
}

/// How an item of the checklist reads.
fn item(item: &ChecklistItem) -> String {
    match item {
        ChecklistItem::Done(text) => one_line(text),
        ChecklistItem::Waived { reason, by } => format!("Waived by {by}: {}", one_line(reason)),
    }
}

#[cfg(test)]
mod tests;
