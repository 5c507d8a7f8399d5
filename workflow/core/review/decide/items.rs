//! Action items: what is to be done, by whom and until when. They may be added and changed whatever the review's own
//! phase is, because the work goes on after it is published.

use crate::id::PersonId;
use crate::instance::Answer;
use crate::limits;
use crate::refusal::Refusal;
use crate::time::Timestamp;

use super::require_person;
use crate::review::clocks;
use crate::review::event::ReviewEvent;
use crate::review::remind;
use crate::review::state::{ActionItem, ItemState, Phase};
use crate::review::transition::Transition;

/// What changes about an action item; absent: unchanged.
pub(super) struct Change<'a> {
    pub(super) state: Option<&'a ItemState>,
    pub(super) title: Option<&'a str>,
    pub(super) owner: Option<&'a PersonId>,
    pub(super) due: Option<Timestamp>,
}

/// A published review has no action item without owner and due instant, so one that comes later brings both.
pub(super) fn add(
    t: &mut Transition<'_>,
    title: &str,
    description: &str,
    owner: Option<&PersonId>,
    due: Option<Timestamp>,
) -> Result<(), Refusal> {
    limits::required(title, "title", limits::TITLE)?;
    limits::within(description, "description", limits::DESCRIPTION)?;
    if let Some(owner) = owner {
        require_person(t, owner)?;
    }
    let published = t.state.phase == Phase::Published;
    for (field, given) in [("owner", owner.is_some()), ("due", due.is_some())] {
        if published && !given {
            return Err(limits::bad(field, "is needed once the review is published".to_owned()));
        }
    }
    limits::room(t.state.items.len(), "action_items", limits::OF_EACH)?;
    let n = t.state.items.last_key_value().map_or(1, |(last, _)| last + 1);
    t.answer = Answer::Added(n);
    t.emit(ReviewEvent::ActionItemAdded {
        n,
        title: title.to_owned(),
        description: description.to_owned(),
        owner: owner.cloned(),
        due,
        reminder: due.and_then(|due| remind::first(t, t.now(), due)),
    });
    clocks::start_item(t, n);
    Ok(())
}

pub(super) fn update(t: &mut Transition<'_>, n: u32, change: &Change<'_>) -> Result<(), Refusal> {
    let unknown = || Refusal::Unknown { what: "action item".to_owned(), name: n.to_string() };
    let item = t.state.items.get(&n).ok_or_else(unknown)?.clone();
    if item.state.is_ended() {
        let (name, state) = (n.to_string(), item.state.as_str().to_owned());
        return Err(Refusal::WrongState { what: "action item".to_owned(), name, state });
    }
    require_allowed(t, change)?;
    let to = ActionItem {
        state: change.state.unwrap_or(&item.state).clone(),
        title: change.title.map_or_else(|| item.title.clone(), str::to_owned),
        owner: change.owner.or(item.owner.as_ref()).cloned(),
        due: change.due.or(item.due),
        ..item.clone()
    };
    if to == item {
        return Ok(());
    }
    let reminder = match (to.state.is_ended(), to.due) {
        (true, _) | (_, None) => None,
        (_, due) if due == item.due => item.reminder,
        (_, Some(due)) => remind::first(t, item.created_at, due),
    };
    let moved = to.due != item.due;
    let ended = to.state.is_ended();
    let ActionItem { state, title, owner, due, .. } = to;
    t.emit(ReviewEvent::ActionItemChanged { n, state, title, owner, due, reminder });
    if ended {
        if let Some(clock) = item.clock {
            clocks::stop(t, &clock.name());
        }
    } else if moved {
        clocks::start_item(t, n);
    }
    Ok(())
}

fn require_allowed(t: &Transition<'_>, change: &Change<'_>) -> Result<(), Refusal> {
    match change.state {
        Some(ItemState::Done { evidence }) => limits::required(evidence, "evidence", limits::DESCRIPTION)?,
        Some(ItemState::Declined { reason }) => {
            let lead = t.lead();
            if t.cx.actor.person().is_none() || t.cx.actor.person() != lead.as_ref() {
                let allowed =
                    lead.map_or_else(|| "the team lead".to_owned(), |lead| format!("people/{lead}"));
                return Err(Refusal::NotYours { allowed });
            }
            limits::reason(reason, "reason")?;
        }
        Some(ItemState::Open | ItemState::InProgress) | None => {}
    }
    if let Some(title) = change.title {
        limits::required(title, "title", limits::TITLE)?;
    }
    match change.owner {
        Some(owner) => require_person(t, owner),
        None => Ok(()),
    }
}
