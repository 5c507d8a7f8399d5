//! Alerts that fire, repeat, clear, flap and expire, and what follows from all of them being clear.

use crate::incident::command::{Command, LastHeard, WorkCommand};
use crate::incident::heard::Outcome;
use crate::incident::kinds::{FixState, Phase, Priority, ResolutionCode, SuppressReason};
use crate::policy::samples;
use crate::signal::Signal;
use crate::testing::{Story, alert, at};
use crate::time::Duration;

fn paging(priority: Priority) -> Story {
    Story::where_policy(|p| p.sla.clear()).paging(priority)
}

fn code(story: &Story) -> Option<ResolutionCode> {
    story.incident_state().resolution.as_ref().map(|r| r.code)
}

fn suppressed(story: &Story) -> Option<SuppressReason> {
    story.incident_state().suppressed.as_ref().map(|s| s.reason)
}

#[test]
fn a_pure_repeat_says_nothing_new() {
    let story = paging(Priority::P1).at("10:01").fires("a", "critical");
    // The one event: the severity was not known before.
    let story = story.then_names(&["AlertChanged", "ContactStepped"]).at("10:02").fires("a", "critical");
    assert_eq!(story.heard().outcome, Outcome::Repeated);
    story.then_names(&[]);
}

#[test]
fn an_older_observation_is_stale() {
    let story = paging(Priority::P1).at("10:02").clears("a").at("10:01").fires("a", "critical");
    assert!(story.heard().stale);
    story.then_names(&[]);
}

#[test]
fn what_clears_pages_nobody_any_more_and_tells_those_paged_once() {
    let story = paging(Priority::P1).until("10:06").forget().clears("a");
    assert_eq!(suppressed(&story), Some(SuppressReason::Cleared));
    assert_eq!(story.noticed().into_iter().collect::<Vec<_>>(), ["ana", "bo"]);
    assert!(
        !story
            .state
            .as_ref()
            .unwrap()
            .pending()
            .values()
            .any(|p| { p.kind == crate::incident::paging::PendingKind::Page })
    );
    story.forget().until("12:00").called(&[]);
}

#[test]
fn all_clear_and_acknowledged_mitigates_the_urgent_and_resolves_the_rest() {
    let clear = |priority| paging(priority).when(Command::Acknowledge).clears("a").until("10:05");
    for priority in [Priority::P1, Priority::P2] {
        clear(priority).is(Phase::Mitigated).happened("10:05 Mitigated");
    }
    for priority in [Priority::P3, Priority::P4] {
        let story = clear(priority).is(Phase::Resolved);
        assert_eq!(code(&story), Some(ResolutionCode::Recovered));
    }
}

#[test]
fn all_clear_and_never_acknowledged_waits_for_a_person_or_resolves() {
    let clear = |priority| paging(priority).clears("a").until("10:05");
    for priority in [Priority::P1, Priority::P2] {
        let story = clear(priority).is(Phase::Mitigated).until("06-04T09:59").is(Phase::Mitigated);
        let story = story.until("06-04T10:00").is(Phase::Resolved);
        assert_eq!(code(&story), Some(ResolutionCode::ClearedUnconfirmed));
    }
    clear(Priority::P3).is(Phase::Resolved);
    clear(Priority::P4).is(Phase::Resolved);
}

#[test]
fn what_was_confirmed_does_not_resolve_unconfirmed() {
    let story = paging(Priority::P1).clears("a").until("11:00").when(Command::Acknowledge);
    let hold = Command::Hold {
        reason: crate::incident::kinds::HoldReason::AwaitingEvidence,
        note: "logs".to_owned(),
        length: None,
    };
    story.when(hold).until("06-05T10:00").is(Phase::Mitigated);
}

#[test]
fn a_hold_keeps_what_cleared_from_ending() {
    let hold = Command::Hold {
        reason: crate::incident::kinds::HoldReason::AwaitingVendor,
        note: "ticket".to_owned(),
        length: None,
    };
    let story = paging(Priority::P3).when(hold).clears("a").until("12:00").is(Phase::Active);
    story.when(Command::Resume).is(Phase::Resolved);
}

#[test]
fn with_a_report_attached_nothing_ends_by_itself() {
    let story = paging(Priority::P3).hears(samples::report("it hurts")).clears("a").forget().until("10:30");
    story.is(Phase::Active).never("AllCleared");
}

#[test]
fn a_report_takes_back_that_everything_is_clear() {
    let story = paging(Priority::P1).until("10:06").clears("a").forget();
    story.until("10:08").hears(samples::report("it hurts")).called(&["10:08 bo"]).is(Phase::Active);
}

#[test]
fn firing_again_pages_the_level_reached_or_tells_the_holder() {
    let story = paging(Priority::P1).until("10:06").clears("a").forget().until("10:09");
    let story = story.fires("a", "critical").called(&["10:09 bo"]);
    assert!(story.heard().refired);
    let story = paging(Priority::P1).when(Command::Acknowledge).clears("a").until("10:03").forget();
    let story = story.fires("a", "critical").called(&[]);
    assert!(story.noticed().contains("ana"));
    assert!(story.incident_state().ack.is_some());
}

#[test]
fn firing_again_while_mitigated_is_a_relapse() {
    let story = paging(Priority::P1).when(Command::Acknowledge).clears("a").until("10:05");
    let story = story.is(Phase::Mitigated).fires("a", "critical").is(Phase::Active);
    story.happened("10:05 Relapsed");
    let mitigate = Command::Mitigate { how: "failed over".to_owned() };
    paging(Priority::P1).when(mitigate).fires("a", "critical").is(Phase::Mitigated);
}

#[test]
fn a_moment_is_waited_for_what_clears_by_itself() {
    let story = Story::under(samples::policy()).fires("a", "error");
    assert_eq!(story.heard().outcome, Outcome::Suppressed(SuppressReason::Transient));
    let story = story.at("10:01").clears("a").is(Phase::Resolved).called(&[]);
    assert_eq!(code(&story), Some(ResolutionCode::Transient));
    assert!(story.incident_state().clocks.is_empty());
    assert_eq!(story.incident_state().review, None);
    // Reopened by a signal it is held again.
    let story = story.at("10:04").fires("a", "error").is(Phase::Active).called(&[]);
    story.until("10:06").called(&["10:06 ana"]);
}

#[test]
fn a_p1_is_never_held_for_a_moment() {
    Story::under(samples::policy()).fires("a", "critical").called(&["10:00 ana"]);
    let story = Story::under(samples::policy()).fires("a", "error").at("10:01").forget();
    story.fires("b", "critical").called(&["10:01 ana"]);
}

#[test]
fn a_report_ends_the_moment_that_is_waited() {
    let story = Story::under(samples::policy()).fires("a", "error").at("10:01").forget();
    story.hears(samples::report("it hurts")).called(&["10:01 ana"]);
}

fn flapping() -> Story {
    let mut story = paging(Priority::P1).when(Command::Acknowledge);
    for minute in 1..=6 {
        story = story.until(&format!("10:{minute:02}"));
        story = if minute % 2 == 1 { story.clears("a") } else { story.fires("a", "critical") };
    }
    story
}

#[test]
fn an_alert_that_changes_often_counts_as_firing() {
    let story = flapping().happened("10:06 FlappingStarted").until("10:07").forget().clears("a");
    let story = story.never("AllCleared").until("10:08").forget().fires("a", "critical");
    // No notice, no release, no page for one more flap.
    assert!(story.noticed().is_empty(), "{:?}", story.noticed());
    let story = story.until("10:09").clears("a").forget().until("10:30");
    story.happened("10:24 FlappingEnded").happened("10:24 AllCleared").happened("10:29 Mitigated");
}

#[test]
fn an_unacknowledged_incident_goes_on_escalating_while_an_alert_flaps() {
    let mut story = paging(Priority::P1);
    for (minute, clears) in [(1, true), (2, false), (3, true), (4, false), (5, true), (6, false), (7, true)] {
        story = story.until(&format!("10:{minute:02}"));
        story = if clears { story.clears("a") } else { story.fires("a", "critical") };
    }
    assert_eq!(suppressed(&story), None);
    let due = story.incident_state().escalation.as_ref().unwrap().due;
    assert!(due.is_some_and(|due| due > at("10:07")));
}

#[test]
fn an_alert_that_is_heard_no_more_expires() {
    let signal = Signal { ends_at: Some(at("10:05")), ..alert("a", "critical") };
    let story = Story::under(samples::policy()).hears(signal).until("10:05");
    story.happened("10:05 AlertCleared").happened("10:05 AllCleared");
}

#[test]
fn an_alert_heard_meanwhile_expires_later() {
    let signal = Signal { ends_at: Some(at("10:05")), ..alert("a", "critical") };
    let story = Story::under(samples::policy()).hears(signal).until("10:04").at("10:05").by("system");
    let identity = story.incident_state().alerts[&1].identity.clone();
    let heard = vec![LastHeard { identity, last_at: at("10:04"), ends_at: Some(at("10:09")) }];
    let story = story.when(Command::Tick { heard }).happened("10:05 DeadlinePostponed");
    assert_eq!(story.incident_state().alerts[&1].ends_at, Some(at("10:09")));
}

#[test]
fn silence_while_nobody_listened_proves_nothing() {
    let signal = Signal { ends_at: Some(at("10:05")), ..alert("a", "critical") };
    let mut story = Story::under(samples::policy()).hears(signal).until("10:04");
    story.listening_since = at("10:30");
    let story = story.at("10:30").by("system").when(crate::testing::tick());
    assert_eq!(story.incident_state().alerts[&1].ends_at, Some(at("10:35")));
    story.until("10:35").happened("10:35 AlertCleared");
}

#[test]
fn an_alert_that_fires_anew_refutes_the_fix() {
    let fix = WorkCommand::ApplyFix { n: None, summary: "restart".to_owned() };
    let story = paging(Priority::P3).when(Command::Acknowledge).when(fix).at("10:01");
    let story = story.fires("a", "warning");
    assert_eq!(story.incident_state().work.fixes[&1].state, FixState::Applied, "a repeat refutes nothing");
    let story = story.at("10:02").clears("a").at("10:03").fires("a", "warning");
    assert_eq!(story.incident_state().work.fixes[&1].state, FixState::Failed);
}

#[test]
fn what_pages_nobody_tells_the_team_when_it_opens_and_resolves_when_it_clears() {
    let story = Story::under(samples::policy()).fires("a", "info").called(&[]);
    assert_eq!(story.heard().outcome, Outcome::Suppressed(SuppressReason::NotPaged));
    assert!(story.noticed().contains("ana"));
    story.at("10:10").clears("a").is(Phase::Resolved);
}

#[test]
fn reopening_what_pages_nobody_pages_nobody() {
    let story = Story::under(samples::policy()).fires("a", "info").at("10:10").clears("a").at("10:12");
    let story = story.fires("a", "info").is(Phase::Active).until("11:00").called(&[]);
    assert!(story.names().iter().any(|n| n == "10:12 Reopened"));
}

#[test]
fn quiet_time_is_the_policy_s() {
    let story = Story::where_policy(|p| {
        let rules = crate::policy::document::PrioritySpec {
            quiet_time: Some(Duration::minutes(20)),
            ..Default::default()
        };
        p.priorities.insert(Priority::P3, rules);
    });
    story
        .paging(Priority::P3)
        .clears("a")
        .until("10:19")
        .is(Phase::Active)
        .until("10:20")
        .is(Phase::Resolved);
}
