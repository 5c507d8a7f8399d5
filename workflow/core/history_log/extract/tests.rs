//! Records of stories: what people did is told, and what followed by itself is not.
//! How a record is replayed is not tested here.

use super::*;
use crate::history_log::{read, write};
use crate::incident::command::{Command, Resolve};
use crate::incident::kinds::{HoldReason, ResolutionCode};
use crate::policy::samples;
use crate::testing::{Story, at};

/// What a story's record says, one word an entry.
fn told(story: &Story) -> Vec<String> {
    let record = story.record();
    assert_eq!(read(1, &write(&record)).unwrap(), record, "a record survives being written");
    let entries = record.entries.iter().map(|e| {
        let what = match &e.what {
            What::Signal(s) if s.clear => "clear".to_owned(),
            What::Signal(_) => "signal".to_owned(),
            What::Action(a) => serde_json::to_value(a).unwrap().to_string(),
            What::Fact(Fact::Paged { person, channel, .. }) => format!("paged {person} {channel}"),
            What::Fact(Fact::Breached { definition, .. }) => format!("breached {definition}"),
            What::Fact(other) => format!("{other:?}"),
        };
        format!("{} {} {what}", crate::testing::clock(e.at), e.who)
    });
    entries.collect()
}

#[test]
fn signals_and_what_people_did_are_told_and_what_followed_is_not() {
    let story = Story::under(samples::policy())
        .fires("a", "critical")
        .until("10:02")
        .by("ana")
        .when(Command::Acknowledge)
        .at("10:20")
        .when(Command::Hold { reason: HoldReason::AwaitingVendor, note: "v".to_owned(), length: None })
        .at("10:30")
        .when(Command::Resume)
        .at("10:40")
        .clears("a")
        .until("10:50");
    assert_eq!(
        told(&story),
        [
            "10:00 integrations/prom signal",
            "10:00 integrations/prom paged ana push",
            "10:01 system paged ana sms",
            "10:02 people/ana \"acknowledge\"",
            "10:20 people/ana {\"hold\":{\"length\":\"7d\",\"reason\":\"AWAITING_VENDOR\"}}",
            "10:30 people/ana \"resume\"",
            "10:40 integrations/prom clear",
        ]
    );
}

#[test]
fn a_snooze_of_an_unacknowledged_incident_is_one_action() {
    let story = Story::under(samples::policy())
        .fires("a", "critical")
        .at("10:01")
        .by("ana")
        .when(Command::Snooze { length: crate::time::Duration::minutes(10) });
    let told = told(&story);
    assert!(told.last().unwrap().contains("snooze"), "{told:#?}");
    assert!(!told.iter().any(|line| line.contains("acknowledge")), "{told:#?}");
}

#[test]
fn an_incident_that_is_over_is_known_to_its_end_and_one_that_is_not_until_it_was_read() {
    let open = Story::under(samples::policy()).fires("a", "critical");
    assert_eq!(open.record().known_until, Some(at("10:00")));
    let resolve = Resolve { code: Some(ResolutionCode::Fixed), ..Resolve::default() };
    let cancelled = open.by("ana").when(Command::Cancel {
        reason: crate::incident::kinds::CancelReason::Test,
        note: "a test".to_owned(),
    });
    assert_eq!(cancelled.record().known_until, None);
    assert_eq!(cancelled.when(Command::Resolve(Box::new(resolve))).record().entries.len(), 3);
}
