//! Fixes, recovery steps and what a resolve asks of them.

use std::collections::BTreeMap;

use super::{Due, next_due, refute_fixes};
use crate::incident::command::{Command, Resolve, WorkCommand};
use crate::incident::draft::Draft;
use crate::incident::event::{AlertEvent, ClearCause};
use crate::incident::kinds::{FixState, Phase, Priority, ResolutionCode};
use crate::incident::work_event::{FixFailure, WorkEvent};
use crate::instance::{Answer, Event};
use crate::policy::document::Service;
use crate::policy::{Policy, samples};
use crate::refusal::Refusal;
use crate::testing::{Story, at};
use crate::time::Duration;

fn plan() -> WorkCommand {
    WorkCommand::PlanFix { summary: "roll back the release".to_owned() }
}

fn apply(n: Option<u32>) -> WorkCommand {
    let summary = if n.is_none() { "restart the pool" } else { "" };
    WorkCommand::ApplyFix { n, summary: summary.to_owned() }
}

fn verify(passed: bool) -> WorkCommand {
    WorkCommand::VerifyFix { n: 1, passed, how: "orders go through".to_owned() }
}

fn roll_back() -> WorkCommand {
    WorkCommand::RollBackFix { n: 1, reason: "made it worse".to_owned() }
}

fn resolve() -> Command {
    let code = Some(ResolutionCode::Fixed);
    Command::Resolve(Box::new(Resolve { code, note: "over".to_owned(), ..Resolve::default() }))
}

fn active(priority: Priority) -> Story {
    Story::incident(Phase::Active, priority)
}

/// An active incident of a service that departs from the sample.
fn active_where(priority: Priority, change: impl FnOnce(&mut Service)) -> Story {
    let mut document = samples::acme();
    change(document.services.get_mut("checkout").unwrap());
    let policy = Policy::compile(document, 1).unwrap();
    Story::under(policy).opened(samples::report("payments fail"), Phase::Active, priority)
}

#[test]
fn a_fix_planned_in_triage_declares_the_incident_first() {
    let story = Story::incident(Phase::Triage, Priority::P2).when(plan()).then(&["Declared", "FixPlanned"]);
    assert_eq!(story.answer, Answer::Added(1));
}

#[test]
fn a_planned_fix_is_applied_in_its_own_words_and_soaks() {
    active(Priority::P1).when(plan()).at("10:10").when(apply(Some(1))).then_event(WorkEvent::FixApplied {
        n: 1,
        summary: "roll back the release".to_owned(),
        ready_at: at("10:20"),
        verifies_at: None,
    });
}

#[test]
fn a_soaking_fix_cannot_be_verified_but_may_fail() {
    let story = active(Priority::P1).when(apply(None)).at("10:09").when(verify(true));
    let story = story.refused(Refusal::FixSoaking { fix: 1, ready_at: at("10:10") });
    story.when(verify(false)).then_event(WorkEvent::FixFailed {
        n: 1,
        reason: FixFailure::Verification,
        how: "orders go through".to_owned(),
    });
}

#[test]
fn a_fix_is_verified_at_the_end_of_its_soak() {
    let story = active(Priority::P1).when(apply(None)).at("10:10").when(verify(true)).then(&["FixVerified"]);
    assert_eq!(story.incident_state().work.fixes[&1].state, FixState::Verified);
}

#[test]
fn a_fix_goes_through_its_states_once() {
    let refused = |state: &str| Refusal::FixState { fix: 1, state: state.to_owned() };
    let story = active(Priority::P3).when(plan()).when(verify(true)).refused(refused("PLANNED"));
    let story = story.when(apply(Some(1))).when(apply(Some(1))).refused(refused("APPLIED"));
    let story = story.when(verify(true)).when(verify(true)).refused(refused("VERIFIED"));
    story.when(roll_back()).then(&["FixRolledBack"]).when(roll_back()).refused(refused("ROLLED_BACK"));
}

#[test]
fn two_people_are_needed_where_the_service_says_so() {
    let story = active_where(Priority::P3, |checkout| checkout.two_person = true).when(apply(None));
    let story = story.when(verify(true)).refused(Refusal::SamePerson);
    story.by("bo").when(verify(true)).then(&["FixVerified"]);
}

#[test]
fn a_fix_proves_itself_where_alerts_clear_is_set() {
    let story = active_where(Priority::P1, |checkout| checkout.alerts_clear = Some(Duration::minutes(15)));
    let tick = || Command::Tick { heard: Vec::new() };
    let story = story.when(Command::Acknowledge).when(apply(None)).by("system");
    let story = story.at("10:14").when(tick()).then(&[]);
    story.at("10:15").when(tick()).then(&["FixVerified"]).when(tick()).then(&[]);
}

#[test]
fn a_p1_resolves_only_with_the_newest_fix_verified() {
    let story = active(Priority::P1).when(resolve()).refused(Refusal::FixNotVerified);
    let story = story.when(apply(None)).when(resolve());
    let story = story.refused(Refusal::FixSoaking { fix: 1, ready_at: at("10:10") });
    let story = story.at("10:10").when(resolve()).refused(Refusal::FixNotVerified);
    story.when(verify(true)).when(resolve()).then(&["Resolved", "ReviewRequested"]);
}

#[test]
fn a_rolled_back_fix_no_longer_counts() {
    let story = active(Priority::P1).when(apply(None)).at("10:10").when(verify(true)).when(roll_back());
    story.when(resolve()).refused(Refusal::FixNotVerified);
}

#[test]
fn a_p3_resolves_when_somebody_says_how_it_was_checked() {
    let story = active(Priority::P3).when(resolve()).refused(Refusal::FixNotVerified);
    let checked = Resolve {
        code: Some(ResolutionCode::Fixed),
        how_verified: "ordered a book".to_owned(),
        ..Resolve::default()
    };
    story.when(Command::Resolve(Box::new(checked))).then(&["Resolved"]);
}

#[test]
fn open_recovery_steps_gate_the_resolve_before_the_fix_does() {
    let step =
        |after_resolution| WorkCommand::AddRecoveryStep { summary: "restore".to_owned(), after_resolution };
    let story = active(Priority::P1).when(step(false)).when(step(true)).when(resolve());
    let story = story.refused(Refusal::RecoveryOpen { count: 1 });
    let done = || WorkCommand::CompleteRecoveryStep { n: 1, checked: true };
    let story = story.when(done()).then(&["RecoveryStepDone"]).when(done()).refused_as("WRONG_STATE");
    story.when(resolve()).refused(Refusal::FixNotVerified);
}

#[test]
fn nothing_is_fixed_once_the_incident_is_resolved() {
    let story =
        Story::incident(Phase::Active, Priority::P4).when(resolve()).then(&["Resolved", "Documented"]);
    story
        .when(plan())
        .refused(Refusal::IncidentResolved)
        .when(apply(None))
        .refused(Refusal::IncidentResolved);
}

#[test]
fn fixes_are_limited() {
    let mut story = active(Priority::P2);
    for _ in 0..200 {
        story = story.when(plan());
    }
    story.when(plan()).refused(Refusal::LimitReached { field: "fixes".to_owned(), limit: 200 });
}

#[test]
fn an_alert_that_fires_anew_refutes_the_fix_and_stops_its_proof() {
    let mut document = samples::acme();
    document.services.get_mut("checkout").unwrap().alerts_clear = Some(Duration::minutes(15));
    let alert = samples::alert(&[("service", "checkout")]);
    let story =
        Story::under(Policy::compile(document, 1).unwrap()).opened(alert, Phase::Active, Priority::P1);
    let clear = AlertEvent::AlertCleared { n: 1, cause: ClearCause::Source, observed_at: at("10:05") };
    let again = AlertEvent::AlertRefired { n: 1, observed_at: at("10:08"), ends_at: None };
    let story = story.when(Command::Acknowledge).when(apply(None));
    // While the alert fires, time proves nothing.
    assert_eq!(next_due(story.incident_state()), None);
    let story = story.at("10:05").given([Event::Incident(clear.into())]);
    assert_eq!(next_due(story.incident_state()), Some((at("10:20"), Due::FixProven(1))));
    let story = story.at("10:08").given([Event::Incident(again.into())]);
    let (actor, overrides) = (story.actor.clone(), BTreeMap::new());
    let cx = story.context(&actor, &overrides);
    let mut draft = Draft::new(story.incident_state().clone(), &cx);
    refute_fixes(&mut draft, 1);
    let failed = WorkEvent::FixFailed { n: 1, reason: FixFailure::AlertFired, how: String::new() };
    assert_eq!(draft.events, [failed.into()]);
}

#[test]
fn what_recovered_by_itself_stays_quiet_for_a_soak_before_it_resolves() {
    let alert = samples::alert(&[("service", "checkout")]);
    let clear = AlertEvent::AlertCleared { n: 1, cause: ClearCause::Source, observed_at: at("10:05") };
    let recovered = |note: &str| {
        let (code, note) = (Some(ResolutionCode::Recovered), note.to_owned());
        let resolve = Resolve { code, note, recovered_by_itself: true, ..Resolve::default() };
        Command::Resolve(Box::new(resolve))
    };
    let story = Story::under(samples::policy()).opened(alert, Phase::Active, Priority::P1);
    let story = story.when(Command::Acknowledge).at("10:05").given([Event::Incident(clear.into())]);
    let story = story.at("10:14").when(recovered("")).refused(Refusal::FixNotVerified);
    let soaking = Refusal::FixSoaking { fix: 0, ready_at: at("10:15") };
    let story = story.when(recovered("it was the bank")).refused(soaking);
    story.at("10:15").when(recovered("it was the bank")).then(&["Resolved", "ReviewRequested"]);
}
