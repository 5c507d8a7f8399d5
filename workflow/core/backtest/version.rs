//! A policy to replay by, in two forms: as it is, and for what other tools recorded. Those tools had neither our gates
//! nor holds and acknowledgements that end by themselves; their records would be judged by what nobody was ever asked for.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::id::{PersonId, ScheduleId};
use crate::incident::kinds::Priority;
use crate::oncall::Override;
use crate::policy::document::{ClosureProfile, Document, Verification};
use crate::policy::{Finding, Policy};
use crate::time::{Duration, Timestamp};

/// Standing records that both sides are replayed with.
pub type Overrides = BTreeMap<ScheduleId, Vec<Override>>;

/// One side's policy.
#[derive(Debug)]
pub struct Version {
    own: Policy,
    imported: Policy,
    zones: BTreeMap<PersonId, TimeZone>,
    zone: TimeZone,
}

impl Version {
    /// Prepares a document.
    ///
    /// # Errors
    /// What makes it no policy.
    pub fn compile(document: Document, number: u64) -> Result<Version, Vec<Finding>> {
        let imported = Policy::compile(without_gates(document.clone()), number)?;
        let own = Policy::compile(document, number)?;
        // The compilation has looked at all zones, so a name that is none does not occur.
        let zone = |name: &str| TimeZone::get(name).unwrap_or(TimeZone::UTC);
        let organisation = zone(&own.document().organisation.zone);
        let people = own.document().people.iter();
        let zones = people.filter_map(|(id, p)| Some((id.clone(), zone(p.zone.as_ref()?)))).collect();
        Ok(Version { own, imported, zones, zone: organisation })
    }

    /// The policy as it is.
    pub fn policy(&self) -> &Policy {
        &self.own
    }

    /// The policy for a record of ours, or of another tool.
    pub(super) fn policy_for(&self, imported: bool) -> &Policy {
        if imported { &self.imported } else { &self.own }
    }

    /// The hour of day of an instant where a person is, else where the organisation is.
    pub(super) fn hour(&self, person: &PersonId, at: Timestamp) -> usize {
        let zone = self.zones.get(person).unwrap_or(&self.zone);
        usize::try_from(zone.to_datetime(at.to_jiff()).hour()).unwrap_or(0)
    }
}

/// Other tools let an incident wait as long as people like, and close it when they do: ten years.
const LONG: Duration = Duration::days(3650);

/// A resolve and a close are taken as they were recorded, and a hold or an acknowledgement lasts until somebody ends it.
fn without_gates(mut document: Document) -> Document {
    for priority in Priority::ALL {
        let spec = document.priorities.entry(*priority).or_default();
        spec.verification = Some(Verification::None);
        spec.closure = Some(ClosureProfile::None);
        spec.hold_max = Some(LONG);
        spec.close_after = Some(LONG);
    }
    for escalation in document.escalation_policies.values_mut() {
        escalation.ack_timeout =
            Priority::ALL.iter().map(|p| (p.as_str().to_owned(), Duration::ZERO)).collect();
    }
    document
}
