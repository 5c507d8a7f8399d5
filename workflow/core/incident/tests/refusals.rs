//! Refusals that do not come from the phase alone.

use crate::incident::command::{Command, Correction, Resolve, WorkCommand};
use crate::incident::kinds::{CancelReason, HoldReason, Phase, Priority, ResolutionCode};
use crate::policy::samples;
use crate::refusal::Refusal;
use crate::testing::{Story, at};
use crate::time::Duration;

fn p1() -> Story {
    Story::under(samples::policy()).paging(Priority::P1)
}

fn report(priority: Priority) -> Story {
    Story::incident(Phase::Active, priority)
}

fn hold(note: &str, length: Option<Duration>) -> Command {
    Command::Hold { reason: HoldReason::AwaitingVendor, note: note.to_owned(), length }
}

fn escalate(expected_level: Option<u32>, to_level: Option<u32>) -> Command {
    Command::Escalate { expected_level, to_level, note: String::new() }
}

fn resolve(force: &str) -> Command {
    Command::Resolve(Box::new(Resolve {
        code: Some(ResolutionCode::Fixed),
        force_reason: force.to_owned(),
        ..Resolve::default()
    }))
}

#[test]
fn a_priority_off_the_matrix_needs_a_reason() {
    let bare = Command::SetPriority { priority: Priority::P4, reason: " ".to_owned() };
    report(Priority::P1).when(bare).refused_as("REASON_REQUIRED");
    // HIGH × HIGH is a P1: back to it needs none.
    let back = Command::SetPriority { priority: Priority::P1, reason: String::new() };
    report(Priority::P2).when(back).then(&["PriorityChanged"]);
}

#[test]
fn who_did_not_acknowledge_has_nothing_to_take_back() {
    p1().when(Command::Unacknowledge).refused(Refusal::NotAcknowledged);
}

#[test]
fn snoozes_and_holds_have_their_longest() {
    let snooze = |length| Command::Snooze { length };
    p1().when(snooze(Duration::hours(2))).refused(Refusal::SnoozeTooLong { max_seconds: 3600 });
    p1().when(snooze(Duration::hours(1))).then_names(&["Acknowledged", "RoleTaken", "Snoozed", "SlaStopped"]);
    p1().when(hold("x", Some(Duration::days(8)))).refused(Refusal::HoldTooLong { max_seconds: 604_800 });
}

#[test]
fn on_hold_is_neither_snoozed_nor_escalated_nor_held_again() {
    let story = p1().when(hold("ticket 7", None));
    let story = story.when(Command::Snooze { length: Duration::minutes(5) }).refused(Refusal::IncidentOnHold);
    let story = story.when(escalate(None, None)).refused(Refusal::IncidentOnHold);
    story.when(hold("again", None)).refused(Refusal::AlreadyOnHold);
    p1().when(hold("", None)).refused_as("REASON_REQUIRED");
}

#[test]
fn escalation_asks_whether_the_level_moved() {
    let story = p1().until("10:06");
    let moved = Refusal::LevelMoved { expected: 1, level: 2, round: 1 };
    let story = story.when(escalate(Some(1), None)).refused(moved);
    story.when(escalate(Some(2), Some(9))).refused_as("INVALID_FIELD");
}

#[test]
fn beyond_the_fallback_there_is_no_further_level() {
    let story =
        p1().when(escalate(None, None)).when(escalate(None, None)).forget().when(escalate(None, None));
    let story = story.called(&["10:00 gus", "10:00 hal"]);
    story.when(escalate(None, None)).refused(Refusal::NoFurtherLevel);
}

#[test]
fn a_suppressed_incident_is_not_escalated() {
    p1().at("10:01").clears("a").when(escalate(None, None)).refused(Refusal::IncidentSuppressed);
}

#[test]
fn only_who_was_summoned_answers() {
    let summon = Command::Summon { people: vec!["bo".into()], note: String::new() };
    let story = p1().when(summon).when(Command::AnswerSummons { accepted: true }).refused_as("NOT_SUMMONED");
    story.by("bo").when(Command::AnswerSummons { accepted: false }).then_names(&["SummonsAnswered"]);
}

#[test]
fn relapsing_reopening_and_cancelling_need_a_reason() {
    let mitigated = report(Priority::P4).when(Command::Mitigate { how: String::new() });
    mitigated.when(Command::Relapse { reason: String::new() }).refused_as("REASON_REQUIRED");
    let resolved = report(Priority::P4).when(resolve(""));
    resolved.when(Command::Reopen { reason: String::new() }).refused_as("REASON_REQUIRED");
    let cancel = Command::Cancel { reason: CancelReason::Test, note: String::new() };
    report(Priority::P4).when(cancel).refused_as("REASON_REQUIRED");
}

#[test]
fn what_was_fixed_is_not_cancelled() {
    let fix = WorkCommand::ApplyFix { n: None, summary: "restart".to_owned() };
    let cancel = Command::Cancel { reason: CancelReason::FalseAlarm, note: "nothing".to_owned() };
    report(Priority::P4).when(fix).when(cancel).refused(Refusal::FixRecorded);
}

#[test]
fn a_resolve_needs_a_code_and_a_reason_while_alerts_fire() {
    let bare = Command::Resolve(Box::default());
    report(Priority::P4).when(bare).refused_as("REASON_REQUIRED");
    let story = Story::under(samples::policy()).paging(Priority::P4);
    let story = story.when(resolve("")).refused(Refusal::AlertsFiring { count: 1 });
    story.when(resolve("the alert is wrong")).is(Phase::Resolved);
}

#[test]
fn closing_waits_for_the_checklist_and_the_tasks() {
    let checked = Command::Resolve(Box::new(Resolve {
        code: Some(ResolutionCode::Fixed),
        how_verified: "ordered".to_owned(),
        ..Resolve::default()
    }));
    report(Priority::P3).when(checked).when(Command::Close).refused_as("CHECKLIST_INCOMPLETE");
    let task = WorkCommand::AddTask { summary: "tell the bank".to_owned(), owner: None, due: None };
    let story = report(Priority::P4).when(task).when(resolve("")).when(Command::Close);
    story.refused(Refusal::TasksOpen { count: 1 });
}

#[test]
fn an_alert_forced_away_must_clear_before_closing_only_if_it_is_not_muted() {
    let story = Story::under(samples::policy()).paging(Priority::P4).when(resolve("wrong"));
    story.when(Command::Close).is(Phase::Closed);
}

#[test]
fn what_ended_is_reopened_for_fourteen_days() {
    let closed = || report(Priority::P4).when(resolve("")).when(Command::Close);
    let reopen = || Command::Reopen { reason: "again".to_owned() };
    closed().at("06-17T10:00").when(reopen()).is(Phase::Active);
    let late = Refusal::ReopenTooLate { until: at("06-17T10:00") };
    closed().at("06-17T10:01").when(reopen()).refused(late.clone());
    let cancel = Command::Cancel { reason: CancelReason::Test, note: "a drill".to_owned() };
    let note = WorkCommand::AddNote { text: "late".to_owned(), by_reporter: false };
    // A note does not prolong it.
    let story = report(Priority::P4).when(cancel).at("06-12T10:00").when(note);
    story.at("06-17T10:01").when(reopen()).refused(late);
    report(Priority::P4).when(resolve("")).at("09-01T10:00").when(reopen()).is(Phase::Active);
}

#[test]
fn a_published_review_keeps_what_is_closed_closed() {
    let link = Command::LinkReview { review: "rev-1".into(), published: true };
    let story = report(Priority::P4).when(resolve("")).when(Command::Close).when(link);
    story.when(Command::Reopen { reason: "again".to_owned() }).refused(Refusal::ReviewPublished);
}

#[test]
fn an_unknown_alert_is_not_cleared() {
    p1().when(Command::ClearAlert { n: 7 }).refused_as("ALERT_UNKNOWN");
    p1().when(Command::ClearAlert { n: 1 }).then_names(&[
        "AlertCleared",
        "AllCleared",
        "Suppressed",
        "Notified",
        "SlaPaused",
    ]);
}

#[test]
fn a_policy_that_moved_meanwhile_is_named() {
    let story = p1().when(Command::MovePolicy { to: 1, expected: Some(7) });
    story.refused(Refusal::PolicyMoved { current: 1 });
}

#[test]
fn times_are_in_order_and_not_in_the_future() {
    let correct = |start: &str, end: &str| {
        let (impact_start, impact_end) = (Some(at(start)), Some(at(end)));
        Command::CorrectTimes(Correction { impact_start, impact_end, ..Correction::default() })
    };
    let story = p1().until("12:00").when(correct("11:00", "10:00")).refused_as("TIMES_DISORDERED");
    let story = story.when(correct("09:00", "13:00")).refused_as("TIMES_DISORDERED");
    story.when(correct("09:00", "10:30")).then_names(&["TimesCorrected"]);
}

#[test]
fn a_correction_of_what_happened_is_kept_apart_from_it() {
    let correct = |mitigated: Option<&str>, resolved: Option<&str>| {
        let (mitigated, resolved) = (mitigated.map(at), resolved.map(at));
        Command::CorrectTimes(Correction { mitigated, resolved, ..Correction::default() })
    };
    let early = correct(Some("10:10"), Some("10:20"));
    let story = report(Priority::P4).at("10:30").when(early.clone());
    let story = story.refused_for_all(&["NOT_MITIGATED", "NOT_RESOLVED"]);
    let story = story.when(Command::Mitigate { how: String::new() }).at("11:00").when(resolve(""));
    let story = story.when(correct(Some("10:50"), Some("10:40"))).refused_as("TIMES_DISORDERED");
    let story = story.when(early).then_names(&["TimesCorrected"]);
    let times = &story.incident_state().times;
    assert_eq!((times.mitigated, times.resolved), (Some(at("10:30")), Some(at("11:00"))));
    assert_eq!(times.corrected_mitigated, Some(at("10:10")));
    assert_eq!(times.corrected_resolved, Some(at("10:20")));
    let story = story.when(Command::Reopen { reason: "again".to_owned() });
    assert_eq!(story.incident_state().times.corrected_resolved, None);
}

#[test]
fn a_resolve_that_was_the_mitigation_too_is_corrected_as_both() {
    let correction = Correction { resolved: Some(at("10:10")), ..Correction::default() };
    let story = report(Priority::P4).at("10:30").when(resolve("")).when(Command::CorrectTimes(correction));
    assert_eq!(story.incident_state().times.corrected_mitigated, Some(at("10:10")));
}

#[test]
fn all_that_stands_against_a_resolve_is_named_in_order() {
    let step = WorkCommand::AddRecoveryStep { summary: "undo".to_owned(), after_resolution: false };
    let story = p1().when(step).when(Command::Resolve(Box::default()));
    story.refused_for_all(&["REASON_REQUIRED", "ALERTS_FIRING", "RECOVERY_OPEN", "FIX_NOT_VERIFIED"]);
}

#[test]
fn all_that_stands_against_closing_is_named_in_order() {
    let task = WorkCommand::AddTask { summary: "tell the bank".to_owned(), owner: None, due: None };
    let step = WorkCommand::AddRecoveryStep { summary: "undo".to_owned(), after_resolution: true };
    let checked = Command::Resolve(Box::new(Resolve {
        code: Some(ResolutionCode::Fixed),
        how_verified: "ordered".to_owned(),
        ..Resolve::default()
    }));
    let story = report(Priority::P3).when(task).when(step).when(checked).when(Command::Close);
    story.refused_for_all(&["CHECKLIST_INCOMPLETE", "RECOVERY_OPEN", "TASKS_OPEN"]);
}

#[test]
fn all_that_stands_against_a_cancel_a_merge_or_an_escalation_is_named_in_order() {
    let fix = WorkCommand::ApplyFix { n: None, summary: "restart".to_owned() };
    let cancel = Command::Cancel { reason: CancelReason::FalseAlarm, note: String::new() };
    let merge = |into: &str| Command::Merge { into: into.into(), into_exercise: true, raise_priority: false };
    let story = report(Priority::P4).when(fix).when(merge("inc-1"));
    let story = story.refused_for_all(&["MERGE_SELF", "MERGE_EXERCISE"]);
    let running = Command::Merge { into: "inc-2".into(), into_exercise: false, raise_priority: false };
    let story = story.when(running).when(merge("inc-1"));
    let story = story.refused_for_all(&["MERGE_SELF", "MERGE_EXERCISE", "MERGE_RUNNING"]);
    let story = story.when(cancel).refused_for_all(&["REASON_REQUIRED", "FIX_RECORDED"]);
    story.when(escalate(Some(7), Some(9))).refused_for_all(&[
        "INCIDENT_SUPPRESSED",
        "LEVEL_MOVED",
        "INVALID_FIELD",
    ]);
}

#[test]
fn what_has_ended_is_the_only_thing_that_stands_against_a_command() {
    let story = report(Priority::P4).when(resolve("")).when(Command::Resolve(Box::default()));
    story.refused_for_all(&["INCIDENT_RESOLVED"]);
}
