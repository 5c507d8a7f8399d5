//! Events as CloudEvents 1.0 in JSON: the same words as the timeline and the feed of the API, and the data as an object.
//! How one travels is not known here.

use serde::Serialize;
use serde_json::Value;
use stentor_core::instance::Event;
use stentor_engine::{FeedItem, Transition};
use stentor_proto::v1;

use super::timeline;

/// Larger ones need not be forwarded by others, as CloudEvents says.
const BYTES_MAX: usize = 64 << 10;

/// What an event's body is, as a media type.
pub const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// One event as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudEvent {
    /// Of the instance and the event's number: the same whenever it is sent.
    pub id: String,
    /// `stentor.incident.acknowledged`, for instance.
    pub kind: String,
    /// The whole event, structured mode.
    pub body: Vec<u8>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    subject: &'a str,
    time: String,
    datacontenttype: &'static str,
    /// The extension of this name: ordered as the events of one subject are.
    sequence: String,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    instance: &'a str,
    number: i64,
    kind: &'a str,
    actor: &'a str,
    event_time: &'a str,
    record_time: &'a str,
    etag: &'a str,
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    /// The data would make the event too large: it stands in the timeline under the same number.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    data_omitted: bool,
}

/// An event of a transition, by its place in there.
pub fn render(source: &str, item: &FeedItem, event: usize) -> CloudEvent {
    let transition = &item.transition;
    let happened = &transition.events[event];
    let one = Transition {
        first: transition.first + event as u64,
        events: [happened.clone()].into(),
        ..transition.clone()
    };
    let (collection, family) = match happened {
        Event::Incident(_) => ("incidents", "incident"),
        Event::Review(_) => ("reviews", "review"),
    };
    let told = timeline::feed(&format!("{collection}/{}", item.id), &one).pop().unwrap_or_default();
    let id = format!("{}/{}", item.id, told.number);
    let kind = type_of(family, &told.kind);
    let time = transition.at.to_string();
    let summary = timeline::sentence(happened);
    let body = |whole| {
        serde_json::to_vec(&envelope(source, &id, &kind, &told, (&time, &summary), whole))
            .expect("texts and numbers become JSON, and the data is JSON already")
    };
    let mut bytes = body(true);
    if bytes.len() > BYTES_MAX {
        bytes = body(false);
    }
    CloudEvent { id, kind, body: bytes }
}

fn envelope<'a>(
    source: &'a str,
    id: &'a str,
    kind: &'a str,
    told: &'a v1::Event,
    (time, summary): (&'a str, &'a str),
    whole: bool,
) -> Envelope<'a> {
    let data = serde_json::from_str(&told.data_json).ok().filter(|_| whole);
    Envelope {
        specversion: "1.0",
        id,
        source,
        kind,
        subject: &told.instance,
        time: time.to_owned(),
        datacontenttype: "application/json",
        sequence: format!("{:010}", told.number),
        data: Data {
            instance: &told.instance,
            number: told.number,
            kind: &told.kind,
            actor: &told.actor,
            event_time: time,
            record_time: time,
            etag: &told.etag,
            summary,
            data,
            data_omitted: !whole,
        },
    }
}

/// `AckExpired` of an incident is `stentor.incident.ack_expired`, `ReviewPublished` of a review
/// `stentor.review.published`, `SlaBreached` of either `stentor.sla.breached`.
fn type_of(family: &str, name: &str) -> String {
    let without = |prefix| name.strip_prefix(prefix).filter(|rest| rest.starts_with(char::is_uppercase));
    let (family, name) = match (without("Sla"), without("Review")) {
        (Some(rest), _) => ("sla", rest),
        (None, Some(rest)) if family == "review" => (family, rest),
        _ => (family, name),
    };
    let mut kind = format!("stentor.{family}.");
    for (at, c) in name.char_indices() {
        if c.is_uppercase() && at > 0 {
            kind.push('_');
        }
        kind.extend(c.to_lowercase());
    }
    kind
}

#[cfg(test)]
mod tests {
    use stentor_core::actor::Actor;
    use stentor_core::incident::event::{LifeEvent, PagingEvent};
    use stentor_core::incident::{self};
    use stentor_core::time::Timestamp;

    use super::*;

    fn item(events: Vec<incident::Event>) -> FeedItem {
        let events: Vec<Event> = events.into_iter().map(Event::Incident).collect();
        let version = 4 + events.len() as u64 - 1;
        let transition = Transition {
            first: 4,
            version,
            at: Timestamp(1_780_315_200_123),
            actor: Actor::System,
            origin: None,
            events: events.into(),
        };
        FeedItem { partition: 0, pos: 9, id: "i-1".to_owned().into(), transition }
    }

    #[test]
    fn an_event_names_itself_its_incident_and_its_place() {
        let item = item(vec![
            incident::Event::Life(LifeEvent::Declared),
            incident::Event::Paging(PagingEvent::AckExpired),
        ]);
        let event = render("/stentor", &item, 1);
        let body: serde_json::Value = serde_json::from_slice(&event.body).unwrap();
        assert_eq!((event.id.as_str(), event.kind.as_str()), ("i-1/5", "stentor.incident.ack_expired"));
        let expected = serde_json::json!({
            "specversion": "1.0", "id": "i-1/5", "source": "/stentor", "type": "stentor.incident.ack_expired",
            "subject": "incidents/i-1", "time": "2026-06-01T12:00:00.123Z", "datacontenttype": "application/json",
            "sequence": "0000000005",
            "data": {
                "instance": "incidents/i-1", "number": 5, "kind": "AckExpired", "actor": "system",
                "eventTime": "2026-06-01T12:00:00.123Z", "recordTime": "2026-06-01T12:00:00.123Z",
                "etag": "\"5\"", "summary": body["data"]["summary"], "data": {},
            },
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn types_are_the_events_names_in_lower_case() {
        assert_eq!(type_of("incident", "Acknowledged"), "stentor.incident.acknowledged");
        assert_eq!(type_of("incident", "SlaBreached"), "stentor.sla.breached");
        assert_eq!(type_of("incident", "Slated"), "stentor.incident.slated");
        assert_eq!(type_of("review", "SectionEdited"), "stentor.review.section_edited");
        assert_eq!(type_of("review", "ReviewPublished"), "stentor.review.published");
        assert_eq!(type_of("incident", "ReviewLinked"), "stentor.incident.review_linked");
    }

    #[test]
    fn what_is_too_large_says_where_its_data_is() {
        let why = "x".repeat(70_000);
        let event = render("/s", &item(vec![incident::Event::Life(LifeEvent::Relapsed { reason: why })]), 0);
        let body: serde_json::Value = serde_json::from_slice(&event.body).unwrap();
        assert!(event.body.len() < 2_000, "{}", event.body.len());
        assert_eq!(body["data"]["dataOmitted"], true);
        assert!(body["data"].get("data").is_none());
    }
}
