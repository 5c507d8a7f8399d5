//! When an incident's clocks start, pause, stop, begin again or are cancelled, and what their thresholds do.

use crate::incident::clock::Clock;
use crate::incident::command::{Command, Resolve, WorkCommand};
use crate::incident::kinds::{
    Audience, CancelReason, ClockState, HoldReason, Phase, Priority, ResolutionCode,
};
use crate::policy::document::{Document, SlaDefinition, SlaKind, Threshold, ThresholdAction};
use crate::policy::samples;
use crate::testing::{Story, at};
use crate::time::Duration;

fn definition(kind: SlaKind, minutes: i64, at: Option<Vec<(u32, ThresholdAction)>>) -> SlaDefinition {
    let at = at.map(|at| at.into_iter().map(|(percent, action)| Threshold { percent, action }).collect());
    let target = Some(Duration::minutes(minutes));
    let mut definition = samples::acme().sla.remove(0);
    (definition.id, definition.kind, definition.matches) = ("x".into(), kind, "true".to_owned());
    (definition.target, definition.at) = (target, at);
    definition
}

/// Only one clock, `x.1`, under the sample policy.
fn only(kind: SlaKind, minutes: i64) -> impl FnOnce(&mut Document) {
    move |p| p.sla = vec![definition(kind, minutes, None)]
}

fn clock<'a>(story: &'a Story, name: &str) -> &'a Clock {
    story.incident_state().clocks.iter().find(|c| c.name() == name).unwrap_or_else(|| panic!("{name}"))
}

fn state(story: &Story, name: &str) -> ClockState {
    clock(story, name).state
}

fn resolve() -> Command {
    Command::Resolve(Box::new(Resolve {
        code: Some(ResolutionCode::Fixed),
        force_reason: "wrong".to_owned(),
        ..Resolve::default()
    }))
}

fn reopen() -> Command {
    Command::Reopen { reason: "again".to_owned() }
}

fn update(audience: Audience, next_in: Option<i64>) -> WorkCommand {
    let next_in = next_in.map(Duration::minutes);
    WorkCommand::PostUpdate { text: "we know".to_owned(), audience, next_in }
}

fn hold(reason: HoldReason) -> Command {
    Command::Hold { reason, note: "ticket".to_owned(), length: None }
}

#[test]
fn acknowledging_stops_the_acknowledge_clock_for_good() {
    let story = Story::where_policy(only(SlaKind::Acknowledge, 60)).paging(Priority::P4);
    let story = story.at("10:10").when(Command::Acknowledge);
    assert_eq!(state(&story, "x.1"), ClockState::Met);
    let story = story.at("10:20").when(Command::Unacknowledge).until("11:30");
    assert_eq!(story.incident_state().clocks.len(), 1);
}

#[test]
fn the_acknowledge_clock_pauses_while_all_is_clear() {
    let story = Story::where_policy(only(SlaKind::Acknowledge, 60)).paging(Priority::P1);
    let story = story.at("10:10").clears("a");
    assert_eq!(state(&story, "x.1"), ClockState::Paused);
    let story = story.until("10:14").fires("a", "critical");
    assert_eq!((state(&story, "x.1"), clock(&story, "x.1").due), (ClockState::Running, Some(at("11:04"))));
}

#[test]
fn a_p1_that_nobody_acknowledged_keeps_its_paused_clock_while_it_is_mitigated() {
    let mitigated = || {
        let story = Story::where_policy(only(SlaKind::Acknowledge, 60)).paging(Priority::P1);
        story.at("10:10").clears("a").until("10:30").is(Phase::Mitigated)
    };
    assert_eq!(state(&mitigated(), "x.1"), ClockState::Paused);
    let relapsed = mitigated().fires("a", "critical").is(Phase::Active);
    assert_eq!(clock(&relapsed, "x.1").due, Some(at("11:20")));
    assert_eq!(state(&mitigated().when(Command::Acknowledge), "x.1"), ClockState::Met);
    let unconfirmed = mitigated().until("06-04T10:10").is(Phase::Resolved);
    assert_eq!(state(&unconfirmed, "x.1"), ClockState::Cancelled);
}

#[test]
fn an_end_without_acknowledgement_cancels_its_clock_unless_it_breached() {
    let cleared = Story::where_policy(only(SlaKind::Acknowledge, 60)).paging(Priority::P3);
    let cleared = cleared.at("10:10").clears("a").until("10:15").is(Phase::Resolved);
    assert_eq!(state(&cleared, "x.1"), ClockState::Cancelled);
    let forced = Story::where_policy(only(SlaKind::Acknowledge, 60)).paging(Priority::P4);
    let forced = forced.at("10:10").when(resolve()).is(Phase::Resolved);
    assert_eq!(state(&forced, "x.1"), ClockState::Cancelled);
    let late = Story::where_policy(only(SlaKind::Acknowledge, 60)).paging(Priority::P4);
    let late = late.until("11:10").when(resolve()).is(Phase::Resolved);
    assert_eq!(state(&late, "x.1"), ClockState::Breached);
}

#[test]
fn reopening_begins_a_new_cycle_of_the_acknowledge_clock() {
    let story = Story::where_policy(only(SlaKind::Acknowledge, 60)).paging(Priority::P4);
    let story = story.when(Command::Acknowledge).at("10:10").when(resolve()).at("10:30").when(reopen());
    let next = clock(&story, "x.2");
    assert_eq!((next.start, next.due), (at("10:30"), Some(at("11:30"))));
}

#[test]
fn mitigate_and_resolve_clocks_resume_with_the_time_between_paused() {
    let story = Story::where_policy(|p| {
        p.sla = vec![definition(SlaKind::Mitigate, 60, None), definition(SlaKind::Resolve, 120, None)];
        p.sla[1].id = "y".into();
    });
    let story = story.paging(Priority::P4).at("10:10").when(Command::Mitigate { how: String::new() });
    assert_eq!(state(&story, "x.1"), ClockState::Met);
    let story = story.at("10:20").when(resolve()).at("10:30").when(reopen());
    assert_eq!(clock(&story, "x.1").due, Some(at("11:20")));
    assert_eq!(clock(&story, "y.1").due, Some(at("12:10")));
}

#[test]
fn updates_to_stakeholders_count_and_each_promises_the_next() {
    let story = Story::where_policy(|p| {
        p.sla = vec![definition(SlaKind::FirstUpdate, 30, None), definition(SlaKind::NextUpdate, 30, None)];
        p.sla[1].id = "y".into();
    });
    let story = story.paging(Priority::P4).when(Command::Acknowledge);
    let story = story.at("10:05").when(update(Audience::Internal, None));
    assert_eq!((state(&story, "x.1"), story.incident_state().clocks.len()), (ClockState::Running, 1));
    let story = story.at("10:10").when(update(Audience::Public, None));
    assert_eq!(state(&story, "x.1"), ClockState::Met);
    assert_eq!(clock(&story, "y.1").due, Some(at("10:40")));
    let story = story.at("10:20").when(update(Audience::Stakeholders, Some(60)));
    assert_eq!(state(&story, "y.1"), ClockState::Met);
    assert_eq!(clock(&story, "y.2").due, Some(at("11:20")));
    let story = story.until("11:20").happened("11:20 SlaBreached").at("11:30").when(resolve());
    assert_eq!(state(&story, "y.2"), ClockState::Breached);
    assert_eq!(story.incident_state().clocks.len(), 3);
}

#[test]
fn an_update_in_the_middle_of_a_second_begins_one_cycle() {
    let story = Story::where_policy(only(SlaKind::NextUpdate, 30)).paging(Priority::P4);
    let story = story.at("10:10:00.500").when(update(Audience::Public, None)).when(crate::testing::tick());
    assert_eq!(story.incident_state().clocks.len(), 1);
    let story = story.at("10:20:00.500").when(update(Audience::Public, None)).when(crate::testing::tick());
    assert_eq!(story.incident_state().clocks.len(), 2);
    story.then_names(&[]);
}

#[test]
fn a_close_clock_starts_with_the_resolve_and_is_cancelled_by_a_reopening() {
    let story = Story::where_policy(only(SlaKind::Close, 60)).paging(Priority::P4);
    assert!(story.incident_state().clocks.is_empty());
    let story = story.at("10:10").when(resolve());
    assert_eq!(clock(&story, "x.1").due, Some(at("11:10")));
    let reopened = story.at("10:20").when(reopen());
    assert_eq!(state(&reopened, "x.1"), ClockState::Cancelled);
    let again = reopened.at("10:30").when(resolve());
    assert_eq!(clock(&again, "x.2").start, at("10:30"));
    let closed = again.at("10:40").when(Command::Close);
    assert_eq!(state(&closed, "x.2"), ClockState::Met);
}

#[test]
fn a_close_clock_warns_although_the_incident_is_over() {
    let story = Story::where_policy(only(SlaKind::Close, 60)).paging(Priority::P4).when(resolve()).forget();
    let story = story.until("10:45");
    assert!(story.noticed().contains("ana"), "{:?}", story.names());
}

#[test]
fn no_clock_starts_before_the_release() {
    let story = Story::under(samples::policy()).fires("a", "error");
    assert!(story.incident_state().clocks.is_empty());
    let story = story.until("10:02");
    assert!(story.incident_state().clocks.iter().all(|c| c.start == at("10:02")));
    assert!(!story.incident_state().clocks.is_empty());
}

#[test]
fn a_hold_pauses_the_clocks_that_name_its_reason() {
    let story = Story::where_policy(|p| {
        only(SlaKind::Resolve, 120)(p);
        p.sla[0].pause_on = vec![HoldReason::AwaitingReporter];
    });
    let story = story.paging(Priority::P4).at("10:10").when(hold(HoldReason::AwaitingReporter));
    assert_eq!((state(&story, "x.1"), clock(&story, "x.1").due), (ClockState::Paused, None));
    let story = story.at("10:40").when(Command::Resume).at("10:50").when(hold(HoldReason::AwaitingVendor));
    assert_eq!(clock(&story, "x.1").due, Some(at("12:30")));
}

#[test]
fn a_hold_at_the_due_instant_does_not_undo_the_breach_and_one_before_it_prevents_it() {
    let story = || {
        let story = Story::where_policy(|p| {
            only(SlaKind::Resolve, 60)(p);
            p.sla[0].pause_on = vec![HoldReason::AwaitingReporter];
        });
        story.paging(Priority::P4).when(Command::Acknowledge)
    };
    let before = story().at("10:59:59").when(hold(HoldReason::AwaitingReporter)).until("13:00");
    assert_eq!(clock(&before, "x.1").breached, None);
    let late = story().at("11:00").when(hold(HoldReason::AwaitingReporter));
    assert_eq!(clock(&late, "x.1").breached, Some(at("11:00")));
}

#[test]
fn a_pause_ends_at_its_cap_and_does_not_begin_again_in_that_hold() {
    let story = Story::where_policy(|p| {
        only(SlaKind::Resolve, 120)(p);
        p.sla[0].pause_on = vec![HoldReason::AwaitingReporter];
        p.sla[0].pause_cap = Duration::hours(1);
    });
    let story =
        story.paging(Priority::P4).at("10:10").when(hold(HoldReason::AwaitingReporter)).until("11:30");
    let x = clock(&story, "x.1");
    assert_eq!((x.state, x.due), (ClockState::Running, Some(at("13:00"))));
}

#[test]
fn another_hold_pauses_again_after_a_cap() {
    let story = Story::where_policy(|p| {
        only(SlaKind::Resolve, 300)(p);
        p.sla[0].pause_on = vec![HoldReason::AwaitingReporter, HoldReason::AwaitingVendor];
        p.sla[0].pause_cap = Duration::hours(1);
    });
    let story =
        story.paging(Priority::P4).at("10:10").when(hold(HoldReason::AwaitingReporter)).until("11:30");
    let story = story.when(Command::Resume).when(hold(HoldReason::AwaitingVendor));
    let x = clock(&story, "x.1");
    assert_eq!(x.state, ClockState::Paused);
    assert_eq!(x.pauses.len(), 2);
    assert_eq!(x.pause_cap_at, Some(at("12:30")));
}

#[test]
fn cancelling_an_incident_cancels_its_clocks() {
    let cancel = Command::Cancel { reason: CancelReason::Test, note: "a drill".to_owned() };
    let story = Story::under(samples::policy()).paging(Priority::P1).when(cancel);
    assert!(story.incident_state().clocks.iter().all(|c| c.state == ClockState::Cancelled));
    assert_eq!(story.next_wake(), None);
}

fn escalating(percent: u32) -> Story {
    let story = Story::where_policy(|p| {
        p.sla = vec![definition(SlaKind::Resolve, 100, Some(vec![(percent, ThresholdAction::Escalate)]))];
    });
    story.paging(Priority::P1)
}

#[test]
fn a_threshold_escalates_what_is_acknowledged_or_snoozed() {
    let story = escalating(20).when(Command::Acknowledge).forget().until("10:20").called(&["10:20 bo"]);
    assert!(story.incident_state().ack.is_none());
    assert!(story.noticed().contains("ana"));
    let snooze = Command::Snooze { length: Duration::hours(1) };
    let story = escalating(20).when(snooze).forget().until("10:20").called(&["10:20 bo"]);
    assert_eq!(story.incident_state().snoozed_until, None);
}

#[test]
fn a_threshold_waits_for_the_end_of_a_hold() {
    let story = escalating(40).when(hold(HoldReason::AwaitingVendor)).forget().until("11:00").called(&[]);
    story.when(Command::Resume).called(&["11:00 bo"]).forget().until("11:09").called(&[]);
}

#[test]
fn a_threshold_waits_while_all_is_clear() {
    let story = escalating(40).when(Command::Acknowledge).at("10:10").clears("a").forget().until("10:50");
    let story = story.called(&[]).is(Phase::Mitigated);
    assert!(story.incident_state().ack.is_some());
    story.fires("a", "critical").called(&["10:50 bo"]);
}

#[test]
fn past_the_fallback_a_threshold_calls_level_one_and_the_fallback_once() {
    let next = || Command::Escalate { expected_level: None, to_level: None, note: String::new() };
    let story = escalating(20).when(next()).when(next()).when(next()).when(Command::Acknowledge).forget();
    let story = story.until("10:20").called(&["10:20 ana", "10:20 gus", "10:20 hal"]);
    story.forget().until("10:34").called(&[]);
}

#[test]
fn an_acknowledgement_before_the_late_tick_of_its_clock_stands() {
    // 80 % of the acknowledge clock escalates at 10:04; the person is faster than the tick.
    let story = Story::under(samples::policy()).fires("a", "critical").until("10:03").forget();
    let story = story.at("10:04:01").when(Command::Acknowledge).called(&[]);
    assert!(story.incident_state().ack.is_some());
    story.happened("10:04:01 SlaWarned");
}

#[test]
fn thresholds_and_levels_of_one_late_tick_come_in_their_order() {
    // Level 2 was due at 10:05, the threshold at 10:06: level 2 first, then level 3.
    let story = escalating(6).at("10:07").by("system").when(crate::testing::tick());
    let levels: Vec<u32> = story
        .history
        .iter()
        .filter_map(|(_, e)| match e {
            crate::instance::Event::Incident(crate::incident::Event::Paging(
                crate::incident::event::PagingEvent::Escalated { level, .. },
            )) => Some(*level),
            _ => None,
        })
        .collect();
    assert_eq!(levels, [1, 2, 3]);
}

#[test]
fn moving_to_another_policy_moves_the_dues_and_cancels_what_is_gone() {
    let story = Story::where_policy(|p| {
        p.sla = vec![definition(SlaKind::Resolve, 120, None), definition(SlaKind::Mitigate, 60, None)];
        p.sla[1].id = "y".into();
    });
    let story = story.paging(Priority::P4).when(Command::Acknowledge).at("10:10").policy_becomes(2, |p| {
        p.sla = vec![definition(SlaKind::Resolve, 180, None), definition(SlaKind::FirstUpdate, 5, None)];
        p.sla[1].id = "z".into();
    });
    let story = story.forget().when(Command::MovePolicy { to: 2, expected: Some(1) });
    assert_eq!(clock(&story, "x.1").due, Some(at("13:00")));
    assert_eq!(state(&story, "y.1"), ClockState::Cancelled);
    // Attached late: breached already, told once, nothing paged.
    assert_eq!(clock(&story, "z.1").breached, Some(at("10:05")));
    story.called(&[]);
}
