//! The six conditions of a clock: those of its kind, unless its definition replaces them.

use crate::incident::clock::{Clock, PauseWhy};
use crate::incident::draft::Draft;
use crate::incident::event::SlaCancelWhy;
use crate::incident::kinds::{Audience, Phase, SuppressReason};
use crate::policy::document::{SlaCondition, SlaDefinition, SlaKind};
use crate::policy::expr::SlaSubject;
use crate::time::Timestamp;

/// What conditions see of the incident.
pub(super) fn subject<'s>(draft: &'s Draft<'_>) -> SlaSubject<'s> {
    let s = &draft.state;
    SlaSubject {
        priority: s.priority,
        impact: s.impact,
        urgency: s.urgency,
        service: &s.service,
        tier: draft.cx.policy.service(&s.service).map_or(0, |x| x.tier),
        team: &s.team,
        category: &s.category,
        labels: &s.labels,
        phase: s.phase,
        acknowledged: s.ack.is_some(),
        hold_reason: s.hold.as_ref().map(|h| h.reason),
        origin: match s.origin {
            crate::incident::state::Origin::Report => "report",
            crate::incident::state::Origin::Alert => "alert",
            crate::incident::state::Origin::Split => "split",
            crate::incident::state::Origin::Import => "import",
        },
    }
}

fn own(draft: &Draft<'_>, definition: &SlaDefinition, condition: SlaCondition) -> Option<bool> {
    if definition.conditions.is_empty() {
        return None;
    }
    draft.cx.policy.sla_condition(definition, condition, &subject(draft))
}

/// Whether a clock of this kind belongs to an incident at all.
pub(super) fn is_ours(kind: SlaKind) -> bool {
    !matches!(kind, SlaKind::Review | SlaKind::ActionItem)
}

/// Whether the clock may start now.
pub(super) fn starts(draft: &Draft<'_>, definition: &SlaDefinition) -> bool {
    let s = &draft.state;
    own(draft, definition, SlaCondition::Start).unwrap_or_else(|| match definition.kind {
        SlaKind::Close => s.phase == Phase::Resolved,
        SlaKind::NextUpdate => s.is_open() && has_update(draft, Audience::Stakeholders),
        _ => s.is_open() && (s.suppressed.is_none() || s.times.triggered.is_some()),
    })
}

/// Whether a clock that started then stops now.
pub(super) fn stops(draft: &Draft<'_>, definition: &SlaDefinition, start: Timestamp) -> bool {
    let s = &draft.state;
    let ended = s.phase == Phase::Resolved || s.phase == Phase::Closed;
    own(draft, definition, SlaCondition::Stop).unwrap_or_else(|| match definition.kind {
        SlaKind::Acknowledge => s.ack.is_some() || ended,
        SlaKind::FirstUpdate => ended || has_update(draft, Audience::Stakeholders),
        SlaKind::NextUpdate => ended || newest_update(draft).is_some_and(|at| at.whole_second() > start),
        SlaKind::Mitigate => ended || s.phase == Phase::Mitigated,
        SlaKind::Resolve => ended,
        SlaKind::Close => s.phase == Phase::Closed,
        SlaKind::Review | SlaKind::ActionItem => false,
    })
}

/// Whether another cycle follows a stop.
pub(super) fn resets(draft: &Draft<'_>, definition: &SlaDefinition) -> bool {
    own(draft, definition, SlaCondition::Reset)
        .unwrap_or(definition.kind == SlaKind::NextUpdate && draft.state.is_open())
}

/// Why it is cancelled now, if it is. That its definition matches no more is asked elsewhere, before new clocks attach.
pub(super) fn cancels(draft: &Draft<'_>, definition: &SlaDefinition, breached: bool) -> Option<SlaCancelWhy> {
    let s = &draft.state;
    if s.phase == Phase::Cancelled {
        return Some(SlaCancelWhy::Ended);
    }
    if own(draft, definition, SlaCondition::Cancel) == Some(true) {
        return Some(SlaCancelWhy::Condition);
    }
    let unanswered = definition.kind == SlaKind::Acknowledge && !s.is_open() && s.ack.is_none() && !breached;
    if unanswered {
        return Some(SlaCancelWhy::Unanswered);
    }
    (definition.kind == SlaKind::Close && s.is_open()).then_some(SlaCancelWhy::Reopened)
}

/// Why it is paused now, if it is.
pub(super) fn pauses(draft: &Draft<'_>, definition: &SlaDefinition, clock: &Clock) -> Option<PauseWhy> {
    if let Some(paused) = own(draft, definition, SlaCondition::Pause) {
        let resumes = own(draft, definition, SlaCondition::Resume) == Some(true);
        return (paused && !resumes).then_some(PauseWhy::Condition);
    }
    let s = &draft.state;
    if let Some(hold) = s.hold.as_ref()
        && definition.pause_on.contains(&hold.reason)
        && !(clock.capped && clock.pauses.last().is_some_and(|p| p.from >= hold.since))
    {
        return Some(PauseWhy::Hold(hold.reason));
    }
    let cleared = s.suppressed.as_ref().is_some_and(|x| x.reason == SuppressReason::Cleared);
    (definition.kind == SlaKind::Acknowledge && cleared)
        .then_some(PauseWhy::Suppressed(SuppressReason::Cleared))
}

fn has_update(draft: &Draft<'_>, audience: Audience) -> bool {
    draft.state.work.updates.values().any(|u| u.audience >= audience)
}

/// When the newest update that counts was posted.
pub(super) fn newest_update(draft: &Draft<'_>) -> Option<Timestamp> {
    draft.state.work.updates.values().filter(|u| u.audience >= Audience::Stakeholders).map(|u| u.at).max()
}
