//! On call as an iCalendar (RFC 5545): one event for each shift, in UTC. Equal shifts give equal bytes, so that calendar
//! clients can tell whether anything changed.

use icalendar::{Calendar, Component, Event, Property};
use stentor_core::time::Timestamp;

/// How often clients are asked to look again.
const REFRESH: &str = "PT1H";

/// A calendar to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// What people see as the calendar's name.
    pub title: String,
    /// When anything about it was changed last.
    pub changed: Timestamp,
    /// The policy's version: it grows when shifts may have moved.
    pub sequence: u64,
    pub shifts: Vec<Entry>,
}

/// One shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `schedules/{id}`
    pub schedule: String,
    /// Display names of those on call.
    pub people: Vec<String>,
    /// When the shift began, which makes it the same event in every answer; None: longer ago than is looked for.
    pub begun: Option<Timestamp>,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Why it is as it is: a layer, or overrides.
    pub reason: String,
}

/// The calendar as text.
pub fn calendar(feed: &Feed) -> String {
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//stentor.dev//on-call//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("X-PUBLISHED-TTL", REFRESH),
    ] {
        calendar.append_property(Property::new(name, value));
    }
    calendar.append_property(
        Property::new("REFRESH-INTERVAL", REFRESH).add_parameter("VALUE", "DURATION").done(),
    );
    calendar.name(&feed.title);
    for shift in &feed.shifts {
        calendar.push(event(feed, shift));
    }
    calendar.to_string()
}

fn event(feed: &Feed, shift: &Entry) -> Event {
    let begun = shift.begun.map_or_else(|| "ever".to_owned(), |at| at.whole_second().to_string());
    let name = shift.schedule.rsplit('/').next().unwrap_or(&shift.schedule);
    let mut event = Event::new();
    event
        .uid(&format!("{}/shifts/{begun}", shift.schedule))
        .add_property("DTSTAMP", utc(feed.changed))
        .add_property("DTSTART", utc(shift.from))
        .add_property("DTEND", utc(shift.to))
        .add_property("SEQUENCE", feed.sequence.to_string())
        .summary(&format!("On call: {name} ({})", shift.people.join(", ")))
        .description(&shift.reason)
        // Somebody on call can still be invited.
        .add_property("TRANSP", "TRANSPARENT");
    event.done()
}

/// `20260601T080000Z`; a calendar knows whole seconds only.
fn utc(at: Timestamp) -> String {
    at.whole_second().to_string().replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn feed(people: &[&str]) -> Feed {
        Feed {
            title: "On call: Ruiz, Ana".to_owned(),
            changed: at("2026-05-20T12:00:00.250Z"),
            sequence: 7,
            shifts: vec![Entry {
                schedule: "schedules/shop-primary".to_owned(),
                people: people.iter().map(|person| (*person).to_owned()).collect(),
                begun: Some(at("2026-06-01T07:00:00Z")),
                from: at("2026-06-01T07:00:00Z"),
                to: at("2026-06-08T07:00:00Z"),
                reason: "layer week".to_owned(),
            }],
        }
    }

    #[test]
    fn a_shift_is_one_event_in_utc_under_a_name_that_stays() {
        let text = calendar(&feed(&["Ana Ruiz"]));
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "METHOD:PUBLISH",
            "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
            "X-WR-CALNAME:On call: Ruiz\\, Ana",
            "UID:schedules/shop-primary/shifts/2026-06-01T07:00:00Z",
            "DTSTAMP:20260520T120000Z",
            "DTSTART:20260601T070000Z",
            "DTEND:20260608T070000Z",
            "SEQUENCE:7",
            "SUMMARY:On call: shop-primary (Ana Ruiz)",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line} is not in\n{text}");
        }
        assert_eq!(text, calendar(&feed(&["Ana Ruiz"])));
    }

    #[test]
    fn long_lines_are_folded_between_characters_and_commas_escaped() {
        let people = ["Ana Ruiz", "Bo Lind", "Chi Oyelaran", "Äöü Łódź 山田太郎", "Zoë Ångström 山田花子"];
        let text = calendar(&feed(&people));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        let unfolded = text.replace("\r\n ", "");
        assert!(
            unfolded.contains("(Ana Ruiz\\, Bo Lind\\, Chi Oyelaran\\, Äöü Łódź 山田太郎\\, "),
            "{unfolded}"
        );
    }
}
