//! Which effects an event of a review asks for. Whom a notice is for was decided with the event; this only reads it.

use crate::effect::{Effect, EffectKind};
use crate::incident;
use crate::incident::paging::{Pending, PendingKind};
use crate::instance;

use super::event::{Event, ReviewEvent};
use super::state::Review;

/// The effects of an event, with the state after it.
pub(super) fn of(event: &Event, n: u64, state: &Review) -> Vec<Effect> {
    let Event::Review(event) = event;
    let what = match event {
        ReviewEvent::ReviewOpened { .. } => vec![link(state, false)],
        ReviewEvent::ReviewPublished => vec![link(state, true)],
        ReviewEvent::Notified { about, people } => {
            let notice = |to: &incident::event::NoticeTo| EffectKind::Notice {
                person: to.person.clone(),
                channel: to.channel.clone(),
                about: about.clone(),
            };
            people.iter().map(notice).collect()
        }
        _ => Vec::new(),
    };
    what.into_iter().enumerate().map(|(i, what)| Effect { key: format!("{n}.{i}"), what }).collect()
}

/// Tells the incident where its review is, and whether it still may be reopened.
fn link(state: &Review, published: bool) -> EffectKind {
    let command = incident::Command::LinkReview { review: state.id.clone(), published };
    EffectKind::Submit {
        to: state.review_of.clone(),
        command: Box::new(instance::Command::Incident(command)),
    }
}

/// Notes that the effects are on their way.
pub(super) fn await_settlement(state: &mut Review, effects: &[Effect]) {
    for effect in effects {
        let (kind, person, channel) = match &effect.what {
            EffectKind::Notice { person, channel, .. } => (PendingKind::Notice, Some(person), Some(channel)),
            _ => (PendingKind::Submit, None, None),
        };
        let pending = Pending { kind, epoch: 0, person: person.cloned(), channel: channel.cloned() };
        state.pending.insert(effect.key.clone(), pending);
    }
}
