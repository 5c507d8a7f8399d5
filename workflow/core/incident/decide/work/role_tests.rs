//! Roles, tasks and hypotheses.

use crate::actor::Actor;
use crate::incident::command::{Command, WorkCommand};
use crate::incident::event::{Notice, NoticeTo, PagingEvent};
use crate::incident::kinds::{HypothesisState, Phase, Priority, TaskState};
use crate::incident::work::Deed;
use crate::incident::work_event::WorkEvent;
use crate::refusal::Refusal;
use crate::testing::{Story, at};

const ROLE: &str = "commander";

fn active() -> Story {
    Story::incident(Phase::Active, Priority::P2)
}

fn assign(to: &str) -> WorkCommand {
    WorkCommand::AssignRole { role: ROLE.to_owned(), to: to.into(), expected_holder: None }
}

fn request(to: &str, expected: &str) -> WorkCommand {
    WorkCommand::RequestHandover {
        role: ROLE.to_owned(),
        to: to.into(),
        expected_holder: Some(expected.into()),
    }
}

fn confirm() -> WorkCommand {
    WorkCommand::ConfirmHandover { role: ROLE.to_owned() }
}

fn cancel() -> WorkCommand {
    WorkCommand::CancelHandover { role: ROLE.to_owned() }
}

fn holder(story: &Story) -> &str {
    story.incident_state().work.roles[ROLE].holder.as_str()
}

fn tick() -> Command {
    Command::Tick { heard: Vec::new() }
}

#[test]
fn the_first_acknowledger_of_a_p2_commands_it() {
    let story = active().by("bo").when(Command::Acknowledge).then(&["RoleTaken"]);
    assert_eq!(holder(&story), "bo");
    story.by("chi").when(Command::Acknowledge).then(&[]);
}

#[test]
fn a_p3_needs_no_commander() {
    Story::incident(Phase::Active, Priority::P3).when(Command::Acknowledge).then(&[]);
}

#[test]
fn a_role_that_is_held_is_handed_over_not_given() {
    let story = active().when(assign("bo")).then(&["RoleTaken"]).when(assign("bo")).then(&[]);
    story.when(assign("chi")).refused(Refusal::HolderMoved { holder: "bo".to_owned() });
}

#[test]
fn a_handover_waits_for_its_recipient_and_the_role_is_never_empty() {
    let story = active().when(assign("bo")).when(request("chi", "bo")).then(&["HandoverRequested"]);
    assert_eq!(holder(&story), "bo");
    let story =
        story.by("ana").when(confirm()).refused(Refusal::NotYours { allowed: "people/chi".to_owned() });
    let story = story.by("chi").when(confirm()).then(&["HandoverConfirmed"]);
    assert_eq!(holder(&story), "chi");
    story.when(confirm()).refused(Refusal::NoHandover { role: ROLE.to_owned() });
}

#[test]
fn a_handover_expects_the_holder_it_was_asked_of() {
    let story = active().when(assign("bo"));
    story.when(request("chi", "ana")).refused(Refusal::HolderMoved { holder: "bo".to_owned() });
}

#[test]
fn a_handover_nobody_confirms_lapses_after_ten_minutes() {
    let story = active().when(Command::Acknowledge).when(request("chi", "ana")).by("system");
    let story = story.at("10:09").when(tick()).then(&[]);
    let story = story.at("10:10").when(tick()).then(&["HandoverCancelled"]).when(tick()).then(&[]);
    assert_eq!(holder(&story), "ana");
}

#[test]
fn a_confirmation_at_the_last_instant_is_not_robbed_by_the_tick() {
    let story = active().when(assign("bo")).when(request("chi", "bo"));
    story.at("10:10").by("chi").when(confirm()).then(&["HandoverConfirmed"]);
}

#[test]
fn holder_and_recipient_may_cancel_a_handover_and_nobody_else() {
    let story = active().when(assign("bo")).when(request("chi", "bo"));
    let story = story.by("ana").when(cancel()).refused_as("NOT_YOURS");
    story.by("bo").when(cancel()).then(&["HandoverCancelled"]);
}

#[test]
fn a_forced_handover_needs_a_reason() {
    let force = |reason: &str| WorkCommand::ForceHandover {
        role: ROLE.to_owned(),
        to: "chi".into(),
        expected_holder: None,
        reason: reason.to_owned(),
    };
    let story = active().when(assign("bo")).when(force(" ")).refused_as("REASON_REQUIRED");
    story.when(force("bo is asleep")).then(&["HandoverForced"]);
}

#[test]
fn a_forced_handover_asks_who_holds_the_role() {
    let force = |expected: &str| WorkCommand::ForceHandover {
        role: ROLE.to_owned(),
        to: "chi".into(),
        expected_holder: Some(expected.into()),
        reason: "bo is asleep".to_owned(),
    };
    active().when(force("bo")).refused(Refusal::HolderMoved { holder: String::new() });
    let story = active().when(assign("bo")).when(force("ana"));
    let story = story.refused(Refusal::HolderMoved { holder: "bo".to_owned() });
    let story = story.at("10:07").when(force("bo")).then(&["HandoverForced"]);
    assert_eq!(story.incident_state().work.roles[ROLE].since, Some(at("10:07")));
}

#[test]
fn roles_and_people_must_exist() {
    let unknown = WorkCommand::AssignRole { role: "king".to_owned(), to: "bo".into(), expected_holder: None };
    active().when(unknown).refused_as("UNKNOWN_RESOURCE").when(assign("zoe")).refused_as("UNKNOWN_RESOURCE");
}

fn task() -> WorkCommand {
    WorkCommand::AddTask {
        summary: "call the bank".to_owned(),
        owner: Some("bo".into()),
        due: Some(at("10:20")),
    }
}

fn change(state: TaskState, reason: &str) -> WorkCommand {
    let (state, reason) = (Some(state), reason.to_owned());
    WorkCommand::UpdateTask { n: 1, summary: None, state, owner: None, due: None, reason }
}

#[test]
fn an_overdue_task_reminds_its_owner_once_and_the_commander_every_hour() {
    let to = |person: &str, channel: &str| PagingEvent::Notified {
        about: Notice::TaskOverdue { task: 1 },
        people: vec![NoticeTo { person: person.into(), channel: channel.into() }],
        channels: Vec::new(),
    };
    let story = active().when(Command::Acknowledge).when(task()).by("system");
    let story = story.at("10:20").when(tick()).then(&["TaskOverdue"]).then_event(to("bo", "push"));
    let story = story.at("11:19").when(tick()).then(&[]);
    let story = story.by("ana").when(Command::Acknowledge).by("system");
    let story = story.at("11:20").when(tick()).then(&["TaskOverdue"]).then_event(to("ana", "email"));
    story.by("bo").when(change(TaskState::Done, "")).by("system").at("12:20").when(tick()).then(&[]);
}

#[test]
fn a_reminder_that_comes_late_is_given_once() {
    let story = active().when(Command::Acknowledge).when(task()).by("system").at("10:29");
    let story = story.by("ana").when(Command::Acknowledge).then(&["TaskOverdue"]);
    let next = story.incident_state().work.tasks[&1].remind_at;
    assert_eq!(next, Some(at("11:20")));
}

#[test]
fn a_task_is_dropped_for_a_reason_and_then_stays_so() {
    let story = active().when(task()).when(change(TaskState::Dropped, "")).refused_as("REASON_REQUIRED");
    let story = story.when(change(TaskState::Dropped, "not needed")).then(&["TaskChanged"]);
    story.when(change(TaskState::Done, "")).refused_as("WRONG_STATE");
}

#[test]
fn a_task_changes_only_what_is_named() {
    let story = active().when(task()).when(change(TaskState::InProgress, ""));
    let story = story.then_event(WorkEvent::TaskChanged {
        n: 1,
        summary: None,
        state: TaskState::InProgress,
        owner: Some("bo".into()),
        due: Some(at("10:20")),
        reason: String::new(),
    });
    let title = |title: &str| WorkCommand::UpdateTask {
        n: 1,
        summary: Some(title.to_owned()),
        state: None,
        owner: None,
        due: None,
        reason: String::new(),
    };
    let story = story.when(title(" ")).refused_as("INVALID_FIELD");
    let story = story.when(title("call the bank")).then(&[]).when(title("call both banks"));
    let task = &story.incident_state().work.tasks[&1];
    assert_eq!((task.summary.as_str(), task.state), ("call both banks", TaskState::InProgress));
}

#[test]
fn work_says_who_began_it_and_who_ended_it() {
    let story = active().by("ana").when(task());
    let story = story.at("10:10").by("bo").when(change(TaskState::Done, ""));
    let task = &story.incident_state().work.tasks[&1];
    let deed = |by: &str, when| Some(Deed { by: Actor::Person(by.into()), at: at(when) });
    assert_eq!((task.added.clone(), task.ended.clone()), (deed("ana", "10:00"), deed("bo", "10:10")));
}

#[test]
fn a_hypothesis_collects_evidence_and_is_judged_once() {
    let propose = |evidence: &[u32]| WorkCommand::ProposeHypothesis {
        statement: "the pool is full".to_owned(),
        evidence: evidence.to_vec(),
    };
    let judge = |state, evidence: &[u32]| WorkCommand::UpdateHypothesis {
        n: 1,
        state: Some(state),
        evidence: evidence.to_vec(),
        note: String::new(),
    };
    let evidence = || WorkCommand::AddEvidence {
        title: "graph".to_owned(),
        body: "https://graphs.acme.example/1".to_owned(),
        trace_id: String::new(),
    };
    let story = active().when(propose(&[1])).refused_as("UNKNOWN_RESOURCE").when(evidence());
    let story = story.when(propose(&[1])).when(judge(HypothesisState::Testing, &[2]));
    let story = story.refused_as("UNKNOWN_RESOURCE");
    let story = story.when(evidence()).when(judge(HypothesisState::Testing, &[2]));
    let story =
        story.when(judge(HypothesisState::Confirmed, &[1])).then_event(WorkEvent::HypothesisChanged {
            n: 1,
            state: HypothesisState::Confirmed,
            evidence: vec![1, 2],
            note: String::new(),
        });
    let story = story.when(judge(HypothesisState::Rejected, &[])).refused_as("WRONG_STATE");
    let (state, evidence) = (None, Vec::new());
    let remark = WorkCommand::UpdateHypothesis { n: 1, state, evidence, note: "see the graph".to_owned() };
    let story = story.when(remark);
    let judged = &story.incident_state().work.hypotheses[&1];
    assert_eq!((judged.state, judged.note.as_str()), (HypothesisState::Confirmed, "see the graph"));
}
