//! Status updates and who gets them. An update is never edited: a new one corrects it.

use std::collections::BTreeSet;

use crate::id::{ChannelId, PersonId, TeamId};
use crate::limits;
use crate::refusal::Refusal;
use crate::time::Duration;

use super::{number, require_person, unknown};
use crate::incident::draft::Draft;
use crate::incident::event::{Notice, NoticeTo, PagingEvent};
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
    let (people, channels) = recipients(draft, audience);
    if !people.is_empty() || !channels.is_empty() {
        draft.emit(PagingEvent::Notified { about: Notice::Update { update: n }, people, channels });
    }
    // The first word to the outside after the resolve is the final update that closing asks for.
    let outside = audience >= Audience::Stakeholders && draft.state.phase == Phase::Resolved;
    if outside && !draft.state.work.checklist.contains_key(&ChecklistField::FinalUpdate) {
        let item = ChecklistItem::Done(text.to_owned());
        draft.emit(WorkEvent::ChecklistFilled { field: ChecklistField::FinalUpdate, item });
    }
    Ok(())
}

/// Everybody who subscribed to this audience or to a narrower one, each once.
fn recipients(draft: &Draft<'_>, audience: Audience) -> (Vec<NoticeTo>, Vec<ChannelId>) {
    let policy = draft.cx.newest;
    let mut people: BTreeSet<PersonId> = BTreeSet::new();
    let mut channels: BTreeSet<ChannelId> = BTreeSet::new();
    let fitting = draft.state.work.subscribers.iter().filter(|(_, wants)| audience >= **wants);
    for (subscriber, _) in fitting {
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
    (people.iter().filter_map(|p| notice_to(draft, p)).collect(), channels.into_iter().collect())
}

/// A person's contact for notices: the first step of their `normal` rule. Nothing is sent to who left the policy.
pub(super) fn notice_to(draft: &Draft<'_>, person: &PersonId) -> Option<NoticeTo> {
    let step = draft.cx.newest.person(person)?.normal.first()?;
    Some(NoticeTo { person: person.clone(), channel: step.channel.clone() })
}

pub(super) fn subscribe(draft: &mut Draft<'_>, subscriber: &str, audience: Audience) -> Result<(), Refusal> {
    let policy = draft.cx.newest;
    match subscriber.split_once('/') {
        Some(("people", id)) => require_person(draft, &PersonId::from(id))?,
        Some(("teams", id)) if policy.team(&TeamId::from(id)).is_some() => {}
        Some(("channels", id)) if policy.document().channels.contains_key(id) => {}
        Some(("teams" | "channels", _)) => return Err(unknown("subscriber", subscriber)),
        _ => {
            let problem = format!("{subscriber:?} is not people/…, teams/… or channels/…");
            return Err(limits::bad("subscriber", problem));
        }
    }
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
