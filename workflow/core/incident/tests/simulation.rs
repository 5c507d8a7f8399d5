//! The worked example: a critical alert under the sample policy, and nobody acts. Every page and every clock's mark comes
//! at its instant, and nothing else does.

use std::collections::BTreeMap;

use crate::effect::EffectKind;
use crate::incident;
use crate::incident::event::{PagingEvent, SlaEvent};
use crate::instance::Event;
use crate::policy::samples;
use crate::testing::{Story, clock};
use crate::time::Timestamp;

fn nobody_acts(until: &str) -> Story {
    Story::under(samples::policy()).fires("a", "critical").until(until)
}

/// One line per instant: who was reached, in the order of their names, and the shared channels.
fn reached(story: &Story) -> Vec<String> {
    let mut lines: BTreeMap<Timestamp, Vec<String>> = BTreeMap::new();
    for (at, effect) in &story.asked {
        let who = match &effect.what {
            EffectKind::Page { person, .. } => person.to_string(),
            EffectKind::ChannelNotice { channel, .. } => format!("#{channel}"),
            _ => continue,
        };
        lines.entry(*at).or_default().push(who);
    }
    let line = |(at, mut who): (Timestamp, Vec<String>)| {
        who.sort();
        who.dedup();
        format!("{} {}", clock(at), who.join(" "))
    };
    lines.into_iter().map(line).collect()
}

fn marks(story: &Story) -> Vec<String> {
    let of = |(at, event): &(Timestamp, Event)| match event {
        Event::Incident(incident::Event::Sla(SlaEvent::SlaWarned { clock: name, percent, .. })) => {
            Some(format!("{} {name} {percent}%", clock(*at)))
        }
        Event::Incident(incident::Event::Sla(SlaEvent::SlaBreached { clock: name, .. })) => {
            Some(format!("{} {name} breached", clock(*at)))
        }
        Event::Incident(incident::Event::Paging(PagingEvent::EscalationExhausted { .. })) => {
            Some(format!("{} exhausted", clock(*at)))
        }
        _ => None,
    };
    story.history.iter().filter_map(of).collect()
}

#[test]
fn the_first_person_is_reached_by_every_step_of_their_contact_rule() {
    nobody_acts("10:03").paged(&["10:00 ana push", "10:01 ana sms", "10:03 ana voice"]);
}

#[test]
fn levels_rounds_and_thresholds_page_at_their_instants() {
    let story = nobody_acts("11:58");
    story.called(&[
        "10:00 ana",
        "10:04 bo",
        "10:14 ana",
        "10:29 ana",
        "10:34 bo",
        "10:44 ana",
        "10:59 gus",
        "10:59 hal",
    ]);
}

#[test]
fn an_exhausted_incident_reminds_every_hour_and_a_threshold_calls_everyone() {
    let story = nobody_acts("10:59").forget().until("14:30");
    let lines = reached(&story);
    let hourly: Vec<&String> =
        lines.iter().filter(|l| l.contains(":59 ") || l.starts_with("13:00 ")).collect();
    assert_eq!(hourly, ["11:59 ana gus hal", "12:59 ana gus hal", "13:00 ana gus hal", "13:59 ana gus hal"]);
}

#[test]
fn the_shared_channel_is_told_of_each_call_of_its_level() {
    let story = nobody_acts("11:58");
    let lines = reached(&story);
    let told: Vec<&String> = lines.iter().filter(|l| l.contains("#shop-room")).collect();
    assert_eq!(told, ["10:14 #shop-room ana", "10:44 #shop-room ana"]);
}

#[test]
fn clocks_record_their_shares_and_breaches() {
    let story = nobody_acts("14:30");
    assert_eq!(
        marks(&story),
        [
            "10:02:30 p1-ack.1 50%",
            "10:03:45 p1-ack.1 75%",
            "10:04 p1-ack.1 80%",
            "10:04:30 p1-ack.1 90%",
            "10:05 p1-ack.1 breached",
            "10:59 exhausted",
            "12:00 p1-resolve.1 50%",
            "13:00 p1-resolve.1 75%",
            "13:36 p1-resolve.1 90%",
            "14:00 p1-resolve.1 breached",
        ]
    );
}
