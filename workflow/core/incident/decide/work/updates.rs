//! Status updates and who gets them. An update is never edited: a new one corrects it.

use std::collections::BTreeSet;

use crate::id::{ChannelId, PersonId, TeamId};
use crate::limits;
use crate::refusal::Refusal;
use crate::subscription::check_subscriber;
use crate::time::Duration;

use super::number;
use crate::incident::decide::notify;
use crate::incident::draft::Draft;
use crate::incident::event::Notice;
use crate::incident::kinds::{Audience, Phase};
use crate::incident::work::{ChecklistField, ChecklistItem};
use crate::incident::work_event::WorkEvent;

/// The shortest and the longest time that may be promised until the next update.
const NEXT_IN: std::ops::RangeInclusive<Duration> = Duration::minutes(5)..=Duration::hours(24);

pub(super) fn post(
    draft: &mut Draft<'_>,
    text: &str,
    audience: Audience,
    next_in: Option<Duration>,
) -> Result<(), Refusal> {
    limits::required(text, "text", limits::NOTE)?;
    if next_in.is_some_and(|d| !NEXT_IN.contains(&d)) {
        return Err(limits::bad("next_in", "must be between 5m and 24h".to_owned()));
    }
    let n = number(draft, |w| &w.updates);
    draft.emit(WorkEvent::UpdatePosted { n, text: text.to_owned(), audience, next_in });
    let (people, channels) = recipients(draft, |_, wants| audience >= wants);
    notify::tell_with(draft, Notice::Update { update: n }, people, channels);
    // The first word to the outside after the resolve is the final update that closing asks for.
    let outside = audience >= Audience::Stakeholders && draft.state.phase == Phase::Resolved;
    if outside && !draft.state.work.checklist.contains_key(&ChecklistField::FinalUpdate) {
        let item = ChecklistItem::Done(text.to_owned());
        draft.emit(WorkEvent::ChecklistFilled { field: ChecklistField::FinalUpdate, item });
    }
    Ok(())
}

/// Where a wish to be told stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// With the incident.
    Own,
    /// Beside it, with its service, its team, or with everything.
    Standing,
}

/// Tells whoever was told of it before that it is over: nobody who heard that it is bad has to ask. Its own subscribers
/// hear it in any case, unless they wait for public words and there were none.
pub(in crate::incident) fn tell_the_end(draft: &mut Draft<'_>) {
    let phase = draft.state.phase;
    if draft.state.merge.is_some() || !matches!(phase, Phase::Resolved | Phase::Cancelled) {
        return;
    }
    let widest = draft.state.work.updates.values().map(|u| u.audience).max();
    let (people, channels) = recipients(draft, |source, wants| match widest {
        Some(widest) if wants <= widest => true,
        _ => source == Source::Own && wants <= Audience::Stakeholders,
    });
    notify::tell_with(draft, Notice::Over { phase }, people, channels);
}

/// Everybody whose wish is met, each once: subscribers of the incident, and of its service, its team or everything.
fn recipients(draft: &Draft<'_>, met: impl Fn(Source, Audience) -> bool) -> (Vec<PersonId>, Vec<ChannelId>) {
    let policy = draft.cx.newest;
    let mut people: BTreeSet<PersonId> = BTreeSet::new();
    let mut channels: BTreeSet<ChannelId> = BTreeSet::new();
    let own = draft.state.work.subscribers.iter().map(|(who, wants)| (who, *wants, Source::Own));
    let concerned = draft.cx.subscriptions.iter().filter(|s| s.concerns(&draft.state));
    let standing = concerned.map(|s| (&s.subscriber, s.audience, Source::Standing));
    for (subscriber, ..) in own.chain(standing).filter(|(_, wants, source)| met(*source, *wants)) {
        match subscriber.split_once('/') {
            Some(("people", id)) => {
                people.insert(id.into());
            }
            Some(("teams", id)) => {
                let team = policy.team(&TeamId::from(id));
                people.extend(team.into_iter().flat_map(|t| t.members.iter().cloned()));
            }
            Some(("channels", id)) if policy.document().channels.contains_key(id) => {
                channels.insert(id.into());
            }
            _ => {}
        }
    }
    (people.into_iter().collect(), channels.into_iter().collect())
}

pub(super) fn subscribe(draft: &mut Draft<'_>, subscriber: &str, audience: Audience) -> Result<(), Refusal> {
    check_subscriber(draft.cx.newest, subscriber)?;
    let known = draft.state.work.subscribers.get(subscriber);
    if known == Some(&audience) {
        return Ok(());
    }
    if known.is_none() {
        limits::room(draft.state.work.subscribers.len(), "subscribers", limits::SUBSCRIBERS)?;
    }
    draft.emit(WorkEvent::Subscribed { subscriber: subscriber.to_owned(), audience });
    Ok(())
}

/// Ends a subscription; ending none changes nothing.
pub(super) fn unsubscribe(draft: &mut Draft<'_>, subscriber: &str) -> Result<(), Refusal> {
    if draft.state.work.subscribers.contains_key(subscriber) {
        draft.emit(WorkEvent::Unsubscribed { subscriber: subscriber.to_owned() });
    }
    Ok(())
}
