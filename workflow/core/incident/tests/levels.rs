//! Whom a level reaches: conditions, several targets, turns, everyone's acknowledgement, fallback and last resort.

use crate::incident::command::Command;
use crate::incident::kinds::Priority;
use crate::policy::document::{AckMode, Document, EscalationSpec, Target, When};
use crate::testing::Story;

fn shop(p: &mut Document) -> &mut EscalationSpec {
    p.sla.clear();
    p.escalation_policies.get_mut("shop").unwrap()
}

fn people(names: &[&str]) -> Vec<Target> {
    names.iter().map(|n| Target::Person((*n).into())).collect()
}

fn paging(change: impl FnOnce(&mut EscalationSpec)) -> Story {
    Story::where_policy(|p| change(shop(p))).paging(Priority::P1)
}

#[test]
fn all_targets_of_a_level_are_paged_at_once_and_nobody_twice() {
    let story = paging(|s| {
        s.levels[0].targets = people(&["bo", "ana", "bo"]);
        s.levels[0].targets.push(Target::Team("shop".into()));
    });
    story.called(&["10:00 bo", "10:00 ana", "10:00 chi"]);
}

#[test]
fn a_level_holds_only_under_its_condition() {
    let closed = |s: &mut EscalationSpec| {
        s.levels[0].when = Some(When { closed: Some("office".into()), ..When::default() });
    };
    paging(closed).called(&["10:00 bo"]).happened("10:00 LevelSkipped");
    let open = |s: &mut EscalationSpec| {
        s.levels[0].when = Some(When { open: Some("office".into()), ..When::default() });
    };
    paging(open).called(&["10:00 ana"]);
}

#[test]
fn a_round_that_reaches_nobody_pages_the_fallback_at_once() {
    let story = paging(|s| {
        for level in &mut s.levels {
            level.when = Some(When { priorities: vec![Priority::P4], ..When::default() });
        }
    });
    story.called(&["10:00 gus", "10:00 hal"]);
}

#[test]
fn a_fallback_that_reaches_nobody_leaves_the_last_resort() {
    let story = Story::where_policy(|p| {
        let s = shop(p);
        for level in &mut s.levels {
            level.when = Some(When { priorities: vec![Priority::P4], ..When::default() });
        }
        s.fallback = people(&["hal"]);
        p.people.get_mut("hal").unwrap().urgent.clear();
    });
    story.paging(Priority::P1).called(&["10:00 ana", "10:00 gus"]);
}

#[test]
fn nobody_on_call_is_said_and_takes_no_time() {
    let story = Story::where_policy(|p| {
        shop(p);
        let layers = &mut p.schedules.get_mut("shop-primary").unwrap().layers;
        layers.remove(0);
    });
    story.paging(Priority::P1).called(&["10:00 bo"]).happened("10:00 NobodyOnCall");
}

#[test]
fn turns_go_around_by_incident_and_by_round() {
    let robin = |s: &mut EscalationSpec| {
        s.levels.truncate(1);
        s.levels[0].targets = people(&["ana", "bo", "chi"]);
        s.levels[0].round_robin = true;
    };
    let mut story = Story::where_policy(|p| robin(shop(p)));
    story.ordinal = 1;
    story.paging(Priority::P1).until("10:05").called(&["10:00 bo", "10:05 chi"]);
}

#[test]
fn a_turn_passes_over_who_cannot_be_reached() {
    let mut story = Story::where_policy(|p| {
        let s = shop(p);
        s.levels.truncate(1);
        s.levels[0].targets = people(&["ana", "bo", "chi"]);
        s.levels[0].round_robin = true;
        p.people.get_mut("bo").unwrap().urgent.clear();
    });
    story.ordinal = 1;
    story.paging(Priority::P1).called(&["10:00 chi"]);
}

fn everyone(s: &mut EscalationSpec) {
    s.levels[0].targets = people(&["ana", "bo"]);
    s.levels[0].ack = AckMode::All;
}

#[test]
fn a_level_of_all_waits_for_everyone() {
    let story = paging(everyone).when(Command::Acknowledge);
    assert!(story.incident_state().ack.is_none());
    // Her own steps are over, his go on, and so does the escalation.
    let story = story.forget().until("10:02").paged(&["10:02 bo voice"]);
    let story = story.by("bo").when(Command::Acknowledge);
    assert!(story.incident_state().ack.is_some());
}

#[test]
fn a_part_of_an_acknowledgement_is_given_once() {
    let story = paging(everyone).when(Command::Acknowledge).when(Command::Acknowledge);
    story.then_names(&[]);
}

#[test]
fn somebody_of_a_level_of_any_acknowledges_for_all() {
    let story = paging(|s| {
        everyone(s);
        s.levels[1].targets = people(&["chi"]);
    });
    let story = story.when(Command::Acknowledge).until("10:05").by("chi").when(Command::Acknowledge);
    assert!(story.incident_state().ack.is_some());
}

#[test]
fn who_could_answer_alone_still_can_when_a_level_of_all_pages_them_too() {
    let story = paging(|s| {
        s.levels[1].targets = people(&["ana", "bo"]);
        s.levels[1].ack = AckMode::All;
    });
    let story = story.until("10:06").when(Command::Acknowledge);
    assert!(story.incident_state().ack.is_some());
}

#[test]
fn a_person_who_left_is_never_paged() {
    let story = Story::where_policy(|p| shop(p).levels[0].targets = people(&["hal", "bo"]));
    let mut story = story;
    story.newest_without("hal");
    story.paging(Priority::P1).happened("10:00 TargetGone").called(&["10:00 bo"]);
}

#[test]
fn exhaustion_pages_the_fallback_and_reminds_while_nobody_answers() {
    let story = paging(|s| {
        s.repeat = 0;
        s.levels.truncate(1);
        s.remind_every = crate::time::Duration::minutes(30);
    });
    let story = story.until("10:40").called(&[
        "10:00 ana",
        "10:05 gus",
        "10:05 hal",
        "10:35 ana",
        "10:35 gus",
        "10:35 hal",
    ]);
    story.when(Command::Acknowledge).forget().until("11:00").called(&[]);
}

#[test]
fn without_any_escalation_policy_the_last_resort_is_reminded() {
    let story = Story::where_policy(|p| {
        p.sla.clear();
        let checkout = p.services.get_mut("checkout").unwrap();
        checkout.escalation = ["P1", "P2", "P3", "P4"].map(|p| (p.into(), "shop".into())).into();
    });
    // Nobody is to be paged for a P5, unless a person wants it so.
    let story = story.paging(Priority::P5).until("11:00");
    story.called(&["10:00 ana", "10:00 gus", "11:00 ana", "11:00 gus"]);
}
