//! Triage by people: declare, categorise, prioritise, assign.

use crate::actor::Actor;
use crate::id::ServiceId;
use crate::incident::draft::{Draft, require_reason};
use crate::incident::event::{EscalateReason, LifeEvent, Notice, PagingEvent, Triaged};
use crate::incident::kinds::{Level3, Phase, Priority};
use crate::incident::paging::NextStep;
use crate::incident::state::Assignee;
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

pub(super) fn triage(
    draft: &mut Draft<'_>,
    category: Option<&str>,
    impact: Option<Level3>,
    urgency: Option<Level3>,
    service: Option<&ServiceId>,
    reason: &str,
) -> Result<(), Refusal> {
    draft.require_open()?;
    let document = draft.cx.policy.document();
    if let Some(category) = category
        && category != triage::UNCATEGORISED
        && !document.triage.categories.iter().any(|c| c == category)
    {
        return Err(Refusal::Unknown { what: "category".to_owned(), name: category.to_owned() });
    }
    let service = service.unwrap_or(&draft.state.service).clone();
    let Some(owner) = draft.cx.policy.service(&service) else {
        return Err(Refusal::Unknown { what: "service".to_owned(), name: service.to_string() });
    };
    let (impact, urgency) = (impact.unwrap_or(draft.state.impact), urgency.unwrap_or(draft.state.urgency));
    let values_change = (impact, urgency) != (draft.state.impact, draft.state.urgency);
    let to = if values_change {
        triage::priority(&document.triage, impact, urgency)
    } else {
        draft.state.priority
    };
    let (from, moved, was_urgent) =
        (draft.state.priority, service != draft.state.service, draft.rules().urgent);
    draft.emit(LifeEvent::Triaged(Box::new(Triaged {
        route: None,
        rules: Vec::new(),
        team: owner.team.clone(),
        service,
        category: category.unwrap_or(&draft.state.category).to_owned(),
        impact,
        urgency,
        priority: from,
        labels: Default::default(),
        runbooks: if moved { owner.runbooks.clone() } else { Vec::new() },
        reason: reason.to_owned(),
    })));
    priority::change(draft, to, reason);
    if moved && from == to {
        priority::follow(draft, from, was_urgent);
    }
    Ok(())
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
