//! A scenario: what comes in and who does what, at offsets from an instant. Playing it gives every line of what would
//! happen until its end.

use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;

use crate::actor::Actor;
use crate::history_log::{Action, LoggedSignal};
use crate::id::ScheduleId;
use crate::incident::Prepared;
use crate::incident::kinds::Priority;
use crate::oncall::Override;
use crate::policy::Policy;
use crate::time::{Duration, Timestamp};
use crate::triage;

use super::describe::Describer;
use super::line::{Kind, Line};
use super::world::World;

/// The longest stretch that is simulated.
pub const LENGTH_MAX: Duration = Duration::days(366);
/// The most lines that are made.
pub const LINES_MAX: usize = 20_000;

/// What comes in and who does what.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    pub at: Timestamp,
    /// How long; at most [`LENGTH_MAX`].
    pub length: Duration,
    /// In any order; those of one instant come in the order of the list.
    pub steps: Vec<Step>,
}

/// Something at an offset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Since the scenario's instant.
    #[serde(default)]
    pub after: Duration,
    /// `ana` is short for `people/ana`. Absent: the signal's integration, or the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Which incident an action is for, from 1 in the order of opening.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub incident: usize,
    #[serde(flatten)]
    pub what: Do,
}

fn first() -> usize {
    1
}

fn is_first(n: &usize) -> bool {
    *n == 1
}

/// What happens at an offset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Do {
    /// Something comes in. A priority stated by it is the one it opens with, whatever triage would say.
    Signal(Box<LoggedSignal>),
    /// Somebody does something.
    Action(Action),
}

/// Why a simulation came to no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Overrun {
    #[error("a simulation covers at most {}", LENGTH_MAX)]
    TooLong,
    #[error("a simulation has at most {} lines: choose an earlier end", LINES_MAX)]
    TooMuch,
}

/// Plays a scenario. The lines are sorted by instant, kind and person.
///
/// # Errors
/// [`Overrun`] if it is longer than is allowed, in time or in lines.
pub fn simulate(
    policy: &Policy,
    overrides: &BTreeMap<ScheduleId, Vec<Override>>,
    scenario: &Scenario,
) -> Result<Vec<Line>, Overrun> {
    if scenario.length > LENGTH_MAX {
        return Err(Overrun::TooLong);
    }
    let mut play = Play {
        policy,
        world: World::new(policy, overrides, scenario.at),
        describer: Describer::new(policy),
        lines: Vec::new(),
    };
    let end = scenario.at + scenario.length;
    let mut steps: Vec<&Step> = scenario.steps.iter().collect();
    steps.sort_by_key(|step| step.after);
    for step in steps {
        let at = scenario.at + step.after;
        if at > end {
            break;
        }
        // What is due at the very instant of a step comes after it, as in every transition.
        play.pass(at - Duration(1))?;
        play.world.advance(at);
        play.step(step, at)?;
    }
    play.pass(end)?;
    let mut lines = play.lines;
    lines.sort_by(|a, b| (a.at, a.kind, &a.who).cmp(&(b.at, b.kind, &b.who)));
    Ok(lines)
}

struct Play<'a> {
    policy: &'a Policy,
    world: World<'a>,
    describer: Describer<'a>,
    lines: Vec<Line>,
}

impl Play<'_> {
    fn pass(&mut self, until: Timestamp) -> Result<(), Overrun> {
        let done = self.world.run_until(until, LINES_MAX);
        self.collect()?;
        if done { Ok(()) } else { Err(Overrun::TooMuch) }
    }

    fn collect(&mut self) -> Result<(), Overrun> {
        for seen in self.world.take_seen() {
            let incident = self.world.reference(seen.slot);
            self.lines.extend(self.describer.lines(&seen, &incident));
        }
        if self.lines.len() > LINES_MAX { Err(Overrun::TooMuch) } else { Ok(()) }
    }

    fn step(&mut self, step: &Step, at: Timestamp) -> Result<(), Overrun> {
        let (kind, who, incident, what) = match &step.what {
            Do::Signal(logged) => {
                let integration = Actor::Integration(logged.integration.clone());
                let actor = step.who.as_deref().map_or(integration, actor);
                let (incident, what) = self.signal(&actor, logged, at);
                (Kind::Signal, actor, incident, what)
            }
            Do::Action(action) => {
                let actor = step.who.as_deref().map_or(Actor::System, actor);
                let slot = step.incident.saturating_sub(1);
                let what = match self.world.incident(slot) {
                    None => format!("{}: refused, there is no such incident", action.name()),
                    Some(_) => match self.world.command(slot, &actor, action.command()) {
                        Ok(_) => action.name(),
                        Err(refusal) => format!("{}: refused {}, {refusal}", action.name(), refusal.reason()),
                    },
                };
                (Kind::Action, actor, format!("INC-{}", step.incident), what)
            }
        };
        let who = who.to_string();
        let who = who.strip_prefix("people/").unwrap_or(&who).to_owned();
        let (via, level, clock, percent) = (None, None, None, None);
        let at = at.whole_second();
        self.lines.push(Line { at, kind, who, incident, via, level, clock, percent, what });
        self.collect()
    }

    /// A signal is heard: the incident that it reached, and what became of it.
    fn signal(&mut self, actor: &Actor, logged: &LoggedSignal, at: Timestamp) -> (String, String) {
        let prepared = prepare(self.policy, logged, at);
        let text = match logged.severity {
            Some(severity) => format!("{} {severity} {:?}", words(logged), logged.title),
            None => format!("{} {:?}", words(logged), logged.title),
        };
        match self.world.hear(actor, prepared) {
            Ok(Some((slot, heard))) => {
                let outcome = format!("{:?}", heard.outcome).to_lowercase();
                (self.world.reference(slot), format!("{text}: {outcome}"))
            }
            Ok(None) => ("-".to_owned(), format!("{text}: reached no incident")),
            Err(refusal) => ("-".to_owned(), format!("{text}: refused {}, {refusal}", refusal.reason())),
        }
    }
}

fn words(signal: &LoggedSignal) -> &'static str {
    match (signal.kind, signal.clear) {
        (crate::signal::SignalKind::Report, _) => "report",
        (crate::signal::SignalKind::Alert, false) => "alert",
        (crate::signal::SignalKind::Alert, true) => "clear",
    }
}

/// A signal routed and assessed; the priority it states is the one it gets.
pub(super) fn prepare(policy: &Policy, logged: &LoggedSignal, at: Timestamp) -> Prepared {
    let signal = logged.arriving(at, &policy.document().triage);
    let routed = policy.route(&signal);
    let mut assessment = triage::assess(policy, &signal, &routed.service);
    if let Some(priority) = logged.priority {
        set_priority(policy, &mut assessment, priority);
    }
    Prepared { signal, routed, assessment, follows: None }
}

fn set_priority(policy: &Policy, assessment: &mut triage::Assessment, priority: Priority) {
    assessment.priority = priority;
    if let Some((impact, urgency)) = crate::history_log::cell_of(&policy.document().triage, priority) {
        (assessment.impact, assessment.urgency) = (impact, urgency);
    }
}

/// `ana` is a person; anything with a slash, and `system`, is written in full.
fn actor(text: &str) -> Actor {
    text.parse().unwrap_or_else(|_| Actor::Person(text.into()))
}
