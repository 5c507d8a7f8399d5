//! Lives that between them bring every event: a few told ones for what is rare, and many drawn from a fixed sequence.

use super::moves::{self, Move};
use crate::actor::Actor;
use crate::effect::EffectKind;
use crate::incident::Incident;
use crate::incident::command::{Command, Correction, Resolve, Triage, WorkCommand};
use crate::incident::event::{AlertEvent, Event};
use crate::incident::kinds::{
    Audience, HypothesisState, Phase, Priority, RelationKind, ResolutionCode, TaskState,
};
use crate::incident::work::ChecklistField;
use crate::incident::work_event::WorkEvent;
use crate::instance;
use crate::policy::document::Target;
use crate::policy::samples;
use crate::signal::Signal;
use crate::testing::{Story, alert, at};
use crate::time::Duration;

/// An incident with something in nearly every field.
pub(super) fn incident() -> Incident {
    let story = Story::under(samples::policy()).fires("a", "critical").at("10:01").fires("b", "error");
    let story = told_work(story.when(Command::Acknowledge)).at("11:15").clears("b");
    let story = story.when(Command::Summon { people: vec!["bo".into()], note: String::new() });
    story.incident_state().clone()
}

/// Every event at least once, told lives first.
pub(super) fn events() -> Vec<Event> {
    let told = [
        told_work(Story::under(samples::policy()).paging(Priority::P1)),
        unrouted(),
        unreachable(),
        unheard(),
        flapping(),
        moved(),
        exhausted(),
        reported(),
        split(),
    ];
    let mut events: Vec<Event> = told.into_iter().flat_map(history).collect();
    // No rule records these, but they have a stored form all the same.
    events.push(AlertEvent::AlertMuted { n: 1 }.into());
    events.push(WorkEvent::ActionMoved { task: 1, by: Actor::Person("ana".into()) }.into());
    for life in 0..150 {
        events.extend(drawn(life));
    }
    events
}

fn history(story: Story) -> Vec<Event> {
    let of = |(_, e): (_, instance::Event)| match e {
        instance::Event::Incident(e) => Some(e),
        instance::Event::Review(_) => None,
    };
    story.history.into_iter().filter_map(of).collect()
}

/// Moves of a linear congruence: the same in every run.
fn drawn(seed: u64) -> Vec<Event> {
    let mut dice = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut byte = || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 56) as u8
    };
    let mut story = Story::under(samples::policy()).by("integrations/prom");
    story = story.when(moves::opening(seed as usize, at("10:00")));
    for _ in 0..30 {
        let raw = (byte(), byte(), byte(), byte());
        let Move { wait, actor, command } = moves::read(raw, story.incident_state(), story.now());
        if matches!(command, Command::MovePolicy { .. }) {
            continue;
        }
        story = story.from(wait, actor).when(command);
    }
    history(story)
}

fn told_work(story: Story) -> Story {
    let text = || "words".to_owned();
    let (next_in, checked) = (Some(Duration::minutes(30)), true);
    let role = || "communications".to_owned();
    let bo = || "bo".into();
    let expected_holder = Some("ana".into());
    let commands = [
        WorkCommand::AddNote { text: text(), by_reporter: false },
        WorkCommand::AddEvidence { title: text(), body: text(), trace_id: String::new() },
        WorkCommand::RetractEvidence { n: 1, reason: text() },
        WorkCommand::ProposeHypothesis { statement: text(), evidence: vec![1] },
        WorkCommand::UpdateHypothesis {
            n: 1,
            state: Some(HypothesisState::Testing),
            evidence: vec![1],
            note: text(),
        },
        WorkCommand::PlanFix { summary: text() },
        WorkCommand::ApplyFix { n: Some(1), summary: text() },
        WorkCommand::RollBackFix { n: 1, reason: text() },
        WorkCommand::ApplyFix { n: None, summary: text() },
        WorkCommand::VerifyFix { n: 2, passed: false, how: text() },
        WorkCommand::AddRecoveryStep { summary: text(), after_resolution: false },
        WorkCommand::CompleteRecoveryStep { n: 1, checked },
        WorkCommand::AddTask { summary: text(), owner: Some(bo()), due: Some(at("11:00")) },
        WorkCommand::UpdateTask {
            n: 1,
            summary: Some("call the bank".to_owned()),
            state: Some(TaskState::InProgress),
            owner: None,
            due: None,
            reason: String::new(),
        },
        WorkCommand::AssignRole { role: role(), to: "ana".into(), expected_holder: None },
        WorkCommand::RequestHandover { role: role(), to: bo(), expected_holder: expected_holder.clone() },
        WorkCommand::CancelHandover { role: role() },
        WorkCommand::ForceHandover { role: role(), to: bo(), expected_holder: None, reason: text() },
        WorkCommand::PostUpdate { text: text(), audience: Audience::Stakeholders, next_in },
        WorkCommand::Document { field: ChecklistField::Summary, text: text() },
        WorkCommand::Waive { field: ChecklistField::Lessons, reason: text() },
        WorkCommand::Subscribe { subscriber: "people/bo".to_owned(), audience: Audience::Internal },
        WorkCommand::Unsubscribe { subscriber: "people/bo".to_owned() },
    ];
    let story = commands.into_iter().fold(story, |s, c| s.when(c));
    let handover = || WorkCommand::RequestHandover {
        role: role(),
        to: "ana".into(),
        expected_holder: Some("bo".into()),
    };
    let story = story.by("bo").when(handover()).by("ana").when(WorkCommand::ConfirmHandover { role: role() });
    story.until("11:10")
}

/// No route, a severity nobody knows, a rule that cannot be evaluated.
fn unrouted() -> Story {
    let broken = "routes:\n  - {id: broken, when: 'signal.labels[\"gone\"] == \"x\"', service: front-desk}\n";
    let policy = samples::compile(&samples::ACME.replace("routes:\n", broken));
    let mut signal = Signal { unmapped_severity: Some("odd".to_owned()), ..alert("a", "error") };
    signal.labels.clear();
    let story = Story::under(policy).hears(signal).when(Command::Declare);
    let category = Some("hardware".to_owned());
    let labels = [("env", "prod"), ("pod", "")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let triage = Command::Triage(Box::new(Triage {
        category,
        title: Some("the till hangs".to_owned()),
        description: Some("in both shops".to_owned()),
        labels: labels.into(),
        ..Triage::default()
    }));
    let link = Command::LinkReview { review: "rev-1".into(), published: false };
    let impact_start = Some(at("09:50"));
    let correct = Command::CorrectTimes(Correction { impact_start, ..Correction::default() });
    let story = story.when(triage).when(link).at("10:05").when(correct).until("06-11T10:00");
    let resolve = Resolve {
        code: Some(ResolutionCode::Fixed),
        how_verified: "seen".to_owned(),
        force_reason: "wrong".to_owned(),
        ..Resolve::default()
    };
    story.when(Command::Resolve(Box::new(resolve)))
}

fn unreachable() -> Story {
    let mut story = Story::where_policy(|p| {
        let shop = p.escalation_policies.get_mut("shop").unwrap();
        shop.levels[0].targets = ["hal", "bo"].map(|p| Target::Person(p.into())).into();
        p.schedules.get_mut("shop-secondary").unwrap().layers.clear();
    });
    story.newest_without("hal");
    story.paging(Priority::P3).until("10:40")
}

fn unheard() -> Story {
    let signal = Signal { ends_at: Some(at("10:05")), ..alert("a", "critical") };
    let mut story = Story::under(samples::policy()).hears(signal).until("10:04");
    story.listening_since = at("10:30");
    story.until("10:31")
}

fn flapping() -> Story {
    let mut story = Story::under(samples::policy()).paging(Priority::P1).when(Command::Acknowledge);
    for minute in 1..=6 {
        story = story.until(&format!("10:{minute:02}"));
        story = if minute % 2 == 1 { story.clears("a") } else { story.fires("a", "critical") };
    }
    story.until("10:07").clears("a").until("10:40")
}

fn moved() -> Story {
    let story = Story::under(samples::policy()).paging(Priority::P1).until("10:06");
    let story = story.policy_becomes(2, |p| {
        p.sla[1].target = Some(Duration::hours(5));
        p.escalation_policies.get_mut("shop").unwrap().levels.remove(1);
    });
    story.when(Command::MovePolicy { to: 2, expected: Some(1) })
}

fn reported() -> Story {
    let summon = Command::Summon { people: vec!["bo".into()], note: String::new() };
    let story = Story::under(samples::policy()).hears(samples::report("it hurts")).when(summon);
    let story = story.by("bo").when(Command::AnswerSummons { accepted: true });
    let relate = |remove| Command::Relate {
        to: "inc-9".into(),
        kind: RelationKind::CausedBy,
        note: "same rack".to_owned(),
        remove,
    };
    let snooze = Command::Snooze { length: crate::time::Duration::minutes(5) };
    story.when(relate(false)).when(snooze).when(relate(true)).when(relate(false))
}

/// The other half of a split.
fn split() -> Story {
    let out = Command::Split {
        to: "inc-3".into(),
        alerts: vec![2],
        reports: 0,
        acknowledge: false,
        title: String::new(),
    };
    let story = Story::under(samples::policy()).paging(Priority::P1).fires("b", "critical").when(out);
    let off = story.effects.iter().find_map(|e| match &e.what {
        EffectKind::Submit { command, .. } => match &**command {
            instance::Command::Incident(off @ Command::OpenSplit(_)) => Some(off.clone()),
            _ => None,
        },
        _ => None,
    });
    Story::under(samples::policy()).by("system").when(off.expect("the other half is asked to open"))
}

fn exhausted() -> Story {
    let resolve = || {
        let resolve = Resolve { code: Some(ResolutionCode::Fixed), ..Resolve::default() };
        Command::Resolve(Box::new(resolve))
    };
    let story = Story::incident(Phase::Active, Priority::P4).until("10:00").by("system");
    let story = story.when(crate::testing::tick()).until("06-04T10:00").by("ana");
    story.when(resolve()).until("06-06T10:00")
}
