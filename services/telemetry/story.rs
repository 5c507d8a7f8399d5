//! An incident's life as pieces with a beginning and an end, folded from its history: phases, escalation levels, and
//! the clocks as they ended. It knows nothing of spans, and nothing of what happens after the end.

use std::time::Duration;

use stentor_core::id::InstanceId;
use stentor_core::incident::Incident;
use stentor_core::incident::kinds::{ClockState, Phase};
use stentor_core::instance::{Instance, Meta, apply};
use stentor_core::time::Timestamp;
use stentor_engine::Transition;
use stentor_engine::observe::Origin;

use super::observer::kind;

/// A life from the first event to an end.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) incident: Incident,
    pub(super) ended: Timestamp,
    /// How often it had ended before, and was reopened.
    pub(super) earlier_ends: usize,
    pub(super) pieces: Vec<Piece>,
}

/// A part of a life.
#[derive(Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) part: Part,
    pub(super) begun: Timestamp,
    pub(super) ended: Timestamp,
    /// What began it.
    pub(super) origin: Option<Origin>,
}

/// What the piece is of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Phase(Phase),
    /// Waiting for somebody of this level to acknowledge.
    Level {
        level: u32,
        round: u32,
    },
    Clock {
        name: String,
        kind: &'static str,
        state: ClockState,
        target: Duration,
        breached: bool,
    },
}

/// The story of a history that ends with an incident's end; nothing for the history of anything else.
pub(super) fn tell(id: &InstanceId, history: &[Transition]) -> Option<Story> {
    let mut state = None;
    let (mut phase, mut level) = (Track::default(), Track::default());
    let (mut pieces, mut ends, mut was_over) = (Vec::new(), 0, false);
    for transition in history {
        for (n, event) in (transition.first..).zip(transition.events.iter()) {
            apply(&mut state, event, id, &Meta { n, at: transition.at, actor: &transition.actor });
        }
        let incident = state.as_ref().and_then(Instance::incident)?;
        let over = matches!(incident.phase, Phase::Closed | Phase::Cancelled);
        ends += usize::from(over && !was_over);
        was_over = over;
        pieces.extend(phase.goes_on((!over).then_some(Part::Phase(incident.phase)), transition));
        pieces.extend(level.goes_on(paging(incident), transition));
    }
    let ended = history.last()?.at;
    let incident = state.as_ref().and_then(Instance::incident)?.clone();
    pieces.extend(clocks(&incident, ended));
    pieces.sort_by_key(|piece| piece.begun);
    Some(Story { incident, ended, earlier_ends: ends.checked_sub(1)?, pieces })
}

/// A part that runs, until another one takes its place.
#[derive(Debug, Default)]
struct Track(Option<(Part, Timestamp, Option<Origin>)>);

impl Track {
    fn goes_on(&mut self, now: Option<Part>, by: &Transition) -> Option<Piece> {
        if self.0.as_ref().map(|(part, ..)| part) == now.as_ref() {
            return None;
        }
        let ended = self.0.take().map(|(part, begun, origin)| Piece { part, begun, ended: by.at, origin });
        self.0 = now.map(|part| (part, by.at, by.origin));
        ended
    }
}

/// The level that is being waited for.
fn paging(incident: &Incident) -> Option<Part> {
    let waits = incident.is_open() && incident.ack.is_none() && incident.suppressed.is_none();
    let escalation = incident.escalation.as_ref().filter(|e| waits && e.level > 0)?;
    Some(Part::Level { level: escalation.level, round: escalation.round })
}

fn clocks(incident: &Incident, ended: Timestamp) -> impl Iterator<Item = Piece> {
    incident.clocks.iter().map(move |clock| Piece {
        part: Part::Clock {
            name: clock.name(),
            kind: kind(clock.kind),
            state: clock.state,
            target: Duration::from_millis(clock.target.millis().unsigned_abs()),
            breached: clock.breached.is_some(),
        },
        begun: clock.start,
        ended: clock.stopped_at.unwrap_or(ended).max(clock.start),
        origin: None,
    })
}
