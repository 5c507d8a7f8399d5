//! Hand-overs: the instants at which who is on call changes. Where the same people go on into a next turn, nothing is
//! handed over.

use super::compile::Schedule;
use super::overrides::Override;
use crate::id::PersonId;
use crate::time::{Duration, Timestamp};

/// One change of who is on call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// The first instant of the new people.
    pub at: Timestamp,
    /// Who was on call until then and no longer is.
    pub leaving: Vec<PersonId>,
    /// Who is on call from then on and was not.
    pub coming: Vec<PersonId>,
    /// Who stays on call.
    pub staying: Vec<PersonId>,
}

impl Schedule {
    /// The hand-overs of `[from, to)`, in order.
    pub fn hand_overs(&self, from: Timestamp, to: Timestamp, overrides: &[Override]) -> Vec<HandOver> {
        let stretches = self.stretches(from - Duration(1), to, overrides);
        stretches
            .windows(2)
            .filter_map(|pair| {
                let (before, after) = (&pair[0].people, &pair[1].people);
                let without = |people: &[PersonId], others: &[PersonId]| -> Vec<PersonId> {
                    people.iter().filter(|person| !others.contains(person)).cloned().collect()
                };
                let (leaving, coming) = (without(before, after), without(after, before));
                let staying = without(after, &coming);
                let changes = !(leaving.is_empty() && coming.is_empty());
                changes.then_some(HandOver { at: pair[1].since, leaving, coming, staying })
            })
            .collect()
    }
}
