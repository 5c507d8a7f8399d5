//! Moves of the laws' game: four bytes become an actor, an instant and a command. Everything that a command may name is
//! taken from what is there, so that most moves are legal and the rest are refused for interesting reasons.

use crate::actor::Actor;
use crate::incident::Incident;
use crate::incident::command::{Command, Resolve, WorkCommand};
use crate::incident::event::DeliveryOutcome;
use crate::incident::heard::Prepared;
use crate::incident::kinds::{Audience, CancelReason, HoldReason, Priority, ResolutionCode};
use crate::incident::state::Assignee;
use crate::policy::samples;
use crate::signal::Signal;
use crate::testing::{alert, tick};
use crate::time::{Duration, Timestamp};
use crate::triage;

/// Somebody does something at an instant.
pub(super) struct Move {
    pub(super) wait: Timestamp,
    pub(super) actor: Actor,
    pub(super) command: Command,
}

const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];

/// The signal that opens the incident.
pub(super) fn opening(severity: usize, now: Timestamp) -> Command {
    hear(alert("a", SEVERITIES[severity % 4]), now)
}

fn hear(mut signal: Signal, now: Timestamp) -> Command {
    thread_local! {
        static POLICY: crate::policy::Policy = samples::policy();
    }
    (signal.received_at, signal.observed_at) = (now, now);
    POLICY.with(|policy| {
        let routed = policy.route(&signal);
        let assessment = triage::assess(policy, &signal, &routed.service);
        Command::Hear(std::sync::Arc::new(Prepared { signal, routed, assessment, follows: None }))
    })
}

/// Reads a move.
pub(super) fn read((what, who, when, detail): (u8, u8, u8, u8), state: &Incident, now: Timestamp) -> Move {
    let wake = state.next_wake().unwrap_or(now);
    let wait = match when % 10 {
        0 | 1 => now,
        2 => now + Duration::seconds(1),
        3 => now + Duration::minutes(4),
        4 => now + Duration::hours(5),
        5 => now + Duration::days(3),
        6 => wake.max(now),
        7 => wake.max(now) + Duration(1),
        _ => now + Duration::seconds(i64::from(detail)),
    };
    let actor = match who % 6 {
        0 | 1 => Actor::Person("ana".into()),
        2 => Actor::Person("bo".into()),
        3 => Actor::Person("gus".into()),
        4 => Actor::Bot("overdue".to_owned()),
        _ => Actor::Integration("prom".into()),
    };
    let (actor, command) = match what % 5 {
        0 => (Actor::System, tick()),
        1 => (Actor::Integration("prom".into()), signal(detail, wait)),
        2 => (actor, paging(what / 5, detail)),
        3 => (actor, life(what / 5, detail, state)),
        _ => (actor, work(what / 5, detail, state)),
    };
    Move { wait, actor, command }
}

fn signal(detail: u8, now: Timestamp) -> Command {
    let key = ["a", "b", "c"][usize::from(detail) % 3];
    let mut signal = alert(key, SEVERITIES[usize::from(detail / 3) % 4]);
    match detail / 12 % 5 {
        0 | 1 => signal.clear = true,
        2 => signal.ends_at = Some(now + Duration::minutes(i64::from(detail % 7))),
        3 if detail.is_multiple_of(2) => signal = samples::report("it hurts"),
        _ => {}
    }
    hear(signal, now)
}

fn paging(what: u8, detail: u8) -> Command {
    let minutes = Duration::minutes(i64::from(detail));
    let person = || ["ana", "bo", "chi", "gus", "hal"][usize::from(detail) % 5].into();
    match what % 13 {
        0..=2 => Command::Acknowledge,
        3 => Command::Unacknowledge,
        4 => Command::Snooze { length: minutes },
        5 => Command::Wake,
        6 => {
            let reason = HoldReason::ALL[usize::from(detail) % HoldReason::ALL.len()];
            Command::Hold { reason, note: "ticket".to_owned(), length: Some(minutes) }
        }
        7 => Command::Resume,
        8 => Command::Release { note: String::new() },
        9 => {
            let to_level = (detail.is_multiple_of(3)).then(|| u32::from(detail % 4));
            Command::Escalate { expected_level: None, to_level, note: String::new() }
        }
        10 => Command::Assign { to: Assignee::Person(person()), page: detail.is_multiple_of(2) },
        11 => Command::Summon { people: vec![person()], note: String::new() },
        _ => Command::AnswerSummons { accepted: detail.is_multiple_of(2) },
    }
}

fn life(what: u8, detail: u8, state: &Incident) -> Command {
    let text = || "because".to_owned();
    let other = || "inc-2".into();
    let resolve = || Resolve {
        code: Some(ResolutionCode::Fixed),
        note: text(),
        how_verified: text(),
        recovered_by_itself: detail.is_multiple_of(2),
        force_reason: if detail.is_multiple_of(3) { String::new() } else { text() },
    };
    match what % 16 {
        0 => Command::Declare,
        1 | 2 => Command::SetPriority { priority: Priority::ALL[usize::from(detail) % 5], reason: text() },
        3 => Command::Mitigate { how: text() },
        4 => Command::Relapse { reason: text() },
        5 | 6 => Command::Resolve(Box::new(resolve())),
        7 | 8 => Command::Reopen { reason: text() },
        9 => Command::Close,
        10 => Command::Cancel { reason: CancelReason::FalseAlarm, note: text() },
        11 => Command::Merge { into: other(), into_exercise: false, raise_priority: true },
        12 => {
            let refused = (detail.is_multiple_of(2)).then(text);
            Command::FinishMerge { into: other(), refused }
        }
        13 => Command::Absorb {
            from: "inc-3".into(),
            reference: "INC-3".to_owned(),
            alerts: state
                .alerts
                .values()
                .take(1)
                .cloned()
                .map(|mut a| {
                    a.identity.push('z');
                    a.firing = detail.is_multiple_of(2);
                    a
                })
                .collect(),
            reports: u32::from(detail.is_multiple_of(3)),
            priority: Priority::ALL[usize::from(detail) % 5],
            raise_priority: true,
            exercise: false,
            subscribers: Default::default(),
            tasks: Vec::new(),
        },
        14 => Command::Split {
            to: "inc-4".into(),
            alerts: vec![u32::from(detail % 4)],
            reports: 0,
            acknowledge: false,
            title: String::new(),
        },
        _ => Command::MovePolicy { to: u64::from(detail % 2) + 1, expected: None },
    }
}

fn work(what: u8, detail: u8, state: &Incident) -> Command {
    let text = || "words".to_owned();
    let n = u32::from(detail % 3) + 1;
    Command::Work(match what % 9 {
        0..=2 => return delivery(detail, state),
        3 => WorkCommand::ApplyFix { n: None, summary: text() },
        4 => WorkCommand::VerifyFix { n, passed: true, how: text() },
        5 => WorkCommand::AddNote { text: text(), by_reporter: detail.is_multiple_of(2) },
        6 => WorkCommand::PostUpdate {
            text: text(),
            audience: Audience::ALL[usize::from(detail) % 3],
            next_in: (detail.is_multiple_of(2)).then(|| Duration::minutes(30)),
        },
        7 => WorkCommand::AddTask { summary: text(), owner: Some("bo".into()), due: None },
        _ => return Command::ClearAlert { n },
    })
}

/// What became of one of the effects on their way.
fn delivery(detail: u8, state: &Incident) -> Command {
    let count = state.pending.len().max(1);
    let effect = state.pending.keys().nth(usize::from(detail) % count).cloned().unwrap_or_default();
    let outcome = match detail % 4 {
        0 | 1 => DeliveryOutcome::Failed,
        2 => DeliveryOutcome::Sent,
        _ => DeliveryOutcome::Cancelled,
    };
    Command::RecordDelivery { effect, attempt: 1, outcome, detail: String::new() }
}
