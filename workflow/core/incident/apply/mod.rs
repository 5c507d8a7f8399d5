//! The fold: what each event makes of the state. Total and silent: whatever could be refused was refused before.

mod alert;
mod life;
mod paging;
mod sla;
mod work;

use crate::effect::Effect;
use crate::id::InstanceId;
use crate::instance::Meta;

use super::event::{Event, LifeEvent};

use super::{Incident, effects};

/// The state after the opening event; `None` if the event opens nothing.
pub fn open(event: &Event, id: &InstanceId, meta: &Meta<'_>) -> Option<Incident> {
    match event {
        Event::Life(LifeEvent::Reported(o) | LifeEvent::Alerted(o) | LifeEvent::SplitOff(o)) => {
            Some(life::open(o, id, meta))
        }
        _ => None,
    }
}

/// Folds an event into the state.
pub fn apply(state: &mut Incident, event: &Event, meta: &Meta<'_>) {
    step(state, event, meta);
}

/// Folds an event and returns the effects that it asks for, which are pending from now on.
pub(super) fn step(state: &mut Incident, event: &Event, meta: &Meta<'_>) -> Vec<Effect> {
    state.version = meta.n;
    state.updated_at = meta.at;
    match event {
        Event::Life(e) => life::apply(state, e, meta),
        Event::Alert(e) => alert::apply(state, e, meta),
        Event::Paging(e) => paging::apply(state, e, meta),
        Event::Sla(e) => sla::apply(state, e, meta),
        Event::Work(e) => work::apply(state, e, meta),
    }
    if meta.actor.is_person() {
        state.times.activity = state.times.activity.max(meta.at);
    }
    if meta.actor.is_person() || !state.is_open() {
        state.times.stale_at = state.is_open().then(|| state.times.activity + STALE);
    }
    let wanted = effects::of(event, meta, state);
    effects::await_settlement(state, &wanted);
    effects::withdraw(state);
    wanted
}

/// An open incident on which nobody did anything for so long gets a reminder.
const STALE: crate::time::Duration = crate::time::Duration::days(7);
