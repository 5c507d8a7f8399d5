//! Instances in virtual time. Each deadline is met at its instant, commands come when they are given, deliveries succeed
//! at once, and what one instance asks of another is done at once. It goes through the same door as the engine.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::actor::Actor;
use crate::context::Context;
use crate::effect::{Effect, EffectKind};
use crate::id::{InstanceId, ScheduleId};
use crate::incident::event::{DeliveryOutcome, PagingEvent};
use crate::incident::heard::Prepared;
use crate::incident::place::{Cleared, Known, Placement, place};
use crate::incident::{self, Incident};
use crate::inhibition::{Firing, Rules};
use crate::instance::{self, Answer, Command, Decision, Event, Instance, Meta};
use crate::oncall::Override;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::review;
use crate::silence::Silences;
use crate::time::Timestamp;

/// A transition as it went by.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Which instance, in the order of their opening.
    pub slot: usize,
    pub at: Timestamp,
    pub actor: Actor,
    pub events: Vec<Event>,
    pub effects: Vec<Effect>,
}

/// An instance of the world.
#[derive(Debug)]
struct Slot<'a> {
    id: InstanceId,
    state: Instance,
    policy: &'a Policy,
}

/// Instances under one policy.
#[derive(Debug)]
pub struct World<'a> {
    policy: &'a Policy,
    overrides: &'a BTreeMap<ScheduleId, Vec<Override>>,
    slots: Vec<Slot<'a>>,
    /// Round robins begin here: the place of the first incident.
    ordinal: u64,
    /// Whether what instances ask of each other is done; else it is only taken as done.
    alone: bool,
    now: Timestamp,
    began: Timestamp,
    /// Clears that came before what they clear, by identity.
    clears: BTreeMap<String, Cleared>,
    firing: Firing,
    /// Of every alert that came, by identity.
    labels: BTreeMap<String, BTreeMap<String, String>>,
    seen: Vec<Seen>,
}

impl<'a> World<'a> {
    /// An empty world.
    pub fn new(
        policy: &'a Policy,
        overrides: &'a BTreeMap<ScheduleId, Vec<Override>>,
        at: Timestamp,
    ) -> World<'a> {
        let (slots, seen) = (Vec::new(), Vec::new());
        let (clears, labels) = (BTreeMap::new(), BTreeMap::new());
        let firing = Firing::new(Rules::new(&policy.document().inhibitions));
        World {
            policy,
            overrides,
            slots,
            ordinal: 1,
            alone: false,
            now: at,
            began: at,
            clears,
            firing,
            labels,
            seen,
        }
    }

    /// A world of one incident, whose round robins begin at `ordinal` and whose merges, splits and reviews are answered
    /// by nobody.
    pub fn alone(mut self, ordinal: u64) -> World<'a> {
        (self.alone, self.ordinal) = (true, ordinal);
        self
    }

    /// The instant reached.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// An incident by its place in the order of opening, from 0.
    pub fn incident(&self, slot: usize) -> Option<&Incident> {
        self.slots.get(slot)?.state.incident()
    }

    /// How an instance is called: `INC-1`, `REV-1`.
    pub fn reference(&self, slot: usize) -> String {
        match self.slots.get(slot).map(|s| &s.state) {
            Some(Instance::Incident(i)) => i.reference(),
            Some(Instance::Review(r)) => format!("REV-{}", r.number),
            None => String::new(),
        }
    }

    /// What has gone by since it was last taken.
    pub fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    /// The earliest deadline and whose it is.
    fn next(&self) -> Option<(Timestamp, usize)> {
        let wakes = self.slots.iter().enumerate();
        wakes.filter_map(|(n, s)| s.state.next_wake().map(|at| (at, n))).min()
    }

    /// Meets every deadline up to and with `until`, as long as fewer than `limit` transitions have not been taken.
    /// Whether the end was reached.
    pub fn run_until(&mut self, until: Timestamp, limit: usize) -> bool {
        while let Some((at, slot)) = self.next().filter(|(at, _)| *at <= until) {
            if self.seen.len() >= limit {
                return false;
            }
            let tick: Command = match self.slots[slot].state {
                Instance::Incident(_) => Command::Incident(incident::Command::Tick { heard: Vec::new() }),
                Instance::Review(_) => Command::Review(review::Command::TickReview),
            };
            let before = self.slots[slot].state.version();
            self.now = self.now.max(at);
            // A tick is never refused; one that changes nothing would be due again at once, for ever.
            let moved = self.submit(slot, &Actor::System, &tick).is_ok();
            if !moved || self.slots[slot].state.version() == before {
                return false;
            }
        }
        self.now = self.now.max(until);
        true
    }

    /// A signal comes in. It joins or opens an incident, as intake would place it: which one, and what became of it.
    ///
    /// # Errors
    /// The refusal that the rules give.
    pub fn hear(
        &mut self,
        actor: &Actor,
        prepared: Prepared,
    ) -> Result<Option<(usize, incident::Heard)>, Refusal> {
        let identity = prepared.signal.identity();
        let holds = |i: &&Incident| i.alerts.values().any(|a| a.identity == identity && !a.moved);
        let by_identity = self.incidents().rev().map(|(_, i)| i).find(holds);
        let key = prepared.routed.group_key.as_ref();
        let grouped = |i: &&Incident| key.is_some() && i.grouping.key.as_ref() == key;
        let by_group = self.incidents().rev().map(|(_, i)| i).find(grouped);
        let cleared = self.clears.get(&identity).copied();
        let inhibited = !self.firing.holding(&prepared.signal.labels, &identity).is_empty();
        let known = Known { by_identity, by_group, cleared, silences: None, inhibited };
        let to = match place(&prepared, &known, self.now) {
            Placement::Join(id) | Placement::Follow(id) => self.slots.iter().position(|s| s.id == id),
            Placement::Open(follows) => return self.open(actor, Prepared { follows, ..prepared }).map(Some),
            Placement::Forgotten => {
                if prepared.signal.clear {
                    let cleared = Cleared { observed_at: prepared.signal.observed_at, at: self.now };
                    self.clears.insert(identity, cleared);
                }
                None
            }
            Placement::Discarded | Placement::Dropped => None,
        };
        to.map(|slot| Ok((slot, self.tell(slot, actor, prepared)?))).transpose()
    }

    /// A signal opens an incident.
    ///
    /// # Errors
    /// The refusal that the rules give.
    pub fn open(&mut self, actor: &Actor, prepared: Prepared) -> Result<(usize, incident::Heard), Refusal> {
        let id = InstanceId(format!("inc-{}", self.incidents().count() + 1));
        let command = Command::Incident(incident::Command::Hear(Arc::new(prepared)));
        let (slot, answer) = self.begin(id, actor, &command)?;
        Ok((slot, heard(answer)))
    }

    /// A signal is given to an incident that there is.
    ///
    /// # Errors
    /// The refusal that the rules give.
    pub fn tell(
        &mut self,
        slot: usize,
        actor: &Actor,
        prepared: Prepared,
    ) -> Result<incident::Heard, Refusal> {
        let command = Command::Incident(incident::Command::Hear(Arc::new(prepared)));
        self.submit(slot, actor, &command).map(heard)
    }

    /// Somebody gives a command now.
    ///
    /// # Errors
    /// The refusal that the rules give.
    pub fn command(
        &mut self,
        slot: usize,
        actor: &Actor,
        command: incident::Command,
    ) -> Result<Answer, Refusal> {
        self.submit(slot, actor, &Command::Incident(command))
    }

    /// An incident is decided by another version of the policy from now on.
    ///
    /// # Errors
    /// The refusal that the rules give.
    pub fn move_policy(&mut self, slot: usize, to: &'a Policy) -> Result<(), Refusal> {
        let Some(known) = self.slots.get_mut(slot) else { return Ok(()) };
        let from = std::mem::replace(&mut known.policy, to);
        let command = incident::Command::MovePolicy { to: to.number(), expected: None };
        let moved = self.submit(slot, &Actor::System, &Command::Incident(command));
        if moved.is_err() {
            self.slots[slot].policy = from;
        }
        moved.map(|_| ())
    }

    /// Lets time pass without meeting deadlines.
    pub fn advance(&mut self, at: Timestamp) {
        self.now = self.now.max(at);
    }

    fn incidents(&self) -> impl DoubleEndedIterator<Item = (usize, &Incident)> {
        self.slots.iter().enumerate().filter_map(|(n, s)| Some((n, s.state.incident()?)))
    }

    fn begin(
        &mut self,
        id: InstanceId,
        actor: &Actor,
        command: &Command,
    ) -> Result<(usize, Answer), Refusal> {
        let number = self.incidents().count() as u64 + 1;
        let decision = self.decide(None, &id, self.policy, number, actor, command)?;
        let Decision { events, state, effects, answer } = decision;
        let slot = self.slots.len();
        self.slots.push(Slot { id, state, policy: self.policy });
        self.settle(slot, actor, events, effects);
        self.inhibit(slot, command);
        Ok((slot, answer))
    }

    fn submit(&mut self, slot: usize, actor: &Actor, command: &Command) -> Result<Answer, Refusal> {
        let known = &self.slots[slot];
        let decision = self.decide(Some(&known.state), &known.id, known.policy, 0, actor, command)?;
        let Decision { events, state, effects, answer } = decision;
        self.slots[slot].state = state;
        self.settle(slot, actor, events, effects);
        self.inhibit(slot, command);
        Ok(answer)
    }

    fn decide(
        &self,
        state: Option<&Instance>,
        id: &InstanceId,
        policy: &Policy,
        number: u64,
        actor: &Actor,
        command: &Command,
    ) -> Result<Decision, Refusal> {
        let inhibited = match command {
            Command::Incident(incident::Command::Hear(p)) if !p.signal.clear => {
                self.firing.holding(&p.signal.labels, &p.signal.identity())
            }
            _ => Vec::new(),
        };
        let cx = Context {
            now: state.map_or(self.now, |s| self.now.max(s.updated_at())),
            actor,
            id,
            policy,
            newest: self.policy,
            number,
            ordinal: self.ordinal + number.saturating_sub(1),
            listening_since: self.began,
            overrides: self.overrides,
            silences: Silences::NONE,
            subscriptions: &[],
            inhibited: &inhibited,
        };
        instance::decide(state, command, &cx)
    }

    /// What fires in an incident now may hold others back, or no longer do so.
    fn inhibit(&mut self, slot: usize, command: &Command) {
        let Some(incident) = self.slots[slot].state.incident() else { return };
        if self.firing.rules().is_empty() {
            return;
        }
        if let Command::Incident(incident::Command::Hear(p)) = command {
            self.labels.insert(p.signal.identity(), p.signal.labels.clone());
        }
        let told = |n: &u32| self.labels.get(&incident.alerts[n].identity).cloned().unwrap_or_default();
        let unknown = self.firing.unknown(incident);
        let labels = unknown.iter().map(|n| (*n, told(n))).collect();
        self.firing.put(incident, &labels);
        for due in self.firing.take_due() {
            let recheck = incident::Command::Recheck { labels: Vec::new(), inhibited: due.alerts };
            if let Some(of) = self.slots.iter().position(|s| s.id == due.id) {
                // An incident that refuses it has ended.
                let _ = self.submit(of, &Actor::System, &Command::Incident(recheck));
            }
        }
    }

    /// What was asked of the world is done.
    fn settle(&mut self, slot: usize, actor: &Actor, events: Vec<Event>, effects: Vec<Effect>) {
        let mut asked: VecDeque<(InstanceId, Command)> = VecDeque::new();
        for effect in &effects {
            self.deliver(slot, effect);
            if let (EffectKind::Submit { to, command }, false) = (&effect.what, self.alone) {
                asked.push_back((to.clone(), (**command).clone()));
            }
        }
        if !events.is_empty() {
            self.seen.push(Seen { slot, at: self.now, actor: actor.clone(), events, effects });
        }
        while let Some((to, command)) = asked.pop_front() {
            // A refusal is an answer too; what asks waits for none here.
            let _ = match self.slots.iter().position(|s| s.id == to) {
                Some(known) => self.submit(known, actor, &command).map(|_| ()),
                None => self.begin(to, actor, &command).map(|_| ()),
            };
        }
    }

    /// The effect succeeds at once: what a report of it would record is folded, without asking for it.
    fn deliver(&mut self, slot: usize, effect: &Effect) {
        let now = self.now;
        let Instance::Incident(state) = &mut self.slots[slot].state else { return };
        let Some(pending) = state.pending.get(&effect.key) else { return };
        let event = PagingEvent::DeliveryRecorded {
            effect: effect.key.clone(),
            outcome: DeliveryOutcome::Sent,
            attempt: 1,
            person: pending.person.clone(),
            channel: pending.channel.clone(),
            detail: String::new(),
        };
        let meta = Meta { n: state.version + 1, at: now, actor: &Actor::System };
        incident::apply(state, &event.into(), &meta);
    }
}

fn heard(answer: Answer) -> incident::Heard {
    match answer {
        Answer::Heard(heard) => heard,
        _ => incident::Heard::new(incident::Outcome::Repeated, 0),
    }
}
