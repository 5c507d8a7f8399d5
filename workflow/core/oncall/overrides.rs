//! Who stands in for whom. An override changes the answer of a schedule for a while; where several meet, the latest
//! created wins.

use serde::{Deserialize, Serialize};

use crate::id::PersonId;
use crate::time::Timestamp;

/// Somebody takes over for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it; an override that is not after its start does nothing.
    pub to: Timestamp,
    /// Who is replaced; None: everyone, and also nobody, so that it fills gaps.
    pub replaces: Option<PersonId>,
    /// Who takes over.
    pub by: PersonId,
    /// Decides between overrides; of two created at once the later in the list wins.
    pub created_at: Timestamp,
}

/// A place on call: whose it is by rotation, and who fills it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// None if an override made the place.
    pub(super) of: Option<&'a PersonId>,
    pub(super) by: &'a PersonId,
}

/// The overrides that hold at an instant, in the order of their creation, each with its place in the list. Those
/// created before one that replaces everyone are left out: they have no say.
pub(super) fn active(overrides: &[Override], at: Timestamp) -> Vec<(usize, &Override)> {
    let mut active: Vec<(usize, &Override)> =
        overrides.iter().enumerate().filter(|(_, o)| o.from <= at && at < o.to).collect();
    active.sort_by_key(|(index, o)| (o.created_at, *index));
    match active.iter().rposition(|(_, o)| o.replaces.is_none()) {
        Some(everyone) => active.split_off(everyone),
        None => active,
    }
}

/// Lets one override change the places; false if it names somebody who has none. A person means their own place by
/// rotation, and only without one the places they fill for others.
pub(super) fn apply<'a>(places: &mut Vec<Place<'a>>, change: &'a Override) -> bool {
    let Some(replaced) = &change.replaces else {
        if places.is_empty() {
            places.push(Place { of: None, by: &change.by });
        }
        places.iter_mut().for_each(|place| place.by = &change.by);
        return true;
    };
    let own = places.iter().any(|place| place.of == Some(replaced));
    let mut changed = false;
    for place in places.iter_mut() {
        if if own { place.of == Some(replaced) } else { place.by == replaced } {
            place.by = &change.by;
            changed = true;
        }
    }
    changed
}
