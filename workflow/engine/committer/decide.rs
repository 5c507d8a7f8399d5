//! A batch decided in memory, command by command, each on the state that the ones before it left.

use std::sync::Arc;
use std::time::Instant;

use stentor_core::id::InstanceId;
use stentor_core::incident::command::Command as IncidentCommand;
use stentor_core::incident::place::{Known, Placement, place};
use stentor_core::incident::{Heard, Outcome, Prepared};
use stentor_core::instance::{Answer, Command, Instance, LOGIC};
use stentor_core::refusal::Refusal;
use stentor_core::signal::Signal;

use crate::error::Error;
use crate::refusals::Cause;

use super::context::{Case, judge};
use super::plan::{Plan, Verdict};
use super::work::{Claiming, Done, Heed, Item, Payload, What, Work};
use super::{Committer, rows};

/// A merge can lead to an incident that was merged itself; so many hops are followed.
const HOPS: usize = 4;

impl Committer {
    /// Decides every item.
    pub(super) fn plan(&mut self, items: Vec<Item>) -> Plan {
        let mut plan = Plan::new(items.len());
        for item in items {
            match item {
                Item::Command(work) => self.decide(&mut plan, work),
                Item::Claim(claiming) => self.claim(&mut plan, claiming),
                Item::Canary(reply) => plan.canaries.push(reply),
            }
        }
        plan
    }

    /// A claim is decided in the order of commits: what the state no longer wants is not sent.
    fn claim(&mut self, plan: &mut Plan, claiming: Claiming) {
        let wanted = self
            .current(plan, &claiming.instance)
            .is_some_and(|state| state.pending().contains_key(&claiming.key));
        if wanted {
            plan.claims.push(claiming);
        } else {
            plan.unwanted.push(claiming);
        }
    }

    fn decide(&mut self, plan: &mut Plan, work: Box<Work>) {
        let verdict = if work.deadline.is_some_and(|d| d <= Instant::now()) {
            Verdict::Answer(Err(Error::Late))
        } else if let Some(row) = work.request.as_ref().and_then(|r| self.requests.get(&r.key)) {
            Verdict::Replay(row.clone())
        } else if work.request.as_ref().is_some_and(|r| plan.has_request(&r.key) || self.is_flying(&r.key)) {
            // Twice at once: the second one is answered when the first one is in the store.
            Verdict::Again
        } else {
            self.decide_now(plan, &work).unwrap_or_else(|e| Verdict::Answer(Err(e)))
        };
        plan.verdicts.push((work, verdict));
    }

    fn decide_now(&mut self, plan: &mut Plan, work: &Work) -> Result<Verdict, Error> {
        match &work.payload {
            Payload::To { id, command, may_open } => {
                let state = self.current(plan, id);
                if state.is_none() && !may_open {
                    return Err(Error::NotFound(id.to_string()));
                }
                self.decide_on(plan, work, id.clone(), command)
            }
            Payload::Signal(heed) => match self.repeat(plan, work, heed)? {
                Some(verdict) => Ok(verdict),
                None => self.decide_signal(plan, work, heed),
            },
        }
    }

    /// The usual signal says what is known: it is counted without the rules being asked.
    fn repeat(&mut self, plan: &mut Plan, work: &Work, heed: &Heed) -> Result<Option<Verdict>, Error> {
        if heed.identity.is_empty() || work.validate_only {
            return Ok(None);
        }
        let Some(id) = self.directory.identity(&heed.identity).cloned() else { return Ok(None) };
        let Some(state) = self.touch(plan, &id)? else { return Ok(None) };
        let now = self.shared.clock.now().max(state.updated_at());
        if plan.wake(&id).is_some_and(|at| at <= now) {
            return Ok(None);
        }
        let known = state.incident().and_then(|i| i.repeats(&heed.prepared.signal, &heed.identity));
        let Some(alert) = known else { return Ok(None) };
        self.check(plan, &id);
        let heard = Heard::new(Outcome::Repeated, alert);
        rows::bump(plan, &id, heed, &heard, now);
        let answer = Answer::Heard(heard);
        plan.remember(work, &id, state.version() as i64, &answer, now);
        let what = What::Answer(answer);
        Ok(Some(Verdict::Answer(Ok(Done { id: Some(id), state: Some(state), what, replayed: false }))))
    }

    fn decide_signal(&mut self, plan: &mut Plan, work: &Work, heed: &Heed) -> Result<Verdict, Error> {
        let prepared = &heed.prepared;
        let known = (!heed.identity.is_empty()).then(|| self.directory.identity(&heed.identity));
        let mut by_identity = known.flatten().cloned();
        let by_group = prepared.routed.group_key.as_ref().and_then(|k| self.directory.group(k)).cloned();
        let silences = self.shared.standing.silences();
        let inhibited = !self.shared.inhibitions.holding_signal(&prepared.signal).is_empty();
        for _ in 0..HOPS {
            let holder = by_identity.as_ref().and_then(|id| self.current(plan, id));
            let group = by_group.as_ref().and_then(|id| self.current(plan, id));
            let now = self.shared.clock.now();
            let known = Known {
                by_identity: holder.as_deref().and_then(Instance::incident),
                by_group: group.as_deref().and_then(Instance::incident),
                cleared: self.clears.get(&heed.identity),
                silences: Some(&silences),
                inhibited,
            };
            let placement = place(prepared, &known, now);
            let answer =
                |what| Ok(Verdict::Answer(Ok(Done { id: None, state: None, what, replayed: false })));
            return match placement {
                Placement::Follow(to) => {
                    if self.current(plan, &to).and_then(|s| s.incident().map(|i| i.merge.is_some()))
                        == Some(true)
                    {
                        by_identity = Some(to);
                        continue;
                    }
                    self.hear(plan, work, to, prepared)
                }
                Placement::Join(id) => self.hear(plan, work, id, prepared),
                Placement::Open(follows) => self.open(plan, work, prepared, follows, now),
                Placement::Forgotten => {
                    if prepared.signal.clear {
                        self.clears.note(plan, &prepared.signal, now);
                    }
                    answer(What::Forgotten)
                }
                Placement::Discarded => {
                    let route = prepared.routed.route.clone().unwrap_or_default();
                    self.shared.refusals.note(prepared, Cause::Route(route), now);
                    answer(What::Discarded)
                }
                Placement::Dropped => {
                    let (labels, service) = (&prepared.signal.labels, &prepared.routed.service);
                    if let Some((window, ..)) = silences.window(labels, service, now) {
                        self.shared.refusals.note(prepared, Cause::Window(window), now);
                    }
                    answer(What::Dropped)
                }
            };
        }
        Err(Error::Internal("a chain of merges is too long".to_owned()))
    }

    pub(super) fn hear(
        &mut self,
        plan: &mut Plan,
        work: &Work,
        id: InstanceId,
        prepared: &Arc<Prepared>,
    ) -> Result<Verdict, Error> {
        let command = Command::Incident(IncidentCommand::Hear(Arc::clone(prepared)));
        self.decide_on(plan, work, id, &command)
    }

    fn decide_on(
        &mut self,
        plan: &mut Plan,
        work: &Work,
        id: InstanceId,
        command: &Command,
    ) -> Result<Verdict, Error> {
        let before = self.touch(plan, &id)?;
        if let (Some(expected), Some(state)) = (work.expected_version, before.as_deref())
            && expected != state.version()
        {
            return Err(Refusal::StaleEtag { current: state.version() }.into());
        }
        let (number, name_all) = (self.numbers.0, work.validate_only);
        let case = Case { id: &id, actor: &work.actor, command, due: work.due, number, name_all };
        let judged = judge(&self.shared, before.as_deref(), &case);
        if judged.as_ref().map_or(true, |(_, d)| d.events.is_empty()) {
            self.check(plan, &id);
        }
        let (now, decision) = judged?;
        let answer = decision.answer.clone();
        let done = |state| Done {
            id: Some(id.clone()),
            state: Some(state),
            what: What::Answer(answer.clone()),
            replayed: false,
        };
        if work.validate_only {
            return Ok(Verdict::Answer(Ok(done(Arc::new(decision.state)))));
        }
        if decision.events.is_empty() {
            let state = before.unwrap_or_else(|| Arc::new(decision.state));
            if let (Payload::Signal(heed), Answer::Heard(heard)) = (&work.payload, &answer) {
                rows::bump(plan, &id, heed, heard, now);
                if heed.prepared.signal.clear && !heard.stale {
                    self.clears.note(plan, &heed.prepared.signal, now);
                }
            }
            plan.remember(work, &id, state.version() as i64, &answer, now);
            return Ok(Verdict::Answer(Ok(done(state))));
        }
        if before.is_none() && matches!(decision.state, Instance::Incident(_)) {
            self.numbers.0 += 1;
        }
        let heard = heard_alert(&work.payload, &answer);
        let state = plan.record(work, &id, now, decision, heard);
        self.note_keys(plan, &id, &state);
        self.shared.inhibitions.decided(&state, brought(command, &answer));
        plan.remember(work, &id, state.version() as i64, &answer, now);
        Ok(Verdict::Answer(Ok(done(state))))
    }

    /// With several writers an answer that changes nothing is a read: its version is confirmed by the commit.
    fn check(&self, plan: &mut Plan, id: &InstanceId) {
        if let Some(version) = plan.stored_version(id).filter(|_| !self.shared.single_writer) {
            plan.checks.push((id.clone(), version));
        }
    }

    /// The newest state: what this batch made of it, else what is under way or in memory.
    pub(super) fn current(&self, plan: &Plan, id: &InstanceId) -> Option<Arc<Instance>> {
        plan.state(id).or_else(|| self.entry(id).map(|e| e.state))
    }

    /// Whether the batch under way answers a request.
    fn is_flying(&self, request: &str) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.plan.has_request(request))
    }

    /// Takes an instance into the plan. One written by newer logic is left alone.
    fn touch(&self, plan: &mut Plan, id: &InstanceId) -> Result<Option<Arc<Instance>>, Error> {
        if let Some(state) = plan.state(id) {
            return Ok(Some(state));
        }
        let entry = self.entry(id);
        if entry.as_ref().is_some_and(|e| e.logic > LOGIC) {
            return Err(Error::Unavailable(format!("{id} was decided by a newer version of this program")));
        }
        let state = entry.as_ref().map(|e| Arc::clone(&e.state));
        plan.begin(id, entry);
        Ok(state)
    }

    /// Remembers which incident the keys of this state lead to, and takes a group's key from an older one.
    fn note_keys(&mut self, plan: &mut Plan, id: &InstanceId, state: &Instance) {
        let Some(incident) = state.incident() else { return };
        if let Some(key) = crate::project::group_key(state) {
            match self.directory.group(key) {
                Some(owner) if owner == id => {}
                Some(owner) if incident.version > 1 && plan.began_before(id) => {
                    // An older incident does not take the key back from a newer one.
                    let _ = owner;
                }
                owner => {
                    if let Some(old) = owner {
                        plan.released.push((old.0.clone(), key.to_owned()));
                    }
                    self.directory.set_group(key.to_owned(), id.clone());
                    plan.note_key(key);
                }
            }
        }
        for alert in incident.alerts.values().filter(|a| !a.moved) {
            if self.directory.identity(&alert.identity) != Some(id) {
                self.directory.set_identity(alert.identity.clone(), id.clone());
                plan.note_key(&alert.identity);
            }
        }
        plan.owns_group(
            id,
            crate::project::group_key(state).is_some_and(|k| self.directory.group(k) == Some(id)),
        );
    }
}

/// The alert that a command brought, with what its source told of it.
fn brought<'a>(command: &'a Command, answer: &Answer) -> Option<(u32, &'a Signal)> {
    match (command, answer) {
        (Command::Incident(IncidentCommand::Hear(p)), Answer::Heard(heard)) => Some((heard.alert, &p.signal)),
        _ => None,
    }
}

/// The number of the alert that this signal was counted on.
fn heard_alert(payload: &Payload, answer: &Answer) -> Option<u32> {
    match (payload, answer) {
        (Payload::Signal(_), Answer::Heard(Heard { alert, outcome, .. }))
            if *alert > 0 && *outcome != Outcome::Cleared =>
        {
            Some(*alert)
        }
        _ => None,
    }
}
