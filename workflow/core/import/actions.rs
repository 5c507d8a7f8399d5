//! What people did, as events. A record's tool had gates of its own, so nothing is asked here but whether the event has a
//! meaning in the phase that the record has reached.

use crate::actor::Actor;
use crate::history_log::{Action, Entry, Fact, What};
use crate::incident::command::Command;
use crate::incident::event::{EndWhy, LifeEvent, PagingEvent, ReopenReason, Triaged, UnackWhy};
use crate::incident::kinds::{Phase, ResolutionCode};
use crate::incident::state::Assignee;
use crate::incident::work_event::WorkEvent;
use crate::incident::{Event, Incident};
use crate::policy::document::Triage;
use crate::time::{Duration, Timestamp};

use super::signals;

/// The events of an action, or its name if the history has no place for it.
pub(super) fn told(
    state: &Incident,
    action: &Action,
    entry: &Entry,
    later: &[Entry],
    triage: &Triage,
) -> Result<Vec<Event>, &'static str> {
    let who = &entry.who;
    match action {
        Action::Acknowledge if state.is_open() => Ok(vec![acknowledged(state, who)]),
        Action::Unacknowledge if state.is_open() && state.ack.is_some() => {
            let former = state.ack.as_ref().map(|a| a.holder.clone());
            Ok(vec![PagingEvent::Unacknowledged { why: UnackWhy::Requested, former }.into()])
        }
        Action::Declare if state.phase == Phase::Triage => Ok(vec![LifeEvent::Declared.into()]),
        Action::Snooze { length } if state.is_open() => {
            let until = entry.at + *length;
            Ok(with_ack(state, who, PagingEvent::Snoozed { until }))
        }
        Action::Wake if state.snoozed_until.is_some() => {
            Ok(vec![PagingEvent::SnoozeEnded { why: EndWhy::Requested }.into()])
        }
        Action::Hold { reason, length } if state.is_open() => {
            let until = length.map_or_else(|| held_until(entry.at, later), |l| entry.at + l);
            let held = PagingEvent::Held { reason: *reason, note: String::new(), until };
            let mut events = with_ack(state, who, held);
            if state.hold.is_some() {
                events.insert(0, PagingEvent::Resumed { why: EndWhy::Overtaken }.into());
            }
            Ok(events)
        }
        Action::Resume if state.hold.is_some() => {
            Ok(vec![PagingEvent::Resumed { why: EndWhy::Requested }.into()])
        }
        Action::AssignPerson { person, .. } if state.phase < Phase::Closed => {
            let to = Assignee::Person(person.clone());
            Ok(vec![LifeEvent::Assigned { to, paging: false }.into()])
        }
        Action::AssignTeam { team } if state.phase < Phase::Closed => {
            Ok(vec![LifeEvent::Assigned { to: Assignee::Team(team.clone()), paging: false }.into()])
        }
        Action::Note { text } => Ok(vec![note(state, text)]),
        Action::Update { audience, next_in } => {
            let n = state.work.updates.len() as u32 + 1;
            let text = String::new();
            Ok(vec![WorkEvent::UpdatePosted { n, text, audience: *audience, next_in: *next_in }.into()])
        }
        Action::Triage { .. } | Action::SetPriority { .. } => assessed(state, action, triage),
        _ => moved(state, action, who),
    }
}

/// Phases.
fn moved(state: &Incident, action: &Action, who: &Actor) -> Result<Vec<Event>, &'static str> {
    let open = state.is_open();
    match action {
        Action::Mitigate if open && state.phase != Phase::Mitigated => {
            let mitigated = LifeEvent::Mitigated { how: String::new(), all_clear: false };
            let mut events = declared(state);
            events.extend(state.ack.is_none().then(|| acknowledged(state, who)));
            events.push(mitigated.into());
            Ok(events)
        }
        Action::Relapse if state.phase == Phase::Mitigated => {
            Ok(vec![LifeEvent::Relapsed { reason: String::new() }.into()])
        }
        Action::Resolve { code, note } if open => Ok(resolved(state, *code, note)),
        // The form in which our own histories tell a resolve.
        Action::Command(command) if open => match &**command {
            Command::Resolve(resolve) => Ok(resolved(state, resolve.code, &resolve.note)),
            _ => Err(word(action)),
        },
        Action::Reopen if !open => {
            let reason = ReopenReason::Requested;
            Ok(vec![LifeEvent::Reopened { reason, note: String::new() }.into()])
        }
        // Some tools close what was never resolved: told as it was, without a resolve.
        Action::Close if state.phase < Phase::Closed => {
            let held = state.hold.as_ref().map(|_| PagingEvent::Resumed { why: EndWhy::Overtaken }.into());
            let closed = LifeEvent::Closed { automatic: !who.is_person() };
            Ok(held.into_iter().chain([closed.into()]).collect())
        }
        Action::Cancel { reason } if open => {
            Ok(vec![LifeEvent::Cancelled { reason: *reason, note: String::new() }.into()])
        }
        Action::Escalate { to_level } => {
            let level = to_level.map_or_else(|| "the next level".to_owned(), |n| format!("level {n}"));
            Ok(vec![note(state, &format!("Escalated to {level}"))])
        }
        other => Err(word(other)),
    }
}

/// What is known to have followed. Pages are told without steps: nobody is contacted for them again.
pub(super) fn fact(state: &Incident, fact: &Fact) -> Result<Vec<Event>, &'static str> {
    match fact {
        Fact::Paged { person, level, .. } if state.is_open() => Ok(vec![
            PagingEvent::Paged {
                person: person.clone(),
                level: *level,
                urgent: false,
                all: false,
                via: None,
                steps: Vec::new(),
            }
            .into(),
        ]),
        Fact::Said { field, value } => Ok(vec![note(state, &format!("{field}: {value}"))]),
        _ => Err("fact"),
    }
}

fn assessed(state: &Incident, action: &Action, triage: &Triage) -> Result<Vec<Event>, &'static str> {
    if !state.is_open() {
        return Err(word(action));
    }
    match action {
        Action::SetPriority { priority } if *priority != state.priority => {
            let reason = String::new();
            Ok(vec![LifeEvent::PriorityChanged { from: state.priority, to: *priority, reason }.into()])
        }
        Action::Triage { category, impact, urgency, service, priority } => {
            let (was_impact, was_urgency) = (state.impact, state.urgency);
            let (impact, urgency) = (impact.unwrap_or(was_impact), urgency.unwrap_or(was_urgency));
            let same = impact == was_impact && urgency == was_urgency;
            let by_matrix = if same { state.priority } else { signals::priority(triage, impact, urgency) };
            let triaged = Triaged {
                route: None,
                rules: Vec::new(),
                service: service.clone().unwrap_or_else(|| state.service.clone()),
                team: state.team.clone(),
                category: category.clone().unwrap_or_else(|| state.category.clone()),
                impact,
                urgency,
                priority: priority.unwrap_or(by_matrix),
                stated: *priority,
                labels: std::collections::BTreeMap::new(),
                unlabelled: Vec::new(),
                title: None,
                description: None,
                runbooks: Vec::new(),
                reason: String::new(),
            };
            Ok(vec![LifeEvent::Triaged(Box::new(triaged)).into()])
        }
        _ => Err(word(action)),
    }
}

fn acknowledged(state: &Incident, who: &Actor) -> Event {
    match &state.ack {
        None => PagingEvent::Acknowledged { holder: who.clone(), complete: true, terms: None },
        Some(ack) if ack.holder == *who => PagingEvent::AckRenewed,
        Some(_) => PagingEvent::CoAcknowledged { by: who.clone() },
    }
    .into()
}

/// A snooze or hold of an unacknowledged incident acknowledges it.
fn with_ack(state: &Incident, who: &Actor, event: PagingEvent) -> Vec<Event> {
    let ack = state.ack.is_none().then(|| acknowledged(state, who));
    ack.into_iter().chain([event.into()]).collect()
}

fn resolved(state: &Incident, code: Option<ResolutionCode>, note: &str) -> Vec<Event> {
    let code = code.unwrap_or(ResolutionCode::Fixed);
    let (note, how_verified) = (note.to_owned(), String::new());
    let mut events = declared(state);
    events.push(LifeEvent::Resolved { code, note, how_verified, by_itself: false, forced: None }.into());
    events
}

fn declared(state: &Incident) -> Vec<Event> {
    (state.phase == Phase::Triage).then(|| LifeEvent::Declared.into()).into_iter().collect()
}

fn note(state: &Incident, text: &str) -> Event {
    let late = state.phase >= Phase::Closed;
    WorkEvent::NoteAdded { text: text.to_owned(), by_reporter: false, late }.into()
}

/// When a hold without a length ended: at the next action that ends one, else when the record does.
fn held_until(since: Timestamp, later: &[Entry]) -> Timestamp {
    let ends = |e: &&Entry| {
        matches!(
            &e.what,
            What::Action(
                Action::Resume
                    | Action::Hold { .. }
                    | Action::Resolve { .. }
                    | Action::Close
                    | Action::Cancel { .. }
            )
        )
    };
    let end = later.iter().find(ends).or(later.last());
    end.map_or(since + Duration::ZERO, |e| e.at)
}

fn word(action: &Action) -> &'static str {
    match action {
        Action::Acknowledge => "acknowledge",
        Action::Unacknowledge => "unacknowledge",
        Action::Release => "release",
        Action::Declare => "declare",
        Action::Snooze { .. } => "snooze",
        Action::Wake => "wake",
        Action::Hold { .. } => "hold",
        Action::Resume => "resume",
        Action::AssignPerson { .. } | Action::AssignTeam { .. } => "assign",
        Action::Triage { .. } | Action::SetPriority { .. } => "triage",
        Action::Mitigate => "mitigate",
        Action::Relapse => "relapse",
        Action::Resolve { .. } => "resolve",
        Action::Reopen => "reopen",
        Action::Close => "close",
        Action::Cancel { .. } => "cancel",
        Action::Escalate { .. } => "escalate",
        Action::Note { .. } => "note",
        Action::Update { .. } => "update",
        Action::Command(_) => "command",
    }
}
