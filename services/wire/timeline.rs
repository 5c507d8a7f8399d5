//! History as readers see it: one entry and one sentence for each event. The wording is no contract; names and data are.

mod alert;
mod life;
mod paging;
mod review;
mod sla;
mod work;

use stentor_core::instance::Event;
use stentor_core::time::{Duration, Timestamp};
use stentor_engine::Transition;
use stentor_proto::v1;

use super::clocks::instant;

/// The entries of a transition, in order.
pub fn entries(owner: &str, transition: &Transition) -> Vec<v1::TimelineEntry> {
    let entry = |(event, number): (&Event, u64)| v1::TimelineEntry {
        name: format!("{owner}/timelineEntries/{number}"),
        number: signed(number),
        event_time: Some(instant(transition.at)),
        actor: transition.actor.to_string(),
        kind: event.name(),
        summary: sentence(event),
        data_json: data(event),
        record_time: Some(instant(transition.at)),
    };
    transition.events.iter().zip(transition.first..).map(entry).collect()
}

/// The events of a transition for the feed.
pub fn feed(owner: &str, transition: &Transition) -> Vec<v1::Event> {
    let event = |(event, number): (&Event, u64)| v1::Event {
        instance: owner.to_owned(),
        number: signed(number),
        kind: event.name(),
        event_time: Some(instant(transition.at)),
        record_time: Some(instant(transition.at)),
        actor: transition.actor.to_string(),
        data_json: data(event),
        etag: super::incident::etag(transition.version),
        trace_parent: String::new(),
    };
    transition.events.iter().zip(transition.first..).map(event).collect()
}

/// What happened, in a sentence.
pub fn sentence(event: &Event) -> String {
    use stentor_core::incident::Event as Incident;
    match event {
        Event::Incident(Incident::Life(e)) => life::say(e),
        Event::Incident(Incident::Alert(e)) => alert::say(e),
        Event::Incident(Incident::Paging(e)) => paging::say(e),
        Event::Incident(Incident::Sla(e)) => sla::say(e),
        Event::Incident(Incident::Work(e)) => work::say(e),
        Event::Review(stentor_core::review::Event::Review(e)) => review::say(e),
    }
}

/// The event's fields as a JSON object, without the names of event and family around them.
fn data(event: &Event) -> String {
    let value = serde_json::to_value(event).unwrap_or_default();
    let fields = unwrap_until(value, &event.name());
    if fields.is_object() { fields.to_string() } else { "{}".to_owned() }
}

/// Events are stored under their name, incident events under their family's name besides.
fn unwrap_until(value: serde_json::Value, name: &str) -> serde_json::Value {
    match value {
        serde_json::Value::Object(mut object) => match object.remove(name) {
            Some(fields) => fields,
            None => object.into_iter().next().map(|(_, inner)| unwrap_until(inner, name)).unwrap_or_default(),
        },
        _ => serde_json::Value::Null,
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// `: because` or nothing, for texts that may be empty.
fn because(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!(": {}", excerpt(text)) }
}

/// The beginning of a long text, on one line.
fn excerpt(text: &str) -> String {
    const MOST: usize = 300;
    let line: String = text.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MOST).is_some() { format!("{line}…") } else { line }
}

/// An instant to the second.
fn at(instant: Timestamp) -> String {
    instant.whole_second().to_string()
}

/// `, until …` or nothing.
fn until(instant: Option<Timestamp>) -> String {
    instant.map(|i| format!(" until {}", at(i))).unwrap_or_default()
}

/// A length of time in words.
fn length(length: Duration) -> String {
    length.to_string()
}

/// `a, b and c`.
fn list<T: ToString>(items: &[T]) -> String {
    let words: Vec<String> = items.iter().map(ToString::to_string).collect();
    match words.split_last() {
        None => "nobody".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// `1 alert`, `2 alerts`.
fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// A word of a closed set, as people write it.
fn plain(word: impl ToString) -> String {
    word.to_string().to_lowercase().replace('_', " ")
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
