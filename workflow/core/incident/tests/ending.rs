//! Reopening by signals and people, muted alerts, automatic close, and what is brought to mind after the end.

use crate::incident::command::{Command, Resolve, WorkCommand};
use crate::incident::heard::Outcome;
use crate::incident::kinds::{CancelReason, Phase, Priority, ResolutionCode};
use crate::incident::work::ChecklistField;
use crate::policy::samples;
use crate::testing::{Story, at};

fn paging(priority: Priority) -> Story {
    Story::where_policy(|p| p.sla.clear()).paging(priority)
}

fn resolve(force: &str) -> Command {
    Command::Resolve(Box::new(Resolve {
        code: Some(ResolutionCode::Fixed),
        how_verified: "ordered a book".to_owned(),
        force_reason: force.to_owned(),
        ..Resolve::default()
    }))
}

fn forced() -> Story {
    paging(Priority::P3).at("10:10").when(resolve("the alert is wrong")).is(Phase::Resolved)
}

#[test]
fn an_alert_that_fires_again_in_time_reopens() {
    let story = paging(Priority::P3).clears("a").until("10:05").is(Phase::Resolved).at("10:20").forget();
    let story = story.fires("a", "warning").is(Phase::Active);
    assert!(story.heard().reopened);
    // The route holds it back for a moment again.
    let story = story.until("10:30");
    story.happened("10:20 Reopened").called(&["10:20 ana", "10:25 bo"]);
}

#[test]
fn another_alert_of_the_group_reopens_too() {
    let story = paging(Priority::P3).clears("a").until("10:05").at("10:20").fires("b", "warning");
    assert!(story.heard().reopened);
    story.is(Phase::Active);
}

#[test]
fn what_was_forced_away_is_muted_until_it_clears_once() {
    let story = forced().at("10:20").fires("a", "warning").is(Phase::Resolved);
    assert!(story.heard().muted);
    let story = story.at("10:21").clears("a").at("10:22").fires("a", "warning");
    assert!(story.heard().reopened);
}

#[test]
fn what_still_fires_half_an_hour_after_it_was_forced_away_reopens() {
    let story = forced().at("10:39").fires("a", "warning").is(Phase::Resolved);
    let story = story.at("10:40").forget().fires("a", "warning").is(Phase::Active);
    assert!(story.heard().reopened);
    story.happened("10:40 Reopened");
}

#[test]
fn a_cancelled_incident_stays_so_however_long_its_alert_repeats() {
    let cancel = Command::Cancel { reason: CancelReason::FalseAlarm, note: "a test".to_owned() };
    let story = paging(Priority::P3).when(cancel).at("12:00").fires("a", "warning").is(Phase::Cancelled);
    assert_eq!((story.heard().outcome, story.heard().muted), (Outcome::Repeated, true));
}

#[test]
fn a_signal_never_attaches_to_what_is_closed() {
    let story = paging(Priority::P4).clears("a").until("06-04T10:05").is(Phase::Closed);
    story.fires("b", "warning").refused_as("INCIDENT_CLOSED");
}

#[test]
fn reopening_starts_from_the_beginning() {
    let story = forced().at("11:00").when(Command::Reopen { reason: "no".to_owned() }).is(Phase::Active);
    let state = story.incident_state();
    assert!(state.ack.is_none() && state.resolution.is_none() && state.closing_at.is_none());
    assert!(!state.alerts[&1].muted);
    story.forget().until("11:05").called(&["11:05 bo"]);
}

#[test]
fn what_a_person_reopens_ends_by_itself_only_after_it_fired_again() {
    let story = paging(Priority::P3).clears("a").until("10:05").at("10:50");
    let story = story.when(Command::Reopen { reason: "it is not over".to_owned() }).forget().until("11:30");
    let story = story.is(Phase::Active).never("Suppressed").fires("a", "warning").until("11:31").clears("a");
    story.until("11:36").is(Phase::Resolved);
}

#[test]
fn a_p4_closes_by_itself_after_a_day() {
    let story = paging(Priority::P4).clears("a").until("06-04T10:05");
    story.happened("06-04T10:05 Closed");
}

#[test]
fn automatic_close_waits_for_its_gate() {
    let task = WorkCommand::AddTask { summary: "tell the bank".to_owned(), owner: None, due: None };
    let story = paging(Priority::P4).when(task).clears("a").until("06-05T10:00").is(Phase::Resolved);
    let done = WorkCommand::UpdateTask {
        n: 1,
        summary: None,
        state: Some(crate::incident::kinds::TaskState::Done),
        owner: None,
        due: None,
        reason: String::new(),
    };
    story.when(done).is(Phase::Closed);
}

#[test]
fn a_p3_closes_by_itself_once_it_is_documented() {
    let fill = |field| WorkCommand::Document { field, text: "said".to_owned() };
    let story = forced().clears("a").when(fill(ChecklistField::Summary));
    let story = story.until("06-06T10:10").is(Phase::Resolved).at("06-07T10:00");
    story.when(fill(ChecklistField::WhatWasDone)).is(Phase::Closed);
}

#[test]
fn an_undocumented_p1_is_brought_to_mind_every_day() {
    let recovered = Command::Resolve(Box::new(Resolve {
        code: Some(ResolutionCode::Recovered),
        note: "it was the bank".to_owned(),
        recovered_by_itself: true,
        ..Resolve::default()
    }));
    let story = paging(Priority::P1).when(Command::Acknowledge).clears("a").until("10:30").when(recovered);
    let story = story.is(Phase::Resolved).forget().until("06-04T10:30");
    assert!(story.noticed().contains("ana"));
    assert_eq!(story.next_wake(), Some(at("06-05T10:30")));
}

#[test]
fn a_required_review_is_asked_for_at_the_end_but_not_of_what_was_nothing() {
    let story = paging(Priority::P2).clears("a").until("06-04T10:00").is(Phase::Resolved);
    story.happened("06-04T10:00 ReviewRequested");
    let story = Story::under(samples::policy()).fires("a", "error").at("10:01").clears("a");
    story.is(Phase::Resolved).never("ReviewRequested");
}

#[test]
fn a_week_without_activity_is_brought_to_mind_and_then_another() {
    let hold = Command::Hold {
        reason: crate::incident::kinds::HoldReason::Scheduled,
        note: "next month".to_owned(),
        length: Some(crate::time::Duration::days(30)),
    };
    let story = paging(Priority::P4).when(hold).forget().until("06-17T10:00");
    let story = story.happened("06-10T10:00 StaleReminded").happened("06-17T10:00 StaleReminded");
    assert!(story.noticed().contains("ana"));
}
