//! Policy and standing records as they were known at an instant: what every question about on call is asked of. It
//! answers nothing itself.

use std::sync::Arc;

use stentor_core::id::{PersonId, ScheduleId};
use stentor_core::oncall::{Override, Schedule};
use stentor_core::policy::Policy;
use stentor_core::refusal::Refusal;
use stentor_core::standing::Book;
use stentor_core::time::Timestamp;
use stentor_engine::{Engine, Error};
use tonic::Status;

use crate::wire::oncall::schedule_name;
use crate::wire::status::{self, Fault};

/// What was known.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) policy: Arc<Policy>,
    book: Arc<Book>,
    /// Records that were made later do not count.
    known: Timestamp,
}

/// One schedule of a plan, with the overrides that were known and their numbers.
pub(super) struct Known<'a> {
    pub(super) id: &'a ScheduleId,
    pub(super) schedule: &'a Schedule,
    pub(super) numbers: Vec<u64>,
    pub(super) overrides: Vec<Override>,
}

impl Plan {
    /// As it was known at an instant, or is known now.
    pub(super) async fn load(engine: &Engine, known: Option<Timestamp>) -> Result<Plan, Status> {
        let now = engine.now();
        let policy = match known.filter(|known| *known < now) {
            Some(known) => engine.policy_at(known).await.map_err(status::of_engine)?,
            None => engine.policy(),
        };
        let policy = policy.ok_or_else(|| status::of_engine(Error::Refused(Refusal::NoPolicy)))?;
        let book = engine.standing().await.map_err(status::of_engine)?;
        // Another replica's clock may be a little ahead of this one's: what it wrote is known all the same.
        let newest = book.newest().map_or(now, |newest| newest.max(now));
        Ok(Plan { policy, book, known: known.filter(|known| *known < now).unwrap_or(newest) })
    }

    /// One schedule.
    pub(super) fn schedule(&self, id: &ScheduleId) -> Result<Known<'_>, Status> {
        let found = self.policy.document().schedules.get_key_value(id);
        let known = found.and_then(|(id, _)| self.known(id));
        known.ok_or_else(|| Fault::NotFound { kind: "schedule", name: schedule_name(id) }.into())
    }

    /// One schedule, or all of them by id.
    pub(super) fn schedules(&self, only: Option<&ScheduleId>) -> Result<Vec<Known<'_>>, Status> {
        match only {
            Some(id) => Ok(vec![self.schedule(id)?]),
            None => Ok(self.policy.document().schedules.keys().filter_map(|id| self.known(id)).collect()),
        }
    }

    /// Refuses somebody whom the policy does not know.
    pub(super) fn check_person(&self, id: Option<&PersonId>) -> Result<(), Status> {
        match id.filter(|id| self.policy.person(id).is_none()) {
            Some(id) => Err(Fault::NotFound { kind: "person", name: format!("people/{id}") }.into()),
            None => Ok(()),
        }
    }

    /// When policy or records were changed last, given when the policy was applied.
    pub(super) fn changed(&self, applied: Timestamp) -> Timestamp {
        self.book.newest().map_or(applied, |newest| newest.max(applied))
    }

    fn known<'a>(&'a self, id: &'a ScheduleId) -> Option<Known<'a>> {
        let (numbers, overrides) = self.book.known(id, self.known);
        Some(Known { id, schedule: self.policy.schedule(id)?, numbers, overrides })
    }
}
