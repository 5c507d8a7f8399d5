//! Notices: they inform and demand nothing. Everyone named is told once, through the first step of their ordinary
//! contact rule.

use crate::actor::Actor;
use crate::id::{ChannelId, PersonId};
use crate::incident::draft::Draft;
use crate::incident::event::{Notice, NoticeTo, PagingEvent};
use crate::incident::state::{Ack, Assignee};

/// Tells people; those without any contact are left out. Nobody left: no event.
pub(super) fn tell(draft: &mut Draft<'_>, about: Notice, people: Vec<PersonId>) {
    tell_with(draft, about, people, Vec::new());
}

/// Tells people and shared channels.
pub(super) fn tell_with(
    draft: &mut Draft<'_>,
    about: Notice,
    mut people: Vec<PersonId>,
    channels: Vec<ChannelId>,
) {
    let mut seen = Vec::new();
    people.retain(|p| {
        let new = !seen.contains(p);
        seen.push(p.clone());
        new
    });
    let people: Vec<NoticeTo> = people.into_iter().filter_map(|p| address(draft, p)).collect();
    if !people.is_empty() || !channels.is_empty() {
        draft.emit(PagingEvent::Notified { about, people, channels });
    }
}

fn address(draft: &Draft<'_>, person: PersonId) -> Option<NoticeTo> {
    let p = draft.cx.newest.person(&person)?;
    let step = p.normal.first().or(p.urgent.first())?;
    p.contacts.contains_key(&step.channel).then(|| NoticeTo { person, channel: step.channel.clone() })
}

/// Who acknowledged, if a person.
pub(super) fn holder(draft: &Draft<'_>) -> Vec<PersonId> {
    match &draft.state.ack {
        Some(Ack { holder: Actor::Person(p), .. }) => vec![p.clone()],
        _ => Vec::new(),
    }
}

/// The person responsible: holder, else assignee, else the team's lead.
pub(super) fn responsible(draft: &Draft<'_>) -> Vec<PersonId> {
    match draft.state.responsible() {
        Some(p) => vec![p.clone()],
        None => lead(draft),
    }
}

/// Members of the team.
pub(super) fn team(draft: &Draft<'_>) -> Vec<PersonId> {
    draft.cx.policy.team(&draft.state.team).map(|t| t.members.clone()).unwrap_or_default()
}

/// The team's lead.
pub(super) fn lead(draft: &Draft<'_>) -> Vec<PersonId> {
    draft.cx.policy.team(&draft.state.team).map(|t| t.lead.clone()).into_iter().collect()
}

/// Holder, assignee and the team's lead: whom a clock's threshold tells.
pub(super) fn concerned(draft: &Draft<'_>) -> Vec<PersonId> {
    let mut people = holder(draft);
    if let Some(Assignee::Person(p)) = &draft.state.assignee {
        people.push(p.clone());
    }
    people.extend(lead(draft));
    people
}
