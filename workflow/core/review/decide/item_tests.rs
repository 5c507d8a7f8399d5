//! Action items: their ends, their clocks and who is told when.

use crate::incident::event::{Notice, NoticeTo};
use crate::incident::kinds::{ClockState, Priority};
use crate::instance::Answer;
use crate::refusal::Refusal;
use crate::review::state::{ItemState, Reminder, Stage};
use crate::review::{Command, ReviewEvent, Section};
use crate::testing::{Story, at};

fn add(due: Option<&str>) -> Command {
    Command::AddActionItem {
        title: "alarm on the pool".to_owned(),
        description: String::new(),
        owner: Some("bo".into()),
        due: due.map(at),
    }
}

fn change(state: Option<ItemState>, due: Option<&str>) -> Command {
    Command::UpdateActionItem { n: 1, state, title: None, owner: None, due: due.map(at) }
}

fn done(evidence: &str) -> Option<ItemState> {
    Some(ItemState::Done { evidence: evidence.to_owned() })
}

fn reminder(story: &Story) -> Option<Reminder> {
    story.review_state().items[&1].reminder
}

fn told(about: Notice, people: &[(&str, &str)]) -> ReviewEvent {
    let to =
        |(person, channel): &(&str, &str)| NoticeTo { person: (*person).into(), channel: (*channel).into() };
    ReviewEvent::Notified { about, people: people.iter().map(to).collect() }
}

/// A review without a clock of its own, so that only the items speak. Its author is chi.
fn review() -> Story {
    let mut story = Story::review(Priority::P3);
    if let Some(crate::instance::Instance::Review(review)) = &mut story.state {
        review.author = Some("chi".into());
    }
    story
}

#[test]
fn an_action_item_gets_a_number_a_clock_and_a_reminder() {
    // From Wednesday 10:00Z to Friday 10:00Z are 16 office hours; 12 of them are over on Thursday 14:00Z.
    let story = review().when(add(Some("06-05T10:00"))).then(&["ActionItemAdded", "SlaStarted"]);
    assert_eq!(story.answer, Answer::Added(1));
    assert_eq!(reminder(&story), Some(Reminder { at: at("06-04T14:00"), stage: Stage::Warning }));
    let clock = story.review_state().items[&1].clock.clone().unwrap();
    assert_eq!((clock.name().as_str(), clock.due), ("action.1", Some(at("06-05T10:00"))));
}

#[test]
fn owner_then_lead_then_lead_and_author_are_told_and_every_week_again() {
    let due = |percent| Notice::ActionItemDue { item: 1, percent };
    let overdue = || Notice::ActionItemOverdue { item: 1 };
    let story = review().when(add(Some("06-05T10:00"))).by("system");
    let story =
        story.at("06-04T14:00").when(Command::TickReview).then_event(told(due(75), &[("bo", "push")]));
    let story =
        story.at("06-05T10:00").when(Command::TickReview).then_event(told(due(100), &[("bo", "push")]));
    let story =
        story.at("06-08T10:00").when(Command::TickReview).then_event(told(overdue(), &[("ana", "email")]));
    let both = [("ana", "email"), ("chi", "email")];
    let story = story.at("06-12T10:00").when(Command::TickReview).then_event(told(overdue(), &both));
    let story = story.when(Command::TickReview).then(&[]);
    let story = story.at("06-19T10:00").when(Command::TickReview).then_event(told(overdue(), &both));
    assert_eq!(reminder(&story), Some(Reminder { at: at("06-26T10:00"), stage: Stage::Weekly }));
}

#[test]
fn notices_wait_until_the_office_is_open() {
    // Saturday noon is Monday 07:00Z for the team.
    let story =
        review().when(add(Some("06-06T12:00"))).by("system").at("06-05T14:00").when(Command::TickReview);
    assert_eq!(reminder(&story), Some(Reminder { at: at("06-08T07:00"), stage: Stage::Due }));
}

#[test]
fn done_needs_evidence_stops_the_clock_and_ends_the_reminders() {
    let story =
        review().when(add(Some("06-05T10:00"))).when(change(done(""), None)).refused_as("INVALID_FIELD");
    let story = story.when(change(done("merged"), None)).then(&["ActionItemChanged", "SlaStopped"]);
    let item = &story.review_state().items[&1];
    assert_eq!(item.clock.as_ref().map(|c| c.state), Some(ClockState::Met));
    assert_eq!((item.reminder, item.ended_at), (None, Some(at("10:00"))));
    story.when(change(Some(ItemState::Open), None)).refused_as("WRONG_STATE");
}

#[test]
fn only_the_team_lead_declines() {
    let declined = || change(Some(ItemState::Declined { reason: "too dear".to_owned() }), None);
    let story = review().when(add(None)).by("bo").when(declined());
    let story = story.refused(Refusal::NotYours { allowed: "people/ana".to_owned() });
    story.by("ana").when(declined()).then(&["ActionItemChanged"]);
}

#[test]
fn a_moved_due_instant_moves_the_reminder_and_the_clock() {
    let story = review().when(add(Some("06-05T10:00"))).when(change(None, Some("06-09T10:00")));
    let story = story.then(&["ActionItemChanged", "SlaStarted"]);
    // 24 of 32 office hours from Wednesday 10:00Z.
    assert_eq!(reminder(&story), Some(Reminder { at: at("06-08T10:00"), stage: Stage::Warning }));
    let clock = story.review_state().items[&1].clock.clone().unwrap();
    assert_eq!(clock.due, Some(at("06-09T10:00")));
    story.when(change(None, Some("06-09T10:00"))).then(&[]);
}

#[test]
fn a_breach_is_not_taken_back_by_a_later_due_instant() {
    let story =
        review().when(add(Some("06-05T10:00"))).at("06-05T11:00").when(change(None, Some("06-30T10:00")));
    let clock = story.review_state().items[&1].clock.clone().unwrap();
    assert_eq!(clock.breached, Some(at("06-05T10:00")));
}

#[test]
fn a_published_review_lives_until_its_items_have_ended() {
    let story = review().when(add(Some("06-05T10:00")));
    let written = Section::ALL.iter().fold(story, |story, section| {
        story.when(Command::EditSection { section: *section, text: "said".to_owned() })
    });
    let story = written.when(Command::WaiveMeeting { reason: "small".to_owned() }).when(Command::Publish);
    let story = story.then(&["ReviewPublished"]);
    assert!(story.next_wake().is_some());
    let bare = Command::AddActionItem {
        title: "more".to_owned(),
        description: String::new(),
        owner: None,
        due: Some(at("06-09T10:00")),
    };
    let story = story.when(bare).refused_as("INVALID_FIELD");
    let story = story.when(change(done("merged"), None));
    assert_eq!(story.next_wake(), None);
}
