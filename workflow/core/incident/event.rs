//! What happened to an incident: the history, one family of events each. A name or a meaning never changes once it has
//! been written; fields are only added, optional.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::{ChannelId, EscalationPolicyId, InstanceId, LevelId, PersonId, RuleId, ServiceId, TeamId};
use crate::policy::document::{Target, ThresholdAction};
use crate::signal::Signal;
use crate::time::Timestamp;

use super::alerts::AlertState;
use super::clock::{Clock, Mark, PauseWhy};
use super::kinds::{
    CancelReason, HoldReason, Level3, Phase, Priority, RelationKind, ResolutionCode, SuppressReason,
};
use super::paging::{NextStep, Step};
use super::state::AckTerms;
use super::state::{Assignee, ClearStep, Grouping, Origin};
use super::work_event::WorkEvent;

/// An event of an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// Opening, phases, triage, ends, links.
    Life(LifeEvent),
    /// Alerts and what follows from their being clear, silenced or firing.
    Alert(AlertEvent),
    /// Acknowledgement, waiting, escalation, contact.
    Paging(PagingEvent),
    /// Clocks.
    Sla(SlaEvent),
    /// Investigation, fixes, documentation.
    Work(WorkEvent),
}

/// Opening, phases, triage, ends, links.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum LifeEvent {
    /// First event of an incident that a signal opened (`Reported` or `Alerted`) or a split made (`SplitOff`).
    Reported(Box<Opened>),
    Alerted(Box<Opened>),
    SplitOff(Box<Opened>),
    /// Route, rules and values, so that the history never needs the rules again.
    Triaged(Box<Triaged>),
    PriorityChanged {
        from: Priority,
        to: Priority,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    Declared,
    Assigned {
        to: Assignee,
        paging: bool,
    },
    Mitigated {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        how: String,
        all_clear: bool,
    },
    Relapsed {
        reason: String,
    },
    Resolved {
        code: ResolutionCode,
        note: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forced: Option<String>,
    },
    AutoResolved {
        code: ResolutionCode,
    },
    Reopened {
        reason: ReopenReason,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    Closed {
        automatic: bool,
    },
    Documented,
    Cancelled {
        reason: CancelReason,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    MergeStarted {
        into: InstanceId,
        raise_priority: bool,
    },
    /// The target: what it took over.
    Absorbed {
        from: InstanceId,
        reference: String,
        alerts: Vec<AlertState>,
        reports: u32,
        priority: Priority,
    },
    Merged {
        into: InstanceId,
    },
    MergeRefused {
        into: InstanceId,
        reason: String,
    },
    /// These alerts and reports go to a new incident; acknowledged there already if somebody is named.
    SplitOut {
        to: InstanceId,
        alerts: Vec<u32>,
        reports: u32,
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acknowledged_by: Option<Actor>,
    },
    Related {
        to: InstanceId,
        kind: RelationKind,
    },
    /// The incident needs a review; it is asked to open, or to go on.
    ReviewRequested {
        review: InstanceId,
        reason: String,
    },
    ReviewLinked {
        review: InstanceId,
        published: bool,
    },
    PolicyMoved {
        from: u64,
        to: u64,
    },
    TimesCorrected {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impact_start: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        impact_end: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detected: Option<Timestamp>,
    },
    /// Nothing has happened for 7 days; the next reminder's instant.
    StaleReminded {
        next: Timestamp,
    },
    /// The automatic close, or the reminder to document, moved.
    ClosingArmed {
        at: Option<Timestamp>,
    },
    /// A condition of the policy failed to evaluate; it counted as no match.
    RuleFailed {
        rule: RuleId,
        text: String,
    },
    /// No route matched; the default service has it.
    Unrouted,
    /// A severity that the integration's map does not know.
    SeverityUnmapped {
        value: String,
    },
}

/// How an incident began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    pub number: u64,
    pub policy: u64,
    pub origin: Origin,
    pub phase: Phase,
    pub service: ServiceId,
    pub team: TeamId,
    pub signal: Signal,
    pub grouping: Grouping,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exercise: bool,
    /// Alerts that came along (a split).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<AlertState>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reports: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<InstanceId>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// The result of triage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Triaged {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<RuleId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleId>,
    pub service: ServiceId,
    pub team: TeamId,
    pub category: String,
    pub impact: Level3,
    pub urgency: Level3,
    pub priority: Priority,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runbooks: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// Why an incident is open again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReopenReason {
    /// A person asked.
    Requested,
    /// The alert fired again within the reopen window.
    Retriggered,
    /// An alert that was firing at a forced resolve fires still.
    StillFiring,
}

/// Alerts and what follows from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AlertEvent {
    /// Another alert (or report) joined.
    AlertJoined {
        n: u32,
        alert: Box<AlertState>,
        signal: Box<Signal>,
    },
    ReportJoined {
        signal: Box<Signal>,
    },
    AlertChanged {
        n: u32,
        title: String,
        severity: Option<super::kinds::Severity>,
        observed_at: Timestamp,
        ends_at: Option<Timestamp>,
    },
    AlertRefired {
        n: u32,
        observed_at: Timestamp,
        ends_at: Option<Timestamp>,
    },
    AlertCleared {
        n: u32,
        cause: ClearCause,
        observed_at: Timestamp,
    },
    /// The expiry moved because the alert was heard again.
    DeadlinePostponed {
        n: u32,
        ends_at: Timestamp,
    },
    AllCleared {
        step: Option<ClearStep>,
    },
    FlappingStarted {
        n: u32,
    },
    FlappingEnded {
        n: u32,
    },
    /// A repeat of an alert muted by a forced resolve.
    AlertMuted {
        n: u32,
    },
    Suppressed {
        reason: SuppressReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    Released {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// The step after all cleared moved, or is off.
    ClearStepArmed {
        step: Option<ClearStep>,
    },
}

/// Why an alert is clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClearCause {
    /// Its source said so.
    Source,
    /// It was not heard until its `ends_at`.
    Expired,
    /// A person said so.
    Person,
}

/// Acknowledgement, waiting, escalation, contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PagingEvent {
    /// `complete: false`: one of several whose acknowledgement an `all` level needs.
    Acknowledged {
        holder: Actor,
        complete: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms: Option<AckTerms>,
    },
    AckRenewed,
    CoAcknowledged {
        by: Actor,
    },
    /// Another priority brought other terms; the acknowledgement does not end before the given instant.
    AckRetimed {
        terms: Option<AckTerms>,
        not_before: Timestamp,
    },
    /// The holder is told that the acknowledgement ends at this instant.
    AckExpiryWarned {
        expires_at: Timestamp,
    },
    AckExpired,
    Unacknowledged {
        why: UnackWhy,
        former: Option<Actor>,
    },
    Snoozed {
        until: Timestamp,
    },
    SnoozeEnded {
        why: EndWhy,
    },
    Held {
        reason: HoldReason,
        note: String,
        until: Timestamp,
    },
    Resumed {
        why: EndWhy,
    },
    EscalationStarted {
        policy: EscalationPolicyId,
        ordinal: u64,
        next: NextStep,
        due: Timestamp,
    },
    Escalated {
        level: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level_id: Option<LevelId>,
        round: u32,
        due: Timestamp,
        reason: EscalateReason,
        /// Whether anybody of it can be paged: else it takes no time.
        reaches: bool,
        next: NextStep,
        next_due: Timestamp,
    },
    LevelSkipped {
        level: u32,
        round: u32,
        due: Timestamp,
        next: NextStep,
        next_due: Timestamp,
    },
    NobodyOnCall {
        target: Target,
    },
    /// A person of the pinned policy is not in the newest one.
    TargetGone {
        person: PersonId,
    },
    /// The next deadline of the escalation.
    EscalationArmed {
        due: Timestamp,
        next: NextStep,
        /// The level reached has another place in another version of the policy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<u32>,
    },
    /// A threshold asked to escalate while that has to wait.
    EscalationOwed,
    EscalationExhausted {
        due: Timestamp,
        remind_at: Timestamp,
    },
    ExhaustionReminded {
        remind_at: Timestamp,
    },
    Paged {
        person: PersonId,
        level: u32,
        urgent: bool,
        all: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        via: Option<Target>,
        steps: Vec<Step>,
    },
    /// The next step of a person's contact rule is taken.
    ContactStepped {
        person: PersonId,
        channel: ChannelId,
        summons: bool,
    },
    /// A step was brought forward because the one before it failed, or the rules changed with the priority.
    ContactMoved {
        person: PersonId,
        steps: Vec<Step>,
    },
    PersonUnreachable {
        person: PersonId,
    },
    Notified {
        about: Notice,
        people: Vec<NoticeTo>,
        channels: Vec<ChannelId>,
    },
    DeliveryRecorded {
        effect: String,
        outcome: DeliveryOutcome,
        attempt: i32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<ChannelId>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
    },
    Summoned {
        person: PersonId,
        by: Actor,
        steps: Vec<Step>,
        remind_at: Timestamp,
    },
    SummonsAnswered {
        person: PersonId,
        accepted: bool,
    },
    SummonsReminded {
        person: PersonId,
    },
}

/// Why an acknowledgement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnackWhy {
    Requested,
    SnoozeEnded,
    Escalated,
    PriorityRaised,
    Assigned,
}

/// Why a snooze or hold ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndWhy {
    /// Its time came.
    Elapsed,
    /// A person ended it.
    Requested,
    /// Escalation, an acknowledgement, or the incident's end ended it.
    Overtaken,
    /// The reporter answered.
    Answered,
}

/// Why a level was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EscalateReason {
    /// Its time came.
    Delay,
    /// A person or bot asked.
    Manual,
    /// A clock's threshold asked.
    Sla,
    /// Everyone of the level before is unreachable.
    Unreachable,
    /// A round paged nobody.
    Nobody,
}

/// A person to notify and through which contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeTo {
    pub person: PersonId,
    pub channel: ChannelId,
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// Opened, but pages nobody.
    OpenedQuietly,
    /// A shared channel of a level.
    LevelCalled {
        level: u32,
    },
    AckExpires {
        at: Timestamp,
    },
    AckEnded,
    Cleared,
    Refired,
    SlaWarned {
        clock: String,
        percent: u32,
    },
    SlaBreached {
        clocks: Vec<String>,
    },
    /// The reporter, assignee or an assignee without paging.
    Assigned,
    Stale,
    DocumentIt,
    TaskOverdue {
        task: u32,
    },
    SummonsUnanswered {
        person: PersonId,
    },
    Update {
        update: u32,
    },
    Merged,
    ReopenedFor,
    /// To the owner of a review's action item: so much of its time is gone.
    ActionItemDue {
        item: u32,
        percent: u32,
    },
    ActionItemOverdue {
        item: u32,
    },
}

/// How an attempt to deliver ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeliveryOutcome {
    /// The provider accepted it.
    Sent,
    /// Gave up.
    Failed,
    /// It was not wanted any more when it was to be sent.
    Cancelled,
    /// Sent although the incident moved on meanwhile: it was in flight.
    InFlight,
}

/// Clocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SlaEvent {
    /// A clock attached, complete with its instants.
    SlaStarted {
        clock: Box<Clock>,
    },
    SlaPaused {
        clock: String,
        why: PauseWhy,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap_at: Option<Timestamp>,
    },
    SlaResumed {
        clock: String,
        due: Option<Timestamp>,
        next: Option<Mark>,
        capped: bool,
    },
    SlaWarned {
        clock: String,
        percent: u32,
        at: Timestamp,
        next: Option<Mark>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        action: Option<ThresholdAction>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        skipped: bool,
    },
    SlaBreached {
        clock: String,
        due: Timestamp,
        next: Option<Mark>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        action: Option<ThresholdAction>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_attach: bool,
    },
    SlaStopped {
        clock: String,
        at: Timestamp,
        met: bool,
    },
    SlaCancelled {
        clock: String,
        why: SlaCancelWhy,
    },
    /// Another policy version changed the target or calendar; the whole clock after it.
    SlaMoved {
        clock: Box<Clock>,
    },
}

/// Why a clock was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SlaCancelWhy {
    /// Its definition no longer matches.
    NoMatch,
    Priority,
    /// The incident was cancelled or merged.
    Ended,
    /// It ended without ever being acknowledged.
    Unanswered,
    Reopened,
    Policy,
    Condition,
}

impl Event {
    /// The event's name as the history, the feed and telemetry show it.
    pub fn name(&self) -> String {
        // Externally tagged: the only key of the inner object, or the inner text.
        let value = serde_json::to_value(self).unwrap_or_default();
        let inner = value.as_object().and_then(|o| o.values().next()).cloned().unwrap_or_default();
        match inner {
            serde_json::Value::Object(o) => o.keys().next().cloned().unwrap_or_default(),
            serde_json::Value::String(s) => s,
            _ => String::new(),
        }
    }
}

impl From<LifeEvent> for Event {
    fn from(e: LifeEvent) -> Event {
        Event::Life(e)
    }
}
impl From<AlertEvent> for Event {
    fn from(e: AlertEvent) -> Event {
        Event::Alert(e)
    }
}
impl From<PagingEvent> for Event {
    fn from(e: PagingEvent) -> Event {
        Event::Paging(e)
    }
}
impl From<SlaEvent> for Event {
    fn from(e: SlaEvent) -> Event {
        Event::Sla(e)
    }
}
impl From<WorkEvent> for Event {
    fn from(e: WorkEvent) -> Event {
        Event::Work(e)
    }
}
