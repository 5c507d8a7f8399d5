//! Races: two commands at one instant, in both orders. The order of the commits decides, and nothing but these outcomes
//! is possible.

use crate::incident::command::{Command, Resolve};
use crate::incident::kinds::{HoldReason, Phase, Priority, ResolutionCode};
use crate::incident::paging::PendingKind;
use crate::incident::state::Assignee;
use crate::testing::{Story, tick};

fn paging(priority: Priority) -> Story {
    Story::where_policy(|p| p.sla.clear()).paging(priority)
}

fn pages_pending(story: &Story) -> usize {
    story.state.as_ref().unwrap().pending().values().filter(|p| p.kind == PendingKind::Page).count()
}

fn resolve() -> Command {
    Command::Resolve(Box::new(Resolve { code: Some(ResolutionCode::Fixed), ..Resolve::default() }))
}

fn quiet() -> Story {
    Story::incident(Phase::Active, Priority::P4).by("system").when(tick()).by("ana")
}

#[test]
fn acknowledge_and_escalation_tick() {
    let at_due = || paging(Priority::P1).until("10:04").at("10:05").forget();
    let tick_first = at_due().by("system").when(tick()).called(&["10:05 bo"]);
    let tick_first = tick_first.by("ana").when(Command::Acknowledge);
    assert_eq!(pages_pending(&tick_first), 0);
    let ack_first = at_due().when(Command::Acknowledge).by("system").when(tick()).then_names(&[]);
    ack_first.called(&[]);
}

#[test]
fn acknowledge_and_resolve() {
    let story = quiet().when(Command::Acknowledge).when(resolve()).is(Phase::Resolved);
    assert!(!story.incident_state().is_open());
    quiet().when(resolve()).when(Command::Acknowledge).refused_as("INCIDENT_RESOLVED");
}

#[test]
fn acknowledge_and_acknowledge() {
    let story = paging(Priority::P1).when(Command::Acknowledge).by("bo").when(Command::Acknowledge);
    let ack = story.incident_state().ack.as_ref().unwrap();
    assert_eq!(ack.holder.to_string(), "people/ana");
    assert_eq!(ack.co.len(), 1);
}

#[test]
fn acknowledge_and_claim_of_the_page() {
    // Acknowledged first, nothing is there to be claimed.
    assert_eq!(pages_pending(&paging(Priority::P1).when(Command::Acknowledge)), 0);
    assert_eq!(pages_pending(&paging(Priority::P1)), 1);
}

#[test]
fn resolve_and_alert_fires() {
    let cleared = || paging(Priority::P4).when(Command::Acknowledge).at("10:01").clears("a").at("10:02");
    let resolved_first = cleared().when(resolve()).fires("a", "warning").is(Phase::Active);
    assert!(resolved_first.heard().reopened);
    let alert_first = cleared().fires("b", "info").when(resolve());
    alert_first.refused_as("ALERTS_FIRING").is(Phase::Active);
}

#[test]
fn resolve_and_resolve_close_and_reopen() {
    quiet().when(resolve()).when(resolve()).refused_as("INCIDENT_RESOLVED");
    let reopen = || Command::Reopen { reason: "no".to_owned() };
    quiet().when(resolve()).when(Command::Close).when(reopen()).is(Phase::Active);
    quiet().when(resolve()).when(reopen()).when(Command::Close).refused_as("NOT_RESOLVED");
    quiet().when(resolve()).when(Command::Close).when(Command::Close).refused_as("INCIDENT_CLOSED");
}

#[test]
fn assign_and_escalate() {
    let assign = || Command::Assign { to: Assignee::Person("hal".into()), page: true };
    let escalate = || Command::Escalate { expected_level: None, to_level: None, note: String::new() };
    let persons = |s: &Story| {
        let pending = s.state.as_ref().unwrap().pending().values();
        let pages = pending.filter(|p| p.kind == PendingKind::Page);
        let mut names: Vec<String> =
            pages.filter_map(|p| p.person.as_ref()).map(ToString::to_string).collect();
        names.sort();
        names.dedup();
        names
    };
    let assigned_last = paging(Priority::P1).when(escalate()).when(assign());
    assert_eq!(persons(&assigned_last), ["hal"]);
    let escalated_last = paging(Priority::P1).when(assign()).forget().when(escalate());
    let escalated_last = escalated_last.called(&["10:00 bo"]);
    assert_eq!(persons(&escalated_last), ["bo"]);
    let later = escalated_last.until("10:04");
    let asked = later.asked.iter().map(|(_, effect)| effect.what.destination());
    assert!(asked.into_iter().all(|to| !to.starts_with("people/hal/")), "hal is not asked on");
}

#[test]
fn hold_and_expiry_of_the_acknowledgement() {
    let acked = || paging(Priority::P1).when(Command::Acknowledge).until("10:29").at("10:30").forget();
    let hold = || Command::Hold { reason: HoldReason::AwaitingVendor, note: "x".to_owned(), length: None };
    let held_first = acked().when(hold()).by("system").when(tick());
    held_first.never("AckExpired");
    let expired_first = acked().by("system").when(tick()).by("ana").when(hold());
    assert!(expired_first.happened("10:30 AckExpired").incident_state().ack.is_some());
}

#[test]
fn merge_and_command() {
    let merge = || Command::Merge { into: "inc-2".into(), into_exercise: false, raise_priority: true };
    let done = || Command::FinishMerge { into: "inc-2".into(), refused: None };
    paging(Priority::P1).when(merge()).when(Command::Acknowledge).when(done()).is(Phase::Cancelled);
    let late = paging(Priority::P1).when(merge()).when(done()).when(Command::Acknowledge);
    late.refused_as("INCIDENT_MERGED");
}

#[test]
fn merge_and_resolve_or_cancel() {
    let merge = || Command::Merge { into: "inc-2".into(), into_exercise: false, raise_priority: true };
    let done = |refused: Option<&str>| Command::FinishMerge {
        into: "inc-2".into(),
        refused: refused.map(str::to_owned),
    };
    let cancel =
        || Command::Cancel { reason: crate::incident::kinds::CancelReason::Test, note: "x".to_owned() };
    // Before the merge is done it takes effect; the merge then ends what there is.
    let resolved = || quiet().when(merge()).when(resolve()).is(Phase::Resolved);
    assert!(resolved().when(done(None)).is(Phase::Cancelled).incident_state().merge.as_ref().unwrap().done);
    let kept = resolved().when(done(Some("it is closed"))).is(Phase::Resolved);
    assert!(kept.incident_state().merge.is_none() && kept.incident_state().suppressed.is_none());
    quiet().when(merge()).when(cancel()).is(Phase::Cancelled).when(done(None)).is(Phase::Cancelled);
    let reopen = Command::Reopen { reason: "no".to_owned() };
    let open = resolved().when(reopen).when(done(Some("it is closed"))).is(Phase::Active);
    assert!(open.incident_state().is_pageable());
    // After it the incident is the target's.
    quiet().when(merge()).when(done(None)).when(resolve()).refused_as("INCIDENT_MERGED");
}

#[test]
fn a_p1_resolved_while_it_is_merged_is_reviewed_only_if_the_target_refuses() {
    let merge = Command::Merge { into: "inc-2".into(), into_exercise: false, raise_priority: true };
    let by_itself = Command::Resolve(Box::new(Resolve {
        code: Some(ResolutionCode::Recovered),
        recovered_by_itself: true,
        note: "it was the probe".to_owned(),
        ..Resolve::default()
    }));
    let story = Story::incident(Phase::Active, Priority::P1).when(merge).when(by_itself).is(Phase::Resolved);
    let story = story.never("ReviewRequested");
    let refused = Some("it is closed".to_owned());
    let story = story.when(Command::FinishMerge { into: "inc-2".into(), refused });
    story.then(&["MergeRefused", "ReviewRequested"]);
}

#[test]
fn priority_and_tick() {
    let at_due = || paging(Priority::P3).until("10:04").at("10:05").forget();
    let raise = || Command::SetPriority { priority: Priority::P1, reason: "x".to_owned() };
    at_due().by("system").when(tick()).by("ana").when(raise()).happened("10:05 Escalated");
    // The change first: what is overdue fires in the same transition.
    at_due().when(raise()).happened("10:05 Escalated").by("system").when(tick()).then_names(&[]);
}

#[test]
fn two_ticks() {
    let story = paging(Priority::P1).until("10:04").at("10:05").by("system").when(tick()).when(tick());
    story.then_names(&[]);
}
