//! Events of investigation, fixing and documentation.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::PersonId;
use crate::time::{Duration, Timestamp};

use super::kinds::{Audience, HypothesisState, TaskState};
use super::work::{ChecklistField, ChecklistItem};

/// Investigation, fixes, documentation. Numbers count from 1 inside each kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum WorkEvent {
    NoteAdded {
        text: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_reporter: bool,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        late: bool,
    },
    /// Something else changed that may have to do with it, for example a deployment.
    ChangeReported {
        summary: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        source: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        url: String,
        /// Absent: when it was reported.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    },
    EvidenceAdded {
        n: u32,
        title: String,
        body: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        trace_id: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        late: bool,
    },
    EvidenceRetracted {
        n: u32,
        reason: String,
    },
    FixPlanned {
        n: u32,
        summary: String,
    },
    FixApplied {
        n: u32,
        summary: String,
        ready_at: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verifies_at: Option<Timestamp>,
    },
    FixVerified {
        n: u32,
        how: String,
        automatic: bool,
    },
    FixFailed {
        n: u32,
        reason: FixFailure,
        how: String,
    },
    FixRolledBack {
        n: u32,
        reason: String,
    },
    RecoveryStepAdded {
        n: u32,
        summary: String,
        after_resolution: bool,
    },
    RecoveryStepDone {
        n: u32,
        checked: bool,
    },
    TaskAdded {
        n: u32,
        summary: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
    },
    TaskChanged {
        n: u32,
        /// Absent: unchanged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        summary: Option<String>,
        state: TaskState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<PersonId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    TaskOverdue {
        n: u32,
        remind_at: Timestamp,
    },
    HypothesisProposed {
        n: u32,
        statement: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<u32>,
    },
    HypothesisChanged {
        n: u32,
        state: HypothesisState,
        evidence: Vec<u32>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    RoleTaken {
        role: String,
        holder: PersonId,
    },
    HandoverRequested {
        role: String,
        to: PersonId,
        expires_at: Timestamp,
    },
    HandoverConfirmed {
        role: String,
        to: PersonId,
    },
    HandoverCancelled {
        role: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        expired: bool,
    },
    HandoverForced {
        role: String,
        to: PersonId,
        reason: String,
    },
    UpdatePosted {
        n: u32,
        text: String,
        audience: Audience,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_in: Option<Duration>,
    },
    ChecklistFilled {
        field: ChecklistField,
        item: ChecklistItem,
    },
    Subscribed {
        subscriber: String,
        audience: Audience,
    },
    Unsubscribed {
        subscriber: String,
    },
    ActionMoved {
        task: u32,
        by: Actor,
    },
}

/// Why a fix failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FixFailure {
    /// Whoever verified it said so.
    Verification,
    /// An alert attached before it was applied fired anew.
    AlertFired,
}
