//! A record from its first entry to its last: each entry's events, folded as they are told. An entry is a transition, as
//! if a command had caused it: so the history gives the entry back.

use crate::actor::Actor;
use crate::history_log::{Entry, LABEL_REF, LABEL_SOURCE, REMARK, Record, What};
use crate::id::{InstanceId, ServiceId, TeamId};
use crate::incident::event::{EndWhy, PagingEvent, UnackWhy};
use crate::incident::work_event::WorkEvent;
use crate::incident::{self, Event, Incident};
use crate::instance::Meta;
use crate::policy::Policy;
use crate::policy::document::Triage;
use crate::time::Timestamp;

use super::{actions, signals};

/// The service and team of an incident for which no policy names one.
const NOWHERE: &str = "imported";

/// Where an imported incident gets its place.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    pub id: InstanceId,
    /// The number in `INC-1042`.
    pub number: u64,
    /// Gives service, team and priority; without one the record's own words stand.
    pub policy: Option<&'a Policy>,
}

/// The events of one entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    pub at: Timestamp,
    pub actor: Actor,
    /// Number of the first event; the others follow without a gap.
    pub first: u64,
    pub events: Vec<Event>,
}

/// An entry that the history has no place for: an acknowledgement after the end, a second resolve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub at: Timestamp,
    /// What was to be told, in one word.
    pub what: String,
}

/// A record as a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Retold {
    pub state: Incident,
    pub transitions: Vec<Transition>,
    pub left: Vec<Left>,
}

/// Tells a record's history. `None` if its first entry is no signal, so that nothing opens.
pub fn retell(record: &Record, place: &Place<'_>) -> Option<Retold> {
    let (first, rest) = record.entries.split_first()?;
    let What::Signal(signal) = &first.what else { return None };
    let triage = place.policy.map_or_else(Triage::default, |p| p.document().triage.clone());
    let mut signal = signal.arriving(first.at, &triage);
    signal.labels.insert(LABEL_SOURCE.to_owned(), record.source.clone());
    signal.labels.insert(LABEL_REF.to_owned(), record.source_ref.clone());
    let mut teller = Teller::open(first, signal, place, &triage)?;
    for (i, entry) in rest.iter().enumerate() {
        teller.elapse(entry.at);
        let told = match &entry.what {
            What::Signal(signal) => {
                signals::told(&teller.state, &signal.arriving(entry.at, &triage), entry.at)
            }
            What::Action(action) => actions::told(&teller.state, action, entry, &rest[i + 1..], &triage),
            What::Fact(fact) => actions::fact(&teller.state, fact),
        };
        match told {
            Ok(events) => teller.tell(entry.at, &entry.who, events),
            Err(what) => teller.left.push(Left { at: entry.at, what: what.to_owned() }),
        }
    }
    teller.remark(&record.remarks);
    Some(Retold { state: teller.state, transitions: teller.transitions, left: teller.left })
}

struct Teller {
    state: Incident,
    transitions: Vec<Transition>,
    left: Vec<Left>,
}

impl Teller {
    fn open(
        entry: &Entry,
        signal: crate::signal::Signal,
        place: &Place<'_>,
        triage: &Triage,
    ) -> Option<Teller> {
        let (service, team) = home(signal.service.as_ref(), place.policy);
        let opening = signals::opening(signal.clone(), &service, &team, place);
        let meta = Meta { n: 1, at: entry.at, actor: &entry.who };
        let mut state = incident::open(&opening, &place.id, &meta)?;
        let triaged = signals::triaged(&signal, service, team, triage, place.policy);
        incident::apply(&mut state, &triaged, &Meta { n: 2, ..meta });
        let events = vec![opening, triaged];
        let first = Transition { at: entry.at, actor: entry.who.clone(), first: 1, events };
        Some(Teller { state, transitions: vec![first], left: Vec::new() })
    }

    /// Folds the events of a transition.
    fn tell(&mut self, at: Timestamp, who: &Actor, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let first = self.state.version + 1;
        for (n, event) in (first..).zip(&events) {
            incident::apply(&mut self.state, event, &Meta { n, at, actor: who });
        }
        self.transitions.push(Transition { at, actor: who.clone(), first, events });
    }

    /// A snooze that the record gives a length ends by itself, before what happened later.
    fn elapse(&mut self, now: Timestamp) {
        let Some(until) = self.state.snoozed_until.filter(|until| *until <= now) else { return };
        let mut events = vec![PagingEvent::SnoozeEnded { why: EndWhy::Elapsed }.into()];
        if let Some(ack) = &self.state.ack {
            let former = Some(ack.holder.clone());
            let event = PagingEvent::Unacknowledged { why: UnackWhy::SnoozeEnded, former };
            events.push(event.into());
        }
        self.tell(until, &Actor::System, events);
    }

    /// What the record says twice and differently, or never says, is told at its end.
    fn remark(&mut self, remarks: &[String]) {
        if remarks.is_empty() {
            return;
        }
        let late = !self.state.is_open();
        let text = format!("{REMARK}{}", remarks.join("; "));
        let at = self.state.updated_at;
        let note = WorkEvent::NoteAdded { text, by_reporter: false, late };
        self.tell(at, &Actor::System, vec![note.into()]);
    }
}

/// The service as stated, else the organisation's default, and its team.
fn home(stated: Option<&ServiceId>, policy: Option<&Policy>) -> (ServiceId, TeamId) {
    let Some(policy) = policy else {
        return (stated.cloned().unwrap_or_else(|| NOWHERE.into()), NOWHERE.into());
    };
    let known = stated.filter(|s| policy.service(s).is_some());
    let service = known.unwrap_or(&policy.document().organisation.default_service).clone();
    let team = policy.service(&service).map_or_else(|| NOWHERE.into(), |s| s.team.clone());
    (service, team)
}
