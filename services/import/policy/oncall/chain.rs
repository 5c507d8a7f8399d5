//! Grafana OnCall's escalation chains, step by step, and the integrations that use them. Steps between two waits are one
//! level; a step without a counterpart is listed and passed over.

use std::collections::BTreeMap;

use stentor_core::policy::document::{LevelSpec, Target};
use stentor_core::time::Duration;

use crate::import::bad::Bad;
use crate::import::policy::draft::{Draft, Kind, escalation, level};
use crate::import::snapshot::Object;

use super::texts;

/// How often OnCall repeats a chain.
const REPEATS: u32 = 5;
/// What the last level has before the next round, where no wait says so.
const LAST: Duration = Duration::minutes(5);

pub(super) fn chains(chains: &[Object], steps: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    let mut by_chain: BTreeMap<String, Vec<(i64, &Object)>> = BTreeMap::new();
    for step in steps {
        let position = step.number("position")?.unwrap_or(0);
        by_chain.entry(step.need("escalation_chain_id")?).or_default().push((position, step));
    }
    for chain in chains {
        let theirs = chain.need("id")?;
        draft.name(Kind::Escalation, &theirs, &chain.need("name")?);
        by_chain.entry(theirs).or_default();
    }
    for (theirs, mut steps) in by_chain {
        let id = draft.name(Kind::Escalation, &theirs, &theirs);
        steps.sort_by_key(|(position, _)| *position);
        let mut climb = Climb { what: format!("escalation policy {id}"), ..Climb::default() };
        for (_, step) in steps {
            climb.step(step, draft)?;
        }
        climb.land(LAST);
        let spec = escalation(climb.levels, climb.repeat);
        draft.add_escalation(&id, spec);
    }
    Ok(())
}

/// A chain as it is walked.
#[derive(Default)]
struct Climb {
    what: String,
    levels: Vec<LevelSpec>,
    /// Targets since the last wait.
    targets: Vec<Target>,
    round_robin: bool,
    repeat: u32,
}

impl Climb {
    fn step(&mut self, step: &Object, draft: &mut Draft) -> Result<(), Bad> {
        let kind = step.need("type")?;
        match kind.as_str() {
            "wait" => {
                let seconds = step.number("duration")?.unwrap_or(0);
                self.wait(Duration::seconds(seconds));
            }
            "notify_persons" => self.people(texts(step, "persons_to_notify"), draft),
            "notify_person_next_each_time" => {
                let people = texts(step, "persons_to_notify_next_each_time");
                if !self.targets.is_empty() {
                    draft
                        .leave(&self.what, "taking turns within a level: everybody of the level takes turns");
                }
                self.round_robin = true;
                self.people(people, draft);
            }
            "notify_on_call_from_schedule" => {
                let theirs = step.need("notify_on_call_from_schedule")?;
                let known = draft.known(Kind::Schedule, &theirs).map(|id| Target::Schedule(id.into()));
                self.add(known, &format!("schedule {theirs}"), draft);
            }
            "notify_team_members" => {
                let theirs = step.text("notify_to_team_members")?.unwrap_or_default();
                let known = draft.known(Kind::Team, &theirs).map(str::to_owned);
                let known = known.filter(|id| draft.document.teams.contains_key(id.as_str()));
                self.add(known.map(|id| Target::Team(id.as_str().into())), &format!("team {theirs}"), draft);
            }
            "repeat_escalation" => self.repeat = REPEATS,
            other => draft.leave(&self.what, format!("step {other:?} has no counterpart")),
        }
        if step.at("important").and_then(|i| i.as_bool()) == Some(true) {
            draft.leave(&self.what, "\"important\" steps: urgent rules go with P1 and P2 here");
        }
        Ok(())
    }

    fn people(&mut self, people: Vec<String>, draft: &mut Draft) {
        for theirs in people {
            let known = draft.known(Kind::Person, &theirs).map(|id| Target::Person(id.into()));
            self.add(known, &format!("user {theirs}"), draft);
        }
    }

    fn add(&mut self, target: Option<Target>, theirs: &str, draft: &mut Draft) {
        match target {
            Some(target) if !self.targets.contains(&target) => self.targets.push(target),
            Some(_) => {}
            None => draft.leave(&self.what, format!("{theirs} is not in the export")),
        }
    }

    /// A wait ends the level, or adds to the one before.
    fn wait(&mut self, length: Duration) {
        if self.targets.is_empty() {
            if let Some(last) = self.levels.last_mut() {
                last.delay = Duration(last.delay.millis() + length.millis());
            }
            return;
        }
        self.land(length);
    }

    fn land(&mut self, delay: Duration) {
        if self.targets.is_empty() {
            return;
        }
        let targets = std::mem::take(&mut self.targets);
        let mut made = level(self.levels.len() + 1, targets, delay);
        made.round_robin = std::mem::take(&mut self.round_robin);
        self.levels.push(made);
    }
}

/// An integration is what comes nearest to a service; its default route says who is called.
pub(super) fn services(integrations: &[Object], routes: &[Object], draft: &mut Draft) -> Result<(), Bad> {
    for integration in integrations {
        let theirs = integration.need("id")?;
        let name = integration.text("name")?.unwrap_or_else(|| theirs.clone());
        let id = draft.name(Kind::Service, &theirs, &name);
        let chain = integration.text("default_route.escalation_chain_id")?;
        let chain = chain.and_then(|c| draft.known(Kind::Escalation, &c).map(str::to_owned));
        let team = integration.text("team_id")?;
        let team = team.and_then(|t| draft.known(Kind::Team, &t).map(str::to_owned));
        draft.add_service(&id, team, chain.as_deref());
        draft.leave(
            format!("service {id}"),
            "its integration key, templates and grouping stay in the other tool",
        );
    }
    for route in routes {
        let pattern = route.text("routing_regex")?.unwrap_or_default();
        if !pattern.is_empty() {
            draft.leave(
                format!("route {}", route.need("id")?),
                format!("its pattern {pattern:?}: write a route with CEL"),
            );
        }
    }
    Ok(())
}
