//! One record on one side: its signals and actions at their instants, and everything that is due between them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::effect::EffectKind;
use crate::history_log::{Action, Fact, LoggedSignal, Record, What};
use crate::id::{ChannelId, PersonId, ServiceId};
use crate::incident;
use crate::incident::event::{LifeEvent, PagingEvent};
use crate::incident::heard::Prepared;
use crate::incident::kinds::Priority;
use crate::instance::Event;
use crate::policy::Policy;
use crate::simulate::{Seen, World};
use crate::time::{Duration, Timestamp};
use crate::triage;

use super::clocks::{self, ClockLine};
use super::version::{Overrides, Version};

/// Most transitions of one incident on one side; what would come after them is left out and said so.
const TRANSITIONS_MAX: usize = 20_000;

/// A page at its whole second.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PageAt {
    pub person: PersonId,
    pub at: Timestamp,
    pub channel: ChannelId,
}

/// An action that a side refused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dropped {
    pub action: String,
    /// The refusal's reason, as in the API.
    pub reason: String,
}

/// What becomes of a record on one side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Side {
    /// In the order of person, instant and channel.
    pub pages: Vec<PageAt>,
    pub clocks: Vec<ClockLine>,
    /// Times that every round went unanswered.
    pub exhausted: u32,
    /// From the opening to the first page, and to the first acknowledgement.
    pub first_page: Option<Duration>,
    pub acknowledged: Option<Duration>,
    pub dropped: Vec<Dropped>,
    /// Acknowledgements by people, and those of them by people who had not been paged yet.
    pub acknowledgements: u32,
    pub unexplained: u32,
    pub priority: Option<Priority>,
    pub service: Option<ServiceId>,
    /// The groups of its alerts: more than one, and it would have been several incidents.
    pub groups: BTreeSet<Option<String>>,
    /// There was more than is ever replayed.
    pub cut: bool,
}

/// Replays a record under a version. `moves` has the versions, by number, that a record may have been moved to;
/// without it the incident stays where it opened.
pub fn replay<'a>(
    record: &Record,
    version: &'a Version,
    overrides: &'a Overrides,
    ordinal: u64,
    moves: Option<&'a BTreeMap<u64, Version>>,
) -> Side {
    let policy = version.policy_for(record.imported);
    let Some(first) = record.entries.first() else { return Side::default() };
    let world = World::new(policy, overrides, first.at).alone(record.ordinal.unwrap_or(ordinal));
    let mut run = Run {
        policy,
        imported: record.imported,
        world,
        opened: first.at,
        is_open: false,
        paged: BTreeSet::new(),
        side: Side::default(),
    };
    for entry in &record.entries {
        match &entry.what {
            What::Signal(signal) => {
                run.pass(entry.at);
                run.hear(&entry.who, signal, entry.at);
            }
            What::Action(action) => {
                run.pass(entry.at);
                run.act(&entry.who, action);
            }
            What::Fact(Fact::PolicyMoved { to }) => {
                if let Some(version) = moves.and_then(|versions| versions.get(to)) {
                    run.pass(entry.at);
                    run.policy = version.policy_for(record.imported);
                    // Refused only once it has ended, when nothing more follows from it.
                    let _ = run.world.move_policy(0, run.policy);
                }
            }
            What::Fact(_) => {}
        }
        run.watch();
    }
    let last = record.entries.last().map_or(first.at, |entry| entry.at);
    run.finish(record, record.known_until.unwrap_or(last).max(last))
}

struct Run<'a> {
    policy: &'a Policy,
    imported: bool,
    world: World<'a>,
    opened: Timestamp,
    is_open: bool,
    paged: BTreeSet<PersonId>,
    side: Side,
}

impl Run<'_> {
    /// Lets time pass up to an instant; what is due at the instant itself comes after what somebody does then.
    fn pass(&mut self, at: Timestamp) {
        self.side.cut |= !self.world.run_until(at - Duration(1), TRANSITIONS_MAX);
        self.world.advance(at);
        self.watch();
    }

    fn hear(&mut self, who: &Actor, logged: &LoggedSignal, at: Timestamp) {
        let signal = logged.arriving(at, &self.policy.document().triage);
        let routed = self.policy.route(&signal);
        let assessment = triage::assess(self.policy, &signal, &routed.service);
        if !signal.key.is_empty() && !signal.clear {
            self.side.groups.insert(routed.group_key.clone());
        }
        let prepared = Prepared { signal, routed, assessment, follows: None };
        let heard = if self.is_open {
            self.world.tell(0, who, prepared).map(|_| ())
        } else {
            self.is_open = true;
            self.world.open(who, prepared).map(|_| ())
        };
        if let Err(refusal) = heard {
            self.drop("signal", refusal.reason());
        }
    }

    fn act(&mut self, who: &Actor, action: &Action) {
        if !self.is_open {
            return self.drop(&action.name(), "NOT_OPEN");
        }
        let mut command = action.command();
        if let (incident::Command::Triage(wanted), true) = (&mut command, self.imported) {
            // Another tool's categories are not ours; what else it says of the incident still counts.
            let known = &self.policy.document().triage.categories;
            wanted.category.take_if(|c| !known.contains(c) && c != triage::UNCATEGORISED);
        }
        let acknowledges = matches!(command, incident::Command::Acknowledge);
        match self.world.command(0, who, command) {
            Err(refusal) => self.drop(&action.name(), refusal.reason()),
            Ok(_) if acknowledges => {
                if let Actor::Person(person) = who {
                    self.side.acknowledgements += 1;
                    self.side.unexplained += u32::from(!self.paged.contains(person));
                }
            }
            Ok(_) => {}
        }
    }

    fn drop(&mut self, action: &str, reason: &str) {
        self.side.dropped.push(Dropped { action: action.to_owned(), reason: reason.to_owned() });
    }

    /// Takes note of what has gone by.
    fn watch(&mut self) {
        for seen in self.world.take_seen() {
            self.note(&seen);
        }
    }

    fn note(&mut self, seen: &Seen) {
        for event in &seen.events {
            match event {
                Event::Incident(incident::Event::Life(LifeEvent::Triaged(t)))
                    if self.side.priority.is_none() =>
                {
                    self.side.priority = Some(t.priority);
                    self.side.service = Some(t.service.clone());
                }
                Event::Incident(incident::Event::Paging(PagingEvent::EscalationExhausted { .. })) => {
                    self.side.exhausted += 1;
                }
                Event::Incident(incident::Event::Paging(PagingEvent::Acknowledged {
                    complete: true,
                    ..
                })) => {
                    let after = seen.at.since(self.opened);
                    self.side.acknowledged.get_or_insert(after);
                }
                _ => {}
            }
        }
        for effect in &seen.effects {
            if let EffectKind::Page { person, channel, .. } = &effect.what {
                self.side.first_page.get_or_insert(seen.at.since(self.opened));
                if !self.paged.contains(person) {
                    self.paged.insert(person.clone());
                }
                let at = seen.at.whole_second();
                self.side.pages.push(PageAt { person: person.clone(), at, channel: channel.clone() });
            }
        }
    }

    fn finish(mut self, record: &Record, end: Timestamp) -> Side {
        self.side.cut |= !self.world.run_until(end, TRANSITIONS_MAX);
        self.watch();
        if let Some(state) = self.world.incident(0) {
            self.side.clocks = clocks::of(record, state, self.policy, end);
        }
        self.side.pages.sort();
        self.side
    }
}
