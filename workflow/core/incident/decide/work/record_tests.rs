//! Notes, evidence, updates, subscriptions and the closure checklist.

use crate::incident::command::{Command, Correction, Resolve, WorkCommand};
use crate::incident::event::{EndWhy, Notice, NoticeTo, PagingEvent};
use crate::incident::kinds::{Audience, CancelReason, HoldReason, Phase, Priority, ResolutionCode};
use crate::incident::work::ChecklistField;
use crate::incident::work_event::WorkEvent;
use crate::policy::samples;
use crate::refusal::Refusal;
use crate::testing::{Story, at};
use crate::time::Duration;

fn note(text: &str, by_reporter: bool) -> WorkCommand {
    WorkCommand::AddNote { text: text.to_owned(), by_reporter }
}

fn document(field: ChecklistField, text: &str) -> WorkCommand {
    WorkCommand::Document { field, text: text.to_owned() }
}

fn subscribe(subscriber: &str, audience: Audience) -> WorkCommand {
    WorkCommand::Subscribe { subscriber: subscriber.to_owned(), audience }
}

fn update(audience: Audience) -> WorkCommand {
    WorkCommand::PostUpdate { text: "we are on it".to_owned(), audience, next_in: None }
}

fn resolved(priority: Priority) -> Story {
    let resolve = Resolve {
        code: Some(ResolutionCode::Recovered),
        note: "went away".to_owned(),
        how_verified: "looked".to_owned(),
        recovered_by_itself: true,
        ..Resolve::default()
    };
    Story::incident(Phase::Active, priority).when(Command::Resolve(Box::new(resolve)))
}

#[test]
fn a_note_after_closing_is_kept_and_marked_late() {
    let story = resolved(Priority::P4).when(Command::Close).when(note("found it", false));
    let text = "found it".to_owned();
    story.then_event(WorkEvent::NoteAdded { text, by_reporter: false, late: true });
}

#[test]
fn a_cancelled_incident_takes_notes_but_no_tasks() {
    let cancel = Command::Cancel { reason: CancelReason::FalseAlarm, note: "a test".to_owned() };
    let story = Story::incident(Phase::Active, Priority::P3)
        .when(cancel)
        .when(note("why", false))
        .then(&["NoteAdded"]);
    let task = WorkCommand::AddTask { summary: "ask".to_owned(), owner: None, due: None };
    story.when(task).refused(Refusal::IncidentCancelled);
}

#[test]
fn notes_have_a_length_and_are_not_empty() {
    let story =
        Story::incident(Phase::Active, Priority::P3).when(note("  ", false)).refused_as("INVALID_FIELD");
    story.when(note(&"x".repeat(32_001), false)).refused_as("INVALID_FIELD");
}

#[test]
fn the_reporters_note_ends_a_hold_that_awaits_it() {
    let hold = |reason| Command::Hold { reason, note: "asked for a screenshot".to_owned(), length: None };
    let story = Story::incident(Phase::Active, Priority::P3).when(hold(HoldReason::AwaitingReporter));
    let story = story.when(note("mine", false)).then(&["NoteAdded"]);
    assert!(story.incident_state().hold.is_some());
    let story =
        story.when(note("here it is", true)).then_event(PagingEvent::Resumed { why: EndWhy::Answered });
    let story = story.when(hold(HoldReason::AwaitingVendor)).when(note("and another", true));
    assert!(story.incident_state().hold.is_some());
}

#[test]
fn the_reporter_is_known_by_name() {
    let report = crate::signal::Signal { reporter: "people/chi".to_owned(), ..samples::report("no mail") };
    let story = Story::under(samples::policy()).opened(report, Phase::Active, Priority::P3).by("chi");
    let text = "it was the spam folder".to_owned();
    story.when(note(&text, false)).then_event(WorkEvent::NoteAdded { text, by_reporter: true, late: false });
}

#[test]
fn a_change_elsewhere_is_told_and_moves_nothing() {
    let change = || WorkCommand::ReportChange {
        summary: "shop 1.42 deployed".to_owned(),
        source: "ci".to_owned(),
        url: String::new(),
        at: None,
    };
    // Under way, so that what is due already is done before.
    let story = Story::incident(Phase::Active, Priority::P1).when(note("looking", false));
    let before = story.incident_state().clone();
    let story = story.when(change()).then(&["ChangeReported"]);
    assert_eq!(story.incident_state().escalation, before.escalation);
    assert_eq!(story.incident_state().work, before.work);
}

#[test]
fn retracted_evidence_keeps_its_record_and_loses_its_body() {
    let add =
        |body: String| WorkCommand::AddEvidence { title: "log".to_owned(), body, trace_id: String::new() };
    let retract = || WorkCommand::RetractEvidence { n: 1, reason: "has a password".to_owned() };
    let story = Story::incident(Phase::Active, Priority::P3)
        .when(add("x".repeat(65_537)))
        .refused_as("INVALID_FIELD");
    let story = story.when(add("secret".to_owned())).when(retract()).then(&["EvidenceRetracted"]);
    let evidence = &story.incident_state().work.evidence[&1];
    assert_eq!((evidence.title.as_str(), evidence.body.as_str(), evidence.retracted), ("log", "", true));
    story.when(retract()).then(&[]);
}

#[test]
fn an_update_reaches_those_who_subscribed_to_its_audience_or_a_narrower_one() {
    let story = Story::incident(Phase::Active, Priority::P3)
        .when(subscribe("people/gus", Audience::Internal))
        .when(subscribe("people/bo", Audience::Public))
        .when(subscribe("channels/shop-room", Audience::Stakeholders))
        .when(update(Audience::Stakeholders));
    story.then(&["UpdatePosted"]).then_event(PagingEvent::Notified {
        about: Notice::Update { update: 1 },
        people: vec![NoticeTo { person: "gus".into(), channel: "email".into() }],
        channels: vec!["shop-room".into()],
    });
}

#[test]
fn subscribers_must_exist_and_unsubscribing_twice_changes_nothing() {
    let story = Story::incident(Phase::Active, Priority::P3);
    let story = story.when(subscribe("people/zoe", Audience::Public)).refused_as("UNKNOWN_RESOURCE");
    let story = story.when(subscribe("gus", Audience::Public)).refused_as("INVALID_FIELD");
    let story = story.when(subscribe("people/gus", Audience::Public)).then(&["Subscribed"]);
    let leave = || WorkCommand::Unsubscribe { subscriber: "people/gus".to_owned() };
    story.when(leave()).then(&["Unsubscribed"]).when(leave()).then(&[]);
}

#[test]
fn the_next_update_is_promised_within_five_minutes_and_a_day() {
    let promise = |next_in| WorkCommand::PostUpdate {
        text: "soon".to_owned(),
        audience: Audience::Internal,
        next_in: Some(next_in),
    };
    let story = Story::incident(Phase::Active, Priority::P3);
    let story = story.when(promise(Duration::seconds(299))).refused_as("INVALID_FIELD");
    let story = story.when(promise(Duration::hours(25))).refused_as("INVALID_FIELD");
    story.when(promise(Duration::minutes(5))).then(&["UpdatePosted"]);
}

#[test]
fn a_short_checklist_is_documented_once() {
    let story = resolved(Priority::P3).when(document(ChecklistField::Summary, "mail was late"));
    let story = story.then(&["ChecklistFilled"]).when(Command::Close);
    let story = story.refused(Refusal::ChecklistIncomplete { missing: vec!["WHAT_WAS_DONE".to_owned()] });
    let story = story.when(document(ChecklistField::WhatWasDone, "restarted it"));
    let story = story.then(&["ChecklistFilled", "Documented"]);
    story.when(document(ChecklistField::Summary, "mail was very late")).then(&["ChecklistFilled"]);
}

#[test]
fn a_full_checklist_names_everything_it_lacks() {
    let story = resolved(Priority::P1).when(Command::Close);
    let missing = [
        "SUMMARY",
        "WHAT_WAS_DONE",
        "ROOT_CAUSE",
        "CAUSE_EVIDENCE",
        "IMPACT",
        "DETECTION_SOURCE",
        "CHANGE",
        "LESSONS",
        "FOLLOW_UPS",
        "FINAL_UPDATE",
    ];
    story.refused(Refusal::ChecklistIncomplete { missing: missing.map(str::to_owned).to_vec() });
}

#[test]
fn the_impact_is_documented_with_both_of_its_instants() {
    let mut story =
        resolved(Priority::P2).when(update(Audience::Public)).then(&["UpdatePosted", "ChecklistFilled"]);
    story = story.when(document(ChecklistField::RootCause, "full pool")).refused_as("INVALID_FIELD");
    story = story.when(document(ChecklistField::RootCause, "capacity: full pool")).then(&["ChecklistFilled"]);
    for field in ChecklistField::ALL.iter().filter(|f| **f != ChecklistField::RootCause) {
        story = story.when(document(*field, "said")).then(&["ChecklistFilled"]);
    }
    let close = story.when(Command::Close);
    let story = close.refused(Refusal::ChecklistIncomplete { missing: vec!["IMPACT".to_owned()] });
    let (impact_start, impact_end) = (Some(at("09:50")), Some(at("10:00")));
    let times = Command::CorrectTimes(Correction { impact_start, impact_end, ..Correction::default() });
    story.when(times).then(&["TimesCorrected", "Documented"]).when(Command::Close).then(&["Closed"]);
}

#[test]
fn an_item_is_waived_for_a_reason_and_by_name() {
    let waive =
        |reason: &str| WorkCommand::Waive { field: ChecklistField::Summary, reason: reason.to_owned() };
    let story = resolved(Priority::P3).when(waive("")).refused_as("REASON_REQUIRED");
    let story = story.when(waive("trivial")).then(&["ChecklistFilled"]);
    story.when(document(ChecklistField::WhatWasDone, "nothing")).then(&["ChecklistFilled", "Documented"]);
}

#[test]
fn a_closed_incident_is_not_documented_any_more() {
    let story = resolved(Priority::P4).when(Command::Close);
    story.when(document(ChecklistField::Summary, "late")).refused(Refusal::IncidentClosed);
}
