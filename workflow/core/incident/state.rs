//! The state of an incident, folded from its history. Facts that hold or not in any phase stand beside the phase;
//! nothing here decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::{InstanceId, PersonId, ServiceId, TeamId};
use crate::time::{Duration, Timestamp};

use super::alerts::AlertState;
use super::clock::Clock;
use super::kinds::{
    CancelReason, HoldReason, Level3, Phase, Priority, RelationKind, ResolutionCode, Severity, SuppressReason,
};
use super::paging::{Contact, Escalation, Pending, Summons};
use super::work::Work;

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub id: InstanceId,
    /// The number in `INC-1042`.
    pub number: u64,
    /// Number of the last event: versions are 1..n without a gap.
    pub version: u64,
    /// The pinned policy version.
    pub policy: u64,
    pub opened_at: Timestamp,
    /// When the last event was recorded.
    pub updated_at: Timestamp,
    pub origin: Origin,
    pub phase: Phase,
    pub priority: Priority,
    pub impact: Level3,
    pub urgency: Level3,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    pub category: String,
    pub service: ServiceId,
    pub team: TeamId,
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reporter: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runbooks: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee>,
    pub grouping: Grouping,

    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack: Option<Ack>,
    /// People of an `all` level who acknowledged while others still have to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partial_acks: Vec<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Timestamp>,
    /// Who snoozed it; means nothing while it is not snoozed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_by: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppression>,
    /// It gathers alerts of a storm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storm: Option<Storm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exhausted: Option<Exhausted>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub exercise: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
    /// Splits off this incident that wait for their other half.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<InstanceId>,

    /// Counts (un)acknowledgements, suppressions, releases, paging assignments, reopens and ends. A page belongs to one.
    pub epoch: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// People being contacted in this epoch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Effects committed and not yet settled, by `{event number}.{ordinal}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<String, Pending>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summonses: Vec<Summons>,

    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alerts: BTreeMap<u32, AlertState>,
    /// How many reports are attached; an incident with one never resolves by itself.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reports: u32,
    /// Since when every alert has been clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_clear_at: Option<Timestamp>,
    /// A person reopened or released it although every alert is clear: it does not count as all clear until one fires.
    #[serde(default, skip_serializing_if = "is_false")]
    pub held_open: bool,
    /// What happens by itself after all cleared, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_step: Option<ClearStep>,

    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub work: Work,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<CancelReason>,
    /// The review of this incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<ReviewLink>,
    /// What is due by itself after the resolve: automatic close or a reminder to document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing_at: Option<Timestamp>,
    pub times: Times,
}

fn is_false(b: &bool) -> bool {
    !*b
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What an incident opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    Report,
    Alert,
    Split,
    /// From another tool's history; never pages.
    Import,
}

/// Who is responsible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assignee {
    Person(PersonId),
    Team(TeamId),
}

/// How signals find this incident.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Grouping {
    /// Service and `group_by` values; absent: alerts join by identity alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Duration>,
    /// When the last alert joined; the window counts from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<Timestamp>,
    #[serde(default)]
    pub reopen_window: Duration,
    #[serde(default)]
    pub transient_hold: Duration,
}

/// A storm, as it was last told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storm {
    pub told_at: Timestamp,
    /// Alerts of the incident then.
    pub alerts: u32,
    /// It had calmed down.
    #[serde(default, skip_serializing_if = "is_false")]
    pub over: bool,
}

/// An acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// A person or an integration.
    pub holder: Actor,
    /// When it was given, or renewed by its holder.
    pub at: Timestamp,
    /// How long it lasts; absent: it never ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<AckTerms>,
    /// After a change of priority it does not end before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// The expiry that the holder has been told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_of: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co: Vec<Actor>,
}

/// How long an acknowledgement lasts without activity, and at the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AckTerms {
    pub timeout: Duration,
    /// While MITIGATED.
    pub mitigated: Duration,
    pub cap: Duration,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub reason: HoldReason,
    pub note: String,
    pub since: Timestamp,
    pub until: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
}

/// Why nobody is paged, and until when at the latest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    pub reason: SuppressReason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Every round went unanswered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exhausted {
    pub at: Timestamp,
    pub remind_at: Timestamp,
}

/// A merge of this incident into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    pub into: InstanceId,
    /// False while it runs; true once this incident ended by it.
    pub done: bool,
    /// The highest alert number that the target has been given.
    pub carried: u32,
    /// Reports that the target has been given.
    pub carried_reports: u32,
    /// When it began.
    pub since: Timestamp,
    /// Whether the target takes the higher priority.
    pub raise_priority: bool,
    /// The effect that asks the target.
    pub effect: String,
    /// Why nobody was paged before the merge began: that holds again if the target refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Suppression>,
}

/// What follows from all alerts being clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearStep {
    pub at: Timestamp,
    pub then: ClearThen,
}

/// The step that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClearThen {
    /// The quiet time ends: mitigate or resolve by the priority's rules.
    Quiet,
    /// Nobody confirmed for a day: resolve unconfirmed.
    Unconfirmed,
}

/// A link to another incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    pub to: InstanceId,
    pub kind: RelationKind,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// How it was resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    pub code: ResolutionCode,
    pub at: Timestamp,
    pub by: Actor,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// How it was checked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub how_verified: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_itself: bool,
    /// Alerts were still firing: the reason given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forced: Option<String>,
}

/// The incident's review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewLink {
    pub id: InstanceId,
    pub published: bool,
}

/// Instants that metrics and gates need.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Times {
    /// Last command of a person, or answer of one.
    pub activity: Timestamp,
    /// When somebody is reminded that nothing happened for 7 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Timestamp>,
    /// First instant pageable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggered: Option<Timestamp>,
    /// First acknowledgement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigated: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Timestamp>,
    /// The last reopening; clocks of a kind run at most once since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documented: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_start: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_end: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected: Option<Timestamp>,
    /// When it was really mitigated or resolved, as people say afterwards. For metrics alone: nothing is decided by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_mitigated: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_resolved: Option<Timestamp>,
}

impl Incident {
    /// Whether work on it goes on: before RESOLVED.
    pub fn is_open(&self) -> bool {
        self.phase < Phase::Resolved
    }

    /// Whether a further alert can join.
    pub fn has_room_for_alerts(&self) -> bool {
        self.alerts.len() < crate::limits::ALERTS_PER_INCIDENT
    }

    /// Whether it is a record of another tool: it has no deadlines, pages nobody and takes no command.
    pub fn is_imported(&self) -> bool {
        self.origin == Origin::Import
    }

    /// Whether somebody must be found for it: open, unacknowledged, unsuppressed, and ours.
    pub fn is_pageable(&self) -> bool {
        self.is_open() && !self.is_imported() && self.ack.is_none() && self.suppressed.is_none()
    }

    /// Whether at least one alert is attached, none fires, and no report keeps it from ending by itself.
    pub fn is_all_clear(&self) -> bool {
        !self.held_open
            && self.reports == 0
            && self.alerts.values().any(|a| !a.moved)
            && self.alerts.values().all(|a| !a.counts_as_firing())
    }

    /// The human reference.
    pub fn reference(&self) -> String {
        format!("INC-{}", self.number)
    }

    /// When the acknowledgement ends unless something happens; suspended while on hold.
    pub fn ack_expires_at(&self) -> Option<Timestamp> {
        let ack = self.ack.as_ref()?;
        let terms = ack.terms.as_ref()?;
        if self.hold.is_some() || self.snoozed_until.is_some() || !self.is_open() {
            return None;
        }
        let timeout = if self.phase == Phase::Mitigated { terms.mitigated } else { terms.timeout };
        let at = (ack.at.max(self.times.activity) + timeout).min(ack.at + terms.cap);
        Some(at.max(ack.not_before.unwrap_or(at)))
    }

    /// The person who acknowledged, else the person responsible.
    pub fn responsible(&self) -> Option<&PersonId> {
        if let Some(Ack { holder: Actor::Person(p), .. }) = &self.ack {
            return Some(p);
        }
        match &self.assignee {
            Some(Assignee::Person(p)) => Some(p),
            _ => None,
        }
    }
}
