//! Roles and their hand-over in two phases: asked for, then confirmed by the recipient, so that a role is never empty
//! in between. Who may force a hand-over is a matter of permission and checked before.

use crate::id::PersonId;
use crate::limits;
use crate::refusal::Refusal;
use crate::time::Duration;

use super::{require_person, unknown};
use crate::incident::draft::Draft;
use crate::incident::kinds::Priority;
use crate::incident::work::{Handover, Role};
use crate::incident::work_event::WorkEvent;

/// Leads the response.
const COMMANDER: &str = "commander";

/// The roles that there are.
const ROLES: &[&str] = &[COMMANDER, "communications", "scribe"];

/// How long a recipient has to confirm.
const HANDOVER: Duration = Duration::minutes(10);

/// The first who acknowledges a P1 or P2 leads it, unless somebody does already.
pub(in crate::incident) fn first_commander(draft: &mut Draft<'_>, person: &PersonId) {
    let led = draft.state.work.roles.contains_key(COMMANDER);
    if draft.state.priority <= Priority::P2 && !led {
        draft.emit(WorkEvent::RoleTaken { role: COMMANDER.to_owned(), holder: person.clone() });
    }
}

/// Gives a role that nobody holds.
pub(super) fn assign(draft: &mut Draft<'_>, role: &str, to: &PersonId) -> Result<(), Refusal> {
    require_role(role)?;
    require_person(draft, to)?;
    match draft.state.work.roles.get(role) {
        None => draft.emit(WorkEvent::RoleTaken { role: role.to_owned(), holder: to.clone() }),
        Some(held) if held.holder == *to => {}
        Some(held) => return Err(moved(held)),
    }
    Ok(())
}

pub(super) fn request(
    draft: &mut Draft<'_>,
    role: &str,
    to: &PersonId,
    expected: Option<&PersonId>,
) -> Result<(), Refusal> {
    require_role(role)?;
    let held = draft.state.work.roles.get(role).ok_or_else(|| Refusal::WrongState {
        what: "role".to_owned(),
        name: role.to_owned(),
        state: "EMPTY".to_owned(),
    })?;
    if expected.is_some_and(|e| *e != held.holder) {
        return Err(moved(held));
    }
    require_person(draft, to)?;
    if held.holder == *to {
        return Err(limits::bad("to", format!("{to} holds the role already")));
    }
    let expires_at = draft.now() + HANDOVER;
    draft.emit(WorkEvent::HandoverRequested { role: role.to_owned(), to: to.clone(), expires_at });
    Ok(())
}

pub(super) fn confirm(draft: &mut Draft<'_>, role: &str) -> Result<(), Refusal> {
    let (_, handover) = pending(draft, role)?;
    if draft.cx.actor.person() != Some(&handover.to) {
        return Err(Refusal::NotYours { allowed: format!("people/{}", handover.to) });
    }
    let to = handover.to.clone();
    draft.emit(WorkEvent::HandoverConfirmed { role: role.to_owned(), to });
    Ok(())
}

pub(super) fn cancel(draft: &mut Draft<'_>, role: &str) -> Result<(), Refusal> {
    let (held, handover) = pending(draft, role)?;
    let caller = draft.cx.actor.person();
    if caller != Some(&held.holder) && caller != Some(&handover.to) {
        return Err(Refusal::NotYours {
            allowed: format!("people/{} or people/{}", held.holder, handover.to),
        });
    }
    draft.emit(WorkEvent::HandoverCancelled { role: role.to_owned(), expired: false });
    Ok(())
}

pub(super) fn force(
    draft: &mut Draft<'_>,
    role: &str,
    to: &PersonId,
    expected: Option<&PersonId>,
    reason: &str,
) -> Result<(), Refusal> {
    require_role(role)?;
    let held = draft.state.work.roles.get(role);
    if expected.is_some_and(|e| held.is_none_or(|held| held.holder != *e)) {
        return Err(held.map_or(Refusal::HolderMoved { holder: String::new() }, moved));
    }
    limits::reason(reason, "reason")?;
    require_person(draft, to)?;
    if draft.state.work.roles.get(role).is_some_and(|held| held.holder == *to) {
        return Ok(());
    }
    let (role, reason) = (role.to_owned(), reason.to_owned());
    draft.emit(WorkEvent::HandoverForced { role, to: to.clone(), reason });
    Ok(())
}

fn require_role(role: &str) -> Result<(), Refusal> {
    if ROLES.contains(&role) { Ok(()) } else { Err(unknown("role", role)) }
}

fn moved(held: &Role) -> Refusal {
    Refusal::HolderMoved { holder: held.holder.to_string() }
}

fn pending<'a>(draft: &'a Draft<'_>, role: &str) -> Result<(&'a Role, &'a Handover), Refusal> {
    let held = draft.state.work.roles.get(role);
    held.and_then(|held| Some((held, held.handover.as_ref()?)))
        .ok_or_else(|| Refusal::NoHandover { role: role.to_owned() })
}
