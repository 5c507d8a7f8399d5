//! Alerts that other alerts hold back: who is not paged, and from when on somebody is again. Which alert inhibits which is
//! told elsewhere.

use crate::incident::command::Command;
use crate::incident::heard::Outcome;
use crate::incident::kinds::{Phase, Priority, SuppressReason};
use crate::inhibition::Inhibited;
use crate::policy::samples;
use crate::testing::Story;

const INHIBITED: Outcome = Outcome::Suppressed(SuppressReason::Inhibited);

fn suppressed(story: &Story) -> Option<SuppressReason> {
    story.incident_state().suppressed.as_ref().map(|s| s.reason)
}

fn by(rule: &str) -> Inhibited {
    Inhibited { rule: rule.into(), source: "prom:eu".to_owned(), incident: "inc-7".into() }
}

/// Nothing is open yet; alerts that come are inhibited by these.
fn under(rules: &[&str]) -> Story {
    let mut story = Story::under(samples::policy());
    story.inhibited = rules.iter().map(|rule| by(rule)).collect();
    story
}

/// The alert hears what inhibits it now.
fn now_by(story: Story, rules: &[&str]) -> Story {
    let inhibited = vec![(1, rules.iter().map(|rule| by(rule)).collect())];
    story.when(Command::Recheck { labels: Vec::new(), inhibited })
}

#[test]
fn an_inhibited_alert_opens_an_incident_that_pages_nobody_until_nothing_inhibits_it() {
    let story = under(&["region-down"]).fires("a", "critical");
    assert_eq!(story.heard().outcome, INHIBITED);
    assert_eq!(story.incident_state().alerts[&1].inhibited, [by("region-down")]);
    let story = story.until("11:00").called(&[]);
    assert!(story.incident_state().clocks.is_empty(), "no clock runs while nobody can know");
    let story = now_by(story, &[]).happened("11:00 AlertUnmarked").happened("11:00 Released");
    let story = story.called(&["11:00 ana"]);
    assert!(story.incident_state().clocks.iter().all(|c| c.start == story.now()));
}

#[test]
fn of_two_inhibitions_the_last_one_to_end_counts() {
    let story = now_by(under(&["a", "b"]).fires("a", "critical").at("10:10"), &["b"]).called(&[]);
    assert_eq!(suppressed(&story), Some(SuppressReason::Inhibited));
    now_by(story.at("10:20"), &[]).called(&["10:20 ana"]);
}

#[test]
fn a_source_that_comes_later_takes_the_pages_back_and_stops_no_clock() {
    let story = Story::under(samples::policy()).paging(Priority::P1).until("10:02");
    let clocks = story.incident_state().clocks.clone();
    let story = now_by(story, &["region-down"]).forget();
    assert_eq!(suppressed(&story), Some(SuppressReason::Inhibited));
    assert_eq!(story.incident_state().clocks, clocks);
    assert!(story.state.as_ref().unwrap().pending().is_empty());
    now_by(story.until("10:03").called(&[]), &[]).called(&["10:03 ana"]);
}

#[test]
fn what_is_silenced_too_stays_held_back_when_one_of_both_ends() {
    let story = under(&["region-down"]).silenced(7, "checkout", "12:00").fires("a", "critical").at("10:10");
    assert_eq!(suppressed(&story), Some(SuppressReason::Silenced));
    let silenced = now_by(story, &[]).called(&[]);
    assert_eq!(suppressed(&silenced), Some(SuppressReason::Silenced));
    silenced.until("12:00").called(&["12:00 ana"]);

    let story = under(&["region-down"]).silenced(7, "checkout", "10:30").fires("a", "critical");
    let story = story.until("10:40").called(&[]);
    assert_eq!(suppressed(&story), Some(SuppressReason::Inhibited));
    now_by(story, &[]).called(&["10:40 ana"]);
}

#[test]
fn a_person_overrules_an_inhibition_but_not_the_next_one() {
    let story = under(&["a"]).fires("a", "critical").at("10:10").forget();
    let story = story.when(Command::Release { note: "look at it".to_owned() }).called(&["10:10 ana"]);
    let story = now_by(story, &["a"]);
    assert_eq!(suppressed(&story), None, "the same inhibition does not mark it again");
    let story = now_by(story, &["a", "b"]);
    assert_eq!(suppressed(&story), Some(SuppressReason::Inhibited), "a new one does");
    let story = now_by(now_by(story, &[]), &["a"]);
    assert_eq!(suppressed(&story), Some(SuppressReason::Inhibited), "as does one that had ended");
}

#[test]
fn a_report_is_heard_through_every_inhibition() {
    let story = under(&["a"]).fires("a", "critical").at("10:10").forget();
    story.hears(samples::report("it hurts")).called(&["10:10 ana"]);
}

#[test]
fn what_fires_again_is_judged_anew() {
    let story = Story::where_policy(|p| p.sla.clear()).paging(Priority::P1);
    let mut story = now_by(story, &["a"]).at("10:05").clears("a");
    assert_eq!(suppressed(&story), Some(SuppressReason::Cleared));
    story.inhibited = vec![by("b")];
    let mut story = story.at("10:06").forget().fires("a", "critical").called(&[]);
    assert_eq!(story.incident_state().alerts[&1].inhibited, [by("b")]);
    story.inhibited.clear();
    let story = story.at("10:07").clears("a").at("10:08").forget().fires("a", "critical");
    let story = story.called(&["10:08 ana"]).is(Phase::Active);
    assert!(story.incident_state().alerts[&1].inhibited.is_empty());
}
