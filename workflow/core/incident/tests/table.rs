//! The table of commands and phases, row by row: kept phase, new phase, or the reason of the refusal.

use crate::id::InstanceId;
use crate::incident::command::{Command, Correction, Resolve, Triage, WorkCommand};
use crate::incident::kinds::{
    Audience, CancelReason, HoldReason, Phase, Priority, RelationKind, ResolutionCode,
};
use crate::incident::state::Assignee;
use crate::incident::work::ChecklistField;
use crate::testing::Story;
use crate::time::Duration;

const PHASES: [Phase; 6] =
    [Phase::Triage, Phase::Active, Phase::Mitigated, Phase::Resolved, Phase::Closed, Phase::Cancelled];

/// A P4 in that phase: its gates ask for nothing.
fn in_phase(phase: Phase) -> Story {
    let begun = if phase == Phase::Triage { Phase::Triage } else { Phase::Active };
    let story = Story::incident(begun, Priority::P4).when(Command::Tick { heard: Vec::new() });
    let story = match phase {
        Phase::Triage | Phase::Active => story,
        Phase::Mitigated => story.when(mitigate()),
        Phase::Resolved => story.when(resolve()),
        Phase::Closed => story.when(resolve()).when(Command::Close),
        Phase::Cancelled => story.when(cancel()),
    };
    story.is(phase)
}

fn mitigate() -> Command {
    Command::Mitigate { how: "failed over".to_owned() }
}

fn resolve() -> Command {
    Command::Resolve(Box::new(Resolve { code: Some(ResolutionCode::Fixed), ..Resolve::default() }))
}

fn cancel() -> Command {
    Command::Cancel { reason: CancelReason::FalseAlarm, note: "a test call".to_owned() }
}

fn hold() -> Command {
    Command::Hold { reason: HoldReason::AwaitingVendor, note: "ticket 7".to_owned(), length: None }
}

fn snooze() -> Command {
    Command::Snooze { length: Duration::hours(1) }
}

fn merge() -> Command {
    Command::Merge { into: "inc-2".into(), into_exercise: false, raise_priority: true }
}

fn absorb() -> Command {
    Command::Absorb {
        from: "inc-2".into(),
        reference: "INC-2".to_owned(),
        alerts: Vec::new(),
        reports: 1,
        priority: Priority::P4,
        raise_priority: true,
        exercise: false,
        subscribers: Default::default(),
        tasks: Vec::new(),
    }
}

fn document() -> WorkCommand {
    WorkCommand::Document { field: ChecklistField::Summary, text: "the pool was full".to_owned() }
}

fn work(command: WorkCommand) -> Command {
    Command::Work(command)
}

/// Checks one row: what the command does in each phase, after `before` in the open ones.
fn row(before: &[Command], command: &Command, expected: [&str; 6]) {
    for (phase, expected) in PHASES.into_iter().zip(expected) {
        let mut story = in_phase(phase);
        if phase < Phase::Resolved {
            story = before.iter().cloned().fold(story, |s, c| s.when(c));
        }
        let phase = if phase < Phase::Resolved { story.incident_state().phase } else { phase };
        let story = story.forget().when(command.clone());
        let after = story.incident_state().phase;
        let declared = story.history.iter().any(|(_, e)| e.name() == "Declared");
        match story.outcome() {
            Err(reason) => assert_eq!(reason, expected, "{command:?} in {phase}"),
            Ok(()) => {
                let dagger = if declared && !matches!(command, Command::Declare) { "†" } else { "" };
                let kept = after == phase || (phase == Phase::Triage && declared && after == Phase::Active);
                let told = match command {
                    Command::Declare => format!("→{after}"),
                    _ if kept => format!("={dagger}"),
                    _ => format!("→{after}{dagger}"),
                };
                assert_eq!(told, expected, "{command:?} in {phase}");
            }
        }
    }
}

const R: &str = "INCIDENT_RESOLVED";
const C: &str = "INCIDENT_CLOSED";
const X: &str = "INCIDENT_CANCELLED";

#[test]
fn declare() {
    row(&[], &Command::Declare, ["→ACTIVE", "ALREADY_DECLARED", "ALREADY_DECLARED", R, C, X]);
}

#[test]
fn triage_and_priority() {
    let category = Some("hardware".to_owned());
    let triage = Command::Triage(Box::new(Triage { category, ..Triage::default() }));
    row(&[], &triage, ["=", "=", "=", R, C, X]);
    let priority = Command::SetPriority { priority: Priority::P3, reason: "the boss calls".to_owned() };
    row(&[], &priority, ["=", "=", "=", R, C, X]);
}

#[test]
fn assign() {
    let to = Assignee::Person("bo".into());
    row(&[], &Command::Assign { to, page: true }, ["=", "=", "=", "=", C, X]);
}

#[test]
fn acknowledge_and_take_it_back() {
    row(&[], &Command::Acknowledge, ["=", "=", "=", R, C, X]);
    row(&[Command::Acknowledge], &Command::Unacknowledge, ["=", "=", "=", R, C, X]);
}

#[test]
fn release() {
    let lone = Command::Release { note: String::new() };
    row(&[], &lone, ["NOT_SUPPRESSED", "NOT_SUPPRESSED", "NOT_SUPPRESSED", R, C, X]);
}

#[test]
fn snooze_and_wake() {
    row(&[], &snooze(), ["=", "=", "=", R, C, X]);
    row(&[snooze()], &snooze(), ["=", "=", "=", R, C, X]);
    row(&[snooze()], &Command::Wake, ["=", "=", "=", R, C, X]);
    row(&[], &Command::Wake, ["NOT_SNOOZED", "NOT_SNOOZED", "NOT_SNOOZED", R, C, X]);
}

#[test]
fn hold_and_resume() {
    row(&[], &hold(), ["=", "=", "=", R, C, X]);
    row(&[hold()], &Command::Resume, ["=", "=", "=", R, C, X]);
    row(&[], &Command::Resume, ["NOT_ON_HOLD", "NOT_ON_HOLD", "NOT_ON_HOLD", R, C, X]);
}

#[test]
fn escalate() {
    let next = Command::Escalate { expected_level: None, to_level: None, note: String::new() };
    row(&[], &next, ["=", "=", "=", R, C, X]);
}

#[test]
fn summon_and_answer() {
    let summon = Command::Summon { people: vec!["ana".into()], note: String::new() };
    row(&[], &summon, ["=", "=", "=", R, C, X]);
    row(&[summon], &Command::AnswerSummons { accepted: true }, ["=", "=", "=", R, C, X]);
}

#[test]
fn mitigate_and_relapse() {
    row(&[], &mitigate(), ["→MITIGATED†", "→MITIGATED", "ALREADY_MITIGATED", R, C, X]);
    let relapse = Command::Relapse { reason: "again".to_owned() };
    row(&[], &relapse, ["NOT_MITIGATED", "NOT_MITIGATED", "→ACTIVE", R, C, X]);
}

#[test]
fn fixes() {
    let plan = || WorkCommand::PlanFix { summary: "roll back".to_owned() };
    let apply = || WorkCommand::ApplyFix { n: None, summary: "roll back".to_owned() };
    let verify = WorkCommand::VerifyFix { n: 1, passed: true, how: "orders go through".to_owned() };
    let undo = WorkCommand::RollBackFix { n: 1, reason: "worse".to_owned() };
    row(&[], &work(plan()), ["=†", "=", "=", R, C, X]);
    row(&[], &work(apply()), ["=†", "=", "=", R, C, X]);
    row(&[work(apply())], &work(verify), ["=", "=", "=", R, C, X]);
    row(&[work(apply())], &work(undo), ["=", "=", "=", R, C, X]);
}

#[test]
fn resolve_row() {
    row(&[], &resolve(), ["→RESOLVED†", "→RESOLVED", "→RESOLVED", R, C, X]);
}

#[test]
fn reopen() {
    let reopen = Command::Reopen { reason: "still broken".to_owned() };
    let open = "ALREADY_OPEN";
    row(&[], &reopen, [open, open, open, "→ACTIVE", "→ACTIVE", "→ACTIVE"]);
}

#[test]
fn close() {
    let not = "NOT_RESOLVED";
    row(&[], &Command::Close, [not, not, not, "→CLOSED", C, X]);
}

#[test]
fn cancel_row() {
    row(&[], &cancel(), ["→CANCELLED", "→CANCELLED", "→CANCELLED", R, C, X]);
}

#[test]
fn merge_source_and_target() {
    // The source ends when the target has answered.
    row(&[], &merge(), ["=", "=", "=", R, C, X]);
    let done = Command::FinishMerge { into: "inc-2".into(), refused: None };
    for phase in [Phase::Triage, Phase::Active, Phase::Mitigated] {
        in_phase(phase).when(merge()).when(done.clone()).is(Phase::Cancelled);
    }
    row(&[], &absorb(), ["=", "=", "=", R, C, X]);
}

#[test]
fn split() {
    let to: InstanceId = "inc-3".into();
    let one = Command::Split { to, alerts: Vec::new(), reports: 1, acknowledge: false, title: String::new() };
    row(&[absorb()], &one, ["=", "=", "=", "SPLIT_ALL", C, X]);
    let two = in_phase(Phase::Active).when(absorb()).when(resolve()).is(Phase::Resolved);
    two.when(one).then(&["SplitOut"]).is(Phase::Resolved);
}

#[test]
fn work_until_the_end() {
    let add = WorkCommand::AddTask { summary: "call the bank".to_owned(), owner: None, due: None };
    let hypothesis =
        WorkCommand::ProposeHypothesis { statement: "the pool is full".to_owned(), evidence: Vec::new() };
    let role =
        WorkCommand::AssignRole { role: "commander".to_owned(), to: "bo".into(), expected_holder: None };
    let update =
        WorkCommand::PostUpdate { text: "we know".to_owned(), audience: Audience::Internal, next_in: None };
    for command in [add, hypothesis, role, update, document()] {
        row(&[], &work(command), ["=", "=", "=", "=", C, X]);
    }
    row(&[], &Command::MovePolicy { to: 1, expected: None }, ["=", "=", "=", "=", C, X]);
}

#[test]
fn what_is_recorded_at_any_time() {
    let note = WorkCommand::AddNote { text: "seen".to_owned(), by_reporter: false };
    let evidence = WorkCommand::AddEvidence {
        title: "log".to_owned(),
        body: "line".to_owned(),
        trace_id: String::new(),
    };
    let subscribe =
        WorkCommand::Subscribe { subscriber: "people/bo".to_owned(), audience: Audience::Internal };
    for command in [note, evidence, subscribe] {
        row(&[], &work(command), ["="; 6]);
    }
    for remove in [false, true] {
        let (to, kind, note) = ("inc-9".into(), RelationKind::Related, String::new());
        row(&[], &Command::Relate { to, kind, note, remove }, ["="; 6]);
    }
}

#[test]
fn times_are_corrected_unless_it_was_cancelled() {
    let impact_start = Some(crate::testing::at("09:50"));
    let correct = Command::CorrectTimes(Correction { impact_start, ..Correction::default() });
    row(&[], &correct, ["=", "=", "=", "=", "=", X]);
}
