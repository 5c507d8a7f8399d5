//! Who was called and who answered, as the history tells it. Whom to call is decided elsewhere.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::{ChannelId, EscalationPolicyId, LevelId, PersonId};
use crate::incident::kinds::{HoldReason, Phase};
use crate::incident::paging::{NextStep, Step};
use crate::incident::state::AckTerms;
use crate::policy::document::Target;
use crate::time::Timestamp;

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
        /// Somebody else was called instead: what was not sent yet is not sent any more.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        withdrawn: bool,
    },
    PersonUnreachable {
        person: PersonId,
    },
    Notified {
        about: Notice,
        people: Vec<NoticeTo>,
        channels: Vec<ChannelId>,
    },
    /// A page waits because its person is paged as often as they may be.
    PageDelayed {
        effect: String,
        person: PersonId,
        channel: ChannelId,
        until: Timestamp,
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
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
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
    /// A storm began, goes on, or is over.
    Storm {
        alerts: u32,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        over: bool,
    },
    /// Maintenance muted it, is over, and it fires still.
    StillMuted,
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
    /// To those who were told of it: it is resolved, or it was cancelled.
    Over {
        phase: Phase,
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
    /// Told within another page to the same person, for the same service.
    Bundled,
    /// Gave up.
    Failed,
    /// It was not wanted any more when it was to be sent.
    Cancelled,
    /// Sent although the incident moved on meanwhile: it was in flight.
    InFlight,
}
