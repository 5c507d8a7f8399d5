//! The life of a review from its opening to its amendments.

use crate::effect::EffectKind;
use crate::incident;
use crate::incident::event::{Notice, NoticeTo};
use crate::incident::kinds::{ClockState, Priority};
use crate::incident::paging::PendingKind;
use crate::instance::{self, Instance};
use crate::refusal::Refusal;
use crate::review::state::{Meeting, Phase};
use crate::review::{Command, Opening, ReviewEvent, Section};
use crate::testing::{Story, at};

fn edit(section: Section, text: &str) -> Command {
    Command::EditSection { section, text: text.to_owned() }
}

fn waive_meeting() -> Command {
    Command::WaiveMeeting { reason: "small".to_owned() }
}

/// A review with a text in every section.
fn written(priority: Priority) -> Story {
    let story = Story::review(priority);
    Section::ALL
        .iter()
        .fold(story, |story, section| story.when(edit(*section, "said")).then(&["SectionEdited"]))
}

fn published(priority: Priority) -> Story {
    written(priority).when(waive_meeting()).when(Command::Publish)
}

fn again() -> Command {
    let incident = Story::incident(incident::kinds::Phase::Active, Priority::P1);
    Command::Open(Box::new(Opening::of(incident.incident_state(), "PRIORITY")))
}

fn link(published: bool) -> EffectKind {
    let command = incident::Command::LinkReview { review: "rev-1".into(), published };
    EffectKind::Submit { to: "inc-1".into(), command: Box::new(instance::Command::Incident(command)) }
}

#[test]
fn a_review_opens_with_its_clock_and_tells_its_incident() {
    let story = Story::review(Priority::P1).then(&["ReviewOpened", "SlaStarted"]);
    let review = story.review_state();
    assert_eq!((review.reference().as_str(), review.phase), ("REV-1042", Phase::Draft));
    // 40 hours of an office that is open from 07:00Z to 15:00Z on weekdays, from Wednesday 10:00Z.
    assert_eq!(review.clocks[0].due, Some(at("06-10T10:00")));
    assert_eq!(story.effects.iter().map(|e| e.what.clone()).collect::<Vec<_>>(), [link(false)]);
    assert_eq!(review.pending.values().map(|p| p.kind).collect::<Vec<_>>(), [PendingKind::Submit]);
}

#[test]
fn a_command_to_a_review_that_does_not_exist_is_refused() {
    Story::under(crate::policy::samples::policy()).when(Command::Publish).refused_as("UNKNOWN_RESOURCE");
}

#[test]
fn opening_it_again_changes_nothing() {
    Story::review(Priority::P1).when(again()).then(&[]);
}

#[test]
fn publishing_names_everything_that_is_missing() {
    let story = written(Priority::P3).when(edit(Section::Lessons, "")).then(&["SectionEdited"]);
    let item = Command::AddActionItem {
        title: "alarm".to_owned(),
        description: String::new(),
        owner: None,
        due: None,
    };
    let missing = ["LESSONS", "MEETING", "ACTION_ITEM_1_OWNER", "ACTION_ITEM_1_DUE"];
    let missing = missing.map(str::to_owned).to_vec();
    story.when(item).when(Command::Publish).refused(Refusal::ReviewIncomplete { missing });
}

#[test]
fn a_waived_section_may_stay_empty_and_items_fill_the_actions() {
    let story = written(Priority::P3).when(edit(Section::Lucky, "")).when(edit(Section::Actions, ""));
    let waive = |reason: &str| Command::WaiveSection { section: Section::Lucky, reason: reason.to_owned() };
    let story = story.when(waive("")).refused_as("REASON_REQUIRED").when(waive("we were not"));
    let item = Command::AddActionItem {
        title: "alarm".to_owned(),
        description: String::new(),
        owner: Some("bo".into()),
        due: Some(at("06-10T10:00")),
    };
    story.when(item).when(waive_meeting()).when(Command::Publish).then(&["ReviewPublished"]);
}

#[test]
fn publishing_stops_the_clock_and_forbids_the_reopening() {
    let story = published(Priority::P1).then(&["ReviewPublished", "SlaStopped"]);
    assert_eq!(story.effects.iter().map(|e| e.what.clone()).collect::<Vec<_>>(), [link(true)]);
    assert_eq!(story.review_state().clocks[0].state, ClockState::Met);
    assert_eq!(story.next_wake(), None);
}

#[test]
fn a_published_review_is_frozen_and_can_only_be_amended() {
    let amend = || Command::Amend { text: "one more thing".to_owned() };
    let story =
        written(Priority::P3).when(amend()).refused(Refusal::ReviewState { state: "DRAFT".to_owned() });
    let story = story.when(waive_meeting()).when(Command::Publish).when(amend()).then(&["ReviewAmended"]);
    let story = story.when(edit(Section::Summary, "no")).refused(Refusal::ReviewPublished);
    let story = story.when(Command::Redraft { sections: Vec::new() }).refused(Refusal::ReviewPublished);
    story.when(Command::Publish).refused(Refusal::ReviewPublished).when(Command::Wait).then(&[]);
}

#[test]
fn a_meeting_was_held_by_people_and_not_in_the_future() {
    let meet = |held_at, attendees: &[&str]| Command::RecordMeeting {
        held_at: at(held_at),
        attendees: attendees.iter().map(|a| (*a).into()).collect(),
        notes: String::new(),
    };
    let story = Story::review(Priority::P3).when(meet("10:01", &["bo"])).refused_as("INVALID_FIELD");
    let story = story.when(meet("10:00", &[])).refused_as("INVALID_FIELD");
    let story = story.when(meet("10:00", &["zoe"])).refused_as("UNKNOWN_RESOURCE");
    let story = story.when(meet("10:00", &["bo", "chi"])).then(&["MeetingRecorded"]);
    let review = story.review_state();
    assert_eq!(review.phase, Phase::MeetingHeld);
    assert!(matches!(&review.meeting, Some(Meeting::Held { attendees, .. }) if attendees.len() == 2));
}

#[test]
fn drafting_anew_never_overwrites_what_people_wrote() {
    let draft = |text: &str| Command::Redraft {
        sections: vec![(Section::Summary, text.to_owned()), (Section::Impact, text.to_owned())],
    };
    let story = Story::review(Priority::P3).when(draft("first")).then(&["ReviewRedrafted"]);
    let story = story.when(edit(Section::Summary, "mine")).when(draft("second")).then(&["ReviewRedrafted"]);
    let text = |story: &Story, section| story.review_state().sections[&section].text().to_owned();
    assert_eq!(
        (text(&story, Section::Summary), text(&story, Section::Impact)),
        ("mine".into(), "second".into())
    );
    let story =
        story.when(draft("second")).then(&[]).when(edit(Section::Summary, "")).then(&["SectionEdited"]);
    assert_eq!(text(&story, Section::Summary), "second");
}

#[test]
fn reopening_the_incident_makes_the_review_wait_and_the_next_resolve_starts_a_new_cycle() {
    let story = Story::review(Priority::P1).when(Command::Wait).then(&["SlaCancelled", "ReviewPutToWait"]);
    let waiting = Refusal::ReviewState { state: "WAITING".to_owned() };
    let story = story.when(Command::Publish).refused(waiting).when(Command::Wait).then(&[]);
    let story = story.at("11:00").when(again()).then(&["ReviewResumed", "SlaStarted"]);
    let names: Vec<String> = story.review_state().clocks.iter().map(|c| c.name()).collect();
    assert_eq!(names, ["review.1", "review.2"]);
    assert_eq!(story.review_state().clocks[1].start, at("11:00"));
}

#[test]
fn a_breach_is_recorded_before_the_command_that_comes_with_it() {
    let story = written(Priority::P1).when(waive_meeting()).at("06-10T10:00").when(Command::Publish);
    let marks = ["SlaWarned", "SlaWarned", "SlaWarned", "SlaBreached"];
    let story = story.then(&[&marks[..], &["ReviewPublished", "SlaStopped"]].concat());
    assert_eq!(story.review_state().clocks[0].state, ClockState::Breached);
}

#[test]
fn a_breach_is_excused_and_stays_one() {
    let excuse = |reason: &str| Command::ExcuseReviewBreach {
        clock: "review.1".to_owned(),
        reason: reason.to_owned(),
    };
    let early = Story::review(Priority::P1).when(excuse("the office was closed"));
    early.refused_as("CLOCK_NOT_BREACHED");
    let story = Story::review(Priority::P1).at("06-15T10:00").when(Command::TickReview);
    let story = story.when(excuse("the office was closed")).then(&["SlaExcused"]);
    let clock = &story.review_state().clocks[0];
    assert_eq!((clock.excuse.as_deref(), clock.breached.is_some()), (Some("the office was closed"), true));
    let story = story.when(excuse("the office was closed")).then(&[]);
    story.when(excuse("it flooded")).then(&["SlaExcused"]).when(excuse(" ")).refused_as("REASON_REQUIRED");
}

#[test]
fn three_quarters_are_told_to_the_lead_and_recorded_once() {
    // 20 and 30 of 40 office hours from Wednesday 10:00Z.
    let story = Story::review(Priority::P1).by("system").at("06-08T08:59").when(Command::TickReview);
    let story = story.then(&["SlaWarned"]).at("06-09T07:59").when(Command::TickReview).then(&[]);
    let story = story.at("06-09T08:00").when(Command::TickReview).then(&["SlaWarned", "Notified"]);
    let notified = ReviewEvent::Notified {
        about: Notice::SlaWarned { clock: "review.1".to_owned(), percent: 75 },
        people: vec![NoticeTo { person: "ana".into(), channel: "email".into() }],
    };
    story.then_event(notified).when(Command::TickReview).then(&[]);
}

#[test]
fn a_review_nobody_works_on_is_remembered_every_week() {
    let story = Story::review(Priority::P3).by("system");
    assert_eq!(story.next_wake(), Some(at("06-10T10:00")));
    let story = story.at("06-10T10:00").when(Command::TickReview).then(&["ReviewReminded", "Notified"]);
    assert_eq!(story.next_wake(), Some(at("06-17T10:00")));
    // Four weeks without a tick are one reminder.
    let story = story.at("07-15T12:00").when(Command::TickReview).then(&["ReviewReminded", "Notified"]);
    assert_eq!(story.next_wake(), Some(at("07-22T10:00")));
}

#[test]
fn a_settled_effect_is_not_pending_any_more() {
    let delivered = || Command::RecordReviewDelivery {
        effect: "1.0".to_owned(),
        attempt: 1,
        outcome: incident::event::DeliveryOutcome::Sent,
        detail: String::new(),
    };
    let story = Story::review(Priority::P3).by("system").when(delivered()).then(&["DeliveryRecorded"]);
    assert!(story.review_state().pending.is_empty());
    story.when(delivered()).then(&[]);
}

#[test]
fn reviews_and_incidents_read_back_as_what_they_are() {
    let review = Story::review(Priority::P1);
    let incident = Story::incident(incident::kinds::Phase::Active, Priority::P1);
    let text = serde_json::to_string(&review.state).unwrap();
    let read = serde_json::from_str(&text).map(Instance::Review);
    assert_eq!(Some(read.unwrap()), review.state);
    let text = serde_json::to_string(&incident.state).unwrap();
    let read = serde_json::from_str(&text).map(Instance::Incident);
    assert_eq!(Some(read.unwrap()), incident.state);
    let open = instance::Command::Review(again());
    let flat = [Command::Wait, Command::Publish, Command::TickReview].map(instance::Command::Review);
    for command in flat.into_iter().chain([open]) {
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<instance::Command>(&text).unwrap(), command, "{text}");
    }
    let event = instance::Event::from(ReviewEvent::ReviewPublished);
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<instance::Event>(&text).unwrap(), event);
    assert_eq!(
        (event.name().as_str(), text.as_str()),
        ("ReviewPublished", r#"{"review":"ReviewPublished"}"#)
    );
}
