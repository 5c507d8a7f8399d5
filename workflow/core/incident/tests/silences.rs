//! Alerts that are silenced: who is not paged, and from when on somebody is again.

use crate::incident::command::Command;
use crate::incident::heard::Outcome;
use crate::incident::kinds::{Phase, Priority, ResolutionCode, SuppressReason};
use crate::incident::place::{Known, Placement, place};
use crate::incident::{Incident, Prepared};
use crate::policy::samples;
use crate::testing::{Story, alert};
use crate::triage;

const SILENCED: Outcome = Outcome::Suppressed(SuppressReason::Silenced);

fn suppressed(story: &Story) -> Option<SuppressReason> {
    story.incident_state().suppressed.as_ref().map(|s| s.reason)
}

/// Nothing is open yet; the alert about checkout comes at 10:00.
fn fresh() -> Story {
    Story::under(samples::policy())
}

fn paging() -> Story {
    Story::where_policy(|p| p.sla.clear()).paging(Priority::P1)
}

fn marked(incident: &Incident) -> Vec<(u32, u64)> {
    let alerts = incident.alerts.iter().filter(|(_, a)| a.mark.is_some());
    alerts.flat_map(|(n, a)| a.silenced.iter().map(|s| (*n, s.number))).collect()
}

#[test]
fn a_silenced_alert_opens_an_incident_that_pages_nobody_and_whose_clocks_wait() {
    let story = fresh().silenced(7, "checkout", "12:00").fires("a", "critical");
    assert_eq!(story.heard().outcome, SILENCED);
    assert_eq!(suppressed(&story), Some(SuppressReason::Silenced));
    assert_eq!(marked(story.incident_state()), [(1, 7)]);
    let story = story.until("11:59").called(&[]);
    assert!(story.incident_state().clocks.is_empty());
}

#[test]
fn the_end_of_a_silence_pages_and_starts_the_clocks_at_that_instant() {
    let story = fresh().silenced(7, "checkout", "12:00").fires("a", "critical").forget();
    let story = story.until("12:00").happened("12:00 AlertUnmarked").happened("12:00 SlaStarted");
    let story = story.happened("12:00 Released").called(&["12:00 ana"]);
    assert!(story.incident_state().clocks.iter().all(|c| c.start == story.now()));
    assert!(story.incident_state().alerts[&1].silenced.is_empty());
}

#[test]
fn of_two_silences_the_later_one_to_end_counts() {
    let story = fresh().silenced(1, "check.*", "11:00").silenced(2, ".+", "12:00").fires("a", "critical");
    assert_eq!(marked(story.incident_state()), [(1, 1), (1, 2)]);
    let story = story.until("11:30").called(&[]);
    assert_eq!(marked(story.incident_state()), [(1, 2)]);
    story.until("12:00").called(&["12:00 ana"]);
}

#[test]
fn a_cancelled_silence_pages_as_soon_as_the_incident_hears_of_it() {
    let story = fresh().silenced(7, "checkout", "12:00").fires("a", "critical").at("10:30").unsilenced(7);
    let story = story.forget().rechecked().called(&["10:30 ana"]);
    assert_eq!(suppressed(&story), None);
}

#[test]
fn an_alert_that_no_silence_matches_releases_the_others() {
    let story = fresh().silenced(7, "checkout", "12:00").fires("a", "critical").at("10:10").forget();
    let mut other = alert("b", "critical");
    other.labels.insert("service".to_owned(), "other".to_owned());
    let story = story.hears(other).called(&["10:10 ana"]);
    assert_eq!(story.heard().outcome, Outcome::Joined);
    assert_eq!(marked(story.incident_state()), [(1, 7)]);
    // Once only the silenced one fires, nobody is paged any more.
    let story = story.at("10:20").clears("b").forget().until("11:00").called(&[]);
    assert_eq!(suppressed(&story), Some(SuppressReason::Silenced));
}

#[test]
fn a_silenced_alert_that_joins_changes_nothing_for_what_is_paging() {
    let story = paging().silenced(7, "checkout", "12:00").at("10:01").fires("b", "critical");
    assert_eq!(story.heard().outcome, SILENCED);
    assert_eq!(suppressed(&story), None);
    story.forget().until("10:05").called(&["10:05 bo"]);
}

#[test]
fn a_silence_that_comes_later_takes_the_pages_back_and_stops_no_clock() {
    let story = Story::under(samples::policy()).paging(Priority::P1).until("10:02");
    let clocks = story.incident_state().clocks.clone();
    assert!(!clocks.is_empty());
    let story = story.silenced(7, "checkout", "12:00").rechecked().forget();
    assert_eq!(suppressed(&story), Some(SuppressReason::Silenced));
    assert_eq!(story.incident_state().clocks, clocks, "a silence hides no breach");
    assert!(story.state.as_ref().unwrap().pending().is_empty());
    let story = story.until("11:59").called(&[]).happened("10:05 SlaBreached");
    // The breach had asked for the next level, and gets it.
    story.until("12:00").called(&["12:00 bo"]);
}

#[test]
fn what_was_acknowledged_is_silenced_once_nobody_holds_it() {
    let story = paging().when(Command::Acknowledge).silenced(7, "checkout", "12:00").rechecked();
    assert_eq!(suppressed(&story), None);
    let story = story.when(Command::Unacknowledge).forget();
    assert_eq!(suppressed(&story), Some(SuppressReason::Silenced));
    story.until("11:00").called(&[]);
}

#[test]
fn a_person_releases_against_every_silence_that_there_is() {
    let story = fresh().silenced(7, "checkout", "12:00").fires("a", "critical").at("10:10").forget();
    let story = story.when(Command::Release { note: "look at it".to_owned() }).called(&["10:10 ana"]);
    let story = story.rechecked();
    assert_eq!(suppressed(&story), None, "the same silence does not mark it again");
    let story = story.silenced(8, "checkout", "12:00").rechecked();
    assert_eq!(suppressed(&story), Some(SuppressReason::Silenced), "a new one does");
}

#[test]
fn a_report_is_heard_through_every_silence() {
    let story = fresh().silenced(7, "checkout", "12:00").fires("a", "critical").at("10:10").forget();
    let story = story.hears(samples::report("it hurts")).called(&["10:10 ana"]);
    assert_eq!(story.heard().outcome, Outcome::Joined);
}

#[test]
fn what_clears_while_silenced_is_resolved_at_once() {
    let story = fresh().silenced(7, "checkout", "12:00").fires("a", "critical").at("10:10").clears("a");
    let story = story.is(Phase::Resolved);
    assert_eq!(story.incident_state().resolution.as_ref().unwrap().code, ResolutionCode::Recovered);
}

#[test]
fn what_had_paged_and_clears_while_silenced_ends_as_usual() {
    let story = paging().silenced(7, "checkout", "12:00").rechecked().at("10:10").clears("a");
    assert_eq!(suppressed(&story), Some(SuppressReason::Cleared));
    story.until("10:15").is(Phase::Mitigated);
}

#[test]
fn what_had_cleared_and_fires_again_silenced_pages_nobody() {
    let story = paging().at("10:01").clears("a").silenced(7, "checkout", "12:00").forget();
    let story = story.at("10:02").fires("a", "critical").called(&[]);
    assert_eq!(story.heard().outcome, SILENCED);
    assert_eq!(suppressed(&story), Some(SuppressReason::Silenced));
    story.until("12:00").called(&["12:00 ana"]);
}

#[test]
fn a_silenced_alert_is_no_relapse_until_it_is_not_silenced_any_more() {
    let story = paging().when(Command::Acknowledge).clears("a").until("10:05").is(Phase::Mitigated);
    let story = story.silenced(7, "checkout", "11:00").at("10:06").fires("a", "critical");
    let story = story.is(Phase::Mitigated).forget().until("11:00").is(Phase::Active);
    story.happened("11:00 Relapsed");
}

#[test]
fn a_silenced_alert_reopens_nothing() {
    let ended = fresh().fires("a", "warning").at("10:01").clears("a").at("10:02");
    let story = ended.is(Phase::Resolved).silenced(7, "checkout", "12:00");
    let policy = samples::policy();
    let signal = crate::signal::Signal { observed_at: story.now(), ..alert("a", "critical") };
    let routed = policy.route(&signal);
    let assessment = triage::assess(&policy, &signal, &routed.service);
    let prepared = Prepared { signal, routed, assessment, follows: None };
    let known = Known { by_identity: Some(story.incident_state()), ..Known::default() };
    assert!(matches!(place(&prepared, &known, story.now()), Placement::Join(_)));
    let known = Known { silences: Some(&story.silences), ..known };
    assert!(matches!(place(&prepared, &known, story.now()), Placement::Open(Some(_))));
}

#[test]
fn what_is_not_known_of_yet_ends_no_mark() {
    let mut story = fresh().silenced(7, "checkout", "12:00").fires("a", "critical").forget();
    // A replica that has not read of the silence decides something else.
    story.silences = crate::silence::Silences::default();
    let story = story.at("10:30").when(Command::Declare).called(&[]);
    assert_eq!(suppressed(&story), Some(SuppressReason::Silenced));
}
