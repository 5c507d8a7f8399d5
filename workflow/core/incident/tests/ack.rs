//! Acknowledgements: how long they last, who holds them, what ends them; snooze and hold.

use crate::actor::Actor;
use crate::incident::command::{Command, WorkCommand};
use crate::incident::kinds::{HoldReason, Phase, Priority, SuppressReason};
use crate::testing::{Story, at};
use crate::time::Duration;

fn note() -> WorkCommand {
    WorkCommand::AddNote { text: "looking".to_owned(), by_reporter: false }
}

fn snooze(minutes: i64) -> Command {
    Command::Snooze { length: Duration::minutes(minutes) }
}

fn hold(reason: HoldReason) -> Command {
    Command::Hold { reason, note: "ticket 7".to_owned(), length: None }
}

fn p1() -> Story {
    // Clocks would escalate on their own.
    Story::where_policy(|p| p.sla.clear()).paging(Priority::P1)
}

fn acknowledged() -> Story {
    p1().when(Command::Acknowledge)
}

fn expires(story: &Story) -> Option<crate::time::Timestamp> {
    story.incident_state().ack_expires_at()
}

#[test]
fn activity_extends_an_acknowledgement() {
    let story = acknowledged();
    assert_eq!(expires(&story), Some(at("10:30")));
    let story = story.at("10:25").when(note());
    assert_eq!(expires(&story), Some(at("10:55")));
    let story = story.at("10:50").when(note());
    assert_eq!(expires(&story), Some(at("11:20")));
    let story = story.forget().until("11:20");
    story.happened("11:15 AckExpiryWarned").happened("11:20 AckExpired");
}

#[test]
fn activity_extends_it_up_to_the_cap_only() {
    let mut story = acknowledged();
    for step in 1..48 {
        let minutes = 600 + 10 * step;
        story = story.until(&format!("{:02}:{:02}", minutes / 60, minutes % 60)).when(note());
        assert!(story.incident_state().ack.is_some(), "{}", story.incident_state().updated_at);
    }
    assert_eq!(expires(&story), Some(at("18:00")));
    story.forget().until("18:00").happened("18:00 AckExpired");
}

#[test]
fn what_a_bot_or_a_signal_does_is_not_activity() {
    let story = acknowledged().at("10:20").by("bots/chatter").when(note()).by("ana").fires("b", "critical");
    assert_eq!(expires(&story), Some(at("10:30")));
}

#[test]
fn a_short_timeout_warns_a_quarter_of_it_before_the_end() {
    let story = Story::where_policy(|p| {
        let shop = p.escalation_policies.get_mut("shop").unwrap();
        shop.ack_timeout.insert("P1".to_owned(), Duration::minutes(8));
    });
    let story = story.paging(Priority::P1).when(Command::Acknowledge).forget().until("10:08");
    story.happened("10:06 AckExpiryWarned").happened("10:08 AckExpired");
}

#[test]
fn an_expiry_pages_the_level_reached_at_once() {
    let story = p1().until("10:06").when(Command::Acknowledge).forget().until("10:36");
    story.happened("10:36 AckExpired").called(&["10:36 bo"]);
}

#[test]
fn while_mitigated_it_lasts_longer() {
    let story = acknowledged().when(Command::Mitigate { how: "failed over".to_owned() });
    assert_eq!(expires(&story), Some(at("14:00")));
}

#[test]
fn the_holder_renews_and_others_join() {
    let story = acknowledged().at("10:10").when(Command::Acknowledge).then_names(&["AckRenewed"]);
    let story = story.at("10:12").by("bo").when(Command::Acknowledge).then_names(&["CoAcknowledged"]);
    assert_eq!(story.incident_state().ack.as_ref().unwrap().holder, Actor::Person("ana".into()));
    story.when(Command::Acknowledge).then_names(&[]);
}

#[test]
fn the_first_to_acknowledge_a_p1_takes_command() {
    let story = acknowledged();
    assert_eq!(story.incident_state().work.roles["commander"].holder, "ana".into());
}

#[test]
fn taking_it_back_pages_after_ten_seconds_unless_it_is_given_again() {
    let story = acknowledged().at("10:02").when(Command::Unacknowledge).forget();
    assert_eq!(story.next_wake(), Some(at("10:02:10")));
    story.at("10:02:05").when(Command::Acknowledge).until("10:20").called(&[]);
    let story = acknowledged().at("10:02").when(Command::Unacknowledge).forget();
    story.until("10:02:10").called(&["10:02:10 ana"]);
}

#[test]
fn nothing_pages_during_a_snooze_and_its_end_pages_the_level_reached() {
    let story = p1().until("10:06").when(snooze(20)).forget().until("10:25").called(&[]);
    assert!(story.incident_state().ack.is_some());
    story.until("10:26").happened("10:26 Unacknowledged").called(&["10:26 bo"]);
}

#[test]
fn a_second_snooze_replaces_the_first() {
    let story = p1().when(snooze(20)).at("10:10").when(snooze(30));
    assert_eq!(story.incident_state().snoozed_until, Some(at("10:40")));
}

#[test]
fn waking_early_pages_at_once() {
    let story = p1().when(snooze(60)).at("10:07").forget().when(Command::Wake);
    story.called(&["10:07 ana"]);
}

#[test]
fn acknowledging_ends_a_snooze_but_not_a_hold() {
    let story = p1().when(snooze(20)).at("10:05").when(Command::Acknowledge);
    assert_eq!((story.incident_state().snoozed_until, expires(&story)), (None, Some(at("10:35"))));
    let story = p1().when(hold(HoldReason::AwaitingVendor)).when(Command::Acknowledge);
    assert!(story.incident_state().hold.is_some());
}

#[test]
fn an_acknowledgement_does_not_expire_on_hold_and_starts_over_after_it() {
    let story = acknowledged().at("10:10").when(hold(HoldReason::AwaitingVendor)).forget().until("15:00");
    let story = story.never("AckExpired").when(Command::Resume);
    assert_eq!(expires(&story), Some(at("15:30")));
}

#[test]
fn a_hold_ends_at_its_longest() {
    let story = acknowledged().when(hold(HoldReason::Scheduled)).until("06-10T10:00");
    story.happened("06-10T10:00 Resumed");
}

#[test]
fn the_reporter_answers_and_the_hold_is_over() {
    let story = acknowledged().when(hold(HoldReason::AwaitingReporter)).at("10:30");
    let answer = WorkCommand::AddNote { text: "it was me".to_owned(), by_reporter: true };
    let story = story.when(answer);
    assert!(story.incident_state().hold.is_none());
}

#[test]
fn an_acknowledgement_ends_the_suppression_of_what_cleared() {
    let story = p1().at("10:02").clears("a");
    let reason = story.incident_state().suppressed.as_ref().map(|s| s.reason);
    assert_eq!(reason, Some(SuppressReason::Cleared));
    let story = story.at("10:03").when(Command::Acknowledge);
    assert_eq!(story.incident_state().suppressed, None);
}

#[test]
fn an_expired_acknowledgement_of_something_cleared_pages_nobody() {
    let story = acknowledged().at("10:02").clears("a").forget().until("14:20").called(&[]);
    let state = story.incident_state();
    assert_eq!((state.phase, state.ack.is_some()), (Phase::Mitigated, false));
    assert_eq!(state.suppressed.as_ref().map(|s| s.reason), Some(SuppressReason::Cleared));
    // And it does not lie there for ever.
    story.until("06-04T10:02").is(Phase::Resolved).happened("06-04T10:02 AutoResolved");
}

#[test]
fn an_integration_may_hold_it_with_the_same_expiry() {
    let story = p1().by("integrations/prom").when(Command::Acknowledge);
    assert_eq!(expires(&story), Some(at("10:30")));
}
