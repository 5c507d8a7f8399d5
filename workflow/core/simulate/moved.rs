//! What moving an incident to another version of the policy would do at once: whom it pages, which clocks breach, start
//! or end. It asks the rules and keeps nothing.

use std::collections::BTreeMap;

use crate::actor::Actor;
use crate::context::Context;
use crate::effect::EffectKind;
use crate::id::{ChannelId, PersonId, ScheduleId};
use crate::incident::event::SlaEvent;
use crate::incident::{self, Command, Incident};
use crate::instance::{self, Event, Instance};
use crate::oncall::Override;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::silence::Silences;
use crate::time::Timestamp;

/// What a move does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    pub pages: Vec<(PersonId, ChannelId)>,
    /// Clocks by name.
    pub breached: Vec<String>,
    pub started: Vec<String>,
    pub cancelled: Vec<String>,
    /// When the next level is called, if nothing happens before.
    pub next: Option<Timestamp>,
}

/// Tells what a move of an incident to `policy`, which is to be the newest version, would do at `now`.
///
/// # Errors
/// The refusal that the move would get.
pub fn preview_move(
    incident: &Incident,
    policy: &Policy,
    overrides: &BTreeMap<ScheduleId, Vec<Override>>,
    now: Timestamp,
    actor: &Actor,
) -> Result<Moved, Refusal> {
    let cx = Context {
        now: now.max(incident.updated_at),
        actor,
        id: &incident.id,
        policy,
        newest: policy,
        number: incident.number,
        ordinal: incident.escalation.as_ref().map_or(incident.number, |e| e.ordinal),
        listening_since: now,
        overrides,
        silences: Silences::NONE,
        subscriptions: &[],
        inhibited: &[],
    };
    let command = Command::MovePolicy { to: policy.number(), expected: Some(incident.policy) };
    let state = Instance::Incident(Box::new(incident.clone()));
    let decision = instance::decide(Some(&state), &instance::Command::Incident(command), &cx)?;
    let mut moved = Moved::default();
    for event in &decision.events {
        let Event::Incident(incident::Event::Sla(event)) = event else { continue };
        match event {
            SlaEvent::SlaBreached { clock, .. } => moved.breached.push(clock.clone()),
            SlaEvent::SlaStarted { clock } => moved.started.push(clock.name()),
            SlaEvent::SlaCancelled { clock, .. } => moved.cancelled.push(clock.clone()),
            _ => {}
        }
    }
    for effect in &decision.effects {
        if let EffectKind::Page { person, channel, .. } = &effect.what {
            moved.pages.push((person.clone(), channel.clone()));
        }
    }
    moved.next = decision.state.incident().and_then(|i| i.escalation.as_ref()?.due);
    Ok(moved)
}
