//! What people do to an incident besides answering pages: fixes, recovery steps, tasks, hypotheses, evidence, roles,
//! updates, checklist. The data only; what may happen to it stands under `decide`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::id::{InstanceId, PersonId};
use crate::time::{Duration, Timestamp};

use super::kinds::{Audience, FixState, HypothesisState, TaskState};

/// Everything of this kind on one incident. Numbers count from 1 inside each kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Work {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fixes: BTreeMap<u32, Fix>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub recovery: BTreeMap<u32, RecoveryStep>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tasks: BTreeMap<u32, Task>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hypotheses: BTreeMap<u32, Hypothesis>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<u32, Evidence>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Role>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub updates: BTreeMap<u32, Update>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub checklist: BTreeMap<ChecklistField, ChecklistItem>,
    /// Who filled or waived which item of the checklist, and when.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub documented: BTreeMap<ChecklistField, Deed>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub subscribers: BTreeMap<String, Audience>,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    pub by: Actor,
    pub at: Timestamp,
}

/// A fix attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    pub summary: String,
    pub state: FixState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<Deed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_by: Option<Actor>,
    /// From when on it may be verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<Timestamp>,
    /// When it verifies itself unless an alert fires before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifies_at: Option<Timestamp>,
    /// Who found that it works or does not, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Deed>,
    /// How it was checked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub how: String,
    /// Why it failed or was rolled back.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub end_reason: String,
}

/// A step that puts things back in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryStep {
    pub summary: String,
    pub done: bool,
    /// Gates closing instead of resolving.
    #[serde(default)]
    pub after_resolution: bool,
    #[serde(default)]
    pub checked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<Deed>,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub summary: String,
    pub state: TaskState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// The next notice that it is overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<Deed>,
    /// Done or dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Deed>,
}

/// A possible cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hypothesis {
    pub statement: String,
    pub state: HypothesisState,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Deed>,
    /// What was said with the latest change.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Something observed; immutable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub title: String,
    /// Link, text or snapshot; empty once retracted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace_id: String,
    #[serde(default)]
    pub retracted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added: Option<Deed>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub retract_reason: String,
}

/// Who leads, speaks or writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub holder: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handover: Option<Handover>,
}

/// A hand-over that waits for its recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    pub to: PersonId,
    pub expires_at: Timestamp,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
}

/// A status update; immutable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    pub text: String,
    pub audience: Audience,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_in: Option<Duration>,
}

/// An item of the closure checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ChecklistField {
    Summary,
    WhatWasDone,
    RootCause,
    CauseSupport,
    Impact,
    DetectionSource,
    ChangeCaused,
    Lessons,
    FollowUps,
    FinalUpdate,
}

/// A filled item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChecklistItem {
    /// The text; for the root cause `category: text` or `unknown: reason`.
    Done(String),
    Waived {
        reason: String,
        by: Actor,
    },
}

/// Where a task became an action item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovedTo {
    pub review: InstanceId,
    pub item: u32,
}
