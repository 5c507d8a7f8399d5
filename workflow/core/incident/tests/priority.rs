//! What a change of priority or service does to paging and to the acknowledgement.

use crate::incident::command::{Command, Triage};
use crate::incident::kinds::Priority;
use crate::policy::document::Document;
use crate::testing::{Story, at};

fn paging(priority: Priority) -> Story {
    Story::where_policy(|p| p.sla.clear()).paging(priority)
}

fn set(priority: Priority) -> Command {
    Command::SetPriority { priority, reason: "the boss calls".to_owned() }
}

#[test]
fn raised_to_an_urgent_one_the_urgent_rules_replace_the_running_ones() {
    let story = paging(Priority::P3).until("10:01").forget().when(set(Priority::P1));
    story.until("10:04").paged(&["10:01 ana push", "10:02 ana sms", "10:04 ana voice"]);
}

#[test]
fn raised_the_next_level_comes_no_later_than_the_level_s_delay_from_now() {
    let long = |p: &mut Document| {
        p.sla.clear();
        let shop = p.escalation_policies.get_mut("shop").unwrap();
        shop.levels[0].delay = crate::time::Duration::hours(1);
    };
    let story = Story::where_policy(long).paging(Priority::P3).until("10:10").when(set(Priority::P2));
    assert_eq!(story.incident_state().escalation.as_ref().unwrap().due, Some(at("11:00")));
}

#[test]
fn lowered_dues_stay_and_steps_not_taken_follow_the_new_rules() {
    let story = paging(Priority::P1).until("10:00").forget().when(set(Priority::P3)).until("10:05");
    // ana's normal rule has a push after five minutes; her urgent sms and voice are off.
    story.paged(&["10:05 bo push", "10:05 ana push"]);
}

#[test]
fn another_escalation_policy_starts_at_level_one_at_once() {
    let story = paging(Priority::P3).until("10:06").forget().when(set(Priority::P4));
    let story = story.called(&["10:06 ana"]);
    assert_eq!(story.incident_state().escalation.as_ref().unwrap().policy, "shop-low".into());
}

#[test]
fn another_service_has_all_these_consequences() {
    let service = Some("front-desk".into());
    let move_on = Command::Triage(Box::new(Triage { service, ..Triage::default() }));
    let story = paging(Priority::P2).until("10:06").forget().when(move_on).called(&["10:06 gus"]);
    assert_eq!(story.incident_state().team, "desk".into());
}

#[test]
fn lowered_to_what_pages_nobody_it_goes_on_until_it_is_acknowledged() {
    let same = |p: &mut Document| {
        p.sla.clear();
        let checkout = p.services.get_mut("checkout").unwrap();
        checkout.escalation.clear();
        checkout.escalation.insert("default".into(), "shop".into());
    };
    let story = Story::where_policy(same).paging(Priority::P3).forget().when(set(Priority::P5));
    let story = story.until("10:05").called(&["10:05 bo"]).when(Command::Acknowledge);
    assert_eq!(story.incident_state().ack_expires_at(), None);
}

#[test]
fn raised_from_what_pages_nobody_it_is_released_and_starts_after_the_grace() {
    let story = Story::where_policy(|p| p.sla.clear()).fires("a", "info").at("10:07").when(set(Priority::P2));
    story.called(&["10:07 ana"]).happened("10:07 Released");
}

#[test]
fn deferred_paging_starts_when_a_raise_says_so() {
    let same = |p: &mut Document| {
        p.sla.clear();
        let checkout = p.services.get_mut("checkout").unwrap();
        checkout.escalation.clear();
        checkout.escalation.insert("default".into(), "shop-low".into());
    };
    let story = Story::where_policy(same).at("20:00").paging(Priority::P4).called(&[]);
    story.at("20:10").when(set(Priority::P3)).called(&["20:10 ana"]);
}

#[test]
fn an_acknowledgement_is_kept_and_its_time_recomputed() {
    let story = paging(Priority::P3).when(Command::Acknowledge);
    assert_eq!(story.incident_state().ack_expires_at(), Some(at("14:00")));
    let story = story.at("12:00").when(set(Priority::P1));
    assert!(story.incident_state().ack.is_some());
    assert_eq!(story.incident_state().ack_expires_at(), Some(at("12:30")));
    // No activity of anybody: what would have ended already lasts five minutes more.
    let story = paging(Priority::P3).when(Command::Acknowledge).at("12:00").by("bots/sorter");
    let story = story.when(set(Priority::P1));
    assert_eq!(story.incident_state().ack_expires_at(), Some(at("12:05")));
}

#[test]
fn a_signal_only_raises_and_takes_an_acknowledgement_back_for_the_urgent() {
    let story = paging(Priority::P3).when(Command::Acknowledge).at("10:03").forget();
    let story = story.fires("b", "critical").called(&["10:03 ana"]);
    assert_eq!(story.incident_state().priority, Priority::P1);
    assert!(story.incident_state().ack.is_none());
    let story = story.fires("c", "warning");
    assert_eq!(story.incident_state().priority, Priority::P1);
}

#[test]
fn a_raise_to_a_normal_priority_keeps_the_acknowledgement() {
    let story = paging(Priority::P4).when(Command::Acknowledge).fires("b", "warning");
    assert_eq!(story.incident_state().priority, Priority::P3);
    assert!(story.incident_state().ack.is_some());
}

#[test]
fn triage_by_the_matrix_needs_no_reason() {
    let urgency = Some(crate::incident::kinds::Level3::Low);
    let lower = Command::Triage(Box::new(Triage { urgency, ..Triage::default() }));
    let story = paging(Priority::P1).when(lower);
    assert_eq!(story.incident_state().priority, Priority::P3);
}

#[test]
fn a_priority_stated_with_a_triage_needs_a_reason_where_the_matrix_says_otherwise() {
    let state = |reason: &str| {
        let (priority, reason) = (Some(Priority::P4), reason.to_owned());
        Command::Triage(Box::new(Triage { priority, reason, ..Triage::default() }))
    };
    let story = paging(Priority::P1).when(state("")).refused_as("REASON_REQUIRED");
    let story = story.when(state("one till of nine"));
    assert_eq!(story.incident_state().priority, Priority::P4);
}

#[test]
fn a_person_names_and_labels_it_anew() {
    let labels =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let name = |title: &str, pairs: &[(&str, &str)]| {
        let (title, description) = (Some(title.to_owned()), Some("both shops".to_owned()));
        Command::Triage(Box::new(Triage { title, description, labels: labels(pairs), ..Triage::default() }))
    };
    let story = paging(Priority::P1).when(name("tills hang", &[("env", "prod"), ("severity", "")]));
    let state = story.incident_state();
    assert_eq!((state.title.as_str(), state.description.as_str()), ("tills hang", "both shops"));
    assert_eq!(state.labels.get("env").map(String::as_str), Some("prod"));
    assert!(!state.labels.contains_key("severity"));

    let story = story.when(name(" ", &[])).refused_as("INVALID_FIELD");
    let many: Vec<String> = (0..70).map(|n| format!("l{n}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "x")).collect();
    story.when(name("tills", &many)).refused_as("LIMIT_REACHED");
}

#[test]
fn all_that_stands_against_a_triage_is_named_in_order() {
    let wanted = Triage {
        category: Some("weather".to_owned()),
        service: Some("nowhere".into()),
        priority: Some(Priority::P5),
        ..Triage::default()
    };
    let story = paging(Priority::P1).when(Command::Triage(Box::new(wanted)));
    story.refused_for_all(&["UNKNOWN_RESOURCE", "UNKNOWN_RESOURCE", "REASON_REQUIRED"]);
}
