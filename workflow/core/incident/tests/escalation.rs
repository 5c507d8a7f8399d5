//! When levels are called: their instants, late ticks, and everything that starts or restarts the walk.

use crate::incident::command::{Command, Resolve};
use crate::incident::kinds::{Phase, Priority, ResolutionCode};
use crate::incident::state::Assignee;
use crate::policy::document::Document;
use crate::testing::{Story, at, tick};
use crate::time::Duration;

/// Three levels of one person each: 5m, 10m, 15m, twice, after 30 s of grace.
fn example(p: &mut Document) {
    p.sla.clear();
    let shop = p.escalation_policies.get_mut("shop").unwrap();
    shop.grace = Duration::seconds(30);
    for (level, person) in shop.levels.iter_mut().zip(["ana", "bo", "chi"]) {
        level.targets = vec![crate::policy::document::Target::Person(person.into())];
        level.when = None;
    }
}

fn p1() -> Story {
    Story::where_policy(example).paging(Priority::P1)
}

fn escalate(to_level: Option<u32>) -> Command {
    Command::Escalate { expected_level: None, to_level, note: String::new() }
}

fn assign(to: &str, page: bool) -> Command {
    Command::Assign { to: Assignee::Person(to.into()), page }
}

#[test]
fn dues_are_computed_from_dues() {
    p1().until("11:30").called(&[
        "10:00:30 ana",
        "10:05:30 bo",
        "10:15:30 chi",
        "10:30:30 ana",
        "10:35:30 bo",
        "10:45:30 chi",
        "11:00:30 gus",
        "11:00:30 hal",
    ]);
}

#[test]
fn a_tick_some_seconds_late_moves_nothing() {
    let story = p1().until("10:05").at("10:05:48").by("system").when(tick());
    let e = story.incident_state().escalation.as_ref().unwrap();
    assert_eq!((e.level_due, e.due), (Some(at("10:05:30")), Some(at("10:15:30"))));
    story.until("10:40").called(&[
        "10:00:30 ana",
        "10:05:48 bo",
        "10:15:30 chi",
        "10:30:30 ana",
        "10:35:30 bo",
    ]);
}

#[test]
fn after_an_outage_every_due_level_fires_once_and_the_next_round_waits_its_time() {
    let story = p1().at("11:30").by("system").when(tick());
    let story = story.called(&["11:30 ana", "11:30 bo", "11:30 chi"]);
    story.forget().until("11:50").called(&["11:45 ana", "11:50 bo"]);
}

#[test]
fn a_late_tick_pages_each_person_once() {
    let story = Story::where_policy(|p| p.sla.clear()).paging(Priority::P1).at("10:40");
    // ana stands on level 1 and on level 3; her first page was at 10:00, its other steps are long due.
    let story = story.forget().by("system").when(tick());
    let voice = story.pages().iter().filter(|p| p.ends_with("ana push")).count();
    assert_eq!(voice, 1, "{:?}", story.pages());
}

#[test]
fn what_ended_before_a_late_level_was_due_is_not_overtaken_by_it() {
    // The alert's own end lies before level 2, and one tick finds both.
    let mut signal = crate::testing::alert("a", "critical");
    signal.ends_at = Some(at("10:03"));
    let story = Story::where_policy(example).hears(signal).until("10:01");
    let story = story.at("10:06").by("system").when(tick());
    story.called(&["10:00:30 ana"]).happened("10:06 AllCleared");
}

#[test]
fn a_level_that_reaches_nobody_takes_no_time() {
    // Level 3 is for P1 and P2 only: a P3 begins its second round when level 3 would have been due.
    let story = Story::where_policy(|p| p.sla.clear()).paging(Priority::P3).until("10:40");
    let story = story.called(&["10:00 ana", "10:05 bo", "10:15 ana", "10:20 bo", "10:30 gus", "10:30 hal"]);
    story.happened("10:15 LevelSkipped").happened("10:30 EscalationExhausted");
}

#[test]
fn escalation_may_wait_for_opening_hours() {
    // 10:00Z is noon in Berlin; at 20:00Z the office is closed until 07:00Z.
    Story::where_policy(|p| p.sla.clear()).paging(Priority::P4).called(&["10:00 ana"]);
    let story = Story::where_policy(|p| p.sla.clear()).at("20:00").paging(Priority::P4).until("06-04T07:30");
    story.called(&["06-04T07:00 ana"]);
}

#[test]
fn escalating_by_hand_calls_the_next_level_at_once_and_goes_on_from_there() {
    let story = p1().until("10:02").forget().by("bots/overdue").when(escalate(None));
    story.until("10:12").called(&["10:02 bo", "10:12 chi"]);
}

#[test]
fn escalating_takes_an_acknowledgement_back_and_tells_its_holder() {
    let story = p1().until("10:02").when(Command::Acknowledge).at("10:04").by("bo").forget();
    let story = story.when(escalate(Some(3))).called(&["10:04 chi"]);
    assert!(story.incident_state().ack.is_none());
    assert!(story.noticed().contains("ana"));
    story.forget().until("10:20").called(&["10:19 ana"]);
}

#[test]
fn escalating_to_a_level_that_reaches_nobody_reaches_somebody() {
    let story = Story::where_policy(|p| p.sla.clear()).paging(Priority::P3).until("10:06").forget();
    story.when(escalate(None)).called(&["10:06 gus", "10:06 hal"]);
}

#[test]
fn reopening_starts_over_at_level_one_after_the_grace() {
    let resolve = Resolve {
        code: Some(ResolutionCode::Fixed),
        note: "gone".to_owned(),
        recovered_by_itself: true,
        ..Resolve::default()
    };
    let story = p1().until("10:06").clears("a").at("10:30").when(Command::Resolve(Box::new(resolve)));
    let story = story.is(Phase::Resolved).at("11:00").forget();
    let story = story.when(Command::Reopen { reason: "still broken".to_owned() }).until("11:06");
    // A person says that it is not over: that every alert is clear does not silence it again.
    story.called(&["11:00:30 ana", "11:05:30 bo"]);
}

#[test]
fn a_release_of_what_was_paged_before_calls_the_level_reached() {
    let story = p1().until("10:06").clears("a").forget().until("10:08").fires("a", "critical");
    story.called(&["10:08 bo"]);
}

#[test]
fn a_person_releases_what_cleared() {
    let story = p1().until("10:06").clears("a").forget().until("10:08");
    let story = story.when(Command::Release { note: "not over".to_owned() });
    story.called(&["10:08 bo"]).until("12:00").is(Phase::Active);
}

#[test]
fn a_first_release_begins_at_level_one_after_the_grace() {
    let story = Story::where_policy(example).fires("a", "error").called(&[]);
    story.until("10:03").happened("10:02 Released").called(&["10:02:30 ana"]);
}

#[test]
fn assigning_a_person_pages_only_them_and_then_the_level_after() {
    let story = p1().until("10:01").forget().when(assign("hal", true));
    let story = story.called(&["10:01 hal"]).forget().until("10:07");
    story.called(&["10:06 bo"]);
}

#[test]
fn assigning_without_paging_or_while_suppressed_only_records() {
    let story = p1().until("10:01").forget().when(assign("hal", false)).called(&[]);
    assert_eq!(story.incident_state().assignee, Some(Assignee::Person("hal".into())));
    let story = p1().until("10:01").clears("a").forget().when(assign("hal", true)).called(&[]);
    assert_eq!(story.incident_state().assignee, Some(Assignee::Person("hal".into())));
}

#[test]
fn assigning_oneself_is_an_acknowledgement() {
    let story = p1().when(assign("ana", true));
    assert!(story.incident_state().ack.is_some());
}

#[test]
fn a_policy_that_moves_keeps_the_level_by_its_id() {
    let story = p1().until("10:06").policy_becomes(2, |p| {
        example(p);
        let shop = p.escalation_policies.get_mut("shop").unwrap();
        shop.levels.remove(0);
        shop.levels[0].delay = Duration::minutes(20);
    });
    let story = story.when(Command::MovePolicy { to: 2, expected: Some(1) }).forget();
    let e = story.incident_state().escalation.as_ref().unwrap();
    // `secondary` was due at 10:05:30, has 20 minutes now, and is the first level.
    assert_eq!((e.level, e.due), (1, Some(at("10:25:30"))));
    story.until("10:26").called(&["10:25:30 chi"]);
}

#[test]
fn a_policy_that_loses_the_level_goes_back_one_and_keeps_the_instant() {
    let story = p1().until("10:06").policy_becomes(2, |p| {
        example(p);
        p.escalation_policies.get_mut("shop").unwrap().levels.remove(1);
    });
    let story = story.when(Command::MovePolicy { to: 2, expected: None }).forget();
    let e = story.incident_state().escalation.as_ref().unwrap();
    assert_eq!((e.level, e.due), (1, Some(at("10:15:30"))));
    story.until("10:16").called(&["10:15:30 chi"]);
}

#[test]
fn a_policy_without_the_escalation_policy_starts_over_after_the_grace() {
    let story = p1().until("10:06").policy_becomes(2, |p| {
        example(p);
        let shop = p.escalation_policies.remove("shop").unwrap();
        p.escalation_policies.insert("tills".into(), shop);
        let checkout = p.services.get_mut("checkout").unwrap();
        checkout.escalation.insert("default".into(), "tills".into());
    });
    let story = story.forget().when(Command::MovePolicy { to: 2, expected: None });
    story.until("10:07").called(&["10:06:30 ana"]);
}
