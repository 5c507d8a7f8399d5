//! Triage by people: declare, categorise, prioritise, assign.

use crate::actor::Actor;
use crate::incident::command::Triage;
use crate::incident::draft::{Draft, none_of, require_reason};
use crate::incident::event::{EscalateReason, LifeEvent, Notice, PagingEvent, Triaged};
use crate::incident::kinds::{Level3, Phase, Priority};
use crate::incident::paging::NextStep;
use crate::incident::state::Assignee;
use crate::limits;
use crate::refusal::Refusal;
use crate::triage;

use super::{ack, contact, levels, notify, priority};
use crate::incident::event::UnackWhy;

pub(super) fn declare(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    draft.require_open()?;
    if draft.state.phase != Phase::Triage {
        return Err(Refusal::AlreadyDeclared);
    }
    draft.emit(LifeEvent::Declared);
    Ok(())
}

pub(super) fn triage(draft: &mut Draft<'_>, wanted: &Triage) -> Result<(), Refusal> {
    none_of(triage_unmet(draft, wanted))?;
    let to = priority_of(draft, wanted);
    let service = wanted.service.as_ref().unwrap_or(&draft.state.service).clone();
    let owner = draft.cx.policy.service(&service);
    let (from, moved, was_urgent) =
        (draft.state.priority, service != draft.state.service, draft.rules().urgent);
    let changed = |new: &Option<String>, old: &str| new.clone().filter(|new| new != old);
    let set = wanted
        .labels
        .iter()
        .filter(|(name, value)| !value.is_empty() && draft.state.labels.get(*name) != Some(*value));
    let gone = wanted
        .labels
        .iter()
        .filter(|(name, value)| value.is_empty() && draft.state.labels.contains_key(*name));
    draft.emit(LifeEvent::Triaged(Box::new(Triaged {
        route: None,
        rules: Vec::new(),
        team: owner.map_or_else(|| draft.state.team.clone(), |o| o.team.clone()),
        service,
        category: wanted.category.as_ref().unwrap_or(&draft.state.category).clone(),
        impact: wanted.impact.unwrap_or(draft.state.impact),
        urgency: wanted.urgency.unwrap_or(draft.state.urgency),
        priority: from,
        stated: wanted.priority,
        labels: set.map(|(name, value)| (name.clone(), value.clone())).collect(),
        unlabelled: gone.map(|(name, _)| name.clone()).collect(),
        title: changed(&wanted.title, &draft.state.title),
        description: changed(&wanted.description, &draft.state.description),
        runbooks: owner.filter(|_| moved).map(|o| o.runbooks.clone()).unwrap_or_default(),
        reason: wanted.reason.clone(),
    })));
    priority::change(draft, to, &wanted.reason);
    if moved && from == to {
        priority::follow(draft, from, was_urgent);
    }
    Ok(())
}

/// The priority stated, else that of the matrix if its rows or columns change, else what it is.
fn priority_of(draft: &Draft<'_>, wanted: &Triage) -> Priority {
    let (impact, urgency) = values(draft, wanted);
    match wanted.priority {
        Some(stated) => stated,
        None if (impact, urgency) == (draft.state.impact, draft.state.urgency) => draft.state.priority,
        None => triage::priority(&draft.cx.policy.document().triage, impact, urgency),
    }
}

fn values(draft: &Draft<'_>, wanted: &Triage) -> (Level3, Level3) {
    (wanted.impact.unwrap_or(draft.state.impact), wanted.urgency.unwrap_or(draft.state.urgency))
}

/// Everything that stands against a triage.
pub(super) fn triage_unmet(draft: &Draft<'_>, wanted: &Triage) -> Vec<Refusal> {
    if let Err(ended) = draft.require_open() {
        return vec![ended];
    }
    let document = draft.cx.policy.document();
    let listed =
        |c: &String| c == triage::UNCATEGORISED || document.triage.categories.iter().any(|known| known == c);
    let unknown = |what: &str, name: String| Refusal::Unknown { what: what.to_owned(), name };
    let category = wanted.category.as_ref().filter(|c| !listed(c));
    let service = wanted.service.as_ref().filter(|s| draft.cx.policy.service(s).is_none());
    let (impact, urgency) = values(draft, wanted);
    let matrix = triage::priority(&document.triage, impact, urgency);
    let off = wanted.priority.is_some_and(|p| p != matrix);
    [
        category.map(|c| unknown("category", c.clone())),
        service.map(|s| unknown("service", s.to_string())),
        off.then(|| require_reason(&wanted.reason, "reason").err()).flatten(),
        words(draft, wanted).err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether title, description and labels are within their limits.
fn words(draft: &Draft<'_>, wanted: &Triage) -> Result<(), Refusal> {
    if let Some(title) = &wanted.title {
        limits::required(title, "title", limits::TITLE)?;
    }
    limits::within(wanted.description.as_deref().unwrap_or_default(), "description", limits::DESCRIPTION)?;
    for (name, value) in &wanted.labels {
        limits::required(name, "labels", limits::LABEL_NAME)?;
        limits::within(value, "labels", limits::LABEL_VALUE)?;
    }
    let after =
        draft.state.labels.keys().filter(|name| wanted.labels.get(*name).is_none_or(|v| !v.is_empty()));
    let new =
        wanted.labels.iter().filter(|(name, v)| !v.is_empty() && !draft.state.labels.contains_key(*name));
    let (after, new) = (after.count(), new.count());
    match after + new {
        count if count <= limits::LABELS || new == 0 => Ok(()),
        _ => Err(Refusal::LimitReached { field: "labels".to_owned(), limit: limits::LABELS as u64 }),
    }
}

pub(super) fn set_priority(draft: &mut Draft<'_>, to: Priority, reason: &str) -> Result<(), Refusal> {
    draft.require_open()?;
    let matrix =
        triage::priority(&draft.cx.policy.document().triage, draft.state.impact, draft.state.urgency);
    if to != matrix {
        require_reason(reason, "reason")?;
    }
    priority::change(draft, to, reason);
    Ok(())
}

pub(super) fn assign(draft: &mut Draft<'_>, to: &Assignee, page: bool) -> Result<(), Refusal> {
    draft.require_not_ended()?;
    check_assignee(draft, to)?;
    let open = draft.state.is_open();
    match to {
        Assignee::Person(p) if open && matches!(draft.cx.actor, Actor::Person(me) if me == p) => {
            draft.emit(LifeEvent::Assigned { to: to.clone(), paging: false });
            ack::acknowledge(draft)
        }
        Assignee::Person(p)
            if open && page && draft.state.suppressed.is_none() && draft.state.hold.is_none() =>
        {
            page_assignee(draft, to, p.clone());
            Ok(())
        }
        Assignee::Person(p) => {
            draft.emit(LifeEvent::Assigned { to: to.clone(), paging: false });
            if open {
                notify::tell(draft, Notice::Assigned, vec![p.clone()]);
            }
            Ok(())
        }
        Assignee::Team(_) => {
            draft.emit(LifeEvent::Assigned { to: to.clone(), paging: false });
            Ok(())
        }
    }
}

fn check_assignee(draft: &Draft<'_>, to: &Assignee) -> Result<(), Refusal> {
    let (what, name, known) = match to {
        Assignee::Person(p) => ("person", p.to_string(), draft.cx.newest.person(p).is_some()),
        Assignee::Team(t) => ("team", t.to_string(), draft.cx.newest.team(t).is_some()),
    };
    if known { Ok(()) } else { Err(Refusal::Unknown { what: what.to_owned(), name }) }
}

/// Only the assignee is paged from now on; the level after the one reached follows after that level's delay.
fn page_assignee(draft: &mut Draft<'_>, to: &Assignee, person: crate::id::PersonId) {
    ack::end_snooze(draft, crate::incident::event::EndWhy::Overtaken);
    ack::take_back(draft, UnackWhy::Assigned);
    draft.emit(LifeEvent::Assigned { to: to.clone(), paging: true });
    let now = draft.now();
    let Some(id) = draft.policy_of_service().map(|(id, _)| id.clone()) else {
        return contact::page(draft, person, 0, false, None);
    };
    let level = draft.state.escalation.as_ref().filter(|e| e.policy == id).map_or(0, |e| e.level);
    let spec = draft.cx.policy.escalation(&id);
    let delay = spec
        .and_then(|s| s.levels.get((level as usize).saturating_sub(1)).or(s.levels.last()))
        .map_or(crate::time::Duration::minutes(5), |l| l.delay);
    let ordinal = draft.state.escalation.as_ref().map_or(draft.cx.ordinal, |e| e.ordinal);
    let count = spec.map_or(0, |s| s.levels.len() as u32);
    let next = NextStep::Level { level: (level + 1).min(count + 1), round: 1 };
    draft.emit(PagingEvent::EscalationStarted { policy: id, ordinal, next, due: now + delay });
    match contact::reach(draft, &person) {
        contact::Reach::Usable => contact::page(draft, person, level, false, None),
        _ => {
            draft.emit(PagingEvent::PersonUnreachable { person });
            levels::call(draft, (level + 1).min(count + 1), 1, now, EscalateReason::Unreachable);
        }
    }
}
