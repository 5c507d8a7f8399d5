//! What closing needs: the closure checklist and what is left open. It answers questions about a state; it neither
//! fills nor refuses anything.

use crate::policy::document::ClosureProfile;

use super::kinds::{HypothesisState, TaskState};
use super::state::Incident;
use super::work::{ChecklistField, ChecklistItem};

/// The item that no field holds: a resolve fills it.
pub const RESOLUTION_CODE: &str = "RESOLUTION_CODE";

impl ChecklistField {
    /// Every field, in the order in which the checklist shows them.
    pub const ALL: &'static [ChecklistField] = &[
        ChecklistField::Summary,
        ChecklistField::WhatWasDone,
        ChecklistField::RootCause,
        ChecklistField::CauseSupport,
        ChecklistField::Impact,
        ChecklistField::DetectionSource,
        ChecklistField::ChangeCaused,
        ChecklistField::Lessons,
        ChecklistField::FollowUps,
        ChecklistField::FinalUpdate,
    ];

    /// The word as refusals and lists show it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ChecklistField::Summary => "SUMMARY",
            ChecklistField::WhatWasDone => "WHAT_WAS_DONE",
            ChecklistField::RootCause => "ROOT_CAUSE",
            ChecklistField::CauseSupport => "CAUSE_EVIDENCE",
            ChecklistField::Impact => "IMPACT",
            ChecklistField::DetectionSource => "DETECTION_SOURCE",
            ChecklistField::ChangeCaused => "CHANGE",
            ChecklistField::Lessons => "LESSONS",
            ChecklistField::FollowUps => "FOLLOW_UPS",
            ChecklistField::FinalUpdate => "FINAL_UPDATE",
        }
    }

    /// Whether a profile asks for it.
    pub fn required_by(self, profile: ClosureProfile) -> bool {
        match profile {
            ClosureProfile::None => false,
            ClosureProfile::Short => matches!(self, ChecklistField::Summary | ChecklistField::WhatWasDone),
            ClosureProfile::Full => true,
        }
    }
}

/// What the profile asks for and the incident lacks, in the checklist's order. The resolution code is always asked for.
pub fn missing(state: &Incident, profile: ClosureProfile) -> Vec<String> {
    let code = state.resolution.is_none().then_some(RESOLUTION_CODE);
    let fields = ChecklistField::ALL
        .iter()
        .filter(|f| f.required_by(profile) && !is_filled(state, **f))
        .map(|f| f.as_str());
    code.into_iter().chain(fields).map(str::to_owned).collect()
}

/// Whether an item is done or waived. The impact is done once its text and both of its instants are known; a confirmed
/// hypothesis supports the cause without further words.
pub fn is_filled(state: &Incident, field: ChecklistField) -> bool {
    match (field, state.work.checklist.get(&field)) {
        (_, Some(ChecklistItem::Waived { .. })) => true,
        (ChecklistField::Impact, Some(ChecklistItem::Done(_))) => {
            state.times.impact_start.is_some() && state.times.impact_end.is_some()
        }
        (_, Some(ChecklistItem::Done(_))) => true,
        (ChecklistField::CauseSupport, None) => {
            state.work.hypotheses.values().any(|h| h.state == HypothesisState::Confirmed)
        }
        (_, None) => false,
    }
}

/// Tasks that are neither done nor dropped.
pub fn open_tasks(state: &Incident) -> u32 {
    count(state.work.tasks.values().filter(|t| t.state < TaskState::Done))
}

/// Recovery steps not done that gate resolving, or closing if `after_resolution`.
pub fn open_recovery(state: &Incident, after_resolution: bool) -> u32 {
    count(state.work.recovery.values().filter(|s| !s.done && s.after_resolution == after_resolution))
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
