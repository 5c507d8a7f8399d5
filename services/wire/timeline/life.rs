//! Sentences for opening, phases, triage, ends and links. They say what the event says and nothing more.

use stentor_core::incident::event::{LifeEvent, Opened, ReopenReason, Triaged};
use stentor_core::incident::state::Assignee;

use super::{at, because, counted, excerpt, plain};

pub(super) fn say(event: &LifeEvent) -> String {
    match event {
        LifeEvent::Reported(o) => format!("Reported: {}.", title(o)),
        LifeEvent::Alerted(o) => format!("Alert from {}: {}.", o.signal.integration, title(o)),
        LifeEvent::SplitOff(o) => match &o.from {
            Some(from) => format!("Split off incidents/{from}: {}.", title(o)),
            None => format!("Split off: {}.", title(o)),
        },
        LifeEvent::Triaged(t) => triaged(t),
        LifeEvent::PriorityChanged { from, to, reason } => {
            format!("Priority changed from {from} to {to}{}.", because(reason))
        }
        LifeEvent::Declared => "Declared an incident.".to_owned(),
        LifeEvent::Assigned { to, paging } => {
            let paged = if *paging { " and paged" } else { "" };
            format!("Assigned to {}{paged}.", assignee(to))
        }
        LifeEvent::Mitigated { how, all_clear: false } => format!("Mitigated{}.", because(how)),
        LifeEvent::Mitigated { how, all_clear: true } => {
            format!("Mitigated: all alerts stayed clear{}.", because(how))
        }
        LifeEvent::Relapsed { reason } => format!("Relapsed{}.", because(reason)),
        LifeEvent::StaleReminded { next } => {
            format!("Nothing has happened for 7 days; the next reminder is due {}.", at(*next))
        }
        LifeEvent::RuleFailed { rule, text } => {
            format!("The condition of {rule} failed and did not match{}.", because(text))
        }
        LifeEvent::Unrouted => "No route matched; the default service has it.".to_owned(),
        LifeEvent::SeverityUnmapped { value } => {
            format!("The severity {:?} is not mapped.", excerpt(value))
        }
        LifeEvent::PolicyMoved { from, to } => format!("Moved from policy version {from} to {to}."),
        LifeEvent::Resolved { .. }
        | LifeEvent::AutoResolved { .. }
        | LifeEvent::Reopened { .. }
        | LifeEvent::Closed { .. }
        | LifeEvent::Documented
        | LifeEvent::Cancelled { .. }
        | LifeEvent::TimesCorrected { .. }
        | LifeEvent::ClosingArmed { .. } => ending(event),
        LifeEvent::MergeStarted { .. }
        | LifeEvent::Absorbed { .. }
        | LifeEvent::Merged { .. }
        | LifeEvent::MergeRefused { .. }
        | LifeEvent::SplitOut { .. }
        | LifeEvent::Related { .. }
        | LifeEvent::Unrelated { .. }
        | LifeEvent::ReviewRequested { .. }
        | LifeEvent::ReviewLinked { .. } => linking(event),
    }
}

fn ending(event: &LifeEvent) -> String {
    match event {
        LifeEvent::Resolved { code, note, how_verified, by_itself, forced } => {
            let itself = if *by_itself { ", it recovered by itself" } else { "" };
            let forced = forced
                .as_ref()
                .map(|reason| format!(" although alerts are firing, because {}", excerpt(reason)));
            let checked = match how_verified.as_str() {
                "" => String::new(),
                how => format!(" (checked: {})", excerpt(how)),
            };
            let forced = forced.unwrap_or_default();
            format!("Resolved as {}{itself}{forced}{}{checked}.", plain(code), because(note))
        }
        LifeEvent::AutoResolved { code } => format!("Resolved by itself as {}.", plain(code)),
        LifeEvent::Reopened { reason: ReopenReason::Requested, note } => {
            format!("Reopened{}.", because(note))
        }
        LifeEvent::Reopened { reason: ReopenReason::Retriggered, .. } => {
            "Reopened: the alert fired again.".to_owned()
        }
        LifeEvent::Reopened { reason: ReopenReason::StillFiring, .. } => {
            "Reopened: an alert kept firing after the resolve.".to_owned()
        }
        LifeEvent::Closed { automatic: true } => "Closed by itself.".to_owned(),
        LifeEvent::Closed { automatic: false } => "Closed.".to_owned(),
        LifeEvent::Documented => "Documented: the closure checklist is complete.".to_owned(),
        LifeEvent::Cancelled { reason, note } => format!("Cancelled as {}{}.", plain(reason), because(note)),
        LifeEvent::TimesCorrected { impact_start, impact_end, detected, mitigated, resolved } => {
            let part = |what: &str, when: &Option<_>| when.map(|w| format!("{what} {}", at(w)));
            let parts = [
                part("impact from", impact_start),
                part("impact until", impact_end),
                part("detected", detected),
                part("mitigated", mitigated),
                part("resolved", resolved),
            ];
            format!("Times corrected: {}.", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
        LifeEvent::ClosingArmed { at: Some(due) } => format!("Closing is due {}.", at(*due)),
        LifeEvent::ClosingArmed { at: None } => "Nothing is due after the resolve any more.".to_owned(),
        _ => String::new(),
    }
}

fn linking(event: &LifeEvent) -> String {
    match event {
        LifeEvent::MergeStarted { into, .. } => format!("Merge into incidents/{into} started."),
        LifeEvent::Absorbed { reference, alerts, reports, .. } => format!(
            "Took over {} and {} of {reference}.",
            counted(alerts.len(), "alert"),
            counted(usize::try_from(*reports).unwrap_or(usize::MAX), "report"),
        ),
        LifeEvent::Merged { into } => format!("Merged into incidents/{into}."),
        LifeEvent::MergeRefused { into, reason } => {
            format!("incidents/{into} refused the merge{}.", because(reason))
        }
        LifeEvent::SplitOut { to, alerts, reports, .. } => format!(
            "Split {} and {} out to incidents/{to}.",
            counted(alerts.len(), "alert"),
            counted(usize::try_from(*reports).unwrap_or(usize::MAX), "report"),
        ),
        LifeEvent::Related { to, kind, note } => {
            format!("Linked to incidents/{to} as {}{}.", plain(kind), because(note))
        }
        LifeEvent::Unrelated { to, kind, note } => {
            format!("No longer linked to incidents/{to} as {}{}.", plain(kind), because(note))
        }
        LifeEvent::ReviewRequested { review, reason } => {
            format!("reviews/{review} asked for{}.", because(reason))
        }
        LifeEvent::ReviewLinked { review, published: false } => format!("reviews/{review} opened."),
        LifeEvent::ReviewLinked { review, published: true } => format!("reviews/{review} published."),
        _ => String::new(),
    }
}

fn triaged(t: &Triaged) -> String {
    let by = match (&t.route, t.rules.as_slice()) {
        (None, []) => String::new(),
        (Some(route), []) => format!(" by route {route}"),
        (None, rules) => format!(" by {}", super::list(rules)),
        (Some(route), rules) => format!(" by route {route} and {}", super::list(rules)),
    };
    let mut words: Vec<String> = t.title.iter().map(|title| format!("title {}", excerpt(title))).collect();
    words.extend(t.description.is_some().then(|| "description".to_owned()));
    // What a route and its rules label stands in the incident; a person's labels are the news.
    let by_hand = t.route.is_none() && t.rules.is_empty();
    let labels =
        t.labels.iter().filter(|_| by_hand).map(|(name, value)| format!("{name}={}", excerpt(value)));
    words.extend(labels.chain(t.unlabelled.iter().map(|name| format!("no {name}"))));
    let now = if words.is_empty() { String::new() } else { format!("; now {}", words.join(", ")) };
    format!(
        "Triaged{by}: {} for services/{}, {}, impact {}, urgency {}{now}{}.",
        t.priority,
        t.service,
        t.category,
        plain(t.impact),
        plain(t.urgency),
        because(&t.reason)
    )
}

fn title(o: &Opened) -> String {
    excerpt(&o.signal.title)
}

fn assignee(to: &Assignee) -> String {
    super::super::incident::assignee(to)
}
