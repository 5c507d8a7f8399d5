//! The worked clock vectors that need an incident: attached late, taken over with pauses, breached at attach, resumed
//! after a reopening. Berlin is two hours ahead of UTC.

use crate::incident::clock::Clock;
use crate::incident::command::{Command, Resolve, WorkCommand};
use crate::incident::event::SlaEvent;
use crate::incident::kinds::{ClockState, HoldReason, Phase, Priority, ResolutionCode};
use crate::incident::{self};
use crate::instance::Event;
use crate::policy::samples;
use crate::testing::{Story, at};
use crate::time::Duration;

/// A P3 reported on Monday 2026-06-01 at 09:00 in Berlin, acknowledged at once.
fn monday() -> Story {
    let story = Story::under(samples::policy()).at("06-01T07:00");
    let story = story.opened(samples::report("slow"), Phase::Active, Priority::P3);
    story.when(Command::Acknowledge)
}

fn raise() -> Command {
    Command::SetPriority { priority: Priority::P1, reason: String::new() }
}

fn resolve_clock(story: &Story) -> &Clock {
    let of = |c: &&Clock| c.definition.as_str().ends_with("resolve") && c.is_live();
    story.incident_state().clocks.iter().rev().find(of).expect("a resolve clock is live")
}

fn elapsed(story: &Story, now: &str) -> Duration {
    let clock = resolve_clock(story);
    let policy = samples::policy();
    clock.measure(&policy, |meter| meter.elapsed(at(now))).unwrap()
}

fn skipped(story: &Story) -> Vec<u32> {
    let of = |(_, e): &(_, Event)| match e {
        Event::Incident(incident::Event::Sla(SlaEvent::SlaWarned { percent, skipped: true, .. })) => {
            Some(*percent)
        }
        _ => None,
    };
    story.history.iter().filter_map(of).collect()
}

#[test]
fn vector_12_a_raise_takes_over_the_start() {
    let story = monday().at("06-01T10:00").forget().when(raise());
    let clock = resolve_clock(&story);
    assert_eq!((clock.definition.as_str(), clock.due), ("p1-resolve", Some(at("06-01T11:00"))));
    assert_eq!(elapsed(&story, "06-01T10:00"), Duration::hours(3));
    assert_eq!(skipped(&story), [50, 75]);
    let next = resolve_clock(&story).next.unwrap();
    assert_eq!((next.percent, next.at), (90, at("06-01T10:36")));
    let cancelled = story.incident_state().clocks.iter().filter(|c| c.state == ClockState::Cancelled);
    assert_eq!(cancelled.map(Clock::name).collect::<Vec<_>>(), ["office-resolve.1"]);
}

#[test]
fn vector_13_pauses_are_taken_over() {
    let hold =
        Command::Hold { reason: HoldReason::AwaitingReporter, note: "which till".to_owned(), length: None };
    let story = monday().at("06-01T08:00").when(hold).at("06-01T09:00").when(Command::Resume);
    let story = story.at("06-01T10:00").forget().when(raise());
    assert_eq!(resolve_clock(&story).due, Some(at("06-01T12:00")));
    assert_eq!(elapsed(&story, "06-01T10:00"), Duration::hours(2));
    assert_eq!(skipped(&story), [50]);
    let next = resolve_clock(&story).next.unwrap();
    assert_eq!((next.percent, next.at), (75, at("06-01T11:00")));
}

#[test]
fn vector_14_what_is_late_when_it_attaches_breaches_and_pages_nobody() {
    let story = monday().at("06-01T12:00").forget().when(raise()).called(&[]);
    let clock = resolve_clock(&story);
    assert_eq!(clock.breached, Some(at("06-01T11:00")));
    assert_eq!(elapsed(&story, "06-01T12:00"), Duration::hours(5));
    assert!(story.incident_state().ack.is_some(), "a threshold that was skipped escalates nothing");
    let notices = story.history.iter().filter(|(_, e)| e.name() == "Notified").count();
    assert_eq!(notices, 1);
}

#[test]
fn vector_15_a_reopened_incident_resumes() {
    let resolve = Command::Resolve(Box::new(Resolve {
        code: Some(ResolutionCode::Fixed),
        how_verified: "ordered".to_owned(),
        ..Resolve::default()
    }));
    let story = monday().at("06-01T10:00").when(resolve).at("06-01T12:00");
    let story = story.when(Command::Reopen { reason: "slow again".to_owned() });
    assert_eq!(resolve_clock(&story).due, Some(at("06-02T09:00")));
    assert_eq!(resolve_clock(&story).name(), "office-resolve.1");
}

#[test]
fn a_stop_at_the_due_instant_is_late_and_one_before_it_is_not() {
    let ack = |when: &str| Story::under(samples::policy()).fires("a", "critical").at(when);
    let state = |s: &Story| {
        let of = |c: &&Clock| c.definition.as_str() == "p1-ack";
        s.incident_state().clocks.iter().find(of).unwrap().state
    };
    assert_eq!(state(&ack("10:04:59").when(Command::Acknowledge)), ClockState::Met);
    let late = ack("10:05").when(Command::Acknowledge);
    assert_eq!(state(&late), ClockState::Breached);
    // Late it is, but the person is not robbed of it: what the clock asked for is over with the clock.
    assert!(late.incident_state().ack.is_some());
}

#[test]
fn a_note_is_not_an_acknowledgement_to_the_clock() {
    let note = WorkCommand::AddNote { text: "seen".to_owned(), by_reporter: false };
    let story = Story::under(samples::policy()).fires("a", "critical").at("10:03").when(note).until("10:05");
    story.happened("10:05 SlaBreached");
}
