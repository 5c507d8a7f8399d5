//! How a person is reached: waits, quiet hours, failed deliveries, nobody left; summonses.

use crate::effect::EffectKind;
use crate::incident::command::Command;
use crate::incident::event::DeliveryOutcome;
use crate::incident::kinds::Priority;
use crate::policy::document::{Document, Target};
use crate::testing::{Story, at};

fn alone(p: &mut Document, person: &str) {
    p.sla.clear();
    let shop = p.escalation_policies.get_mut("shop").unwrap();
    shop.levels[0].targets = vec![Target::Person(person.into())];
}

fn paging(person: &str, priority: Priority) -> Story {
    Story::where_policy(|p| alone(p, person)).paging(priority)
}

/// The page to this person through this channel was given up.
fn failed(story: Story, person: &str, channel: &str) -> Story {
    let key = story.asked.iter().rev().find_map(|(_, e)| match &e.what {
        EffectKind::Page { person: p, channel: c, .. } if p.as_str() == person && c.as_str() == channel => {
            Some(e.key.clone())
        }
        _ => None,
    });
    let effect = key.expect("such a page was asked for");
    let (outcome, detail) = (DeliveryOutcome::Failed, "no route".to_owned());
    story.by("system").when(Command::RecordDelivery { effect, attempt: 6, outcome, detail })
}

#[test]
fn waits_count_from_the_page() {
    paging("ana", Priority::P1).until("10:04").paged(&["10:00 ana push", "10:01 ana sms", "10:03 ana voice"]);
    let normal = paging("ana", Priority::P3).until("10:04");
    normal.paged(&["10:00 ana email"]);
}

#[test]
fn quiet_hours_change_the_list_of_the_less_urgent_only() {
    // 20:30Z is 22:30 in Berlin: bo's quiet hours.
    let late = |priority| Story::where_policy(|p| alone(p, "bo")).at("20:30").paging(priority);
    late(Priority::P3).paged(&["20:30 bo email"]);
    late(Priority::P1).paged(&["20:30 bo push"]);
    paging("bo", Priority::P3).paged(&["10:00 bo push"]);
}

#[test]
fn steps_go_on_when_the_next_level_fires_and_nobody_is_started_twice() {
    let story = Story::where_policy(|p| {
        alone(p, "ana");
        let shop = p.escalation_policies.get_mut("shop").unwrap();
        shop.levels[0].delay = crate::time::Duration::minutes(2);
        shop.levels[1].targets = vec![Target::Person("ana".into()), Target::Person("bo".into())];
    });
    let story = story.paging(Priority::P1).until("10:04");
    story.paged(&["10:00 ana push", "10:01 ana sms", "10:02 bo push", "10:03 ana voice", "10:04 bo voice"]);
}

#[test]
fn a_failed_delivery_brings_the_next_step_forward() {
    let story = failed(paging("ana", Priority::P1).at("10:00:20"), "ana", "push");
    let story = story.paged(&["10:00 ana push", "10:00:20 ana sms"]);
    story.forget().until("10:03").paged(&["10:03 ana voice"]);
}

#[test]
fn when_everyone_of_a_level_is_unreachable_the_next_is_called_at_once() {
    let story = paging("chi", Priority::P1);
    let story = failed(story.at("10:00:20"), "chi", "sms");
    let story = failed(story.at("10:00:40"), "chi", "email").forget();
    let story = story.at("10:00:40");
    assert_eq!(story.incident_state().escalation.as_ref().unwrap().level, 2);
    story.forget().until("10:12").called(&["10:10:40 ana"]);
}

#[test]
fn a_delivery_that_arrived_makes_nobody_unreachable() {
    let story = paging("chi", Priority::P1);
    let (effect, detail) = (story.asked[0].1.key.clone(), String::new());
    let sent = Command::RecordDelivery { effect, attempt: 1, outcome: DeliveryOutcome::Sent, detail };
    let story = story.by("system").when(sent).until("10:01");
    failed(story, "chi", "email").never("PersonUnreachable");
}

#[test]
fn failures_of_an_exhausted_incident_wait_for_the_reminder() {
    let story = Story::where_policy(|p| {
        alone(p, "chi");
        let shop = p.escalation_policies.get_mut("shop").unwrap();
        shop.repeat = 0;
        shop.levels.truncate(1);
        shop.fallback = vec![Target::Person("chi".into())];
    });
    let story = story.paging(Priority::P1).until("10:06");
    let story = failed(failed(story.forget_events(), "chi", "email"), "chi", "sms");
    story.called(&[]).until("11:04").called(&[]);
}

#[test]
fn who_has_no_contact_is_unreachable_and_the_level_takes_no_time() {
    let story = Story::where_policy(|p| {
        alone(p, "hal");
        p.people.get_mut("hal").unwrap().urgent.clear();
    });
    story.paging(Priority::P1).happened("10:00 PersonUnreachable").called(&["10:00 bo"]);
}

#[test]
fn a_page_that_was_withdrawn_and_sent_all_the_same_was_in_flight() {
    let story = paging("ana", Priority::P1);
    let (effect, detail) = (story.asked[0].1.key.clone(), String::new());
    let story = story.when(Command::Acknowledge);
    assert!(story.state.as_ref().unwrap().pending().is_empty(), "nothing is claimed any more");
    let sent = Command::RecordDelivery { effect, attempt: 1, outcome: DeliveryOutcome::Sent, detail };
    story.by("system").when(sent).then_names(&["DeliveryRecorded"]);
}

#[test]
fn a_summons_is_reached_by_the_contact_rule_and_ends_with_the_answer() {
    let summon = Command::Summon { people: vec!["bo".into()], note: String::new() };
    let story = paging("ana", Priority::P1).when(Command::Acknowledge).forget().when(summon);
    let summoned = |s: &Story| {
        let of = |e: &&(_, crate::effect::Effect)| matches!(e.1.what, EffectKind::Summons { .. });
        s.asked.iter().filter(of).count()
    };
    assert_eq!(summoned(&story), 1);
    let e = story.incident_state().escalation.clone();
    let story = story.until("10:02");
    assert_eq!((summoned(&story), story.incident_state().escalation.clone()), (2, e));
    assert_eq!(story.next_wake(), Some(at("10:10")));
    let story = story.by("bo").when(Command::AnswerSummons { accepted: true }).forget().until("10:20");
    assert_eq!(summoned(&story), 0);
    story.never("SummonsReminded");
}

#[test]
fn an_unanswered_summons_is_told_to_the_summoner() {
    let summon = Command::Summon { people: vec!["bo".into()], note: String::new() };
    let story = paging("hal", Priority::P1).when(Command::Acknowledge).when(summon).forget().until("10:10");
    assert!(story.noticed().contains("ana"));
    story.happened("10:10 SummonsReminded");
}
