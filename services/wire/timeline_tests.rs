//! What readers see of a history, one claim a test.

use super::*;
use stentor_core::incident::event::{EscalateReason, LifeEvent, PagingEvent, SlaEvent};
use stentor_core::incident::kinds::{Priority, ResolutionCode};
use stentor_core::incident::paging::NextStep;

fn said(event: impl Into<stentor_core::incident::Event>) -> String {
    sentence(&Event::Incident(event.into()))
}

#[test]
fn sentences_say_what_happened() {
    assert_eq!(said(LifeEvent::Declared), "Declared an incident.");
    assert_eq!(
        said(LifeEvent::PriorityChanged {
            from: Priority::P3,
            to: Priority::P1,
            reason: "all down".to_owned()
        }),
        "Priority changed from P3 to P1: all down."
    );
    let code = ResolutionCode::RolledBack;
    assert_eq!(
        said(LifeEvent::Resolved {
            code,
            note: String::new(),
            how_verified: String::new(),
            by_itself: false,
            forced: Some("dead probe".to_owned()),
        }),
        "Resolved as rolled back although alerts are firing, because dead probe."
    );
    let next = NextStep::Level { level: 3, round: 1 };
    let due = Timestamp(1_780_000_000_000);
    assert_eq!(
        said(PagingEvent::Escalated {
            level: 2,
            level_id: Some("secondary".into()),
            round: 1,
            due,
            reason: EscalateReason::Delay,
            reaches: true,
            next,
            next_due: due,
        }),
        "Level 2 (secondary) called: nobody had answered in time."
    );
    assert_eq!(
        said(SlaEvent::SlaStopped { clock: "p1-ack.1".to_owned(), at: Timestamp(1_999), met: true }),
        "Clock p1-ack.1 met, stopped 1970-01-01T00:00:01Z."
    );
}

#[test]
fn an_entry_has_number_name_actor_and_data() {
    let events = vec![
        Event::Incident(LifeEvent::Declared.into()),
        Event::Incident(LifeEvent::Relapsed { reason: "again".to_owned() }.into()),
    ];
    let actor = "people/ana".parse().unwrap();
    let transition =
        Transition { first: 7, version: 8, at: Timestamp(1_500), actor, origin: None, events: events.into() };
    let entries = entries("incidents/a", &transition);
    assert_eq!(entries.iter().map(|e| e.number).collect::<Vec<_>>(), [7, 8]);
    assert_eq!(entries[1].name, "incidents/a/timelineEntries/8");
    assert_eq!((entries[1].kind.as_str(), entries[1].actor.as_str()), ("Relapsed", "people/ana"));
    assert_eq!(entries[1].data_json, r#"{"reason":"again"}"#);
    assert_eq!(entries[0].data_json, "{}");
    assert_eq!(feed("incidents/a", &transition)[0].etag, "\"8\"");
}

#[test]
fn long_texts_are_cut_and_stay_on_one_line() {
    assert_eq!(excerpt("a\nb"), "a b");
    assert_eq!(excerpt(&"x".repeat(400)).chars().count(), 301);
}
