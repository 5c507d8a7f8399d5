//! Storms: one incident gathers the alerts that come above the budget of new incidents, and tells those responsible when that
//! begins, every ten minutes while it grows, and when it is over. Whether there is a storm is decided where signals are
//! placed.

use crate::incident::draft::Draft;
use crate::incident::event::{AlertEvent, Notice};

use super::notify;

/// An alert of a storm came: told if it is the first, or the first after a calm.
pub(super) fn joined(draft: &mut Draft<'_>) {
    if draft.state.storm.is_none_or(|storm| storm.over) {
        tell(draft, false);
    }
}

/// Ten minutes later: it goes on if so many have come as half the budget allows for.
pub(super) fn digest(draft: &mut Draft<'_>) {
    let Some(storm) = draft.state.storm else { return };
    let grown = alerts(draft).saturating_sub(storm.alerts);
    // The budget counts five minutes, this is ten, and half of it is calm.
    tell(draft, grown < draft.cx.newest.storms().per_service);
}

fn tell(draft: &mut Draft<'_>, over: bool) {
    let alerts = alerts(draft);
    draft.emit(AlertEvent::StormTold { alerts, over });
    let mut people = notify::responsible(draft);
    people.extend(draft.state.contacts.iter().map(|c| c.person.clone()));
    notify::tell(draft, Notice::Storm { alerts, over }, people);
}

fn alerts(draft: &Draft<'_>) -> u32 {
    draft.state.alerts.len() as u32
}
