//! Merge in three commits, split in two, relations.

use crate::effect::EffectKind;
use crate::incident::alerts::{AlertState, Told};
use crate::incident::command::{Command, SplitOff, WorkCommand};
use crate::incident::kinds::{Phase, Priority, RelationKind, SuppressReason};
use crate::instance;
use crate::policy::samples;
use crate::testing::{Story, alert};

fn paging(priority: Priority) -> Story {
    Story::where_policy(|p| p.sla.clear()).paging(priority)
}

fn merge(raise_priority: bool) -> Command {
    Command::Merge { into: "inc-2".into(), into_exercise: false, raise_priority }
}

fn finish(refused: Option<&str>) -> Command {
    Command::FinishMerge { into: "inc-2".into(), refused: refused.map(str::to_owned) }
}

/// The commands that the last decision gave to other incidents.
fn submitted(story: &Story) -> Vec<Command> {
    let of = |e: &crate::effect::Effect| match &e.what {
        EffectKind::Submit { command, .. } => match &**command {
            instance::Command::Incident(c) => Some(c.clone()),
            instance::Command::Review(_) => None,
        },
        _ => None,
    };
    story.effects.iter().filter_map(of).collect()
}

fn absorbed(story: &Story) -> (Vec<AlertState>, u32, bool) {
    match submitted(story).as_slice() {
        [Command::Absorb { alerts, reports, raise_priority, .. }] => {
            (alerts.clone(), *reports, *raise_priority)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_merge_pages_nobody_while_it_runs_and_ends_the_source() {
    let story = paging(Priority::P1).at("10:01").when(merge(true));
    let reason = story.incident_state().suppressed.as_ref().map(|s| s.reason);
    assert_eq!(reason, Some(SuppressReason::Merging));
    let (alerts, reports, _) = absorbed(&story);
    assert_eq!((alerts.len(), reports), (1, 0));
    let story = story.forget().until("11:00").called(&[]).when(finish(None)).is(Phase::Cancelled);
    assert!(submitted(&story).is_empty());
    let merged = "INCIDENT_MERGED";
    story.when(finish(None)).then_names(&[]).when(Command::Acknowledge).refused_as(merged);
}

#[test]
fn clocks_of_the_source_are_cancelled() {
    let story = Story::under(samples::policy()).paging(Priority::P1).when(merge(true)).when(finish(None));
    assert!(story.incident_state().clocks.iter().all(|c| !c.is_live()));
}

#[test]
fn what_comes_while_a_merge_runs_is_carried_over() {
    let story = paging(Priority::P1).when(merge(false)).at("10:01").fires("b", "critical");
    let story =
        story.at("10:02").clears("a").hears(samples::report("it hurts")).at("10:03").when(finish(None));
    let (alerts, reports, raise) = absorbed(&story);
    let told: Vec<_> = alerts.iter().map(|a| (a.identity.as_str(), a.firing)).collect();
    assert_eq!(told, [("prom:a", false), ("prom:b", true)]);
    assert_eq!((reports, raise), (1, false));
}

#[test]
fn commands_take_effect_while_a_merge_runs() {
    let story = paging(Priority::P1).when(merge(true)).when(Command::Acknowledge);
    let story = story.when(finish(Some("it is closed")));
    assert!(story.incident_state().ack.is_some());
    story.forget().until("10:20").called(&[]);
}

#[test]
fn a_refused_merge_releases_the_source_at_the_level_reached() {
    let story = paging(Priority::P1).until("10:06").when(merge(true)).at("10:07").forget();
    let story = story.when(finish(Some("it is closed"))).called(&["10:07 bo"]);
    assert_eq!(story.incident_state().merge, None);
}

#[test]
fn a_refused_merge_leaves_quiet_what_was_quiet() {
    let story = Story::under(samples::policy()).fires("a", "info").when(merge(true));
    let story = story.when(finish(Some("it is closed"))).until("11:00").called(&[]);
    let reason = story.incident_state().suppressed.as_ref().map(|s| s.reason);
    assert_eq!(reason, Some(SuppressReason::NotPaged));
}

#[test]
fn a_refused_merge_does_not_forget_what_was_reported_while_it_ran() {
    let story = paging(Priority::P1).until("10:06").clears("a").when(merge(true)).at("10:07");
    let story = story.hears(samples::report("it hurts")).forget().when(finish(Some("it is closed")));
    story.called(&["10:07 bo"]);
}

#[test]
fn merges_have_their_refusals() {
    let itself = Command::Merge { into: "inc-1".into(), into_exercise: false, raise_priority: true };
    paging(Priority::P1).when(itself).refused_as("MERGE_SELF");
    let drill = Command::Merge { into: "inc-2".into(), into_exercise: true, raise_priority: true };
    paging(Priority::P1).when(drill).refused_as("MERGE_EXERCISE");
    paging(Priority::P1).when(merge(true)).when(merge(true)).refused_as("MERGE_RUNNING");
}

fn absorb(alerts: Vec<AlertState>, reports: u32, priority: Priority, raise_priority: bool) -> Command {
    Command::Absorb {
        from: "inc-2".into(),
        reference: "INC-2".to_owned(),
        alerts,
        reports,
        priority,
        raise_priority,
        exercise: false,
        subscribers: Default::default(),
        tasks: Vec::new(),
    }
}

fn other(firing: bool) -> AlertState {
    let story = paging(Priority::P2);
    AlertState { identity: "prom:z".to_owned(), firing, ..story.incident_state().alerts[&1].clone() }
}

#[test]
fn the_target_keeps_phase_and_holder_and_takes_the_higher_priority() {
    let mitigate = Command::Mitigate { how: "failed over".to_owned() };
    let target = || paging(Priority::P3).when(mitigate.clone());
    let story = target().by("system").when(absorb(vec![other(true)], 1, Priority::P1, true));
    let state = story.incident_state();
    assert_eq!((state.phase, state.priority), (Phase::Mitigated, Priority::P1));
    assert_eq!((state.alerts.len(), state.reports), (2, 1));
    assert!(state.ack.is_some());
    assert!(matches!(submitted(&story).as_slice(), [Command::FinishMerge { refused: None, .. }]));
    let story = target().by("system").when(absorb(Vec::new(), 1, Priority::P1, false));
    assert_eq!(story.incident_state().priority, Priority::P3);
}

#[test]
fn a_target_that_had_cleared_is_released_by_what_still_fires() {
    let story = paging(Priority::P3).until("10:06").clears("a").forget().by("system");
    let story = story.when(absorb(vec![other(true)], 0, Priority::P3, true)).called(&["10:06 bo"]);
    story.until("12:00").is(Phase::Active);
    // What is clear itself changes nothing of that.
    let story = paging(Priority::P3).clears("a").by("system").forget();
    story.when(absorb(vec![other(false)], 0, Priority::P3, true)).until("10:05").is(Phase::Resolved);
}

#[test]
fn absorbing_again_brings_alerts_up_to_date_without_doubling_them() {
    let story = paging(Priority::P3).by("system").when(absorb(vec![other(true)], 0, Priority::P3, true));
    let story = story.when(absorb(vec![other(false)], 0, Priority::P3, true));
    let state = story.incident_state();
    assert_eq!(state.alerts.len(), 2);
    assert!(!state.alerts[&2].firing);
}

fn split(alerts: Vec<u32>, reports: u32, acknowledge: bool) -> Command {
    Command::Split { to: "inc-3".into(), alerts, reports, acknowledge, title: String::new() }
}

fn split_off(story: &Story) -> SplitOff {
    match submitted(story).as_slice() {
        [Command::OpenSplit(off)] => (**off).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_split_has_its_refusals() {
    let story = paging(Priority::P1).fires("b", "critical").when(split(Vec::new(), 0, false));
    let story = story.refused_as("SPLIT_EMPTY").when(split(vec![1, 2], 0, false)).refused_as("SPLIT_ALL");
    story.when(split(vec![9], 0, false)).refused_as("ALERT_UNKNOWN");
}

#[test]
fn the_other_half_opens_now_with_its_own_clocks_and_pages() {
    let story = Story::under(samples::policy()).paging(Priority::P1).fires("b", "critical").at("10:30");
    let story = story.when(split(vec![2], 0, false));
    assert!(story.incident_state().alerts[&2].moved);
    let off = split_off(&story);
    let half = Story::under(samples::policy()).at("10:30").by("system");
    let half = half.when(Command::OpenSplit(Box::new(off))).called(&["10:30 ana"]).is(Phase::Active);
    let state = half.incident_state();
    assert_eq!((state.priority, state.service.as_str()), (Priority::P1, "checkout"));
    assert!(state.clocks.iter().all(|c| c.start == crate::testing::at("10:30")));
    assert!(state.relations.iter().any(|r| r.to == "inc-1".into()));
}

#[test]
fn an_acknowledged_half_pages_nobody() {
    let story = paging(Priority::P1).fires("b", "critical").when(split(vec![2], 0, true));
    let half = Story::under(samples::policy()).by("system");
    let half = half.when(Command::OpenSplit(Box::new(split_off(&story)))).until("10:20").called(&[]);
    assert!(half.incident_state().ack.is_some());
}

#[test]
fn a_half_of_what_is_in_triage_is_in_triage() {
    let story = Story::incident(Phase::Triage, Priority::P2).when(absorb(Vec::new(), 1, Priority::P2, true));
    let story = story.when(split(Vec::new(), 1, false));
    let half = Story::under(samples::policy()).by("system");
    half.when(Command::OpenSplit(Box::new(split_off(&story)))).is(Phase::Triage);
}

#[test]
fn what_was_muted_is_not_in_its_new_incident() {
    let forced = Command::Resolve(Box::new(crate::incident::command::Resolve {
        code: Some(crate::incident::kinds::ResolutionCode::Fixed),
        force_reason: "wrong".to_owned(),
        ..Default::default()
    }));
    let story = paging(Priority::P4).hears(alert("b", "info")).when(forced).is(Phase::Resolved);
    let story = story.when(split(vec![2], 0, false));
    assert!(!split_off(&story).alerts[0].muted);
}

#[test]
fn the_rest_of_a_split_may_be_all_clear() {
    let story =
        paging(Priority::P3).fires("b", "warning").clears("a").forget().when(split(vec![2], 0, false));
    story.happened("10:00 AllCleared").until("10:05").is(Phase::Resolved);
}

#[test]
fn a_relation_is_told_once() {
    let relate = |to: &str, note: &str| Command::Relate {
        to: to.into(),
        kind: RelationKind::CausedBy,
        note: note.to_owned(),
        remove: false,
    };
    let story = paging(Priority::P1).when(relate("inc-9", "")).then_names(&["Related"]);
    let story = story.when(relate("inc-9", "")).then_names(&[]);
    story.when(relate("inc-1", "")).refused_as("INVALID_FIELD");
}

#[test]
fn a_relation_keeps_the_newest_words_and_can_be_taken_away() {
    let relate = |note: &str, remove| Command::Relate {
        to: "inc-9".into(),
        kind: RelationKind::CausedBy,
        note: note.to_owned(),
        remove,
    };
    let story = paging(Priority::P1).when(relate("", false)).when(relate("the same rack", false));
    assert_eq!(story.incident_state().relations.len(), 1);
    assert_eq!(story.incident_state().relations[0].note, "the same rack");
    let story = story.when(relate("no, another", true)).then_names(&["Unrelated"]);
    assert_eq!(story.incident_state().relations, []);
    story.when(relate("", true)).then_names(&[]);
}

#[test]
fn what_a_source_told_of_an_alert_is_found_wherever_the_alert_goes() {
    let story = paging(Priority::P3).fires("b", "warning").when(split(vec![2], 0, false));
    let told = |story: &Story, n: u32| story.incident_state().alerts[&n].told.clone();
    assert_eq!((told(&story, 1).n, told(&story, 1).of), (1, None));
    let second = told(&story, 2);
    assert!(second.n > 1 && second.of.is_none());

    let moved = story.incident_state().alerts[&2].clone();
    let absorb = Command::Absorb {
        from: "inc-7".into(),
        reference: "INC-7".to_owned(),
        alerts: vec![AlertState { moved: false, ..moved }],
        reports: 0,
        priority: Priority::P3,
        raise_priority: false,
        exercise: false,
        subscribers: Default::default(),
        tasks: Vec::new(),
    };
    let other = paging(Priority::P3).when(absorb);
    assert_eq!(told(&other, 2), Told { n: second.n, of: Some("inc-7".into()) });
}

#[test]
fn subscribers_and_open_tasks_move_with_a_merge() {
    let work = |command: WorkCommand| Command::Work(command);
    let subscribe = work(WorkCommand::Subscribe {
        subscriber: "people/bo".to_owned(),
        audience: crate::incident::kinds::Audience::Public,
    });
    let task =
        |summary: &str| work(WorkCommand::AddTask { summary: summary.to_owned(), owner: None, due: None });
    let drop_first = work(WorkCommand::UpdateTask {
        n: 1,
        summary: None,
        state: Some(crate::incident::kinds::TaskState::Dropped),
        owner: None,
        due: None,
        reason: "no need".to_owned(),
    });
    let source = paging(Priority::P3).when(subscribe).when(task("one")).when(task("two")).when(drop_first);
    let absorb = submitted(&source.when(merge(true))).remove(0);

    let target = paging(Priority::P3).when(task("mine")).when(absorb);

    let work = &target.incident_state().work;
    assert!(work.subscribers.contains_key("people/bo"));
    let tasks: Vec<_> = work.tasks.values().map(|t| t.summary.as_str()).collect();
    assert_eq!(tasks, ["mine", "two"]);
}
